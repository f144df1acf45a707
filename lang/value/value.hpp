#pragma once
// Value: immutable data without meaning (null, bool, int64, double, string, list, map sorted by key). 16 bytes, short
// strings inside, larger content shared by reference count and compared by cached digest. Single-threaded by design.
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lang/base/crypto.hpp"

namespace mcp {

struct Entry;

class Value {
 public:
  enum class Kind : std::uint8_t { Null, Bool, Int, Double, String, List, Map };

  Value() noexcept = default;
  Value(const Value& other) noexcept : bits_(other.bits_) { retain(); }
  Value(Value&& other) noexcept : bits_(other.bits_) { other.bits_ = {}; }
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    std::swap(bits_, copy.bits_);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    std::swap(bits_, other.bits_);
    return *this;
  }
  ~Value() { release(); }

  static Value boolean(bool value);
  static Value integer(std::int64_t value);
  static Value real(double value);  // only members send these
  static Value string(std::string_view text);
  static Value list(std::vector<Value> items);
  static Value list(std::span<const Value> items);
  /// Sorts by key (bytes). Requires: keys are strings and differ.
  static Value map(std::vector<Entry> entries);
  /// Requires: sorted by key, keys differ.
  static Value sorted_map(std::span<const Entry> entries);
  /// The same; takes the entries out of the array.
  static Value take_sorted_map(std::span<Entry> entries);
  static Value empty_map();
  static Value empty_list();

  Kind kind() const noexcept {
    constexpr Kind kinds[] = {Kind::Null, Kind::Bool, Kind::Int, Kind::Double, Kind::String, Kind::String, Kind::List, Kind::Map};
    return kinds[bits_.head & 0xFFU];
  }
  bool is_null() const noexcept { return kind() == Kind::Null; }
  bool is_bool() const noexcept { return kind() == Kind::Bool; }
  bool is_int() const noexcept { return kind() == Kind::Int; }
  bool is_string() const noexcept { return kind() == Kind::String; }
  bool is_list() const noexcept { return kind() == Kind::List; }
  bool is_map() const noexcept { return kind() == Kind::Map; }

  // Each requires the kind of its name.
  bool as_bool() const;
  std::int64_t as_int() const;
  double as_double() const;
  std::string_view as_string() const {          // valid as long as this Value (short strings lie in it)
    if ((bits_.head & 0xFFU) == TagShort) return {reinterpret_cast<const char*>(&bits_.head) + 2, (bits_.head >> 8U) & 0xFFU};
    return long_string();
  }
  std::span<const Value> items() const;         // list
  std::span<const Entry> entries() const;       // map, sorted by key
  /// Number of items, entries or bytes; 0 for the rest.
  std::size_t size() const noexcept {
    if ((bits_.head & 0xFFU) == TagShort) return (bits_.head >> 8U) & 0xFFU;
    const Node* n = node();
    return n == nullptr ? 0 : n->size;
  }

  /// The entry of a map, else null; null for other kinds too.
  const Value* find(std::string_view key) const;
  /// find() along several keys: at("spec", "replicas").
  template <class... Keys>
  const Value* at(std::string_view key, Keys... more) const {
    const Value* next = find(key);
    if constexpr (sizeof...(more) == 0) {
      return next;
    } else {
      return next == nullptr ? nullptr : next->at(more...);
    }
  }
  /// The string below `key`, or `otherwise`.
  std::string_view text_or(std::string_view key, std::string_view otherwise) const;
  std::int64_t int_or(std::string_view key, std::int64_t otherwise) const;

  /// A map like this one with `key` set (or, for a null value with `Nulls::Remove`, gone). Requires: map or null.
  Value with(std::string_view key, Value value) const;
  Value without(std::string_view key) const;

  /// Equal exactly for equal values (design architecture.md section 10): Merkle over canonical encodings, cached.
  Digest digest() const;
  bool operator==(const Value& other) const;
  bool operator!=(const Value& other) const { return !(*this == other); }
  /// Same node: equal for certain, at no cost.
  bool same_as(const Value& other) const noexcept;
  /// An address that stays for as long as a copy of this Value does; null for inline content. For memo tables.
  const void* identity() const noexcept;
  /// Held in at least `count` places: worth remembering what was made of it.
  bool held_by(std::uint32_t count) const noexcept {
    const Node* n = node();
    return n != nullptr && n->refs >= count;
  }

 private:
  enum Tag : std::uint8_t { TagNull, TagBool, TagInt, TagDouble, TagShort, TagLong, TagList, TagMap };
  /// Content behind a pointer: of long strings, lists and maps. Bytes, Values or Entries follow it.
  struct alignas(8) Node {
    std::uint32_t refs = 1;
    std::uint32_t size = 0;
    bool digested = false;
    bool inlined = false;        // its encoding is short enough to stand in its parent's
    Digest digest;

    char* chars() { return reinterpret_cast<char*>(this + 1); }
    Value* values() { return reinterpret_cast<Value*>(this + 1); }
    Entry* entries();
  };
  struct Bits {
    std::uint64_t head = 0;  // lowest byte: tag; of a short string the next byte is its size, then six of its bytes
    std::uint64_t payload = 0;
  };
  void retain() const noexcept {
    if (Node* n = node()) ++n->refs;
  }
  void release() noexcept {
    if (Node* n = node(); n != nullptr && --n->refs == 0) destroy();
  }
  void destroy() noexcept;
  Node* node() const noexcept { return (bits_.head & 0xFFU) >= TagLong ? reinterpret_cast<Node*>(bits_.payload) : nullptr; }
  std::string_view long_string() const;
  static Node* allocate(std::size_t bytes);
  struct Sink;
  void encode(Sink& out) const;

  Bits bits_;
};

/// A key (a string) and its value.
struct Entry {
  Value key;
  Value value;
  std::string_view name() const { return key.as_string(); }
};

inline Entry entry(std::string_view key, Value value) { return {Value::string(key), std::move(value)}; }

/// Collects entries in any order; later ones of an equal key win.
class MapBuilder {
 public:
  MapBuilder& set(std::string_view key, Value value);
  MapBuilder& set(std::string_view key, std::string_view text) { return set(key, Value::string(text)); }
  MapBuilder& set(std::string_view key, const char* text) { return set(key, Value::string(text)); }
  MapBuilder& set(std::string_view key, std::int64_t number) { return set(key, Value::integer(number)); }
  MapBuilder& set(std::string_view key, int number) { return set(key, Value::integer(number)); }
  MapBuilder& set(std::string_view key, bool flag) { return set(key, Value::boolean(flag)); }
  bool empty() const { return entries_.empty(); }
  Value build();

 private:
  std::vector<Entry> entries_;
};

}  // namespace mcp
