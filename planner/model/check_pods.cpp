// What Kubernetes would refuse in Pods, said at the line that states it (checks.cpp has the rest).
#include <algorithm>
#include <map>
#include <set>

#include "planner/model/forms.hpp"
#include "planner/model/parts.hpp"

namespace mcp::model {

namespace {

using enum BlockKind;

/// Attributes of Container and Init have the same numbers, so one name serves both.
consteval AttrId c(std::string_view name) { return attr(Container, name); }
static_assert(attr(Container, "resources") == attr(Init, "resources") && attr(Container, "workdir") == attr(Init, "workdir"));

class PodChecks {
 public:
  PodChecks(const Topology& topology, Diagnostics& out) : topology_(topology), out_(out) {}

  void run() {
    for (const Declared& declared : topology_.objects) {
      if (declared.block->kind == Workload) workload(declared);
      if (declared.block->kind == Namespace)
        if (const Block* own = declared.block->child(Quota)) quota(*own);
    }
    selectors();
  }

 private:
  static Span at(const Cell& cell, std::string_view key) {
    const Origin origin = cell.origin_of(key);
    return origin.span.known() ? origin.span : cell.origin.span;
  }

  /// One finding for a place and code: loops and shared blocks state one thing many times.
  Diagnostic& once(Diagnostic d) {
    if (!seen_.insert(std::pair(d.span.begin, d.code)).second) {
      spare_ = {};
      return spare_;
    }
    return out_.add(std::move(d));
  }

  void workload(const Declared& declared) {
    const Block& block = *declared.block;
    if (const Cell& account = block.cells[attr(Workload, "service_account")]; account.value.is_string() && !dns_subdomain(account.value.as_string()))
      no_name(account.origin.span, account.value.as_string(), "a ServiceAccount").notes.push_back("names are lower-case letters, digits, `-` and `.`");
    if (const Cell& node = block.cells[attr(Workload, "node")]; node.value.is_map())
      for (const Entry& e : node.value.entries()) {
        if (!label_key(e.name())) no_name(at(node, e.name()), e.name(), "a label of nodes");
        else if (e.value.size() > 0 && !label_name(e.value.as_string())) once(error("E0920", at(node, e.name()), "\"" + std::string(e.value.as_string().substr(0, 80)) + "\" is no value of a label"));
      }
    int32(block.cells[attr(Workload, "history")], "`history`");
    whole_seconds(block.cells[attr(Workload, "grace")], "`grace`", 0);
    if (const Block* roll = block.child(Rollout)) rollout(*roll);
    patch(declared);
    const Block* outer = block.child(Security);
    if (outer != nullptr) rights(*outer);
    for (const auto& child : block.children)
      if (child->kind == Container || child->kind == Init) container(*child, outer);
  }

  Diagnostic& no_name(Span span, std::string_view text, std::string_view what) {
    return once(error("E0920", span, "`" + std::string(text.substr(0, 80)) + "` is no name of " + std::string(what)));
  }

  // ---- numbers

  static constexpr std::int64_t most = 2'147'483'647;   // what Kubernetes keeps in 32 bits

  void int32(const Cell& cell, const std::string& what) {
    if (cell.value.is_int() && cell.value.as_int() > most) once(error("E0917", cell.origin.span, what + " is at most 2,147,483,647"));
  }

  void whole_seconds(const Cell& cell, const std::string& what, std::int64_t least) {
    if (!cell.value.is_int()) return;
    const std::int64_t ms = cell.value.as_int();
    if (ms % 1000 != 0) once(error("E0917", cell.origin.span, what + " takes whole seconds"));
    else if (ms / 1000 > most) once(error("E0917", cell.origin.span, what + " is at most 2,147,483,647 seconds"));
    else if (ms / 1000 < least) once(error("E0917", cell.origin.span, what + " is at least " + std::to_string(least) + " s"));
  }

  void rollout(const Block& block) {
    for (const AttrId id : {attr(Rollout, "surge"), attr(Rollout, "unavailable")}) {
      const Cell& cell = block.cells[id];
      const std::string what = "`" + std::string(spec_of(Rollout).attrs[id].name) + "`";
      int32(cell, what);
      if (cell.value.is_int() && cell.value.as_int() < 0) once(error("E0917", cell.origin.span, what + " cannot be negative"));
      // A percentage is digits and `%`: 100 of them for what may be missing, any small number for what may be more.
      if (cell.value.is_string() && (cell.value.size() > 6 || (id == attr(Rollout, "unavailable") && std::stol(std::string(cell.value.as_string())) > 100)))
        once(error("E0917", cell.origin.span, what + " is at most " + (id == attr(Rollout, "unavailable") ? "100%" : "99999%")));
    }
    whole_seconds(block.cells[attr(Rollout, "deadline")], "`deadline`", 1);
  }

  void quota(const Block& block) {
    for (const AttrId id : {attr(Quota, "pods"), attr(Quota, "cpu"), attr(Quota, "memory")})
      if (const Cell& cell = block.cells[id]; cell.value.is_int() && cell.value.as_int() < 0)
        once(error("E0917", cell.origin.span, "`" + std::string(spec_of(Quota).attrs[id].name) + "` cannot be negative"));
  }

  // ---- selectors

  /// Clusters where a workload may stand, sorted; null: all.
  static const Value* candidates(const Block& workload) {
    const Block* place = workload.child(Place);
    if (place == nullptr) return nullptr;
    const Value& on = place->value(attr(Place, "on"));
    return on.is_list() ? &on : nullptr;
  }

  static bool meet(const Block& a, const Block& b) {
    const Value* on_a = candidates(a);
    const Value* on_b = candidates(b);
    if (on_a == nullptr || on_b == nullptr) return true;
    const auto x = on_a->items();
    const auto y = on_b->items();
    for (std::size_t i = 0, j = 0; i < x.size() && j < y.size();) {
      const int order = x[i].as_string().compare(y[j].as_string());
      if (order == 0) return true;
      if (order < 0) ++i;
      else ++j;
    }
    return false;
  }

  static Span selector_span(const Block& block) {
    const Cell& cell = block.cells[attr(Workload, "selector")];
    return cell.written() ? cell.origin.span : block.name_span;
  }

  void selectors() {
    std::map<std::pair<std::string_view, Digest>, std::vector<const Declared*>> by_selector;
    for (const Declared& declared : topology_.objects) {
      if (declared.block->kind != Workload) continue;
      const Value& selector = declared.block->value(attr(Workload, "selector"));
      if (!selector.is_map() || selector.size() == 0) continue;
      auto& others = by_selector[{declared.address.ns, selector.digest()}];
      for (const Declared* other : others) {
        if (!meet(*other->block, *declared.block)) continue;
        const Declared* written = declared.block->cells[attr(Workload, "selector")].written() ? &declared : other;
        const Declared* first = written == other ? &declared : other;
        auto& d = once(error("E0921", selector_span(*written->block), written->address.text() + " chooses the Pods of " + first->address.text() + ", too"));
        if (selector_span(*first->block) != selector_span(*written->block)) d.labels.push_back({selector_span(*first->block), "the same selector"});
        d.help.push_back("two workloads of a namespace have selectors that differ");
        break;
      }
      others.push_back(&declared);
    }
  }

  // ---- patches

  void patch(const Declared& declared) {
    const Cell& cell = declared.block->cells[common_attrs(Workload).k8s];
    if (!cell.written()) return;
    const Value& selector = declared.block->value(attr(Workload, "selector"));
    const auto one = [&](const Value& p) {
      if (const std::string bad = broken_by(p, selector); !bad.empty()) {
        auto& d = once(error("E0908", at(cell, "spec"), "a `k8s` patch cannot " + bad));
        d.help.push_back(bad.find("label") != std::string::npos ? "state them by `selector`" : "containers are stated by `container` blocks");
      }
    };
    if (!cell.by_cluster) return one(cell.value);
    for (const Value& p : *cell.by_cluster) one(p);
  }

  // ---- containers

  void container(const Block& block, const Block* outer) {
    resources(block.cells[c("resources")]);
    if (const Cell& dir = block.cells[c("workdir")]; dir.value.is_string() && !dir.value.as_string().starts_with('/'))
      once(error("E0916", dir.origin.span, "a working directory begins with `/`"));
    const Block* own = block.child(Security);
    if (own != nullptr) rights(*own);
    root(own, outer);
    for (const auto& child : block.children)
      if (child->kind == Probe) probe(*child);
  }

  void probe(const Block& block) {
    if (const Cell& exec = block.cells[attr(Probe, "exec")]; exec.value.is_list() && exec.value.size() == 0)
      once(error("E0913", exec.origin.span, "a probe runs a command, and this one is empty"));
    for (const AttrId id : {attr(Probe, "fail"), attr(Probe, "pass"), attr(Probe, "every"), attr(Probe, "timeout"), attr(Probe, "after")}) {
      const Cell& cell = block.cells[id];
      const bool time = spec_of(Probe).attrs[id].type == AttrType::Time;
      if (cell.value.is_int() && cell.value.as_int() / (time ? 1000 : 1) > most) once(error("E0913", cell.origin.span, "this is at most 2,147,483,647" + std::string(time ? " seconds" : "")));
    }
  }

  /// Pods that may not run as root and are told to run as root never start.
  void root(const Block* own, const Block* outer) {
    const auto cell = [&](AttrId id) -> const Cell* {
      if (own != nullptr && own->cells[id].written()) return &own->cells[id];
      return outer != nullptr && outer->cells[id].written() ? &outer->cells[id] : nullptr;
    };
    const Cell* user = cell(attr(Security, "user"));
    const Cell* non_root = cell(attr(Security, "non_root"));
    if (user == nullptr || !user->value.is_int() || user->value.as_int() != 0 || (non_root != nullptr && !flag(non_root->value))) return;
    auto& d = once(error("E0922", user->origin.span, "user 0 is root, and `non_root` is true"));
    if (non_root != nullptr) d.labels.push_back({non_root->origin.span, "refuses root"});
    d.help.push_back("choose another user, or state `non_root = false`");
  }

  void rights(const Block& block) {
    for (const AttrId id : {attr(Security, "user"), attr(Security, "group"), attr(Security, "fs_group")})
      if (const Cell& cell = block.cells[id]; cell.value.is_int() && (cell.value.as_int() < 0 || cell.value.as_int() > most))
        once(error("E0922", cell.origin.span, "`" + std::string(spec_of(Security).attrs[id].name) + "` is a number from 0 to 2,147,483,647"));
    for (const AttrId id : {attr(Security, "drop"), attr(Security, "add")}) {
      const Cell& cell = block.cells[id];
      if (!cell.value.is_list()) continue;
      for (const Value& name : cell.value.items()) {
        const std::string_view text = name.as_string();
        if (!text.empty() && std::all_of(text.begin(), text.end(), [](char ch) { return letter_or_digit(ch) || ch == '_'; })) continue;
        once(error("E0922", cell.origin.span, "\"" + std::string(text.substr(0, 80)) + "\" is no capability")).notes.push_back("names are such as \"NET_BIND_SERVICE\", or \"ALL\"");
      }
    }
    if (const Cell& profile = block.cells[attr(Security, "seccomp")]; profile.value.is_string() && profile.value.as_string() != "RuntimeDefault" && profile.value.as_string() != "Unconfined")
      once(error("E0922", profile.origin.span, "\"" + std::string(profile.value.as_string().substr(0, 80)) + "\" is no seccomp profile"))
          .help.push_back("it is \"RuntimeDefault\" or \"Unconfined\"; a profile of the node's own goes into `k8s`");
  }

  void resources(const Cell& cell) {
    if (!cell.value.is_map()) return;
    for (const Entry& e : cell.value.entries()) {
      const std::string name(e.name().substr(0, 80));
      const bool plain = e.name().find('/') == std::string_view::npos;
      if (e.name() == "cpu" || e.name() == "memory") {
        once(error("E0917", at(cell, e.name()), "`resources` is for other resources than " + name)).help.push_back("write `" + name + " = ..` and `" + name + "_limit = ..`");
      } else if (!label_key(e.name()) || (plain && e.name() != "ephemeral-storage" && !e.name().starts_with("hugepages-"))) {
        no_name(at(cell, e.name()), e.name(), "a resource")
            .notes.push_back("names are `ephemeral-storage`, `hugepages-SIZE`, or have a domain: `nvidia.com/gpu`");
      } else if (e.value.is_int() && e.value.as_int() < 0) {
        once(error("E0917", at(cell, e.name()), "`" + name + "` cannot be negative"));
      }
    }
  }

  const Topology& topology_;
  Diagnostics& out_;
  std::set<std::pair<std::uint32_t, std::string>> seen_;
  Diagnostic spare_;
};

}  // namespace

std::string broken_by(const Value& p, const Value& selector) {
  const Value* at = &p;
  std::string path;
  const auto down = [&](const char* name) {
    at = at == nullptr ? nullptr : at->find(name);
    path += (path.empty() ? "" : ".") + std::string(name);
    return at != nullptr;
  };
  if (!down("spec") || !down("template")) return {};
  if (!at->is_map()) return "replace `" + path + "`";
  const Value* pods = at;
  if (const Value* spec = pods->find("spec"); spec != nullptr) {
    if (!spec->is_map()) return "replace `spec.template.spec`";
    if (const Value* containers = spec->find("containers"); containers != nullptr && !containers->is_list()) return "replace `spec.template.spec.containers`";
  }
  if (!down("metadata")) return {};
  if (!at->is_map()) return "replace `" + path + "`, which has the labels of the selector";
  if (!down("labels")) return {};
  if (!at->is_map()) return "replace `" + path + "`, which has the labels of the selector";
  if (selector.is_map())
    for (const Entry& e : selector.entries())
      if (const Value* label = at->find(e.name()); label != nullptr && *label != e.value) return "change the label `" + std::string(e.name().substr(0, 80)) + "`, which the selector asks for";
  return {};
}

void check_pods(const Topology& topology, Diagnostics& out) { PodChecks(topology, out).run(); }

}  // namespace mcp::model

namespace mcp {

namespace {

using enum BlockKind;

/// Whether a container says nothing of what it requests. Limits count as requests; values per cluster are taken as stated.
bool silent(const Block& container, AttrId request, AttrId limit) {
  const auto stated = [&](const Cell& cell) { return cell.by_cluster || model::given(cell.value); };
  return !stated(container.cells[request]) && !stated(container.cells[limit]);
}

}  // namespace

void check_quotas(const Topology& topology, const Inventory& inventory, const Placement& placement, Diagnostics& out) {
  std::map<std::string_view, const Block*> quotas;
  for (const Declared& space : topology.objects)
    if (const Block* quota = space.block->kind == Namespace ? space.block->child(Quota) : nullptr; quota != nullptr) quotas.emplace(space.address.name, quota);
  if (quotas.empty()) return;
  std::map<std::string_view, std::vector<const Declared*>> workloads;
  for (const Declared& declared : topology.objects)
    if (declared.block->kind == Workload && quotas.contains(declared.address.ns)) workloads[declared.address.ns].push_back(&declared);
  const AttrId k8s = model::common_attrs(Workload).k8s;
  for (const auto& [ns, quota] : quotas) {
    std::vector<Replicas> placed(inventory.members.size(), 0);
    const Cell& pods = quota->cells[attr(Quota, "pods")];
    bool said_cpu = false;
    bool said_memory = false;
    for (const Declared* each : workloads[ns]) {
      const Declared& declared = *each;
      if (const WorkloadPlacement* where = placement.find(declared.address))
        for (const Share& share : where->shares) placed[share.member] += share.after;
      if (declared.block->cells[k8s].written()) continue;   // it may state them
      for (const auto& child : declared.block->children) {
        if (child->kind != Container && child->kind != Init) continue;
        const auto one = [&](AttrId bound, AttrId request, AttrId limit, const char* name, bool& said) {
          const Cell& cell = quota->cells[bound];
          if (said || !model::given(cell.value) || !silent(*child, request, limit)) return;
          said = true;
          auto& d = out.add(warning("W0914", child->origin.span, std::string(spec_of(child->kind).keyword) + " " + child->name + " of " + declared.address.text() + " requests no " + name + ", so the quota refuses its Pods"));
          d.labels.push_back({cell.origin.span, "this quota"});
          d.help.push_back(std::string("write `") + name + " = ..`");
        };
        one(attr(Quota, "cpu"), attr(Container, "cpu"), attr(Container, "cpu_limit"), "cpu", said_cpu);
        one(attr(Quota, "memory"), attr(Container, "memory"), attr(Container, "memory_limit"), "memory", said_memory);
      }
    }
    if (!pods.value.is_int() || pods.value.as_int() < 0) continue;
    const auto most = std::max_element(placed.begin(), placed.end());
    if (most == placed.end() || *most <= pods.value.as_int()) continue;
    auto& d = out.add(warning("W0913", pods.origin.span, "the quota of namespace " + std::string(ns) + " is " + std::to_string(pods.value.as_int()) + " Pods, and " +
                                                               std::to_string(*most) + " are placed on " + inventory.members[static_cast<std::size_t>(most - placed.begin())].name));
    d.help.push_back("raise it; while a rollout goes on there are `surge` more");
  }
}

}  // namespace mcp
