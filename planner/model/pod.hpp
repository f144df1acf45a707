#pragma once
// The Pod of a workload: containers, mounts and their volumes, probes, rights. Pieces that repeat (a probe, the ports,
// the mounts of a generated workload) are built once a run. Internal to planner/model.
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "planner/model/parts.hpp"

namespace mcp::model {

class PodBuilder {
 public:
  /// `spec.template.spec` of a workload on a cluster.
  Value spec(const Block& workload, std::size_t cluster);

 private:
  /// Volumes of a Pod and the mounts of each of its containers, in the order of the containers' blocks.
  struct Layout {
    Value volumes;                 // null: none
    std::vector<Value> mounts;     // per container; null: none
  };
  const Layout& layout(const Block& workload);
  Value container(const Block& block, const Block* pod_rights, std::size_t cluster, const Value& mounts);
  Value resources(const Block& block, std::size_t cluster);
  const Value& probe(const Block& block, const Value& ports);
  const Value& rights(const Block* own, const Block* outer);
  const Value& ports(const Value& map);
  Value env(const Value& map);
  Value env_from(const Value& list) const;

  // Memo tables. Keys are nodes of the topology, which outlives the builder; never iterated.
  struct PairHash {
    std::size_t operator()(const std::pair<const void*, const void*>& p) const {
      return reinterpret_cast<std::size_t>(p.first) * 0x9E3779B97F4A7C15U ^ reinterpret_cast<std::size_t>(p.second);
    }
  };
  struct Amounts {
    std::int64_t cpu, cpu_limit, memory, memory_limit;   // -1: none
    bool operator==(const Amounts&) const = default;
  };
  struct AmountsHash {
    std::size_t operator()(const Amounts& a) const {
      std::size_t h = 0;
      for (const std::int64_t n : {a.cpu, a.cpu_limit, a.memory, a.memory_limit}) h = (h ^ static_cast<std::size_t>(n)) * 0x9E3779B97F4A7C15U;
      return h ^ (h >> 32U);
    }
  };
  std::unordered_map<std::string, Layout> layouts_;
  std::unordered_map<std::pair<const void*, const void*>, Value, PairHash> probes_;
  std::unordered_map<std::pair<const void*, const void*>, Value, PairHash> rights_;
  std::unordered_map<const void*, Value> ports_;
  std::unordered_map<const void*, Value> envs_;
  std::unordered_map<Amounts, Value, AmountsHash> resources_;
  std::string layout_key_;
};

/// Configs and secrets ("ns/name") that a workload's Pods use, told one by one, maybe more than once. On one cluster, or
/// on any with `all_clusters`.
inline constexpr std::size_t all_clusters = static_cast<std::size_t>(-1);
template <class Use>
void each_use(const Block& workload, std::size_t cluster, Use&& use) {
  const auto of_map = [&](const Value& v) {
    if (!v.is_map()) return;
    if (const Value* ref = v.find("config"); ref != nullptr && ref->is_string()) use(AddressKind::Config, ref->as_string());
    if (const Value* ref = v.find("secret"); ref != nullptr && ref->is_string()) use(AddressKind::Secret, ref->as_string());
  };
  const auto of_env = [&](const Value& map) {
    if (map.is_map())
      for (const Entry& e : map.entries()) of_map(e.value);
  };
  for (const auto& child : workload.children) {
    if (child->kind != BlockKind::Container && child->kind != BlockKind::Init) continue;
    const Cell& env = child->cells[attr(BlockKind::Container, "env")];
    if (env.by_cluster && cluster == all_clusters) {
      for (const Value& v : *env.by_cluster) of_env(v);
    } else {
      of_env(env.by_cluster ? env.at(cluster) : env.value);
    }
    if (const Value& list = child->cells[attr(BlockKind::Container, "env_from")].value; list.is_list())
      for (const Value& item : list.items()) of_map(item);
    for (const auto& mount : child->children)
      if (mount->kind == BlockKind::Mount) of_map(mount->cells[attr(BlockKind::Mount, "from")].value);
  }
  if (const Value& pull = workload.cells[attr(BlockKind::Workload, "pull")].value; pull.is_list())
    for (const Value& ref : pull.items()) use(AddressKind::Secret, ref.as_string());
}

}  // namespace mcp::model
