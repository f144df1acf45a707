#pragma once
// A path into a body: `spec.template.spec.containers[name=web].image`, `data[application.yaml]`, `spec.args[0]`.
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lang/value/json.hpp"

namespace mcp {

struct FieldPath {
  struct Key { std::string name; bool operator==(const Key&) const = default; };
  struct Item { std::size_t index; bool operator==(const Item&) const = default; };
  /// An item of a keyed list: its merge keys and their values, as written.
  struct Merge {
    std::vector<std::pair<std::string, std::string>> keys;
    bool operator==(const Merge&) const = default;
  };
  using Step = std::variant<Key, Item, Merge>;
  std::vector<Step> steps;

  bool operator==(const FieldPath&) const = default;
  /// Dots between plain keys, `[key]` for keys with other characters than letters, digits, `_` and `-`.
  std::string text() const;
  static Parsed<FieldPath> parse(std::string_view text);
  /// The value there, or null. `[name=web]` finds the item whose fields equal (scalars compared as written).
  const Value* in(const Value& body) const;
};

}  // namespace mcp
