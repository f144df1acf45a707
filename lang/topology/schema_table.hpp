#pragma once
// The table itself; included by schema.hpp only. A new attribute is one row here, a use in planner/model, and a golden.

namespace mcp::detail {

#define MCP_OBJECT_ATTRS                                                                                              \
  {"protect", AttrType::Bool, Rows::No, Nullable::No, false, "false", {},                                             \
   "deleting or replacing it blocks the plan (exit 5); the mark outlives the block"},                                 \
      {"ignore", AttrType::ListString, Rows::No, Nullable::No, false, "[]", {},                                       \
       "field paths left to other writers, such as \"spec.replicas\" for an autoscaler"},                             \
      {"labels", AttrType::MapString, Rows::Yes, Nullable::No, false, "{}", {}, "labels of the object"},              \
      {"annotations", AttrType::MapString, Rows::Yes, Nullable::No, false, "{}", {}, "annotations of the object"},    \
      {"k8s", AttrType::Json, Rows::Yes, Nullable::No, false, "{}", {},                                               \
       "patch of the rendered object, applied last: maps merge, keyed lists by key, null removes"}
#define MCP_ON_ATTR                                                                                                   \
  {"on", AttrType::ListCluster, Rows::No, Nullable::No, false, "[]", {}, "clusters besides those it follows"}

inline constexpr AttrSpec mcp_attrs[] = {
    {"driver", AttrType::Union, Rows::No, Nullable::No, false, "\"kubernetes\"", "kubernetes|sim",
     "\"sim\": members are simulated and kept beside the state"},
    {"cluster", AttrType::String, Rows::No, Nullable::Yes, false, {}, {}, "kubeconfig context of the MCP cluster, which holds the lock and the state"},
};
inline constexpr AttrSpec limits_attrs[] = {
    {"max_deletes", AttrType::Int, Rows::No, Nullable::Yes, false, "20", {}, "objects deleted by one apply"},
    {"max_moved", AttrType::Share, Rows::No, Nullable::Yes, false, "30%", {}, "running replicas that change cluster in one apply"},
    {"max_clusters", AttrType::Int, Rows::No, Nullable::Yes, false, {}, {}, "clusters with changes in one apply"},
};
inline constexpr AttrSpec cluster_attrs[] = {
    {"cloud", AttrType::String, Rows::No, Nullable::No, true, {}, {}, "vendor: \"aws\", \"azure\", \"gcp\""},
    {"region", AttrType::String, Rows::No, Nullable::No, true, {}, {}, "region of the vendor"},
    {"zone", AttrType::String, Rows::No, Nullable::Yes, false, {}, {}, "zone of the region"},
    {"context", AttrType::String, Rows::No, Nullable::No, false, "the name", {}, "kubeconfig context"},
    {"capacity", AttrType::IntOrCapacity, Rows::No, Nullable::Yes, false, {}, {}, "Pods it has room for; null: unbounded"},
    {"cordon", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "takes no new replicas"},
    {"drain", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "its replicas move away"},
    {"taints", AttrType::ListString, Rows::No, Nullable::No, false, "[]", {}, "key[=value][:effect]", Support::Later},
    {"price", AttrType::Int, Rows::No, Nullable::Yes, false, {}, {}, "cost of one replica", Support::Later},
    {"protect", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "its leaving blocks the plan (exit 5)"},
};
inline constexpr AttrSpec capacity_attrs[] = {
    {"pods", AttrType::Int, Rows::No, Nullable::Yes, false, {}, {}, "Pods"},
    {"cpu", AttrType::Cpu, Rows::No, Nullable::Yes, false, {}, {}, "cores for requests"},
    {"memory", AttrType::Memory, Rows::No, Nullable::Yes, false, {}, {}, "memory for requests"},
};
inline constexpr AttrSpec namespace_attrs[] = {
    {"isolated", AttrType::Bool, Rows::No, Nullable::No, false, "true", {},
     "calls come in from the same namespace and allow_from only (NetworkPolicy mcp-isolation)"},
    {"allow_from", AttrType::ListRefNamespace, Rows::No, Nullable::No, false, "[]", {}, "who else may call"},
    {"external", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "exists already: named, never created, changed or deleted"},
    MCP_OBJECT_ATTRS,
    MCP_ON_ATTR,
};
inline constexpr AttrSpec quota_attrs[] = {
    {"pods", AttrType::Int, Rows::No, Nullable::Yes, false, {}, {}, "Pods per cluster"},
    {"cpu", AttrType::Cpu, Rows::No, Nullable::Yes, false, {}, {}, "cores requested per cluster"},
    {"memory", AttrType::Memory, Rows::No, Nullable::Yes, false, {}, {}, "memory requested per cluster"},
};
inline constexpr AttrSpec config_attrs[] = {
    {"data", AttrType::DataMap, Rows::Yes, Nullable::No, false, "{}", {}, "key or file name to text; 1 MiB in all"},
    {"immutable", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "its data never changes; a change replaces it"},
    MCP_OBJECT_ATTRS,
    MCP_ON_ATTR,
};
inline constexpr AttrSpec secret_attrs[] = {
    {"data", AttrType::SecretMap, Rows::No, Nullable::No, false, "{}", {}, "key to from_env(..), from_file(..) or a string with these"},
    {"type", AttrType::String, Rows::No, Nullable::No, false, "\"Opaque\"", {}, "Kubernetes type; a change replaces the object"},
    {"immutable", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "its data never changes; a change replaces it"},
    MCP_OBJECT_ATTRS,
    MCP_ON_ATTR,
};
inline constexpr AttrSpec workload_attrs[] = {
    {"replicas", AttrType::Int, Rows::No, Nullable::No, false, "1", {}, "Pods over all clusters"},
    {"priority", AttrType::Int, Rows::No, Nullable::No, false, "0", {}, "who is placed first where capacity is short", Support::Later},
    {"selector", AttrType::MapString, Rows::No, Nullable::No, false, "{ \"app.kubernetes.io/name\" = NAME }", {},
     "labels that choose its Pods; a change replaces the Deployment"},
    {"service_account", AttrType::String, Rows::No, Nullable::Yes, false, {}, {}, "ServiceAccount of the Pods"},
    {"account_token", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "mount its token into the Pods"},
    {"pull", AttrType::ListRefSecret, Rows::No, Nullable::No, false, "[]", {}, "secrets for pulling images"},
    {"node", AttrType::MapString, Rows::No, Nullable::No, false, "{}", {}, "labels that nodes must have"},
    {"grace", AttrType::Time, Rows::No, Nullable::No, false, "30s", {}, "time to end after SIGTERM"},
    {"history", AttrType::Int, Rows::No, Nullable::No, false, "10", {}, "old ReplicaSets that are kept"},
    {"restart_on_config", AttrType::Bool, Rows::No, Nullable::No, false, "true", {}, "Pods roll when a used config or secret changes"},
    MCP_OBJECT_ATTRS,
};
#define MCP_CONTAINER_ATTRS                                                                                           \
  {"image", AttrType::Image, Rows::Yes, Nullable::No, true, {}, {}, "registry/repository:tag@digest"},                \
      {"command", AttrType::ListString, Rows::Yes, Nullable::Yes, false, {}, {}, "entry point"},                      \
      {"args", AttrType::ListString, Rows::Yes, Nullable::Yes, false, {}, {}, "arguments of the entry point"},        \
      {"workdir", AttrType::String, Rows::No, Nullable::Yes, false, {}, {}, "working directory"},                     \
      {"env", AttrType::EnvMap, Rows::Yes, Nullable::No, false, "{}", {},                                             \
       "name to string, config.c[\"K\"], secret.s[\"K\"] or pod_field(..)"},                                          \
      {"env_from", AttrType::ListRefConfigOrSecret, Rows::No, Nullable::No, false, "[]", {}, "all keys of these"},    \
      {"ports", AttrType::PortMap, Rows::No, Nullable::No, false, "{}", {}, "name to port"},                          \
      {"cpu", AttrType::Cpu, Rows::Yes, Nullable::Yes, false, {}, {}, "cores requested"},                             \
      {"cpu_limit", AttrType::Cpu, Rows::Yes, Nullable::Yes, false, {}, {}, "cores at most"},                         \
      {"memory", AttrType::Memory, Rows::Yes, Nullable::Yes, false, {}, {}, "memory requested"},                      \
      {"memory_limit", AttrType::Memory, Rows::Yes, Nullable::Yes, false, "memory", {}, "memory at most"},            \
      {"resources", AttrType::MapInt, Rows::No, Nullable::No, false, "{}", {},                                        \
       "other resources, such as \"nvidia.com/gpu\": request and limit"},                                             \
  {                                                                                                                   \
    "pull_policy", AttrType::Union, Rows::No, Nullable::Yes, false, {}, "always|missing|never", "when the image is pulled" \
  }
inline constexpr AttrSpec container_attrs[] = {MCP_CONTAINER_ATTRS};
inline constexpr AttrSpec init_attrs[] = {
    MCP_CONTAINER_ATTRS,
    {"sidecar", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "keeps running beside the containers"},
};
inline constexpr AttrSpec mount_attrs[] = {
    {"from", AttrType::MountFrom, Rows::No, Nullable::No, true, {}, {}, "config, secret or scratch (an empty directory)"},
    {"key", AttrType::String, Rows::No, Nullable::Yes, false, {}, {}, "one key: the path is that file, its neighbours stay visible"},
    {"mode", AttrType::String, Rows::No, Nullable::No, false, "\"0644\"", {}, "file mode, octal"},
    {"read_only", AttrType::Bool, Rows::No, Nullable::Yes, false, "true, of scratch false", {}, "mounted read-only"},
    {"optional", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "Pods start without it"},
    {"size", AttrType::Memory, Rows::No, Nullable::Yes, false, {}, {}, "of scratch at most"},
};
inline constexpr AttrSpec probe_attrs[] = {
    {"http", AttrType::String, Rows::No, Nullable::Yes, false, {}, {}, "path of a GET"},
    {"tcp", AttrType::Bool, Rows::No, Nullable::Yes, false, {}, {}, "true: a connection"},
    {"exec", AttrType::ListString, Rows::No, Nullable::Yes, false, {}, {}, "a command in the container"},
    {"grpc", AttrType::String, Rows::No, Nullable::Yes, false, {}, {}, "service name of a gRPC health check"},
    {"port", AttrType::StringOrInt, Rows::No, Nullable::Yes, false, "the only port, else http", {}, "port name or number"},
    {"every", AttrType::Time, Rows::No, Nullable::No, false, "10s", {}, "period"},
    {"timeout", AttrType::Time, Rows::No, Nullable::No, false, "1s", {}, "of one try"},
    {"after", AttrType::Time, Rows::No, Nullable::No, false, "0s", {}, "wait before the first try"},
    {"fail", AttrType::Int, Rows::No, Nullable::No, false, "3", {}, "failures in a row that count"},
    {"pass", AttrType::Int, Rows::No, Nullable::No, false, "1", {}, "successes in a row that count"},
};
inline constexpr AttrSpec security_attrs[] = {
    {"non_root", AttrType::Bool, Rows::No, Nullable::No, false, "true", {}, "refuses to run as root"},
    {"privileged", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "all rights of the node"},
    {"escalate", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "may gain more rights"},
    {"read_only_root", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "root file system read-only"},
    {"user", AttrType::Int, Rows::No, Nullable::Yes, false, {}, {}, "user id"},
    {"group", AttrType::Int, Rows::No, Nullable::Yes, false, {}, {}, "group id"},
    {"fs_group", AttrType::Int, Rows::No, Nullable::Yes, false, {}, {}, "group of volumes (workload only)"},
    {"drop", AttrType::ListString, Rows::No, Nullable::No, false, "[\"ALL\"]", {}, "capabilities taken away"},
    {"add", AttrType::ListString, Rows::No, Nullable::No, false, "[]", {}, "capabilities given"},
    {"seccomp", AttrType::String, Rows::No, Nullable::Yes, false, "\"RuntimeDefault\"", {}, "seccomp profile"},
};
inline constexpr AttrSpec place_attrs[] = {
    {"on", AttrType::ListCluster, Rows::No, Nullable::No, false, "clusters", {}, "candidates"},
    {"weight", AttrType::Int, Rows::Yes, Nullable::No, false, "1", {}, "share; 0: none"},
    {"min", AttrType::Int, Rows::Yes, Nullable::No, false, "0", {}, "least per cluster, a floor inside the division"},
    {"max", AttrType::Int, Rows::Yes, Nullable::Yes, false, {}, {}, "most per cluster"},
    {"by", AttrType::ByKeys, Rows::Yes, Nullable::Yes, false, {}, {}, "divide between groups first, then inside each"},
    {"failover", AttrType::Time, Rows::No, Nullable::Yes, false, "5min", {},
     "a cluster unreachable for so long loses its replicas to the others; null: never"},
    {"mode", AttrType::Union, Rows::No, Nullable::No, false, "\"sticky\"", "sticky|fresh|copy", "keep what stands, or divide anew"},
    {"prefer", AttrType::Prefer, Rows::No, Nullable::Yes, false, {}, {}, "tiers filled in order", Support::Later},
    {"tolerate", AttrType::ListString, Rows::No, Nullable::No, false, "[]", {}, "taints accepted", Support::Later},
    {"min_available", AttrType::Share, Rows::No, Nullable::Yes, false, {}, {}, "replicas that must survive a loss", Support::Later},
};
inline constexpr AttrSpec spread_attrs[] = {
    {"max_skew", AttrType::Int, Rows::No, Nullable::Yes, false, {}, {}, "largest difference between groups"},
    {"min_groups", AttrType::Int, Rows::No, Nullable::Yes, false, {}, {}, "least groups used"},
    {"max_groups", AttrType::Int, Rows::No, Nullable::Yes, false, {}, {}, "most groups used"},
    {"hard", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "rather unplaced than broken"},
};
inline constexpr AttrSpec rollout_attrs[] = {
    {"surge", AttrType::Share, Rows::No, Nullable::No, false, "25%", {}, "Pods above the number while rolling"},
    {"unavailable", AttrType::Share, Rows::No, Nullable::No, false, "0", {}, "Pods below the number while rolling"},
    {"deadline", AttrType::Time, Rows::No, Nullable::No, false, "10min", {}, "not ready by then: failed"},
    {"on_failure", AttrType::Union, Rows::No, Nullable::No, false, "\"stop\"", "stop|continue", "after a failed cluster", Support::Later},
};
inline constexpr AttrSpec wave_attrs[] = {
    {"step", AttrType::Share, Rows::No, Nullable::No, false, "100%", {}, "clusters at a time"},
    {"bake", AttrType::Time, Rows::No, Nullable::No, false, "0s", {}, "wait after all are ready"},
    {"approve", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "ask before it starts"},
};
inline constexpr AttrSpec service_attrs[] = {
    {"target", AttrType::RefWorkload, Rows::No, Nullable::No, true, {}, {}, "the workload it stands before"},
    {"ports", AttrType::PortMap, Rows::No, Nullable::No, true, {}, {}, "name to port; to the container port of that name"},
    {"headless", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "no cluster IP"},
    {"sticky", AttrType::Bool, Rows::No, Nullable::No, false, "false", {}, "a client keeps its Pod (by address)"},
    MCP_OBJECT_ATTRS,
    MCP_ON_ATTR,
};
inline constexpr AttrSpec traffic_attrs[] = {
    {"weight", AttrType::Int, Rows::Yes, Nullable::No, false, "1", {}, "share of requests"},
    {"drain", AttrType::Time, Rows::No, Nullable::No, false, "30s", {}, "wait between weight 0 and removal"},
};
inline constexpr AttrSpec manifest_attrs[] = {
    {"source", AttrType::String, Rows::Yes, Nullable::No, true, {}, {}, "YAML or JSON, one or more documents"},
    {"with", AttrType::RefWorkload, Rows::No, Nullable::Yes, false, {}, {}, "the workload it follows"},
    MCP_OBJECT_ATTRS,
    MCP_ON_ATTR,
};

#undef MCP_OBJECT_ATTRS
#undef MCP_ON_ATTR
#undef MCP_CONTAINER_ATTRS

template <std::size_t N>
constexpr AttrTable table(const AttrSpec (&attrs)[N]) {
  return {attrs, N};
}

constexpr AttrTable attr_table(BlockKind kind) {
  switch (kind) {
    case BlockKind::Mcp: return table(mcp_attrs);
    case BlockKind::Limits: return table(limits_attrs);
    case BlockKind::Cluster: return table(cluster_attrs);
    case BlockKind::Capacity: return table(capacity_attrs);
    case BlockKind::Namespace: return table(namespace_attrs);
    case BlockKind::Quota: return table(quota_attrs);
    case BlockKind::Config: return table(config_attrs);
    case BlockKind::Secret: return table(secret_attrs);
    case BlockKind::Workload: return table(workload_attrs);
    case BlockKind::Container: return table(container_attrs);
    case BlockKind::Init: return table(init_attrs);
    case BlockKind::Mount: return table(mount_attrs);
    case BlockKind::Probe: return table(probe_attrs);
    case BlockKind::Security: return table(security_attrs);
    case BlockKind::Place: return table(place_attrs);
    case BlockKind::Spread: return table(spread_attrs);
    case BlockKind::Rollout: return table(rollout_attrs);
    case BlockKind::Wave: return table(wave_attrs);
    case BlockKind::Service: return table(service_attrs);
    case BlockKind::Traffic: return table(traffic_attrs);
    case BlockKind::Manifest: return table(manifest_attrs);
  }
  return {nullptr, 0};
}

}  // namespace mcp::detail
