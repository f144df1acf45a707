#include "executor/sim/validity.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "executor/sim/types.hpp"
#include "lang/base/crypto.hpp"

namespace mcp {

namespace {

// -- texts

bool letter(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool any_letter(char c) { return letter(c) || (c >= 'A' && c <= 'Z'); }

/// Lower case letters, digits and `-`, which neither begins nor ends it.
bool dns_label(std::string_view s) {
  return !s.empty() && s.size() <= 63 && s.front() != '-' && s.back() != '-' && std::all_of(s.begin(), s.end(), [](char c) { return letter(c) || digit(c) || c == '-'; });
}

bool dns_name(std::string_view s) {
  if (s.size() > 253) return false;
  while (true) {
    const auto dot = s.find('.');
    const std::string_view part = s.substr(0, dot);
    if (part.empty() || part.front() == '-' || part.back() == '-' || !std::all_of(part.begin(), part.end(), [](char c) { return letter(c) || digit(c) || c == '-'; })) return false;
    if (dot == std::string_view::npos) return true;
    s.remove_prefix(dot + 1);
  }
}

bool plain_name(std::string_view s) {
  const auto end = [](char c) { return any_letter(c) || digit(c); };
  return !s.empty() && s.size() <= 63 && end(s.front()) && end(s.back()) && std::all_of(s.begin(), s.end(), [&](char c) { return end(c) || c == '-' || c == '_' || c == '.'; });
}

bool qualified_name(std::string_view s) {
  const auto slash = s.find('/');
  if (slash == std::string_view::npos) return plain_name(s);
  return dns_name(s.substr(0, slash)) && plain_name(s.substr(slash + 1));
}

bool label_value(std::string_view s) { return s.empty() || plain_name(s); }

bool config_key(std::string_view s) {
  return !s.empty() && s.size() <= 253 && s != "." && !s.starts_with("..") &&
         std::all_of(s.begin(), s.end(), [](char c) { return any_letter(c) || digit(c) || c == '-' || c == '_' || c == '.'; });
}

/// Of a port: at most 15, with a letter, no `-` beside another.
bool port_name(std::string_view s) {
  return dns_label(s) && s.size() <= 15 && std::any_of(s.begin(), s.end(), letter) && s.find("--") == std::string_view::npos;
}

/// An IP address, or None.
bool address(std::string_view s) {
  if (s.empty() || s == "None" || s.find(':') != std::string_view::npos) return true;
  int parts = 1;
  int number = -1;
  for (const char c : s) {
    if (c == '.' && number >= 0) {
      ++parts;
      number = -1;
    } else if (digit(c) && number <= 25) {
      number = std::max(number, 0) * 10 + (c - '0');
    } else {
      return false;
    }
    if (number > 255) return false;
  }
  return parts == 4 && number >= 0;
}

bool env_name(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= ' ' && c <= '~' && c != '='; });
}

// -- rules of one field

using Rule = bool (*)(const Value&);

template <bool (*Fine)(std::string_view)>
bool text(const Value& v) { return v.is_string() && Fine(v.as_string()); }

template <std::int64_t Least, std::int64_t Most>
bool between(const Value& v) { return v.is_int() && v.as_int() >= Least && v.as_int() <= Most; }
constexpr std::int64_t most = 2147483647;

/// A number, or the name of a port.
bool port(const Value& v) { return v.is_string() ? port_name(v.as_string()) : between<1, 65535>(v); }

bool labels(const Value& v) {
  return std::all_of(v.entries().begin(), v.entries().end(), [](const Entry& e) { return qualified_name(e.name()) && e.value.is_string() && label_value(e.value.as_string()); });
}
bool annotations(const Value& v) {
  return std::all_of(v.entries().begin(), v.entries().end(), [](const Entry& e) {
    std::string name(e.name());
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return qualified_name(name);
  });
}
bool config_keys(const Value& v) { return std::all_of(v.entries().begin(), v.entries().end(), [](const Entry& e) { return config_key(e.name()); }); }

bool is_amount(std::string_view s) {
  const auto unit = s.find_first_not_of("+-.0123456789");
  return s.find_first_of("0123456789") != std::string_view::npos && (unit == std::string_view::npos || s.find_first_of("+-.0123456789") == 0);
}
bool amounts(const Value& v) {
  return std::all_of(v.entries().begin(), v.entries().end(), [](const Entry& e) { return e.value.is_string() && !e.value.as_string().starts_with('-'); });
}

template <const char* const* Words>
bool word(const Value& v) {
  for (const char* const* w = Words; *w != nullptr; ++w)
    if (v.is_string() && v.as_string() == *w) return true;
  return false;
}
constexpr const char* protocols[] = {"TCP", "UDP", "SCTP", nullptr};
constexpr const char* service_types[] = {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName", nullptr};
constexpr const char* affinities[] = {"None", "ClientIP", nullptr};
constexpr const char* strategies[] = {"Recreate", "RollingUpdate", nullptr};
constexpr const char* pulls[] = {"Always", "IfNotPresent", "Never", nullptr};
constexpr const char* schemes[] = {"HTTP", "HTTPS", nullptr};

/// What cannot even be read: servers find out before they look at what the request expects.
bool quantities(const Value& v) {
  return std::all_of(v.entries().begin(), v.entries().end(), [](const Entry& e) { return e.value.is_string() && is_amount(e.value.as_string()); });
}
bool base64(const Value& v) {
  return std::all_of(v.entries().begin(), v.entries().end(), [](const Entry& e) {
    std::string bytes;
    return !e.value.is_string() || base64_decode(e.value.as_string(), bytes);
  });
}

struct FieldRow {
  std::string_view type;
  std::string_view field;
  Rule fine;
  const char* otherwise;
};
constexpr FieldRow reading_rows[] = {
    {"v1:ConfigMap", "binaryData", base64, "illegal base64 data"},
    {"v1:Secret", "data", base64, "illegal base64 data"},
    {"ResourceRequirements", "requests", quantities, "no quantity"},
    {"ResourceRequirements", "limits", quantities, "no quantity"},
    {"ResourceQuotaSpec", "hard", quantities, "no quantity"},
};
constexpr FieldRow field_rows[] = {
    {"ObjectMeta", "labels", labels, "a key or value is no label"},
    {"ObjectMeta", "annotations", annotations, "a key is no qualified name"},
    {"LabelSelector", "matchLabels", labels, "a key or value is no label"},
    {"v1:ConfigMap", "data", config_keys, "a key has other characters than letters, digits, -, _ and ."},
    {"v1:ConfigMap", "binaryData", config_keys, "a key has other characters than letters, digits, -, _ and ."},
    {"v1:Secret", "data", config_keys, "a key has other characters than letters, digits, -, _ and ."},
    {"ServiceSpec", "type", word<service_types>, "no type of a Service"},
    {"ServiceSpec", "sessionAffinity", word<affinities>, "neither None nor ClientIP"},
    {"ServiceSpec", "clusterIP", text<address>, "no IP address"},
    {"ServiceSpec", "selector", labels, "a key or value is no label"},
    {"ServicePort", "port", between<1, 65535>, "not from 1 to 65535"},
    {"ServicePort", "name", text<dns_label>, "no DNS label"},
    {"ServicePort", "protocol", word<protocols>, "none of TCP, UDP and SCTP"},
    {"ServicePort", "targetPort", port, "neither from 1 to 65535 nor the name of a port"},
    {"DeploymentSpec", "replicas", between<0, most>, "below 0"},
    {"DeploymentSpec", "minReadySeconds", between<0, most>, "below 0"},
    {"DeploymentSpec", "revisionHistoryLimit", between<0, most>, "below 0"},
    {"DeploymentSpec", "progressDeadlineSeconds", between<0, most>, "below 0"},
    {"DeploymentStrategy", "type", word<strategies>, "neither Recreate nor RollingUpdate"},
    {"PodSpec", "nodeSelector", labels, "a key or value is no label"},
    {"PodSpec", "serviceAccountName", text<dns_name>, "no DNS name"},
    {"Container", "name", text<dns_label>, "no DNS label"},
    {"Container", "imagePullPolicy", word<pulls>, "none of Always, IfNotPresent and Never"},
    {"ContainerPort", "containerPort", between<1, 65535>, "not from 1 to 65535"},
    {"ContainerPort", "name", text<port_name>, "no name of a port"},
    {"ContainerPort", "protocol", word<protocols>, "none of TCP, UDP and SCTP"},
    {"EnvVar", "name", text<env_name>, "no name of a variable"},
    {"ResourceRequirements", "requests", amounts, "below 0"},
    {"ResourceRequirements", "limits", amounts, "below 0"},
    {"HTTPGetAction", "port", port, "neither from 1 to 65535 nor the name of a port"},
    {"HTTPGetAction", "scheme", word<schemes>, "neither HTTP nor HTTPS"},
    {"TCPSocketAction", "port", port, "neither from 1 to 65535 nor the name of a port"},
    {"Volume", "name", text<dns_label>, "no DNS label"},
    {"NetworkPolicyPort", "port", port, "neither from 1 to 65535 nor the name of a port"},
    {"ResourceQuotaSpec", "hard", amounts, "below 0"},
};

// -- rules of a whole struct

bool said(const Value& v, std::string_view field) {
  const Value* found = v.find(field);
  return found != nullptr && !found->is_null();
}

std::size_t how_many(const Value& v, std::initializer_list<std::string_view> fields) {
  return static_cast<std::size_t>(std::count_if(fields.begin(), fields.end(), [&](std::string_view f) { return said(v, f); }));
}

/// Whether two items of a list say the same of `field`.
bool twice(const Value* list, std::string_view field) {
  std::set<std::string> seen;
  if (list != nullptr && list->is_list())
    for (const Value& item : list->items())
      if (const std::string_view name = item.text_or(field, ""); !name.empty() && !seen.insert(std::string(name)).second) return true;
  return false;
}

std::string service_spec(const Value& v) {
  const Value* ports = v.find("ports");
  const std::size_t n = ports != nullptr ? ports->size() : 0;
  if (n == 0 && v.text_or("clusterIP", "") != "None" && v.text_or("type", "") != "ExternalName") return "ports: Required value";
  const auto type = v.text_or("type", "");
  if (v.text_or("clusterIP", "") == "None" && (type == "LoadBalancer" || type == "NodePort")) return "clusterIP: may not be None for a Service of type " + std::string(type);
  const Value* selector = v.find("selector");
  if (v.text_or("ipFamilyPolicy", "") == "RequireDualStack" && selector != nullptr && selector->size() > 0) return "ipFamilyPolicy: this cluster is not configured for dual-stack services";
  if (twice(ports, "name")) return "ports: a name is there twice";
  if (n > 1)
    for (const Value& port : ports->items())
      if (port.text_or("name", "").empty()) return "ports: of several each needs a name";
  return {};
}

/// `a=b` of the one are there in the other.
bool within(const Value* selector, const Value* labels_there) {
  if (selector == nullptr) return true;
  return std::all_of(selector->entries().begin(), selector->entries().end(), [&](const Entry& e) {
    const Value* v = labels_there != nullptr ? labels_there->find(e.name()) : nullptr;
    return v != nullptr && *v == e.value;
  });
}

std::string deployment_spec(const Value& v) {
  const Value* selector = v.find("selector");
  if (selector == nullptr || selector->size() == 0) return "selector: Required value";
  if (!within(selector->find("matchLabels"), v.at("template", "metadata", "labels"))) return "template.metadata.labels: `selector` does not match template `labels`";
  if (const Value* pod = v.at("template", "spec"); pod != nullptr && pod->text_or("restartPolicy", "Always") != "Always") return "template.spec.restartPolicy: only Always";
  if (v.int_or("progressDeadlineSeconds", most) <= v.int_or("minReadySeconds", 0)) return "progressDeadlineSeconds: must be greater than minReadySeconds";
  return {};
}

bool zero(const Value* v) { return v != nullptr && (v->is_int() ? v->as_int() == 0 : v->is_string() && v->as_string() == "0%"); }

std::string deployment_strategy(const Value& v) {
  const Value* rolling = v.find("rollingUpdate");
  if (v.text_or("type", "") == "Recreate") return rolling != nullptr ? "rollingUpdate: may not be specified when strategy `type` is 'Recreate'" : "";
  if (rolling != nullptr && zero(rolling->find("maxSurge")) && zero(rolling->find("maxUnavailable"))) return "rollingUpdate.maxUnavailable: may not be 0 when `maxSurge` is 0";
  return {};
}

std::string pod_spec(const Value& v) {
  const Value* containers = v.find("containers");
  if (containers == nullptr || containers->size() == 0) return "containers: Required value";
  if (const Value* first = v.find("initContainers"))
    for (const Value& c : first->items())
      if (how_many(c, {"livenessProbe", "readinessProbe", "startupProbe", "lifecycle"}) > 0 && c.text_or("restartPolicy", "") != "Always")
        return "initContainers: probes and lifecycle need restartPolicy Always";
  const Value* volumes = v.find("volumes");
  for (const char* list : {"initContainers", "containers"}) {
    const Value* all = v.find(list);
    if (all == nullptr) continue;
    for (const Value& c : all->items()) {
      const Value* mounts = c.find("volumeMounts");
      if (mounts == nullptr) continue;
      for (const Value& m : mounts->items()) {
        const bool there = volumes != nullptr && std::any_of(volumes->items().begin(), volumes->items().end(), [&](const Value& each) { return each.text_or("name", "") == m.text_or("name", "?"); });
        if (!there) return std::string(list) + ".volumeMounts: no volume has the name " + std::string(m.text_or("name", ""));
      }
    }
  }
  return {};
}

/// The number of thousandths, as far as one can be told.
double amount(const Value& v) {
  if (!v.is_string()) return 0;
  const std::string s(v.as_string());
  const auto unit = s.find_first_not_of("+-.0123456789");
  double out = std::strtod(s.c_str(), nullptr);
  const std::string rest = unit == std::string::npos ? "" : s.substr(unit);
  if (rest == "m") return out / 1000;
  constexpr std::string_view powers = "kMGTPE";
  if (!rest.empty())
    for (std::size_t i = 0; i <= powers.find(rest[0] == 'K' ? 'k' : rest[0]) && i < powers.size(); ++i) out *= rest.size() == 2 ? 1024 : 1000;
  return out;
}

std::string resources(const Value& v) {
  const Value* requests = v.find("requests");
  const Value* limits = v.find("limits");
  if (requests == nullptr || limits == nullptr) return {};
  for (const Entry& e : requests->entries())
    if (const Value* limit = limits->find(e.name()); limit != nullptr && amount(e.value) > amount(*limit)) return "requests: more than the limit of " + std::string(e.name());
  return {};
}

std::string container(const Value& v) {
  if (v.text_or("image", "").empty()) return "image: Required value";
  return twice(v.find("ports"), "name") ? "ports: a name is there twice" : "";
}

std::string env_var(const Value& v) {
  return !v.text_or("value", "").empty() && said(v, "valueFrom") ? "valueFrom: may not be specified when `value` is not empty" : "";
}

std::string probe(const Value& v) { return how_many(v, {"exec", "httpGet", "tcpSocket", "grpc"}) == 1 ? "" : "httpGet: one way to ask is needed, and one only"; }

std::string volume(const Value& v) { return v.size() > 2 ? "name: may not specify more than 1 volume type" : ""; }

std::string config_map(const Value& v) {
  const Value* data = v.find("data");
  const Value* binary = v.find("binaryData");
  if (data == nullptr || binary == nullptr) return {};
  for (const Entry& e : data->entries())
    if (binary->find(e.name()) != nullptr) return "binaryData: duplicate of key present in data";
  return {};
}

std::string secret(const Value& v) {
  if (v.text_or("type", "") != "kubernetes.io/tls") return {};
  for (const char* key : {"tls.crt", "tls.key"})
    if (v.at("data", key) == nullptr) return std::string("data[") + key + "]: Required value";
  return {};
}

std::string network_policy(const Value& v) {
  const Value* types = v.find("policyTypes");
  if (types != nullptr)
    for (const Value& t : types->items())
      if (!t.is_string() || (t.as_string() != "Ingress" && t.as_string() != "Egress")) return "policyTypes: neither Ingress nor Egress";
  return {};
}

std::string network_peer(const Value& v) { return v.size() == 0 ? "podSelector: must specify a peer" : ""; }

constexpr std::string_view counted[] = {"pods",           "services",       "secrets",           "configmaps",           "persistentvolumeclaims", "replicationcontrollers",
                                        "resourcequotas", "services.nodeports", "services.loadbalancers"};

std::string quota(const Value& v) {
  const Value* hard = v.find("hard");
  if (hard != nullptr)
    for (const Entry& e : hard->entries()) {
      const bool count = std::find(std::begin(counted), std::end(counted), e.name()) != std::end(counted);
      const bool size = e.name() == "cpu" || e.name() == "memory" || e.name() == "storage" || e.name() == "ephemeral-storage" || e.name().starts_with("requests.") ||
                        e.name().starts_with("limits.") || e.name().starts_with("hugepages-");
      if (!count && !size && e.name().find('/') == std::string_view::npos) return "hard[" + std::string(e.name()) + "]: must be a standard resource type or fully qualified";
      if (count && e.value.is_string() && e.value.as_string().ends_with('m')) return "hard: must be an integer";
    }
  return {};
}

struct TypeRow {
  std::string_view type;
  std::string (*wrong)(const Value&);
};
constexpr TypeRow type_rows[] = {
    {"v1:ConfigMap", config_map}, {"v1:Secret", secret},       {"ServiceSpec", service_spec}, {"DeploymentSpec", deployment_spec},
    {"DeploymentStrategy", deployment_strategy}, {"PodSpec", pod_spec}, {"Container", container}, {"ResourceRequirements", resources},
    {"EnvVar", env_var},          {"Probe", probe},            {"Volume", volume},            {"NetworkPolicySpec", network_policy},
    {"NetworkPolicyPeer", network_peer}, {"ResourceQuotaSpec", quota},
};

/// Goes along `value` and asks `wrong` about each struct in it.
template <class Wrong>
std::string walk(const ApiType& type, const Value& value, const std::string& path, const Wrong& wrong) {
  if (value.is_list()) {
    for (const Value& item : value.items())
      if (std::string found = walk(type.item(), item, path, wrong); !found.empty()) return found;
    return {};
  }
  if (!value.is_map() || type.form != ApiType::Form::Struct) return {};
  if (type.whole) return walk(*type.inner, value, path, wrong);
  const std::string before = path.empty() ? "" : path + ".";
  if (const std::string found = wrong(type, value); !found.empty()) return before + found;
  for (const Entry& e : value.entries())
    if (const ApiType* inner = type.field(e.name()))
      if (std::string found = walk(*inner, e.value, before + std::string(e.name()), wrong); !found.empty()) return found;
  // A `spec` that is left out is judged as an empty one.
  if (const ApiType* spec = type.field("spec"); spec != nullptr && value.find("spec") == nullptr) return walk(*spec, Value::empty_map(), before + "spec", wrong);
  return {};
}

std::string by_rows(std::span<const FieldRow> rows, const ApiType& type, const Value& value) {
  for (const FieldRow& row : rows)
    if (const Value* v = row.type == type.name ? value.find(row.field) : nullptr; v != nullptr && !row.fine(*v)) return std::string(row.field) + ": " + row.otherwise;
  return {};
}

std::string judged(const ApiType& type, const Value& value) {
  for (const std::string& field : type.required)
    if (!said(value, field)) return field + ": Required value";
  if (std::string wrong = by_rows(field_rows, type, value); !wrong.empty()) return wrong;
  for (const TypeRow& row : type_rows)
    if (row.type == type.name)
      if (std::string wrong = row.wrong(value); !wrong.empty()) return wrong;
  return {};
}

}  // namespace

std::string invalid(std::string_view api, std::string_view kind, const Value& object) {
  const ApiType& type = api_type(api, kind);
  if (type.form != ApiType::Form::Struct) return {};
  const Value* name = object.at("metadata", "name");
  const bool short_name = api == "v1" && (kind == "Namespace" || kind == "Service");
  if (name == nullptr || !name->is_string() || !(short_name ? dns_label(name->as_string()) : dns_name(name->as_string()))) return "metadata.name: no DNS name";
  return walk(type, object, "", judged);
}

std::string unreadable(std::string_view api, std::string_view kind, const Value& object) {
  return walk(api_type(api, kind), object, "", [](const ApiType& type, const Value& value) { return by_rows(reading_rows, type, value); });
}

}  // namespace mcp
