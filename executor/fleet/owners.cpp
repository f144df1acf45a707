#include "executor/fleet/owners.hpp"

#include <algorithm>

#include "lang/value/json.hpp"
#include "lang/value/path.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

constexpr std::string_view our_name = "mcp";

std::string scalar(const Value& v) { return v.is_string() ? std::string(v.as_string()) : to_json(v); }

/// What every body says and nobody owns.
bool names_the_object(std::string_view parent, std::string_view field, std::size_t depth) {
  if (depth == 0) return field == "apiVersion" || field == "kind" || field == "status";
  return depth == 1 && parent == "metadata" && (field == "name" || field == "namespace");
}

std::string item_key(const Value& item, std::span<const std::string_view> keys) {
  MapBuilder key;
  for (const std::string_view k : keys) key.set(k, merge_key_value(item, k));
  return "k:" + to_json(key.build());
}

/// Calls `leaf` for each leaf of `stated` that stands in the trie `fields`.
template <class Leaf>
void meet(std::string_view kind, std::string_view parent, std::string_view field, const Value& stated, const Value& fields, FieldPath& path,
          const Leaf& leaf) {
  const std::size_t depth = path.steps.size();
  if (depth > 128 || !fields.is_map()) return;
  // `f:selector: {}` over a map that says something: it has one owner as a whole.
  if (fields.size() == 0) return leaf(path);
  if (stated.is_map() && stated.size() > 0) {
    for (const Entry& e : stated.entries()) {
      if (names_the_object(field, e.name(), depth)) continue;
      const Value* below = fields.find("f:" + std::string(e.name()));
      if (below == nullptr) continue;
      path.steps.emplace_back(FieldPath::Key{std::string(e.name())});
      meet(kind, field, e.name(), e.value, *below, path, leaf);
      path.steps.pop_back();
    }
    return;
  }
  const auto keys = stated.is_list() ? merge_keys(kind, parent, field) : std::span<const std::string_view>();
  if (!keys.empty()) {
    for (const Value& item : stated.items()) {
      const Value* below = fields.find(item_key(item, keys));
      if (below == nullptr) continue;
      FieldPath::Merge merge;
      // One key is enough where the second has its default, as differences are written (planner/diff/fields.cpp).
      for (const std::string_view k : keys)
        if (!(k == "protocol" && scalar(merge_key_value(item, k)) == "TCP")) merge.keys.emplace_back(std::string(k), scalar(merge_key_value(item, k)));
      path.steps.emplace_back(std::move(merge));
      if (item.is_map()) {
        for (const Entry& e : item.entries()) {
          const Value* inner = below->find("f:" + std::string(e.name()));
          if (inner == nullptr) continue;
          path.steps.emplace_back(FieldPath::Key{std::string(e.name())});
          meet(kind, field, e.name(), e.value, *inner, path, leaf);
          path.steps.pop_back();
        }
      }
      path.steps.pop_back();
    }
    return;
  }
  leaf(path);
}

}  // namespace

std::vector<FieldOwner> other_owners(std::string_view kind, const Value& stated, const Value& live) {
  std::vector<FieldOwner> out;
  const Value* managers = live.at("metadata", "managedFields");
  if (managers == nullptr || !managers->is_list()) return out;
  for (const Value& m : managers->items()) {
    const std::string_view name = m.text_or("manager", "");
    const Value* fields = m.find("fieldsV1");
    if (name == our_name || fields == nullptr || m.text_or("subresource", "") == "status") continue;
    FieldPath path;
    meet(kind, "", "", stated, *fields, path,
         [&](const FieldPath& at) { out.push_back({at.text(), std::string(name), std::string(m.text_or("time", ""))}); });
  }
  std::sort(out.begin(), out.end(), [](const FieldOwner& a, const FieldOwner& b) { return std::tie(a.field, a.manager) < std::tie(b.field, b.manager); });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool held_by_us(const Value& live) {
  const Value* managers = live.at("metadata", "managedFields");
  if (managers == nullptr || !managers->is_list()) return false;
  return std::any_of(managers->items().begin(), managers->items().end(), [](const Value& m) {
    return m.text_or("manager", "") == our_name && m.text_or("operation", "") == "Apply";
  });
}

}  // namespace mcp
