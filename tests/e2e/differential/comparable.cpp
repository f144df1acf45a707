#include "tests/e2e/differential/comparable.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "lang/value/json.hpp"

namespace mcp::test {

namespace {

Value strings(const std::set<std::string>& all) {
  std::vector<Value> out;
  for (const std::string& s : all) out.push_back(Value::string(s));
  return Value::list(std::move(out));
}

/// The members of a set of fields as managedFields writes it, one text each. `updated`: of somebody who does not apply.
void fields_in(const Value& trie, const std::string& path, bool updated, std::set<std::string>& out) {
  if (!trie.is_map() || trie.size() == 0) {
    out.insert(path);
    return;
  }
  for (const Entry& e : trie.entries()) {
    // That an update brought a map along, and not only its entries, is seen from Go's zero values.
    if (updated && e.name() == "." && !path.ends_with('}')) continue;
    fields_in(e.value, path + " " + std::string(e.name()), updated, out);
  }
}

/// Manager and operation -> fields. What controllers hold is theirs: they write status and its revision.
Value owners(const Value& entries) {
  std::map<std::string, std::set<std::string>> all;
  for (const Value& m : entries.items()) {
    if (m.text_or("subresource", "") == "status") continue;
    const Value* fields = m.find("fieldsV1");
    const std::string operation(m.text_or("operation", ""));
    if (fields != nullptr) fields_in(*fields, "", operation == "Update", all[std::string(m.text_or("manager", "")) + " " + operation]);
  }
  MapBuilder out;
  for (const auto& [who, fields] : all) out.set(who, strings(fields));
  return out.build();
}

Value metadata_of(const Value& metadata) {
  MapBuilder out;
  for (const Entry& e : metadata.entries()) {
    const std::string_view name = e.name();
    if (name == "uid" || name == "resourceVersion" || name == "creationTimestamp" || name == "deletionGracePeriodSeconds") continue;
    if (name == "managedFields") {
      if (const Value all = owners(e.value); all.size() > 0) out.set(name, all);
    } else if (name == "deletionTimestamp") {
      out.set(name, true);
    } else if (name == "annotations") {
      if (const Value rest = e.value.without("deployment.kubernetes.io/revision"); rest.size() > 0) out.set(name, rest);
    } else {
      out.set(name, e.value);
    }
  }
  return out.build();
}

/// Addresses and ports that a server picks: that there is one is compared, which is not.
Value service_spec(const Value& spec) {
  const auto picked = [](const Value& v) { return v.is_string() && v.as_string() == "None" ? v : Value::string("picked"); };
  MapBuilder out;
  for (const Entry& e : spec.entries()) {
    if (e.name() == "clusterIP") {
      out.set(e.name(), picked(e.value));
    } else if (e.name() == "clusterIPs") {
      std::vector<Value> all;
      for (const Value& ip : e.value.items()) all.push_back(picked(ip));
      out.set(e.name(), Value::list(std::move(all)));
    } else if (e.name() == "ports") {
      std::vector<Value> all;
      for (const Value& port : e.value.items()) all.push_back(port.find("nodePort") != nullptr ? port.with("nodePort", Value::string("picked")) : port);
      out.set(e.name(), Value::list(std::move(all)));
    } else {
      out.set(e.name(), e.value);
    }
  }
  return out.build();
}

struct Reduce {
  Value operator()(const Done& d) const {
    MapBuilder out;
    out.set("outcome", "Done").set("created", d.created).set("deleting", d.deleting);
    if (!d.object.is_null()) out.set("object", comparable_object(d.object));
    return out.build();
  }
  Value operator()(const Page& p) const {
    MapBuilder objects;
    for (const Value& o : p.objects) {
      const std::string kind(o.text_or("kind", ""));
      const std::string name(o.find("metadata")->text_or("name", ""));
      if (kind != "ServiceAccount" && name != "kube-root-ca.crt") objects.set(kind + " " + name, comparable_object(o));   // of every namespace, some time
    }
    return MapBuilder().set("outcome", "Page").set("objects", objects.build()).build();
  }
  Value operator()(const Mismatch&) const { return MapBuilder().set("outcome", "Mismatch").build(); }
  Value operator()(const Contested& c) const {
    std::set<std::string> fields;
    for (const FieldConflict& f : c.fields) fields.insert(f.field + " of " + f.manager);
    return MapBuilder().set("outcome", "Contested").set("fields", strings(fields)).build();
  }
  Value operator()(const Rejected& r) const {
    return MapBuilder().set("outcome", "Rejected").set("code", std::int64_t{r.code}).set("reason", std::string_view(r.reason)).build();
  }
  Value operator()(const Throttled&) const { return MapBuilder().set("outcome", "Throttled").build(); }
  Value operator()(const Unreachable& u) const { return MapBuilder().set("outcome", "Unreachable").set("detail", std::string_view(u.detail)).build(); }
  Value operator()(const Uncertain& u) const { return MapBuilder().set("outcome", "Uncertain").set("detail", std::string_view(u.detail)).build(); }
  Value operator()(const Cancelled&) const { return MapBuilder().set("outcome", "Cancelled").build(); }
};

/// Path of each leaf and what stands there, in order of paths.
void leaves(const Value& v, const std::string& path, std::map<std::string, std::string>& out) {
  if (v.is_map() && v.size() > 0) {
    for (const Entry& e : v.entries()) leaves(e.value, path.empty() ? std::string(e.name()) : path + "." + std::string(e.name()), out);
  } else if (v.is_list() && v.size() > 0) {
    const bool texts = std::all_of(v.items().begin(), v.items().end(), [](const Value& item) { return item.is_string(); });
    for (std::size_t i = 0; i < v.size(); ++i)   // of a set of texts each stands for itself
      leaves(v.items()[i], path + "[" + (texts ? std::string(v.items()[i].as_string()) : std::to_string(i)) + "]", out);
  } else {
    out[path] = to_json(v);
  }
}

}  // namespace

Value comparable_object(const Value& object) {
  MapBuilder out;
  for (const Entry& e : object.entries()) {
    if (e.name() == "status") continue;
    if (e.name() == "metadata") out.set(e.name(), metadata_of(e.value));
    else if (e.name() == "spec" && object.text_or("kind", "") == "Service") out.set(e.name(), service_spec(e.value));
    else out.set(e.name(), e.value);
  }
  return out.build();
}

Value comparable(const Outcome& outcome) { return std::visit(Reduce{}, outcome); }

std::string difference(const Value& first, const Value& second) {
  if (first == second) return {};
  std::map<std::string, std::string> a;
  std::map<std::string, std::string> b;
  leaves(first, "", a);
  leaves(second, "", b);
  std::string out;
  for (const auto& [path, value] : a)
    if (const auto it = b.find(path); it == b.end() || it->second != value) out += "  - " + path + ": " + value + "\n";
  for (const auto& [path, value] : b)
    if (const auto it = a.find(path); it == a.end() || it->second != value) out += "  + " + path + ": " + value + "\n";
  return out;
}

}  // namespace mcp::test
