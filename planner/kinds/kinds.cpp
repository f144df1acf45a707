#include "planner/kinds/kinds.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace mcp {

namespace {

using enum Rank;

constexpr KindInfo kinds[] = {
    {"v1", "Namespace", "namespaces", false, Namespace, ReadyRule::AtOnce},
    {"v1", "ConfigMap", "configmaps", true, Config, ReadyRule::AtOnce},
    {"v1", "Secret", "secrets", true, Config, ReadyRule::AtOnce},
    {"v1", "Service", "services", true, Service, ReadyRule::AtOnce},
    {"v1", "ServiceAccount", "serviceaccounts", true, Guardrail, ReadyRule::AtOnce},
    {"v1", "ResourceQuota", "resourcequotas", true, Guardrail, ReadyRule::AtOnce},
    {"v1", "LimitRange", "limitranges", true, Guardrail, ReadyRule::AtOnce},
    {"v1", "Endpoints", "endpoints", true, Service, ReadyRule::AtOnce},
    {"v1", "PersistentVolume", "persistentvolumes", false, Guardrail, ReadyRule::AtOnce},
    {"v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, Config, ReadyRule::AtOnce},
    {"v1", "Pod", "pods", true, Workload, ReadyRule::Generic},
    {"v1", "ReplicationController", "replicationcontrollers", true, Workload, ReadyRule::Generic},
    {"apps/v1", "Deployment", "deployments", true, Workload, ReadyRule::Deployment},
    {"apps/v1", "StatefulSet", "statefulsets", true, Workload, ReadyRule::StatefulSet},
    {"apps/v1", "DaemonSet", "daemonsets", true, Workload, ReadyRule::Generic},
    {"apps/v1", "ReplicaSet", "replicasets", true, Workload, ReadyRule::Generic},
    {"batch/v1", "Job", "jobs", true, Workload, ReadyRule::Job},
    {"batch/v1", "CronJob", "cronjobs", true, Workload, ReadyRule::AtOnce},
    {"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true, Guardrail, ReadyRule::AtOnce},
    {"networking.k8s.io/v1", "Ingress", "ingresses", true, Service, ReadyRule::AtOnce},
    {"networking.k8s.io/v1", "IngressClass", "ingressclasses", false, Guardrail, ReadyRule::AtOnce},
    {"rbac.authorization.k8s.io/v1", "Role", "roles", true, Guardrail, ReadyRule::AtOnce},
    {"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true, Guardrail, ReadyRule::AtOnce},
    {"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false, Guardrail, ReadyRule::AtOnce},
    {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false, Guardrail, ReadyRule::AtOnce},
    {"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true, Config, ReadyRule::AtOnce},
    {"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true, Custom, ReadyRule::AtOnce},
    {"autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true, Custom, ReadyRule::AtOnce},
    {"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false, Guardrail, ReadyRule::AtOnce},
    {"storage.k8s.io/v1", "StorageClass", "storageclasses", false, Guardrail, ReadyRule::AtOnce},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false, Namespace, ReadyRule::Established},
    {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false, Custom, ReadyRule::AtOnce},
    {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false, Custom, ReadyRule::AtOnce},
    {"coordination.k8s.io/v1", "Lease", "leases", true, Config, ReadyRule::AtOnce},
    {"discovery.k8s.io/v1", "EndpointSlice", "endpointslices", true, Service, ReadyRule::AtOnce},
};

/// A list with merge keys: where it stands, and by what its items are told apart.
struct MergeRow {
  std::string_view kind;     // empty: any
  std::string_view parent;   // nearest field name around; empty: any
  std::string_view field;
  std::array<std::string_view, 2> keys;
  std::size_t count;
};

constexpr MergeRow merge_rows[] = {
    {"", "", "containers", {"name", ""}, 1},
    {"", "", "initContainers", {"name", ""}, 1},
    {"", "", "ephemeralContainers", {"name", ""}, 1},
    {"", "containers", "env", {"name", ""}, 1},
    {"", "initContainers", "env", {"name", ""}, 1},
    {"", "containers", "volumeMounts", {"mountPath", ""}, 1},
    {"", "initContainers", "volumeMounts", {"mountPath", ""}, 1},
    {"", "containers", "volumeDevices", {"devicePath", ""}, 1},
    {"", "containers", "ports", {"containerPort", "protocol"}, 2},
    {"", "initContainers", "ports", {"containerPort", "protocol"}, 2},
    {"", "", "volumes", {"name", ""}, 1},
    {"", "", "imagePullSecrets", {"name", ""}, 1},
    {"", "", "hostAliases", {"ip", ""}, 1},
    {"", "", "topologySpreadConstraints", {"topologyKey", "whenUnsatisfiable"}, 2},
    {"Service", "spec", "ports", {"port", "protocol"}, 2},
    {"ServiceAccount", "", "secrets", {"name", ""}, 1},
    {"", "status", "conditions", {"type", ""}, 1},
    {"", "metadata", "ownerReferences", {"uid", ""}, 1},
};

struct Suffix {
  std::string_view text;
  bool binary;
  int power;     // of 1000 or 1024; -1: milli
};
constexpr Suffix suffixes[] = {{"m", false, -1}, {"", false, 0},   {"k", false, 1},  {"M", false, 2},  {"G", false, 3},
                               {"T", false, 4},  {"P", false, 5},  {"E", false, 6},  {"Ki", true, 1},  {"Mi", true, 2},
                               {"Gi", true, 3},  {"Ti", true, 4},  {"Pi", true, 5},  {"Ei", true, 6}};

using Wide = __int128;

std::string wide_text(Wide n) {
  std::string out;
  const bool negative = n < 0;
  if (negative) n = -n;
  do out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(n % 10)));
  while ((n /= 10) != 0);
  return negative ? "-" + out : out;
}

}  // namespace

const KindInfo* kind_info(std::string_view api, std::string_view kind) {
  for (const KindInfo& row : kinds)
    if (row.kind == kind && row.api == api) return &row;
  return nullptr;
}

std::span<const KindInfo> all_kinds() { return kinds; }

bool fields_known(std::string_view api, std::string_view kind) {
  if (kind == "CustomResourceDefinition") return false;
  return std::any_of(std::begin(kinds), std::end(kinds), [&](const KindInfo& row) { return row.kind == kind && (api.empty() || row.api == api); });
}

std::span<const std::string_view> merge_keys(std::string_view kind, std::string_view parent, std::string_view field) {
  for (const MergeRow& row : merge_rows)
    if (row.field == field && (row.parent.empty() || row.parent == parent) && (row.kind.empty() || row.kind == kind))
      return {row.keys.data(), row.count};
  return {};
}

Value merge_key_value(const Value& item, std::string_view key) {
  if (const Value* found = item.find(key); found != nullptr && !found->is_null()) return *found;
  return key == "protocol" ? Value::string("TCP") : Value();
}

bool is_quantity_map(std::string_view field) { return field == "requests" || field == "limits" || field == "hard" || field == "capacity" || field == "allocatable"; }
bool is_quantity(std::string_view field) { return field == "sizeLimit" || field == "storage" || field == "divisor"; }

namespace {

struct Quantity {
  Wide thousandths = 0;
  bool binary = false;       // family of the suffix
};

/// Nullopt: it is none, has an exponent, or is larger than 127 bits hold. What is finer than a thousandth rounds up.
std::optional<Quantity> quantity(std::string_view text) {
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) ++i;
  Wide digits = 0;
  int fraction = 0;
  std::size_t count = 0;
  bool point = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      if (++count > 24) return std::nullopt;
      digits = digits * 10 + (c - '0');
      if (point) ++fraction;
    } else {
      break;
    }
  }
  if (count == 0) return std::nullopt;
  const std::string_view unit = text.substr(i);
  if (unit.size() >= 2 && (unit[0] == 'e' || unit[0] == 'E') && ((unit[1] >= '0' && unit[1] <= '9') || unit[1] == '-' || unit[1] == '+'))
    return std::nullopt;
  const Suffix* suffix = std::find_if(std::begin(suffixes), std::end(suffixes), [&](const Suffix& s) { return s.text == unit; });
  if (suffix == std::end(suffixes)) return std::nullopt;
  // In thousandths, so that the milli suffix stays whole.
  Wide value = digits;
  const Wide base = suffix->binary ? 1024 : 1000;
  bool overflows = false;
  for (int p = 0; p < suffix->power; ++p) overflows = __builtin_mul_overflow(value, base, &value) || overflows;
  if (suffix->power >= 0) overflows = __builtin_mul_overflow(value, Wide(1000), &value) || overflows;
  if (overflows) return std::nullopt;
  Wide divisor = 1;
  for (int f = 0; f < fraction; ++f) divisor *= 10;
  value = (value + divisor - 1) / divisor;
  return Quantity{negative ? -value : value, suffix->binary};
}

}  // namespace

std::optional<std::int64_t> quantity_thousandths(std::string_view text) {
  const auto q = quantity(text);
  if (!q || q->thousandths > std::numeric_limits<std::int64_t>::max() || q->thousandths < std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return static_cast<std::int64_t>(q->thousandths);
}

/// source: kubernetes/apimachinery pkg/api/resource/quantity.go: no fraction, the largest suffix that leaves an integer.
std::string canonical_quantity(std::string_view text) {
  const auto q = quantity(text);
  if (!q) return std::string(text);   // the server may judge it
  Wide value = q->thousandths;
  if (value == 0) return "0";
  if (value % 1000 != 0) return wide_text(value) + "m";
  value /= 1000;
  const bool binary = q->binary;
  std::string_view best;
  for (const Suffix& s : suffixes) {
    if (s.power <= 0 || s.binary != binary) continue;
    Wide factor = 1;
    for (int p = 0; p < s.power; ++p) factor *= binary ? 1024 : 1000;
    if (value % factor == 0) best = s.text;
    else break;
  }
  if (!best.empty()) {
    const Suffix* s = std::find_if(std::begin(suffixes), std::end(suffixes), [&](const Suffix& each) { return each.text == best; });
    for (int p = 0; p < s->power; ++p) value /= binary ? 1024 : 1000;
  }
  return wide_text(value) + std::string(best);
}

namespace {

bool differ(const Value* a, const Value* b) {
  if (a == nullptr || b == nullptr) return a != b;
  return *a != *b;
}

}  // namespace

std::string immutable_change(std::string_view kind, const Value& before, const Value& after) {
  const auto changed = [&](auto... path) { return differ(before.at(path...), after.at(path...)); };
  if (kind == "Deployment" || kind == "DaemonSet" || kind == "ReplicaSet") return changed("spec", "selector") ? "spec.selector" : "";
  if (kind == "Secret" && before.text_or("type", "Opaque") != after.text_or("type", "Opaque")) return "type";
  if (kind == "Secret" || kind == "ConfigMap") {
    const Value* frozen = before.find("immutable");
    if (frozen != nullptr && frozen->is_bool() && frozen->as_bool()) {
      for (const std::string_view field : {"data", "binaryData", "immutable"})
        if (changed(field)) return std::string(field);
    }
    return {};
  }
  if (kind == "Service") {
    const Value* was = before.at("spec", "clusterIP");
    const Value* now = after.at("spec", "clusterIP");
    const auto none = [](const Value* v) { return v != nullptr && v->is_string() && v->as_string() == "None"; };
    if (none(was) != none(now)) return "spec.clusterIP";
    if (was != nullptr && now != nullptr && *was != *now) return "spec.clusterIP";
    return {};
  }
  if (kind == "RoleBinding" || kind == "ClusterRoleBinding") return changed("roleRef") ? "roleRef" : "";
  if (kind == "Job") return changed("spec", "template") ? "spec.template" : changed("spec", "selector") ? "spec.selector" : "";
  if (kind == "StatefulSet") {
    for (const std::string_view field : {"selector", "serviceName", "volumeClaimTemplates", "podManagementPolicy"})
      if (changed("spec", field)) return "spec." + std::string(field);
    return {};
  }
  if (kind == "PersistentVolumeClaim") {
    for (const std::string_view field : {"storageClassName", "accessModes", "volumeName", "selector", "volumeMode"})
      if (changed("spec", field)) return "spec." + std::string(field);
    return {};
  }
  if (kind == "PriorityClass") return changed("value") ? "value" : "";
  return {};
}

}  // namespace mcp
