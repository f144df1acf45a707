#pragma once
// The types of the Kubernetes API as data (types.txt): which fields there are, what stands in them, and what has one owner
// as a whole. Ownership and checks of bodies walk along them; kinds that are not there are of type `any`.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lang/value/value.hpp"

namespace mcp {

struct ApiType {
  enum class Form : std::uint8_t { Any, Scalar, Text, Number, Bool, Struct, Map, List };
  Form form = Form::Any;
  std::string name;                          // of a struct
  bool whole = false;                        // a struct, map or list with one owner
  std::vector<std::string> keys;             // of a list: what tells its items apart
  bool set = false;                          // of a list: its items are told apart by themselves
  const ApiType* inner = nullptr;            // of a map or list: of what
  std::map<std::string, const ApiType*, std::less<>> fields;   // of a struct
  std::vector<std::string> required;         // of them

  /// Of the entry `key` of a map of this type; null: there is no such field.
  const ApiType* field(std::string_view key) const;
  /// Of the items of a list of this type.
  const ApiType& item() const;
  /// Whether `value` is owned entry by entry, or item by item.
  bool by_entry(const Value& value) const { return value.is_map() && !whole && (form == Form::Any || form == Form::Struct || form == Form::Map); }
  bool by_item(const Value& value) const { return value.is_list() && (set || !keys.empty()); }
  /// Whether two items of a list of this type are one and the same.
  bool same_item(const Value& a, const Value& b) const;
  const Value* item_like(const Value* list, const Value& item) const;
  bool is_key(std::string_view key) const;
};

/// The type of a kind's objects.
const ApiType& api_type(std::string_view api, std::string_view kind);

/// Where `value` has another form than `type` says, has an item twice or a field that is not there; empty: nowhere.
std::string misfit(const ApiType& type, const Value& value, const std::string& path = {});

}  // namespace mcp
