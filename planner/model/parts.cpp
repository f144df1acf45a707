#include "planner/model/parts.hpp"

#include <algorithm>

#include "planner/kinds/kinds.hpp"

namespace mcp::model {

const Keys& keys() {
  static const Keys all;
  return all;
}

namespace {

constexpr CommonAttrs find_common(BlockKind kind) {
  CommonAttrs out;
  const auto table = detail::attr_table(kind);
  for (std::size_t i = 0; i < table.size; ++i) {
    const std::string_view name = table.data[i].name;
    const auto id = static_cast<AttrId>(i);
    if (name == "protect") out.protect = id;
    if (name == "ignore") out.ignore = id;
    if (name == "labels") out.labels = id;
    if (name == "annotations") out.annotations = id;
    if (name == "k8s") out.k8s = id;
  }
  return out;
}

constexpr std::array<CommonAttrs, block_kinds> common = [] {
  std::array<CommonAttrs, block_kinds> out{};
  for (std::size_t k = 0; k < block_kinds; ++k) out[k] = find_common(static_cast<BlockKind>(k));
  return out;
}();

const Value& managed_key() {
  static const Value key = Value::string("app.kubernetes.io/managed-by");
  return key;
}
const Value& project_key() {
  static const Value key = Value::string("mcp.dev/project");
  return key;
}
const Value& address_key() {
  static const Value key = Value::string("mcp.dev/address");
  return key;
}

}  // namespace

const CommonAttrs& common_attrs(BlockKind kind) { return common[static_cast<std::size_t>(kind)]; }

Metadata::Metadata(const std::string& project) {
  ours_.push_back({managed_key(), Value::string("mcp")});
  ours_.push_back({project_key(), Value::string(project)});
  only_ours_ = Value::sorted_map(ours_);
}

Value Metadata::of(const Declared& declared, const Address& address, std::string_view name, std::string_view ns, std::size_t cluster) const {
  const Block& block = *declared.block;
  const CommonAttrs& attrs = common_attrs(block.kind);
  const bool derived = address.kind == AddressKind::Namespace && !address.part.empty();
  const Keys& k = keys();

  Value labels = only_ours_;
  Entry own_address{address_key(), Value::string(address.text())};
  Value annotations;
  const bool protect = flag(at(block, attrs.protect, cluster));
  if (!derived) {
    if (const Value& said = at(block, attrs.labels, cluster); said.is_map() && said.size() > 0) {
      std::vector<Entry> all(said.entries().begin(), said.entries().end());
      std::erase_if(all, [](const Entry& e) { return e.key == managed_key() || e.key == project_key(); });
      all.insert(all.end(), ours_.begin(), ours_.end());
      labels = Value::map(std::move(all));
    }
    if (const Value& said = at(block, attrs.annotations, cluster); said.is_map() && said.size() > 0) {
      std::vector<Entry> all(said.entries().begin(), said.entries().end());
      std::erase_if(all, [](const Entry& e) { return e.name().starts_with("mcp.dev/"); });
      all.push_back(own_address);
      if (protect) all.push_back(entry("mcp.dev/protect", Value::string("true")));
      annotations = Value::map(std::move(all));
    }
  }
  if (annotations.is_null()) {
    SmallMap<2> all;
    all.put(own_address.key, std::move(own_address.value));
    if (protect) all.put(Value::string("mcp.dev/protect"), Value::string("true"));
    annotations = all.build();
  }
  SmallMap<4> out;
  out.put(k.annotations, std::move(annotations));
  out.put(k.labels, std::move(labels));
  out.put(k.name, Value::string(name));
  if (!ns.empty()) out.put(k.ns, Value::string(ns));
  return out.build();
}

Value body(std::string_view api, std::string_view kind, Value metadata, std::vector<Entry> more) {
  const Keys& k = keys();
  more.push_back({k.apiVersion, Value::string(api)});
  more.push_back({k.kind, Value::string(kind)});
  more.push_back({k.metadata, std::move(metadata)});
  return Value::map(std::move(more));
}

namespace {

Value patch_walk(std::string_view kind, std::string_view parent, std::string_view field, const Value& body, const Value& patch, int depth) {
  if (depth > 128) return patch;
  if (patch.is_map()) {
    Value out = body.is_map() ? body : Value::empty_map();
    for (const Entry& e : patch.entries()) {
      if (e.value.is_null()) {
        out = out.without(e.name());
        continue;
      }
      const Value* inner = out.find(e.name());
      out = out.with(e.name(), patch_walk(kind, field, e.name(), inner == nullptr ? Value() : *inner, e.value, depth + 1));
    }
    return out;
  }
  if (patch.is_list() && body.is_list()) {
    const auto by = merge_keys(kind, parent, field);
    if (by.empty()) return patch;
    std::vector<Value> items(body.items().begin(), body.items().end());
    for (const Value& item : patch.items()) {
      const auto it = std::find_if(items.begin(), items.end(), [&](const Value& other) {
        return std::all_of(by.begin(), by.end(), [&](std::string_view key) { return merge_key_value(item, key) == merge_key_value(other, key); });
      });
      if (it == items.end()) items.push_back(item);
      else *it = patch_walk(kind, field, field, *it, item, depth + 1);
    }
    return Value::list(std::move(items));
  }
  return patch;
}

}  // namespace

Value patched(std::string_view kind, const Value& body, const Value& patch) {
  if (!patch.is_map() || patch.size() == 0) return body;
  return patch_walk(kind, "", "", body, patch, 0);
}

bool has_rows(const Block& block) {
  for (const Cell& cell : block.cells.own())
    if (cell.by_cluster) return true;
  return std::any_of(block.children.begin(), block.children.end(), [](const auto& child) { return has_rows(*child); });
}

std::string secret_source(const Value& parts) {
  std::string out;
  if (!parts.is_list()) return out;
  for (const Value& part : parts.items()) {
    if (const Value* text = part.find("text")) out += text->as_string();
    if (const Value* env = part.find("env")) out.append("(from_env ").append(env->as_string()).append(")");
    if (const Value* file = part.find("file")) out.append("(from_file ").append(file->as_string()).append(")");
  }
  return out;
}

}  // namespace mcp::model
