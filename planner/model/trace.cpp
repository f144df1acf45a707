#include "planner/model/trace.hpp"

#include <optional>

#include "planner/model/parts.hpp"

namespace mcp {

namespace {

using enum BlockKind;

std::string block_text(const Declared& declared) { return std::string(spec_of(declared.block->kind).keyword) + " " + declared.block->name; }

/// The number of an attribute by name, if the kind has it.
std::optional<AttrId> number_of(BlockKind kind, std::string_view name) {
  const auto attrs = spec_of(kind).attrs;
  for (std::size_t i = 0; i < attrs.size(); ++i)
    if (attrs[i].name == name) return static_cast<AttrId>(i);
  return std::nullopt;
}

/// The cell of an attribute by name; null if the kind has none.
const Cell* cell_of(const Block* block, std::string_view name) {
  const auto id = block == nullptr ? std::nullopt : number_of(block->kind, name);
  return id ? &block->cells[*id] : nullptr;
}

struct Step {
  std::string key;      // of a map, or the first merge value
  bool merge = false;
};

std::vector<Step> flat(const FieldPath& path) {
  std::vector<Step> out;
  for (const auto& step : path.steps) {
    if (const auto* key = std::get_if<FieldPath::Key>(&step)) out.push_back({key->name, false});
    else if (const auto* merge = std::get_if<FieldPath::Merge>(&step)) out.push_back({merge->keys.empty() ? std::string() : merge->keys[0].second, true});
    else out.push_back({std::to_string(std::get<FieldPath::Item>(step).index), true});
  }
  return out;
}

class Tracer {
 public:
  Tracer(const Declared& declared, std::vector<Step> steps) : declared_(declared), steps_(std::move(steps)) {}

  Traced run() {
    const Block& block = *declared_.block;
    if (is(0, "metadata")) {
      const std::string field = key(1);
      if (field == "labels" || field == "annotations") {
        if (key(2).starts_with("mcp.dev/") || key(2) == "app.kubernetes.io/managed-by") return rule("set on every object by mcp");
        return from(&block, field, key(2), block_text(declared_));
      }
      return head();
    }
    if (const Cell* patch = cell_of(&block, "k8s"); patch != nullptr && patch->written() && in_patch(patch->value)) return at(*patch, key(0), block_text(declared_) + ", k8s");
    switch (block.kind) {
      case Config:
      case BlockKind::Secret:
        if (is(0, "data") || is(0, "binaryData")) return from(&block, "data", key(1), block_text(declared_));
        return from(&block, key(0), {}, block_text(declared_));
      case Service: return service();
      case Workload: return workload();
      case Namespace:
        if (declared_.address.part.empty() && is(0, "spec") && is(1, "hard")) return from(block.child(Quota), key(2) == "pods" ? "pods" : key(2) == "requests.cpu" ? "cpu" : "memory", {}, block_text(declared_) + ", quota");
        if (is(0, "spec")) {
          const Cell* cell = cell_of(&block, "allow_from");
          if (cell != nullptr && cell->written()) return at(*cell, {}, block_text(declared_));
          return rule("isolation: calls come in from the same namespace and those of allow_from");
        }
        return head();
      case Manifest: return from(&block, "source", {}, block_text(declared_));
      default: return head();
    }
  }

 private:
  bool is(std::size_t i, std::string_view key_text) const { return i < steps_.size() && steps_[i].key == key_text && !steps_[i].merge; }
  std::string key(std::size_t i) const { return i < steps_.size() ? steps_[i].key : std::string(); }

  Traced head() const { return {declared_.block->origin, block_text(declared_), {}}; }
  static Traced rule(std::string text) { return {{}, {}, std::move(text)}; }
  static Traced at(const Cell& cell, const std::string& key_text, std::string what) {
    Origin origin = key_text.empty() ? cell.origin : cell.origin_of(key_text);
    return {origin, std::move(what), cell.written() ? "" : "the default of the schema"};
  }
  Traced from(const Block* block, std::string_view attribute, const std::string& key_text, std::string what) const {
    const Cell* cell = cell_of(block, attribute);
    if (cell == nullptr) return head();
    if (!cell->written()) return {declared_.block->origin, std::move(what), "the default of `" + std::string(attribute) + "`"};
    return at(*cell, key_text, std::move(what));
  }

  bool in_patch(const Value& patch) const {
    const Value* v = &patch;
    for (const Step& step : steps_) {
      if (v->is_map()) {
        v = v->find(step.key);
        if (v == nullptr) return false;
      } else if (v->is_list()) {
        return true;
      } else {
        return true;
      }
    }
    return true;
  }

  Traced service() const {
    const Block& block = *declared_.block;
    const std::string what = block_text(declared_);
    if (is(1, "ports")) return from(&block, "ports", {}, what);
    if (is(1, "selector")) return rule("the selector of its target");
    if (is(1, "clusterIP")) return from(&block, "headless", {}, what);
    if (is(1, "sessionAffinity")) return from(&block, "sticky", {}, what);
    return head();
  }

  Traced workload() const {
    const Block& block = *declared_.block;
    const std::string what = block_text(declared_);
    if (is(1, "replicas")) {
      Traced out = from(&block, "replicas", {}, what);
      out.rule = "its share of `replicas`; `mcp why` with @CLUSTER shows the division";
      return out;
    }
    if (is(1, "selector")) return from(&block, "selector", {}, what);
    if (is(1, "revisionHistoryLimit")) return from(&block, "history", {}, what);
    if (is(1, "progressDeadlineSeconds")) return block.child(Rollout) != nullptr ? from(block.child(Rollout), "deadline", {}, what + ", rollout") : rule("the default of `rollout.deadline`");
    if (is(1, "strategy")) {
      if (block.child(Rollout) == nullptr) return rule("the default of `rollout`");
      return from(block.child(Rollout), is(3, "maxUnavailable") ? "unavailable" : "surge", {}, what + ", rollout");
    }
    if (!is(1, "template")) return head();
    if (is(2, "metadata")) {
      if (is(3, "labels")) return from(&block, "selector", {}, what);
      if (key(4) == "mcp.dev/config-hash") return rule("hash of the content of the configs it uses and of the recipes of its secrets");
      if (key(4) == "mcp.dev/secret-hash") return rule("hash of the fingerprints of the secrets it uses");
      return head();
    }
    const std::string field = key(3);
    if (field == "terminationGracePeriodSeconds") return from(&block, "grace", {}, what);
    if (field == "automountServiceAccountToken") return from(&block, "account_token", {}, what);
    if (field == "serviceAccountName") return from(&block, "service_account", {}, what);
    if (field == "imagePullSecrets") return from(&block, "pull", {}, what);
    if (field == "nodeSelector") return from(&block, "node", {}, what);
    if (field == "securityContext") return block.child(Security) != nullptr ? Traced{block.child(Security)->origin, what + ", security", {}} : rule("the restricted profile, the default of `security`");
    if (field == "volumes") return rule("volume of the mounts of " + key(4));
    if (field != "containers" && field != "initContainers") return head();
    const Block* container = block.child(field == "containers" ? Container : Init, key(4));
    if (container == nullptr) return head();
    const std::string inside = what + ", " + std::string(spec_of(container->kind).keyword) + " " + container->name;
    const std::string leaf = key(5);
    if (leaf == "image" || leaf == "command" || leaf == "args") return from(container, leaf, {}, inside);
    if (leaf == "workingDir") return from(container, "workdir", {}, inside);
    if (leaf == "env") return from(container, "env", key(6), inside);
    if (leaf == "envFrom") return from(container, "env_from", {}, inside);
    if (leaf == "ports") return from(container, "ports", {}, inside);
    if (leaf == "imagePullPolicy") return from(container, "pull_policy", {}, inside);
    if (leaf == "resources") {
      const bool limit = key(6) == "limits";
      if (key(7) == "cpu") return from(container, limit ? "cpu_limit" : "cpu", {}, inside);
      if (key(7) == "memory") return from(container, limit ? "memory_limit" : "memory", {}, inside);
      return from(container, "resources", key(7), inside);
    }
    if (leaf == "volumeMounts") {
      const Block* mount = container->child(Mount, key(6));
      return mount != nullptr ? Traced{mount->origin, inside + ", mount " + key(6), {}} : head();
    }
    for (const auto& [probe_field, name] : {std::pair("readinessProbe", "ready"), std::pair("livenessProbe", "live"), std::pair("startupProbe", "start")})
      if (leaf == probe_field) {
        const Block* probe = container->child(Probe, name);
        return probe != nullptr ? Traced{probe->origin, inside + ", probe " + name, {}} : head();
      }
    if (leaf == "securityContext") {
      const Block* security = container->child(Security) != nullptr ? container->child(Security) : block.child(Security);
      return security != nullptr ? Traced{security->origin, inside + ", security", {}} : rule("the restricted profile, the default of `security`");
    }
    return {container->origin, inside, {}};
  }

  const Declared& declared_;
  std::vector<Step> steps_;
};

const Declared* declared_of(const Topology& topology, const Address& address) {
  Address block = address.declared();
  block.part.clear();
  return topology.find(block);
}

}  // namespace

Traced trace_field(const Topology& topology, const Address& address, const FieldPath& path) {
  const Declared* declared = declared_of(topology, address);
  if (declared == nullptr) return {};
  Declared own = *declared;
  own.address = address.declared();
  return Tracer(own, flat(path)).run();
}

TracedCell trace_attribute(const Topology& topology, const Address& address, std::string_view path) {
  TracedCell out;
  const Block* block = nullptr;
  if (address.kind == AddressKind::Cluster) {
    const auto at = topology.cluster_index(address.name);
    if (at == Topology::npos) return out;
    block = topology.clusters[at].block.get();
  } else {
    const Declared* declared = declared_of(topology, address);
    if (declared == nullptr) return out;
    block = declared->block.get();
  }
  out.what = std::string(spec_of(block->kind).keyword) + " " + block->name;
  const auto parsed = FieldPath::parse(path);
  if (!parsed) return out;
  const std::vector<Step> steps = flat(*parsed);
  for (std::size_t i = 0; i < steps.size();) {
    const auto id = number_of(block->kind, steps[i].key);
    const BlockSpec* child = nullptr;
    for (const ChildSpec& each : spec_of(block->kind).children)
      if (spec_of(each.kind).keyword == steps[i].key) child = &spec_of(each.kind);
    if (id && !(child != nullptr && i + 1 < steps.size())) {
      if (i + 2 < steps.size()) return {};
      out.cell = &block->cells[*id];
      out.type = spec_of(block->kind).attrs[*id].type;
      if (i + 1 < steps.size()) out.key = steps[i + 1].key;
      return out;
    }
    if (child == nullptr) return {};
    const bool named = child->name != NameRule::None;
    if (named && i + 1 >= steps.size()) return {};
    block = named ? block->child(child->kind, steps[i + 1].key) : block->child(child->kind);
    if (block == nullptr) return {};
    out.what += ", " + std::string(child->keyword) + (named ? " " + block->name : "");
    i += named ? 2 : 1;
  }
  return {};
}

}  // namespace mcp
