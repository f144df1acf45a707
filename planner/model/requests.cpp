// What placing is asked: members from `cluster` blocks, one request per workload from its `place` block.
#include <algorithm>
#include <unordered_map>

#include "lang/base/large.hpp"
#include "planner/model/parts.hpp"

namespace mcp {

namespace {

using enum BlockKind;
using model::flag;

std::optional<std::int64_t> number(const Value* v) { return v != nullptr && v->is_int() ? std::optional(v->as_int()) : std::nullopt; }

/// Pods ask for what their containers ask together, or for what one init container needs, whichever is more. Without a
/// request the limit counts, as Kubernetes has it.
std::int64_t asked(const Block& workload, AttrId request, AttrId limit, std::size_t cluster) {
  const auto of = [&](const Block& container) -> std::int64_t {
    if (const Value& v = container.value(request, cluster); v.is_int()) return v.as_int();
    const Value& v = container.value(limit, cluster);
    return v.is_int() ? v.as_int() : 0;
  };
  std::int64_t running = 0;   // containers, and init containers that keep running
  std::int64_t starting = 0;
  for (const auto& child : workload.children) {
    if (child->kind == Container) running += of(*child);
    if (child->kind != Init) continue;
    if (flag(child->value(attr(Init, "sidecar")))) running += of(*child);
    else starting = std::max(starting, of(*child));
  }
  return std::max(running, starting);
}

class Requests {
 public:
  Requests(const Topology& topology, const Inventory& inventory) : topology_(topology) {
    // Both are sorted by name.
    auto member = inventory.members.begin();
    for (const auto& cluster : topology.clusters) {
      while (member != inventory.members.end() && member->name < cluster.name) ++member;
      member_of_.push_back(static_cast<std::uint32_t>(member - inventory.members.begin()));
    }
    // What nobody limits need not be added up.
    const auto states = [](const Room& room) { return room.cpu || room.memory; };
    for (const Member& m : inventory.members) counts_ = counts_ || states(m.capacity) || (m.observed && states(*m.observed));
  }

  PlaceRequest of(const Declared& declared) {
    const Block& block = *declared.block;
    PlaceRequest out;
    out.address = declared.address;
    const Cell& replicas = block.cell(attr(Workload, "replicas"));
    out.replicas = replicas.value.is_int() ? replicas.value.as_int() : 0;
    if (const Value& priority = block.value(attr(Workload, "priority")); priority.is_int())
      out.priority = static_cast<int>(std::clamp<std::int64_t>(priority.as_int(), -1'000'000'000, 1'000'000'000));
    out.rules = rules(block.child(Place));
    if (counts_) request(out, block);
    out.origin = block.origin;
    out.replicas_origin = replicas.origin;
    return out;
  }

 private:
  /// One number serves all members: the most that is asked on any of them.
  void request(PlaceRequest& out, const Block& block) const {
    std::int64_t cpu = 0;
    std::int64_t memory = 0;
    const auto consider = [&](std::size_t cluster) {
      cpu = std::max(cpu, asked(block, attr(Container, "cpu"), attr(Container, "cpu_limit"), cluster));
      memory = std::max(memory, asked(block, attr(Container, "memory"), attr(Container, "memory_limit"), cluster));
    };
    const bool rows = std::any_of(block.children.begin(), block.children.end(), [](const auto& child) {
      return (child->kind == Container || child->kind == Init) && model::has_rows(*child);
    });
    if (rows)
      for (std::size_t c = 0; c < topology_.clusters.size(); ++c) consider(c);
    else if (!topology_.clusters.empty())
      consider(0);
    if (cpu > 0) out.per_replica.cpu = cpu;
    if (memory > 0) out.per_replica.memory = memory;
  }

  std::shared_ptr<const PlaceRules> rules(const Block* place) {
    auto& shared = rules_[place];
    if (!shared) shared = place == nullptr ? everywhere() : read(*place);
    return shared;
  }

  std::shared_ptr<const PlaceRules> everywhere() const {
    auto out = std::make_shared<PlaceRules>();
    for (const std::uint32_t member : member_of_) out->on.push_back({.member = member});
    return out;
  }

  std::shared_ptr<const PlaceRules> read(const Block& place) const {
    auto out = std::make_shared<PlaceRules>();
    const auto origin = [&](AttrId id) { return place.cell(id).origin; };
    out->on_origin = origin(attr(Place, "on"));
    out->weight_origin = origin(attr(Place, "weight"));
    out->min_origin = origin(attr(Place, "min"));
    out->max_origin = origin(attr(Place, "max"));
    out->by_origin = origin(attr(Place, "by"));
    out->mode_origin = origin(attr(Place, "mode"));
    out->failover_origin = origin(attr(Place, "failover"));
    if (const Value& mode = place.value(attr(Place, "mode")); mode.is_string())
      out->mode = mode.as_string() == "fresh" ? Mode::Fresh : mode.as_string() == "copy" ? Mode::Copy : Mode::Sticky;
    const Value& failover = place.value(attr(Place, "failover"));
    out->failover_ms = failover.is_int() ? std::optional(failover.as_int()) : std::nullopt;

    const Cell& weight = place.cell(attr(Place, "weight"));
    const Cell& min = place.cell(attr(Place, "min"));
    const Cell& max = place.cell(attr(Place, "max"));
    const Cell& by = place.cell(attr(Place, "by"));
    const Value& on = place.value(attr(Place, "on"));
    std::vector<std::size_t> chosen;
    std::size_t levels = 0;
    if (on.is_list()) {
      // Names are sorted as clusters are, so one pass finds them all.
      auto name = on.items().begin();
      out->on.reserve(on.size());
      for (std::size_t c = 0; c < topology_.clusters.size(); ++c) {
        while (name != on.items().end() && name->as_string() < topology_.clusters[c].name) ++name;
        if (name == on.items().end()) break;
        if (name->as_string() != topology_.clusters[c].name) continue;
        PlaceRules::Row row;
        row.member = member_of_[c];
        if (const Value& v = weight.at(c); v.is_int()) row.weight = v.as_int();
        if (const Value& v = min.at(c); v.is_int()) row.min = v.as_int();
        if (const Value& v = max.at(c); v.is_int()) row.max = v.as_int();
        out->on.push_back(row);
        chosen.push_back(c);
        const Value& key = by.at(c);
        levels = std::max<std::size_t>(levels, key.is_list() ? key.size() : key.is_string() ? 1 : 0);
      }
    }
    out->by.resize(levels);
    for (std::size_t l = 0; l < levels; ++l)
      for (const std::size_t c : chosen) {
        const Value& keys = by.at(c);
        const Value* key = keys.is_list() ? (l < keys.size() ? &keys.items()[l] : nullptr) : l == 0 ? &keys : nullptr;
        out->by[l].keys.emplace_back(key != nullptr && key->is_string() ? key->as_string() : std::string_view());
      }
    return out;
  }

  const Topology& topology_;
  std::vector<std::uint32_t> member_of_;   // by cluster
  bool counts_ = false;
  std::unordered_map<const Block*, std::shared_ptr<const PlaceRules>> rules_;   // never iterated
};

}  // namespace

Inventory declared_inventory(const Topology& topology) {
  Inventory out;
  for (const auto& cluster : topology.clusters) {
    const Block& block = *cluster.block;
    Member m;
    m.name = cluster.name;
    m.capacity.pods = number(cluster.row.find("capacity"));
    m.capacity.cpu = number(cluster.row.find("cpu"));
    m.capacity.memory = number(cluster.row.find("memory"));
    m.cordon = flag(block.value(attr(BlockKind::Cluster, "cordon")));
    m.drain = flag(block.value(attr(BlockKind::Cluster, "drain")));
    m.cordon_origin = block.cell(attr(BlockKind::Cluster, "cordon")).origin;
    m.drain_origin = block.cell(attr(BlockKind::Cluster, "drain")).origin;
    m.capacity_origin = block.cell(attr(BlockKind::Cluster, "capacity")).origin;
    m.origin = block.origin;
    out.members.push_back(std::move(m));
  }
  return out;
}

std::vector<PlaceRequest> place_requests(const Topology& topology, const Inventory& inventory, const std::map<Address, std::vector<Standing>>& previous) {
  Requests requests(topology, inventory);
  std::vector<PlaceRequest> out;
  const auto is_workload = [](const Declared& d) { return d.address.kind == AddressKind::Workload; };
  reserve_large(out, static_cast<std::size_t>(std::count_if(topology.objects.begin(), topology.objects.end(), is_workload)));
  auto stands = previous.begin();
  for (const Declared& declared : topology.objects) {
    if (!is_workload(declared)) continue;
    out.push_back(requests.of(declared));
    while (stands != previous.end() && stands->first < declared.address) ++stands;
    if (stands != previous.end() && stands->first == declared.address) out.back().previous = stands->second;
  }
  return out;
}

}  // namespace mcp
