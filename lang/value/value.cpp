#include "lang/value/value.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "lang/base/check.hpp"

namespace mcp {

namespace {

enum Tag : std::uint8_t { TagNull, TagBool, TagInt, TagDouble, TagShort, TagLong, TagList, TagMap };
constexpr std::size_t short_capacity = 14;

void put_u32(std::string& out, std::size_t n) {
  const auto v = static_cast<std::uint32_t>(n);
  out.append(reinterpret_cast<const char*>(&v), 4);
}

}  // namespace

struct Value::Node {
  std::uint32_t refs = 1;
  std::uint32_t size = 0;
  bool digested = false;
  Digest digest;

  char* chars() { return reinterpret_cast<char*>(this + 1); }
  Value* values() { return reinterpret_cast<Value*>(this + 1); }
  Entry* entries() { return reinterpret_cast<Entry*>(this + 1); }
};

static_assert(std::endian::native == std::endian::little);

Value::Node* Value::allocate(std::size_t bytes) { return new (::operator new(sizeof(Node) + bytes)) Node; }

Value::Node* Value::node() const noexcept {
  return (bits_.head & 0xFFU) >= TagLong ? reinterpret_cast<Node*>(bits_.payload) : nullptr;
}

void Value::retain() const noexcept {
  if (Node* n = node()) ++n->refs;
}

void Value::release() noexcept {
  Node* n = node();
  if (n == nullptr || --n->refs > 0) return;
  const auto tag = static_cast<Tag>(bits_.head & 0xFFU);
  if (tag == TagList) std::destroy_n(n->values(), n->size);
  if (tag == TagMap) std::destroy_n(n->entries(), n->size);
  ::operator delete(n);
}

Value Value::boolean(bool value) {
  Value v;
  v.bits_ = {TagBool, value ? 1U : 0U};
  return v;
}

Value Value::integer(std::int64_t value) {
  Value v;
  v.bits_ = {TagInt, static_cast<std::uint64_t>(value)};
  return v;
}

Value Value::real(double value) {
  Value v;
  v.bits_ = {TagDouble, std::bit_cast<std::uint64_t>(value)};
  return v;
}

// A short string lies in the object itself: tag, size, then its bytes, six in `head` and eight in `payload`.
Value Value::string(std::string_view text) {
  Value v;
  if (text.size() <= short_capacity) {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, text.data(), std::min<std::size_t>(text.size(), 6));
    if (text.size() > 6) std::memcpy(&high, text.data() + 6, text.size() - 6);
    v.bits_.head = TagShort | (static_cast<std::uint64_t>(text.size()) << 8U) | (low << 16U);
    v.bits_.payload = high;
    return v;
  }
  MCP_CHECK(text.size() < 0xFFFF'FFFFU, "string over 4 GiB");
  Node* n = allocate(text.size());
  n->size = static_cast<std::uint32_t>(text.size());
  std::memcpy(n->chars(), text.data(), text.size());
  v.bits_ = {TagLong, reinterpret_cast<std::uint64_t>(n)};
  return v;
}

Value Value::list(std::vector<Value> items) {
  Value v;
  Node* n = allocate(items.size() * sizeof(Value));
  n->size = static_cast<std::uint32_t>(items.size());
  std::uninitialized_move(items.begin(), items.end(), n->values());
  v.bits_ = {TagList, reinterpret_cast<std::uint64_t>(n)};
  return v;
}

Value Value::list(std::span<const Value> items) { return list(std::vector<Value>(items.begin(), items.end())); }

Value Value::sorted_map(std::span<const Entry> entries) {
  Value v;
  Node* n = allocate(entries.size() * sizeof(Entry));
  n->size = static_cast<std::uint32_t>(entries.size());
  std::uninitialized_copy(entries.begin(), entries.end(), n->entries());
  v.bits_ = {TagMap, reinterpret_cast<std::uint64_t>(n)};
  return v;
}

Value Value::map(std::vector<Entry> entries) {
  const auto before = [](const Entry& a, const Entry& b) { return a.name() < b.name(); };
  if (!std::is_sorted(entries.begin(), entries.end(), before)) std::sort(entries.begin(), entries.end(), before);
  for (std::size_t i = 1; i < entries.size(); ++i)
    MCP_CHECK(entries[i - 1].name() != entries[i].name(), "a map with one key twice");
  Value v;
  Node* n = allocate(entries.size() * sizeof(Entry));
  n->size = static_cast<std::uint32_t>(entries.size());
  std::uninitialized_move(entries.begin(), entries.end(), n->entries());
  v.bits_ = {TagMap, reinterpret_cast<std::uint64_t>(n)};
  return v;
}

Value Value::empty_map() { return sorted_map({}); }
Value Value::empty_list() { return list(std::vector<Value>{}); }

Value::Kind Value::kind() const noexcept {
  switch (static_cast<Tag>(bits_.head & 0xFFU)) {
    case TagNull: return Kind::Null;
    case TagBool: return Kind::Bool;
    case TagInt: return Kind::Int;
    case TagDouble: return Kind::Double;
    case TagShort:
    case TagLong: return Kind::String;
    case TagList: return Kind::List;
    case TagMap: return Kind::Map;
  }
  return Kind::Null;
}

bool Value::as_bool() const {
  MCP_CHECK(is_bool(), "not a bool");
  return bits_.payload != 0;
}

std::int64_t Value::as_int() const {
  MCP_CHECK(is_int(), "not an int");
  return static_cast<std::int64_t>(bits_.payload);
}

double Value::as_double() const {
  MCP_CHECK(kind() == Kind::Double, "not a double");
  return std::bit_cast<double>(bits_.payload);
}

std::string_view Value::as_string() const {
  if ((bits_.head & 0xFFU) == TagShort) return {reinterpret_cast<const char*>(&bits_.head) + 2, (bits_.head >> 8U) & 0xFFU};
  MCP_CHECK((bits_.head & 0xFFU) == TagLong, "not a string");
  Node* n = node();
  return {n->chars(), n->size};
}

std::span<const Value> Value::items() const {
  MCP_CHECK(is_list(), "not a list");
  return {node()->values(), node()->size};
}

std::span<const Entry> Value::entries() const {
  MCP_CHECK(is_map(), "not a map");
  return {node()->entries(), node()->size};
}

std::size_t Value::size() const noexcept {
  if ((bits_.head & 0xFFU) == TagShort) return (bits_.head >> 8U) & 0xFFU;
  const Node* n = node();
  return n == nullptr ? 0 : n->size;
}

const Value* Value::find(std::string_view key) const {
  if (!is_map()) return nullptr;
  const auto all = entries();
  if (all.size() <= 8) {
    for (const Entry& e : all)
      if (e.name() == key) return &e.value;
    return nullptr;
  }
  const auto it = std::lower_bound(all.begin(), all.end(), key, [](const Entry& e, std::string_view k) { return e.name() < k; });
  return it != all.end() && it->name() == key ? &it->value : nullptr;
}

std::string_view Value::text_or(std::string_view key, std::string_view otherwise) const {
  const Value* v = find(key);
  return v != nullptr && v->is_string() ? v->as_string() : otherwise;
}

std::int64_t Value::int_or(std::string_view key, std::int64_t otherwise) const {
  const Value* v = find(key);
  return v != nullptr && v->is_int() ? v->as_int() : otherwise;
}

Value Value::with(std::string_view key, Value value) const {
  std::vector<Entry> out;
  bool placed = false;
  if (!is_null()) {
    const auto all = entries();
    out.reserve(all.size() + 1);
    for (const Entry& e : all) {
      if (!placed && e.name() >= key) {
        out.push_back(entry(key, value));
        placed = true;
        if (e.name() == key) continue;
      }
      out.push_back(e);
    }
  }
  if (!placed) out.push_back(entry(key, std::move(value)));
  return map(std::move(out));
}

Value Value::without(std::string_view key) const {
  if (find(key) == nullptr) return *this;
  std::vector<Entry> out;
  for (const Entry& e : entries())
    if (e.name() != key) out.push_back(e);
  return map(std::move(out));
}

// Encoding of one value: tag, then for scalars their bytes, for strings size and bytes, for lists and maps the number
// of children and each child's encoding if that has at most 64 bytes, else a mark and its SHA-256. So it is injective.
void Value::encode(std::string& out) const {
  const auto tag = static_cast<Tag>(bits_.head & 0xFFU);
  const auto put_child = [&out](const Value& child) {
    const std::size_t at = out.size();
    const Node* n = child.node();
    if (n == nullptr || (n->size <= 48 && child.is_string())) {
      child.encode(out);
      return;
    }
    if (!child.is_string() && n->size <= 3) {
      child.encode(out);
      if (out.size() - at <= 64) return;
      out.resize(at);
    }
    out += '#';
    const Digest d = child.digest();
    out.append(reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size());
  };
  switch (tag) {
    case TagNull: out += 'n'; break;
    case TagBool: out += bits_.payload != 0 ? 't' : 'f'; break;
    case TagInt:
    case TagDouble:
      out += tag == TagInt ? 'i' : 'd';
      out.append(reinterpret_cast<const char*>(&bits_.payload), 8);
      break;
    case TagShort:
    case TagLong: {
      const auto text = as_string();
      out += 's';
      put_u32(out, text.size());
      out += text;
      break;
    }
    case TagList:
      out += '[';
      put_u32(out, size());
      for (const Value& item : items()) put_child(item);
      break;
    case TagMap:
      out += '{';
      put_u32(out, size());
      for (const Entry& e : entries()) {
        put_child(e.key);
        put_child(e.value);
      }
      break;
  }
}

Digest Value::digest() const {
  Node* n = node();
  if (n != nullptr && n->digested) return n->digest;
  std::string bytes;
  bytes.reserve(256);
  encode(bytes);
  const Digest d = sha256(bytes);
  if (n != nullptr) {
    n->digest = d;
    n->digested = true;
  }
  return d;
}

bool Value::same_as(const Value& other) const noexcept {
  return bits_.head == other.bits_.head && bits_.payload == other.bits_.payload;
}

const void* Value::identity() const noexcept { return node(); }

bool Value::operator==(const Value& other) const {
  if (same_as(other)) return true;
  if (kind() != other.kind()) return false;
  Node* a = node();
  Node* b = other.node();
  if (a == nullptr || b == nullptr) {
    return kind() == Kind::Double && as_double() == other.as_double();  // -0.0 and 0.0
  }
  if (a->size != b->size) return false;
  if (a->digested && b->digested && a->digest != b->digest) return false;
  switch (kind()) {
    case Kind::String: return as_string() == other.as_string();
    case Kind::List: return std::equal(items().begin(), items().end(), other.items().begin());
    case Kind::Map:
      return std::equal(entries().begin(), entries().end(), other.entries().begin(),
                        [](const Entry& x, const Entry& y) { return x.key == y.key && x.value == y.value; });
    default: return false;
  }
}

MapBuilder& MapBuilder::set(std::string_view key, Value value) {
  for (Entry& e : entries_)
    if (e.name() == key) {
      e.value = std::move(value);
      return *this;
    }
  entries_.push_back(entry(key, std::move(value)));
  return *this;
}

Value MapBuilder::build() {
  Value out = Value::map(std::move(entries_));
  entries_.clear();
  return out;
}

}  // namespace mcp
