#include "planner/diff/normalize.hpp"

#include <algorithm>

#include "lang/value/json.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

constexpr std::string_view server_metadata[] = {"uid", "resourceVersion", "creationTimestamp", "managedFields", "selfLink",
                                                "generation", "deletionTimestamp", "deletionGracePeriodSeconds"};

Value quantity(const Value& v) {
  if (v.is_string()) return Value::string(canonical_quantity(v.as_string()));
  if (v.kind() == Value::Kind::Int || v.kind() == Value::Kind::Double) return Value::string(canonical_quantity(to_json(v)));
  return v;
}

/// What a server writes into a map that has one owner as a whole, so that it reads as stated by whoever stated the rest.
/// Stating it and leaving it out are the same. Source: k8s.io/kubernetes pkg/apis/core/v1/defaults.go
bool is_default(std::string_view parent, std::string_view field, const Value& value) {
  if (!value.is_string()) return false;
  if (parent == "fieldRef") return field == "apiVersion" && value.as_string() == "v1";
  if (parent == "resourceFieldRef") return field == "divisor" && value.as_string() == "0";
  return false;
}

/// Fields whose empty map is a statement of its own: `emptyDir: {}`, `securityContext: {}`; a selector of
/// everything.
bool empty_means_something(std::string_view field) {
  return field == "emptyDir" || field == "podSelector" || field == "namespaceSelector" || field == "labelSelector" || field == "selector" || field == "data" ||
         field == "securityContext" || field == "rules";
}

/// `known`: the fields are those of a built-in kind (fields_known).
Value walk(std::string_view field, const Value& value, bool known, int depth) {
  if (depth > 128) return value;
  if (value.is_map()) {
    if (known && is_quantity_map(field)) {
      std::vector<Entry> out;
      for (const Entry& e : value.entries())
        if (!e.value.is_null()) out.push_back({e.key, quantity(e.value)});
      Value made = Value::map(std::move(out));
      return made == value ? value : made;
    }
    bool same = true;
    std::vector<Entry> out;
    out.reserve(value.size());
    for (const Entry& e : value.entries()) {
      if (e.value.is_null() || (known && is_default(field, e.name(), e.value))) {
        same = false;
        continue;
      }
      Value inner = known && is_quantity(e.name()) ? quantity(e.value) : walk(e.name(), e.value, known, depth + 1);
      if (known && inner.is_map() && inner.size() == 0 && !empty_means_something(e.name())) {
        same = false;
        continue;
      }
      same = same && inner.same_as(e.value);
      out.push_back({e.key, std::move(inner)});
    }
    return same ? value : Value::map(std::move(out));
  }
  if (value.is_list()) {
    bool same = true;
    std::vector<Value> out;
    out.reserve(value.size());
    for (const Value& item : value.items()) {
      out.push_back(walk(field, item, known, depth + 1));
      same = same && out.back().same_as(item);
    }
    return same ? value : Value::list(std::move(out));
  }
  return value;
}

Value cut(std::string_view kind, std::string_view parent, std::string_view field, const Value& stated, const Value& live, bool known, int depth) {
  if (depth > 128) return live;
  if (stated.is_map() && live.is_map()) {
    if (known && is_quantity_map(field)) {
      std::vector<Entry> out;
      for (const Entry& e : stated.entries())
        if (const Value* v = live.find(e.name())) out.push_back({e.key, quantity(*v)});
      return Value::map(std::move(out));
    }
    std::vector<Entry> out;
    out.reserve(stated.size());
    for (const Entry& e : stated.entries()) {
      const Value* v = live.find(e.name());
      if (v == nullptr || v->is_null()) {
        // `env: [{name: A, value: ""}]` is stored without the value.
        if (e.value.is_string() && e.value.size() == 0 && e.name() == "value") out.push_back(e);
        continue;
      }
      if (known && is_quantity(e.name())) {
        out.push_back({e.key, quantity(*v)});
        continue;
      }
      out.push_back({e.key, cut(kind, field, e.name(), e.value, *v, known, depth + 1)});
    }
    return Value::map(std::move(out));
  }
  if (stated.is_list() && live.is_list()) {
    const auto keys = merge_keys(kind, parent, field);
    if (keys.empty()) {
      // Replaced as a whole; what the server has added inside of an item is still not ours.
      if (stated.size() != live.size()) return walk(field, live, known, depth);
      std::vector<Value> out;
      for (std::size_t i = 0; i < stated.size(); ++i) out.push_back(cut(kind, parent, field, stated.items()[i], live.items()[i], known, depth + 1));
      return Value::list(std::move(out));
    }
    std::vector<Value> out;
    for (const Value& item : stated.items()) {
      const auto same_key = [&](const Value& other) {
        return std::all_of(keys.begin(), keys.end(), [&](std::string_view key) { return merge_key_value(item, key) == merge_key_value(other, key); });
      };
      const auto items = live.items();
      const auto it = std::find_if(items.begin(), items.end(), same_key);
      if (it == items.end()) continue;
      out.push_back(cut(kind, parent, field, item, *it, known, depth + 1));
    }
    return Value::list(std::move(out));
  }
  return walk(field, live, known, depth);
}

}  // namespace

Value normalize(std::string_view kind, const Value& body) {
  if (!body.is_map()) return body;
  Value out = walk("", body, fields_known(body.text_or("apiVersion", ""), kind), 0);
  if (out.find("status") != nullptr) out = out.without("status");
  if (const Value* metadata = out.find("metadata"); metadata != nullptr && metadata->is_map()) {
    Value cleaned = *metadata;
    for (const std::string_view field : server_metadata)
      if (cleaned.find(field) != nullptr) cleaned = cleaned.without(field);
    if (!cleaned.same_as(*metadata)) out = out.with("metadata", cleaned);
  }
  return out;
}

Value owned_fields(std::string_view kind, const Value& stated, const Value& live) {
  if (!live.is_map()) return {};
  return cut(kind, "", "", stated, live, fields_known(live.text_or("apiVersion", ""), kind), 0);
}

}  // namespace mcp
