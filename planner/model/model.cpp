// Assembles Desired: which object stands on which member, and one body per distinct content.
#include "planner/model/model.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "lang/base/large.hpp"
#include "planner/diff/fields.hpp"
#include "planner/diff/normalize.hpp"
#include "planner/model/follow.hpp"
#include "planner/model/hashes.hpp"
#include "planner/model/manifest.hpp"
#include "planner/model/objects.hpp"
#include "planner/model/pod.hpp"

namespace mcp {

namespace {

using namespace model;
using enum BlockKind;

/// Where an object stands: a stretch of Builder::places_.
struct Stretch {
  std::size_t from = 0;
  std::size_t to = 0;
};

/// Index of an object and a body on one cluster.
struct PlacedBody {
  std::uint32_t cluster = 0;
  std::uint32_t body = 0;
};

/// Moves items[order[i]] to items[i]. In place, since the objects of a large project are the largest array there is.
/// Requires: `order` holds each index once.
template <class T>
void put_in_order(std::vector<T>& items, std::vector<std::uint32_t> order) {
  for (std::uint32_t first = 0; first < order.size(); ++first) {
    if (order[first] == first) continue;
    T held = std::move(items[first]);
    std::uint32_t at = first;
    for (std::uint32_t next = order[at]; next != first; next = order[at]) {
      items[at] = std::move(items[next]);
      order[at] = at;
      at = next;
    }
    items[at] = std::move(held);
    order[at] = at;
  }
}

class Builder {
 public:
  Builder(const ModelInput& input, Diagnostics& out)
      : in_(input), topology_(input.topology), out_(out), count_(input.topology.clusters.size()), index_(topology_),
        metadata_(topology_.project_id()), deployments_(metadata_), objects_(metadata_, input), hashes_(input) {}

  Desired run() {
    followed_ = follow(in_, index_, out_);
    reserve_large(drafts_, topology_.objects.size() + 16);
    stretches_.reserve(topology_.objects.size() + 16);
    bodies_.reserve(topology_.objects.size() * 2);
    places_.reserve(topology_.objects.size() * 3);
    for (std::uint32_t i = 0; i < topology_.objects.size(); ++i) {
      const Declared& declared = topology_.objects[i];
      switch (declared.address.kind) {
        case AddressKind::Workload: workload(i); break;
        case AddressKind::Service: service(i); break;
        case AddressKind::Config: plain(i, "ConfigMap", [&](std::size_t c) { return objects_.config_map(declared, c); }); break;
        case AddressKind::Secret: plain(i, "Secret", [&](std::size_t c) { return objects_.secret(declared, c); }); break;
        case AddressKind::Namespace: space(i); break;
        case AddressKind::Manifest: manifest(i); break;
        case AddressKind::Cluster: break;
      }
    }
    return assemble();
  }

 private:
  /// Begins an object; bodies and places that follow are its own.
  DesiredObject& open(std::uint32_t declared, const Address& address, std::string_view api, std::string_view kind, std::string_view ns, std::string_view name, Rank rank) {
    const Block& block = *topology_.objects[declared].block;
    const CommonAttrs& attrs = common_attrs(block.kind);
    DesiredObject& o = drafts_.emplace_back();
    o.api = api;
    o.kind = kind;
    o.ns = ns;
    o.name = name;
    o.address = address;
    o.rank = rank;
    o.declared = declared;
    o.origin = block.origin;
    o.protect = flag(block.cells[attrs.protect].value);
    if (const Value& ignore = block.cells[attrs.ignore].value; ignore.is_list())
      for (const Value& path : ignore.items()) o.ignore.emplace_back(path.as_string());
    stretches_.push_back({places_.size(), places_.size()});
    return o;
  }

  std::uint32_t new_body(Value value, std::int64_t replicas = -1) {
    bodies_.push_back({static_cast<std::uint32_t>(drafts_.size() - 1), std::move(value), replicas});
    return static_cast<std::uint32_t>(bodies_.size() - 1);
  }

  void put(std::size_t cluster, std::uint32_t body) {
    places_.push_back({static_cast<std::uint32_t>(cluster), body});
    stretches_.back().to = places_.size();
  }

  const Value& patch_of(const Declared& declared, std::size_t cluster) const {
    return declared.block->cells[common_attrs(declared.block->kind).k8s].at(cluster);
  }

  /// The body with the `k8s` patch of its block, if there is one.
  Value finished(std::string_view kind, const Declared& declared, Value value, std::size_t cluster) {
    const Value& patch = patch_of(declared, cluster);
    if (!patch.is_map() || patch.size() == 0) return value;
    Value after = normalize(kind, patched(kind, value, patch));
    if (declared.block->kind == Workload && !broken_by(patch, declared.block->value(attr(Workload, "selector"))).empty()) return after;   // an error already
    // A patch is for what the language has no word for; what it overrides is easily overlooked.
    for (const FieldDifference& d : compare_fields(kind, normalize(kind, value), after)) {
      const std::string path = d.path.text();
      const bool refused = path == "apiVersion" || path == "kind" || path == "metadata.name" || path == "metadata.namespace" || path.starts_with("spec.selector");
      if (d.before == nullptr || refused || !warned_.insert(&declared).second) continue;   // what is refused is an error already
      const Cell& cell = declared.block->cells[common_attrs(declared.block->kind).k8s];
      out_.add(warning("W0911", cell.origin.span, "the `k8s` patch of " + declared.address.text() + " overrides " + path))
          .help.push_back("state it by an attribute, where the block has one for it");
    }
    return after;
  }

  /// A body for each cluster where the object stands; clusters with equal bodies share one.
  template <class Make>
  void fill(std::uint32_t declared, bool rows, Make&& make) {
    const std::size_t first = bodies_.size();
    for (std::size_t c = 0; c < count_; ++c) {
      if (!followed_.on(declared, c)) continue;
      if (!rows && bodies_.size() > first) {
        put(c, static_cast<std::uint32_t>(first));
        continue;
      }
      Value value = make(c);
      std::size_t same = first;
      while (same < bodies_.size() && !(bodies_[same].value == value)) ++same;
      put(c, same < bodies_.size() ? static_cast<std::uint32_t>(same) : new_body(std::move(value)));
    }
  }

  template <class Make>
  void plain(std::uint32_t i, std::string_view kind, Make&& make) {
    const Declared& declared = topology_.objects[i];
    open(i, declared.address, "v1", kind, declared.address.ns, declared.address.name, kind == "Service" ? Rank::Service : Rank::Config);
    fill(i, has_rows(*declared.block), [&](std::size_t c) { return finished(kind, declared, make(c), c); });
  }

  void service(std::uint32_t i) {
    const Declared& declared = topology_.objects[i];
    const Value& ref = declared.block->value(attr(Service, "target"));
    const std::uint32_t target = ref.is_string() ? index_.find(AddressKind::Workload, ref.as_string()) : nothing;
    if (target == nothing) return;
    plain(i, "Service", [&](std::size_t c) { return objects_.service(declared, *topology_.objects[target].block, c); });
  }

  void space(std::uint32_t i) {
    const Declared& declared = topology_.objects[i];
    const Block& block = *declared.block;
    if (flag(block.value(attr(Namespace, "external")))) return;
    const bool rows = has_rows(block);
    const std::string& name = declared.address.name;
    open(i, declared.address, "v1", "Namespace", "", name, Rank::Namespace);
    fill(i, rows, [&](std::size_t c) { return finished("Namespace", declared, objects_.namespace_object(declared, c), c); });
    Address address = declared.address;
    if (flag(block.value(attr(Namespace, "isolated")))) {
      address.part = "isolation";
      open(i, address, "networking.k8s.io/v1", "NetworkPolicy", name, "mcp-isolation", Rank::Guardrail);
      fill(i, rows, [&](std::size_t c) { return objects_.isolation(declared, c); });
    }
    if (block.child(Quota) != nullptr) {
      address.part = "quota";
      open(i, address, "v1", "ResourceQuota", name, "mcp-quota", Rank::Guardrail);
      fill(i, rows, [&](std::size_t c) { return objects_.quota(declared, c); });
    }
  }

  // ---- workloads

  /// Clusters on which a workload's body is the same but for replicas.
  struct Variant {
    std::size_t cluster = 0;        // the first of them
    bool patched = false;
    Value body;                     // patched: without replicas
    DeploymentBuilder::Base base;
    std::vector<std::pair<std::int64_t, std::uint32_t>> by_replicas;
  };

  /// All lists of values, one per cluster, from which the body is made. Equal values of one list are one node.
  void collect_rows(const Block& block) {
    for (const Cell& cell : block.cells.own())
      if (cell.by_cluster) rows_.push_back(cell.by_cluster.get());
    for (const auto& child : block.children)
      if (child->kind != Place) collect_rows(*child);
  }

  bool same_on(std::size_t a, std::size_t b) const {
    return std::all_of(rows_.begin(), rows_.end(), [&](const auto* row) { return (*row)[a].same_as((*row)[b]); });
  }

  void make_variant(Variant& v, const Declared& declared, std::uint32_t i) {
    // Which objects are used may itself depend on the cluster.
    const Followed::Uses* uses = &followed_.uses[i];
    Followed::Uses here;
    if (!rows_.empty() && !(uses->configs.empty() && uses->secrets.empty())) {
      each_use(*declared.block, v.cluster, [&](AddressKind kind, std::string_view ref) {
        const std::uint32_t at = index_.find(kind, ref);
        if (at != nothing) (kind == AddressKind::Config ? here.configs : here.secrets).push_back(at);
      });
      for (auto* list : {&here.configs, &here.secrets}) {
        std::sort(list->begin(), list->end());
        list->erase(std::unique(list->begin(), list->end()), list->end());
      }
      uses = &here;
    }
    v.base = deployments_.base(declared, v.cluster, pods_.spec(*declared.block, v.cluster), hashes_.of(declared, *uses, v.cluster));
    const Value& patch = patch_of(declared, v.cluster);
    v.patched = patch.is_map() && patch.size() > 0;
    if (v.patched) v.body = finished("Deployment", declared, DeploymentBuilder::without_replicas(v.base), v.cluster);
  }

  static Value body_of(const Variant& v, std::int64_t replicas) {
    if (!v.patched) return DeploymentBuilder::with_replicas(v.base, replicas);
    const Value* spec = v.body.find("spec");
    return v.body.with("spec", (spec != nullptr && spec->is_map() ? *spec : Value::empty_map()).with("replicas", Value::integer(replicas)));
  }

  void workload(std::uint32_t i) {
    const Declared& declared = topology_.objects[i];
    const auto& all = in_.placement.workloads;
    while (placed_ < all.size() && all[placed_].address < declared.address) ++placed_;
    const WorkloadPlacement* placed = placed_ < all.size() && all[placed_].address == declared.address ? &all[placed_] : nullptr;
    DesiredObject& o = open(i, declared.address, "apps/v1", "Deployment", declared.address.ns, declared.address.name, Rank::Workload);
    o.wait_ready = true;
    const Block* rollout = declared.block->child(Rollout);
    o.deadline_ms = rollout != nullptr && rollout->value(attr(Rollout, "deadline")).is_int() ? rollout->value(attr(Rollout, "deadline")).as_int() : 600'000;
    if (placed == nullptr) return;
    rows_.clear();
    collect_rows(*declared.block);
    if (flag(declared.block->value(attr(Workload, "restart_on_config"))))
      for (const std::uint32_t config : followed_.uses[i].configs)
        if (const Cell& data = topology_.objects[config].block->cell(attr(Config, "data")); data.by_cluster) rows_.push_back(data.by_cluster.get());

    variants_.clear();
    for (std::size_t c = 0; c < count_; ++c) {
      if (!followed_.on(i, c)) continue;
      const std::int64_t replicas = placed->after(in_.member_of[c]);
      auto variant = std::find_if(variants_.begin(), variants_.end(), [&](const Variant& v) { return same_on(v.cluster, c); });
      if (variant == variants_.end()) {
        variant = variants_.emplace(variants_.end());
        variant->cluster = c;
        make_variant(*variant, declared, i);
      }
      const auto body = std::find_if(variant->by_replicas.begin(), variant->by_replicas.end(), [&](const auto& each) { return each.first == replicas; });
      if (body != variant->by_replicas.end()) {
        put(c, body->second);
        continue;
      }
      const std::uint32_t made = new_body(body_of(*variant, replicas), replicas);
      variant->by_replicas.emplace_back(replicas, made);
      put(c, made);
    }
  }

  // ---- manifests

  void manifest(std::uint32_t i) {
    const Declared& declared = topology_.objects[i];
    const bool rows = has_rows(*declared.block);
    const Span source = declared.block->cell(attr(Manifest, "source")).origin.span;
    struct Found {
      ManifestObject object;
      std::vector<std::pair<std::size_t, Value>> on;   // cluster, body
    };
    std::vector<Found> found;
    std::vector<ManifestObject> objects;
    bool have = false;
    // A manifest that stands nowhere is read all the same, so that its mistakes show.
    const bool nowhere = !followed_.anywhere(i);
    for (std::size_t c = 0; c < count_; ++c) {
      if (!followed_.on(i, c) && !(nowhere && c == 0)) continue;
      if (rows || !have) {
        Diagnostics findings;
        objects = manifest_objects(metadata_, declared, c, findings);
        have = true;
        for (const Diagnostic& each : findings.all()) out_.add(each);
        if (findings.has_errors()) return;
        for (std::size_t a = 0; a < objects.size(); ++a)
          for (std::size_t b = 0; b < a; ++b)
            if (objects[a].kind == objects[b].kind && objects[a].name == objects[b].name && objects[a].ns == objects[b].ns) {
              out_.add(error("E0907", source, declared.address.text() + " states " + objects[a].kind + " " + objects[a].name + " twice"));
              return;
            }
      }
      for (const ManifestObject& object : objects) {
        auto it = std::find_if(found.begin(), found.end(), [&](const Found& f) { return f.object.kind == object.kind && f.object.name == object.name; });
        if (it == found.end()) it = found.insert(found.end(), {object, {}});
        if (followed_.on(i, c)) it->on.emplace_back(c, finished(object.kind, declared, object.body, c));
      }
    }
    for (const Found& f : found) {
      if (f.object.kind == "Deployment")
        out_.add(warning("W0907", declared.block->origin.span, declared.address.text() + ": Deployment " + f.object.name + " stands on each cluster with all of its replicas"))
            .help.push_back("a `workload` is divided over clusters");
      Address address = declared.address;
      address.part = f.object.kind + "/" + f.object.name;
      const KindInfo* info = kind_info(f.object.api, f.object.kind);
      DesiredObject& o = open(i, address, f.object.api, f.object.kind, f.object.ns, f.object.name, info != nullptr ? info->rank : Rank::Custom);
      if (info != nullptr) o.wait_ready = info->ready != ReadyRule::AtOnce;
      o.deadline_ms = 600'000;
      const std::size_t first = bodies_.size();
      for (const auto& [cluster, value] : f.on) {
        std::size_t same = first;
        while (same < bodies_.size() && !(bodies_[same].value == value)) ++same;
        put(cluster, same < bodies_.size() ? static_cast<std::uint32_t>(same) : new_body(value));
      }
    }
  }

  // ---- all together

  /// Drafts by (namespace, kind, name): few groups of namespace and kind, inside of which names come sorted mostly.
  std::vector<std::uint32_t> sorted() const {
    std::map<std::pair<std::string_view, std::string_view>, std::vector<std::uint32_t>> groups;
    std::vector<std::uint32_t>* last = nullptr;
    for (std::uint32_t k = 0; k < drafts_.size(); ++k) {
      const DesiredObject& o = drafts_[k];
      if (last == nullptr || drafts_[k - 1].ns != o.ns || drafts_[k - 1].kind != o.kind) last = &groups[{o.ns, o.kind}];
      last->push_back(k);
    }
    std::vector<std::uint32_t> out;
    out.reserve(drafts_.size());
    const auto by_name = [&](std::uint32_t a, std::uint32_t b) { return drafts_[a].name < drafts_[b].name; };
    for (auto& [key, group] : groups) {
      if (!std::is_sorted(group.begin(), group.end(), by_name)) std::stable_sort(group.begin(), group.end(), by_name);
      out.insert(out.end(), group.begin(), group.end());
    }
    return out;
  }

  Desired assemble() {
    const std::vector<std::uint32_t> order = sorted();
    Desired out;
    for (const auto& cluster : topology_.clusters) out.members.push_back(cluster.name);
    std::vector<std::uint32_t> object_of(drafts_.size(), nothing);   // by draft
    std::vector<std::uint32_t> main_object(topology_.objects.size(), nothing);   // by declared object; of manifests none
    std::vector<std::vector<std::uint32_t>> guardrails(topology_.objects.size());
    std::vector<std::uint32_t> once;     // drafts in their order
    std::vector<std::uint32_t> again;    // those whose name stands already
    once.reserve(order.size());
    for (const std::uint32_t k : order) {
      const DesiredObject& o = drafts_[k];
      if (!once.empty()) {
        const DesiredObject& last = drafts_[once.back()];
        if (last.ns == o.ns && last.kind == o.kind && last.name == o.name) {
          twice(last, o);
          again.push_back(k);
          continue;
        }
      }
      const auto number = static_cast<std::uint32_t>(once.size());
      object_of[k] = number;
      if (o.address.part.empty()) main_object[o.declared] = number;
      else if (o.address.kind == AddressKind::Namespace) guardrails[o.declared].push_back(number);
      once.push_back(k);
    }
    const std::size_t objects = once.size();
    once.insert(once.end(), again.begin(), again.end());
    put_in_order(drafts_, std::move(once));
    drafts_.resize(objects);
    out.objects = std::move(drafts_);
    needs(out, main_object, guardrails);
    bodies_and_entries(out, order, object_of);
    definitions_first(out);
    services_without_pods(out);
    return out;
  }

  /// A custom resource needs the definition of its kind, where the project states it.
  static void definitions_first(Desired& out) {
    std::map<std::pair<std::string_view, std::string_view>, std::uint32_t> defined;   // by group and kind
    for (const DesiredBody& body : out.bodies) {
      if (out.objects[body.object].kind != "CustomResourceDefinition") continue;
      const Value* group = body.value.at("spec", "group");
      const Value* kind = body.value.at("spec", "names", "kind");
      if (group != nullptr && group->is_string() && kind != nullptr && kind->is_string()) defined.emplace(std::pair(group->as_string(), kind->as_string()), body.object);
    }
    if (defined.empty()) return;
    for (std::uint32_t i = 0; i < out.objects.size(); ++i) {
      DesiredObject& object = out.objects[i];
      const std::string_view api = object.api;
      const auto it = defined.find({api.substr(0, std::min(api.find('/'), api.size())), object.kind});
      if (it == defined.end() || it->second == i) continue;
      object.needs.push_back(it->second);
      std::sort(object.needs.begin(), object.needs.end());
    }
  }

  /// Labels that Pods of a body will have; null if it makes none.
  static const Value* pod_labels(const Value& body) {
    const Value* labels = body.at("spec", "template", "metadata", "labels");
    if (labels == nullptr) labels = body.at("spec", "jobTemplate", "spec", "template", "metadata", "labels");
    return labels != nullptr && labels->is_map() ? labels : nullptr;
  }

  /// W0908: Services of manifests whose selector chooses no Pods of this project.
  void services_without_pods(const Desired& desired) {
    std::uint32_t last = nothing;
    for (const DesiredBody& body : desired.bodies) {
      const DesiredObject& object = desired.objects[body.object];
      if (object.kind != "Service" || object.address.kind != AddressKind::Manifest || body.object == last) continue;
      const Value* selector = body.value.at("spec", "selector");
      if (selector == nullptr || !selector->is_map() || selector->size() == 0) continue;
      const auto chosen = [&](const DesiredBody& other) {
        if (desired.objects[other.object].ns != object.ns) return false;
        const Value* labels = pod_labels(other.value);
        return labels != nullptr && std::all_of(selector->entries().begin(), selector->entries().end(), [&](const Entry& e) {
          const Value* label = labels->find(e.name());
          return label != nullptr && *label == e.value;
        });
      };
      if (std::any_of(desired.bodies.begin(), desired.bodies.end(), chosen)) continue;
      last = body.object;
      const Block& block = *topology_.objects[object.declared].block;
      auto& d = out_.add(warning("W0908", block.cell(attr(Manifest, "source")).origin.span, "Service " + object.name + " of " + object.address.text() + " chooses no Pods of this project"));
      std::string labels;
      for (const Entry& e : selector->entries())
        labels.append(labels.empty() ? "" : ", ").append(e.name()).append("=").append(e.value.is_string() ? e.value.as_string() : "?");
      d.notes.push_back("its selector is " + labels);
      d.help.push_back("Pods of a workload have the labels of its `selector`, by default app.kubernetes.io/name=NAME");
    }
  }

  void needs(Desired& out, const std::vector<std::uint32_t>& main_object, const std::vector<std::vector<std::uint32_t>>& guardrails) const {
    // A Service stands before the Pods it leads to, and goes after them: nothing calls an address that is not there.
    std::vector<std::vector<std::uint32_t>> services(topology_.objects.size());   // by declared workload
    for (std::uint32_t i = 0; i < out.objects.size(); ++i) {
      if (out.objects[i].address.kind != AddressKind::Service) continue;
      const Value& ref = topology_.objects[out.objects[i].declared].block->value(attr(BlockKind::Service, "target"));
      const std::uint32_t target = ref.is_string() ? index_.find(AddressKind::Workload, ref.as_string()) : nothing;
      if (target != nothing) services[target].push_back(i);
    }
    const std::string* last = nullptr;
    std::uint32_t ns = nothing;
    for (DesiredObject& object : out.objects) {
      const auto need = [&](std::uint32_t other) {
        if (other != nothing) object.needs.push_back(other);
      };
      if (object.address.kind == AddressKind::Workload) {
        const Followed::Uses& uses = followed_.uses[object.declared];
        object.needs.reserve(uses.configs.size() + uses.secrets.size() + services[object.declared].size() + 3);
        for (const std::uint32_t i : uses.configs) need(main_object[i]);
        for (const std::uint32_t i : uses.secrets) need(main_object[i]);
        for (const std::uint32_t i : services[object.declared]) need(i);
      }
      if (!object.ns.empty()) {
        if (last == nullptr || *last != object.ns) ns = index_.find(AddressKind::Namespace, object.ns);
        last = &object.ns;
        if (ns != nothing) {
          need(main_object[ns]);
          if (object.rank > Rank::Guardrail)
            for (const std::uint32_t g : guardrails[ns]) need(g);
        }
      }
      std::sort(object.needs.begin(), object.needs.end());
    }
  }

  void bodies_and_entries(Desired& out, const std::vector<std::uint32_t>& order, const std::vector<std::uint32_t>& object_of) {
    std::vector<std::uint32_t> body_index(bodies_.size(), nothing);
    std::vector<std::size_t> at(count_ + 1);   // where the entries of each member begin
    for (const std::uint32_t k : order)
      if (object_of[k] != nothing)
        for (std::size_t p = stretches_[k].from; p < stretches_[k].to; ++p) ++at[places_[p].cluster + 1];
    for (std::size_t c = 0; c < count_; ++c) at[c + 1] += at[c];
    out.entries.resize(at[count_]);
    out.bodies.reserve(bodies_.size());
    for (const std::uint32_t k : order) {
      if (object_of[k] == nothing) continue;
      for (std::size_t p = stretches_[k].from; p < stretches_[k].to; ++p) {
        const PlacedBody& placed = places_[p];
        std::uint32_t& body = body_index[placed.body];
        if (body == nothing) {
          body = static_cast<std::uint32_t>(out.bodies.size());
          out.bodies.push_back(std::move(bodies_[placed.body]));
          out.bodies.back().object = object_of[k];
        }
        out.entries[at[placed.cluster]++] = {placed.cluster, body};
      }
    }
  }

  void twice(const DesiredObject& a, const DesiredObject& b) {
    // A manifest is in the wrong place wherever it stands; of two of one sort, the later one.
    const bool a_manifest = a.address.kind == AddressKind::Manifest;
    const bool b_manifest = b.address.kind == AddressKind::Manifest;
    const bool a_wrong = a_manifest != b_manifest ? a_manifest : a.origin.span.begin > b.origin.span.begin;
    const DesiredObject& wrong = a_wrong ? a : b;
    const DesiredObject& other = a_wrong ? b : a;
    auto& d = out_.add(error("E0907", wrong.origin.span, a.kind + " " + (a.ns.empty() ? "" : a.ns + "/") + a.name + " is stated by " + a.address.text() + " and by " + b.address.text()));
    d.labels.push_back({other.origin.span, "the other one"});
    d.help.push_back("rename one of them, or remove it");
  }

  const ModelInput& in_;
  const Topology& topology_;
  Diagnostics& out_;
  std::size_t count_;
  ObjectIndex index_;
  Metadata metadata_;
  DeploymentBuilder deployments_;
  ObjectBodies objects_;
  ConfigHashes hashes_;
  PodBuilder pods_;
  Followed followed_;
  std::set<const Declared*> warned_;                       // whose patch was warned of
  std::size_t placed_ = 0;                                 // next workload of the placement: both come by address
  std::vector<const std::vector<Value>*> rows_;            // of the workload at hand
  std::vector<Variant> variants_;
  std::vector<DesiredBody> bodies_;                        // `object` is a draft until all are assembled
  std::vector<PlacedBody> places_;
  std::vector<DesiredObject> drafts_;                      // in the order of declaration until all are assembled
  std::vector<Stretch> stretches_;                         // by draft
};

}  // namespace

std::vector<SecretUse> collect_secrets(const Topology& topology) {
  std::vector<SecretUse> out;
  for (const Declared& declared : topology.objects) {
    if (declared.address.kind != AddressKind::Secret) continue;
    const Cell& data = declared.block->cell(attr(BlockKind::Secret, "data"));
    if (!data.value.is_map()) continue;
    for (const Entry& e : data.value.entries()) out.push_back({declared.address, std::string(e.name()), e.value, data.origin_of(e.name())});
  }
  return out;
}

Desired build_desired(const ModelInput& input, Diagnostics& out) { return Builder(input, out).run(); }

}  // namespace mcp
