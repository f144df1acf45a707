#include "lang/topology/schema.hpp"

#include <array>

namespace mcp {

namespace {

using enum BlockKind;

constexpr ChildSpec mcp_children[] = {{Limits, false}};
constexpr ChildSpec cluster_children[] = {{Capacity, false}};
constexpr ChildSpec namespace_children[] = {{Quota, false}};
constexpr ChildSpec workload_children[] = {{Container, true}, {Init, true}, {Place, false}, {Rollout, false}, {Security, false}};
constexpr ChildSpec container_children[] = {{Mount, true}, {Probe, true}, {Security, false}};
constexpr ChildSpec place_children[] = {{Spread, true}};
constexpr ChildSpec rollout_children[] = {{Wave, true}};
constexpr ChildSpec service_children[] = {{Traffic, false}};

constexpr std::span<const AttrSpec> attrs(BlockKind kind) {
  const auto table = detail::attr_table(kind);
  return {table.data, table.size};
}

struct Shape {
  NameRule name;
  bool in_namespace = false;
  bool top_level = false;
  bool object = false;
};

constexpr BlockSpec block(BlockKind kind, std::string_view keyword, Shape shape, std::span<const ChildSpec> children,
                          std::string_view doc, Support support = Support::Now) {
  return {kind, keyword, shape.name, shape.in_namespace, shape.top_level, shape.object, attrs(kind), children, doc, support};
}

constexpr std::array<BlockSpec, block_kinds> blocks = {
    block(Mcp, "mcp", {NameRule::Required, false, true}, mcp_children, "the project: its name, driver and limits"),
    block(Limits, "limits", {NameRule::None}, {}, "bounds of one apply"),
    block(Cluster, "cluster", {NameRule::Required, false, true}, cluster_children, "a member cluster"),
    block(Capacity, "capacity", {NameRule::None}, {}, "room of a cluster"),
    block(Namespace, "namespace", {NameRule::Required, false, true, true}, namespace_children, "an isolated namespace"),
    block(Quota, "quota", {NameRule::None}, {}, "most that a namespace may use, per cluster"),
    block(Config, "config", {NameRule::Required, true, true, true}, {}, "configuration as keys or files (ConfigMap)"),
    block(Secret, "secret", {NameRule::Required, true, true, true}, {}, "secret values by their sources (Secret)"),
    block(Workload, "workload", {NameRule::Required, true, true, true}, workload_children, "Pods divided over clusters (Deployment)"),
    block(Container, "container", {NameRule::Required}, container_children, "a container of the Pods"),
    block(Init, "init", {NameRule::Required}, container_children, "a container that runs before the others"),
    block(Mount, "mount", {NameRule::Required}, {}, "a config, secret or scratch directory at a path"),
    block(Probe, "probe", {NameRule::Choice}, {}, "ready, live or start"),
    block(Security, "security", {NameRule::None}, {}, "rights of the Pods; the defaults are the restricted profile"),
    block(Place, "place", {NameRule::None}, place_children, "where the replicas go"),
    block(Spread, "spread", {NameRule::Required}, {}, "differences between groups", Support::Later),
    block(Rollout, "rollout", {NameRule::None}, rollout_children, "how changes reach the Pods"),
    block(Wave, "wave", {NameRule::Required}, {}, "clusters that change together", Support::Later),
    block(Service, "service", {NameRule::Required, true, true, true}, service_children, "a ClusterIP Service before a workload"),
    block(Traffic, "traffic", {NameRule::None}, {}, "requests between clusters", Support::Later),
    block(Manifest, "manifest", {NameRule::Required, true, true, true}, {}, "any Kubernetes objects as YAML or JSON"),
};

}  // namespace

const BlockSpec& spec_of(BlockKind kind) { return blocks[static_cast<std::size_t>(kind)]; }

std::span<const BlockSpec> all_blocks() { return blocks; }

const BlockSpec* block_of(std::string_view keyword) {
  for (const BlockSpec& spec : blocks)
    if (spec.keyword == keyword) return &spec;
  return nullptr;
}

}  // namespace mcp
