#include "lang/value/value.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <new>

#include "lang/base/check.hpp"
#include "lang/value/pool.hpp"

namespace mcp {

namespace {

constexpr std::size_t short_capacity = 14;

}  // namespace

Entry* Value::Node::entries() { return reinterpret_cast<Entry*>(this + 1); }

static_assert(std::endian::native == std::endian::little);

namespace {
/// The one pool of the process: it holds no data, only memory. Constant-initialised, so that no Value can come before it.
constinit detail::NodePool pool;
}  // namespace

Value::Node* Value::allocate(std::size_t bytes) { return new (pool.take(sizeof(Node) + bytes)) Node; }

void Value::destroy() noexcept {
  constexpr unsigned deepest = 1000;
  static unsigned depth = 0;
  static Node* waiting = nullptr;   // lists and maps nested deeper than the stack may grow, each linked by its digest's bytes
  Node* n = node();
  const auto tag = static_cast<Tag>(bits_.head & 0xFFU);
  if (depth >= deepest && tag != TagLong) {
    n->refs = tag;
    std::memcpy(n->digest.bytes.data(), &waiting, sizeof waiting);
    waiting = n;
    return;
  }
  ++depth;
  std::size_t bytes = n->size;
  if (tag == TagList) {
    std::destroy_n(n->values(), n->size);
    bytes *= sizeof(Value);
  } else if (tag == TagMap) {
    std::destroy_n(n->entries(), n->size);
    bytes *= sizeof(Entry);
  }
  pool.give(n, sizeof(Node) + bytes);
  if (depth == 1)
    while (waiting != nullptr) {
      Value next;
      next.bits_ = {waiting->refs, reinterpret_cast<std::uint64_t>(waiting)};
      std::memcpy(static_cast<void*>(&waiting), next.node()->digest.bytes.data(), sizeof waiting);
      next.destroy();
      next.bits_ = {};
    }
  --depth;
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
    if (!text.empty()) std::memcpy(&low, text.data(), std::min<std::size_t>(text.size(), 6));   // an empty view may be null
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

Value Value::list(std::span<const Value> items) {
  Value v;
  Node* n = allocate(items.size() * sizeof(Value));
  n->size = static_cast<std::uint32_t>(items.size());
  std::uninitialized_copy(items.begin(), items.end(), n->values());
  v.bits_ = {TagList, reinterpret_cast<std::uint64_t>(n)};
  return v;
}

Value Value::sorted_map(std::span<const Entry> entries) {
  Value v;
  Node* n = allocate(entries.size() * sizeof(Entry));
  n->size = static_cast<std::uint32_t>(entries.size());
  std::uninitialized_copy(entries.begin(), entries.end(), n->entries());
  v.bits_ = {TagMap, reinterpret_cast<std::uint64_t>(n)};
  return v;
}

Value Value::take_sorted_map(std::span<Entry> entries) {
  Value v;
  Node* n = allocate(entries.size() * sizeof(Entry));
  n->size = static_cast<std::uint32_t>(entries.size());
  std::uninitialized_move(entries.begin(), entries.end(), n->entries());
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

std::string_view Value::long_string() const {
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

/// Bytes to be digested. Most encodings fit the array inside: a digest then allocates nothing.
struct Value::Sink {
  void put(const void* from, std::size_t n) {
    if (size + n > room) grow(n);
    std::memcpy(data + size, from, n);
    size += n;
  }
  void put(char c) {
    if (size == room) grow(1);
    data[size++] = c;
  }
  void put_count(std::size_t n) {
    const auto v = static_cast<std::uint32_t>(n);
    put(&v, sizeof v);
  }
  void grow(std::size_t n) {
    room = std::max(room * 2, size + n);
    auto bigger = std::make_unique_for_overwrite<char[]>(room);
    std::memcpy(bigger.get(), data, size);
    heap = std::move(bigger);
    data = heap.get();
  }

  char inside[960];
  char* data = inside;
  std::size_t size = 0;
  std::size_t room = sizeof inside;
  std::unique_ptr<char[]> heap;
};

// Encoding of one value: tag, then for scalars their bytes, for strings size and bytes, for lists and maps the number
// of children and each child's encoding if that has at most 64 bytes, else a mark and its SHA-256. So it is injective.
void Value::encode(Sink& out) const {
  const auto put_child = [&out](const Value& child) {
    const Node* n = child.node();
    if (n == nullptr || (n->size <= 48 && child.is_string())) return child.encode(out);
    if (!child.is_string() && n->size <= 3 && !n->digested) {
      const std::size_t before = out.size;
      child.encode(out);
      if (out.size - before <= 64) return;
      out.size = before;
    } else if (!child.is_string() && n->size <= 3 && n->inlined) {
      return child.encode(out);
    }
    out.put('#');
    const Digest d = child.digest();
    out.put(d.bytes.data(), d.bytes.size());
  };
  switch (static_cast<Tag>(bits_.head & 0xFFU)) {
    case TagNull: out.put('n'); break;
    case TagBool: out.put(bits_.payload != 0 ? 't' : 'f'); break;
    case TagInt: out.put('i'), out.put(&bits_.payload, 8); break;
    case TagDouble: out.put('d'), out.put(&bits_.payload, 8); break;
    case TagShort:
    case TagLong: {
      const auto text = as_string();
      out.put('s');
      out.put_count(text.size());
      out.put(text.data(), text.size());
      break;
    }
    case TagList:
      out.put('[');
      out.put_count(size());
      for (const Value& item : items()) put_child(item);
      break;
    case TagMap:
      out.put('{');
      out.put_count(size());
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
  Sink bytes;
  encode(bytes);
  const Digest d = sha256({bytes.data, bytes.size});
  if (n != nullptr) {
    n->digest = d;
    n->digested = true;
    n->inlined = bytes.size <= 64;
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
