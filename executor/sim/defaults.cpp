#include "executor/sim/defaults.hpp"

#include "planner/diff/normalize.hpp"

namespace mcp {

namespace {

Value set_if_absent(const Value& map, std::string_view key, Value value) {
  return map.find(key) != nullptr ? map : map.with(key, std::move(value));
}
Value text(std::string_view s) { return Value::string(s); }

/// `map` with `change` applied to the value below `key`, if it is there.
template <class Change>
Value inside(const Value& map, std::string_view key, const Change& change) {
  const Value* v = map.find(key);
  if (v == nullptr) return map;
  Value changed = change(*v);
  return changed.same_as(*v) ? map : map.with(key, std::move(changed));
}

template <class Change>
Value each(const Value& list, const Change& change) {
  if (!list.is_list()) return list;
  std::vector<Value> out;
  for (const Value& item : list.items()) out.push_back(item.is_map() ? change(item) : item);
  return Value::list(std::move(out));
}

Value probe(const Value& p) {
  if (!p.is_map()) return p;
  Value out = p;
  out = set_if_absent(out, "timeoutSeconds", Value::integer(1));
  out = set_if_absent(out, "periodSeconds", Value::integer(10));
  out = set_if_absent(out, "successThreshold", Value::integer(1));
  out = set_if_absent(out, "failureThreshold", Value::integer(3));
  out = inside(out, "grpc", [](const Value& call) { return call.is_map() ? set_if_absent(call, "service", text("")) : call; });
  return inside(out, "httpGet", [](const Value& get) {
    return get.is_map() ? set_if_absent(set_if_absent(get, "scheme", text("HTTP")), "path", text("/")) : get;
  });
}

bool floating_tag(std::string_view image) {
  if (image.find('@') != std::string_view::npos) return false;
  const auto slash = image.rfind('/');
  const auto colon = image.rfind(':');
  const bool tagged = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  return !tagged || image.substr(colon + 1) == "latest";
}

Value env_entry(const Value& e) {
  // An empty value is stored as none.
  if (const Value* v = e.find("value"); v != nullptr && v->is_string() && v->size() == 0) return e.without("value");
  return inside(e, "valueFrom", [](const Value& from) {
    return from.is_map() ? inside(from, "fieldRef", [](const Value& ref) { return ref.is_map() ? set_if_absent(ref, "apiVersion", text("v1")) : ref; })
                         : from;
  });
}

Value container(const Value& c) {
  Value out = c;
  out = set_if_absent(out, "imagePullPolicy", text(floating_tag(c.text_or("image", "")) ? "Always" : "IfNotPresent"));
  out = set_if_absent(out, "terminationMessagePath", text("/dev/termination-log"));
  out = set_if_absent(out, "terminationMessagePolicy", text("File"));
  out = set_if_absent(out, "resources", Value::empty_map());
  out = inside(out, "ports", [](const Value& ports) { return each(ports, [](const Value& p) { return set_if_absent(p, "protocol", text("TCP")); }); });
  out = inside(out, "env", [](const Value& env) { return each(env, env_entry); });
  for (const std::string_view name : {"livenessProbe", "readinessProbe", "startupProbe"}) out = inside(out, name, probe);
  return out;
}

Value volume(const Value& v) {
  const auto mode = [](const Value& source) { return source.is_map() ? set_if_absent(source, "defaultMode", Value::integer(420)) : source; };
  Value out = v;
  for (const std::string_view name : {"configMap", "secret", "projected", "downwardAPI"}) out = inside(out, name, mode);
  return out;
}

Value pod_spec(const Value& spec) {
  if (!spec.is_map()) return spec;
  Value out = spec;
  out = set_if_absent(out, "restartPolicy", text("Always"));
  out = set_if_absent(out, "dnsPolicy", text("ClusterFirst"));
  out = set_if_absent(out, "schedulerName", text("default-scheduler"));
  out = set_if_absent(out, "terminationGracePeriodSeconds", Value::integer(30));
  out = set_if_absent(out, "securityContext", Value::empty_map());
  for (const std::string_view name : {"initContainers", "containers"})
    out = inside(out, name, [](const Value& list) { return each(list, container); });
  out = inside(out, "volumes", [](const Value& list) { return each(list, volume); });
  // Two names of one field: what was set by the one comes back by the other.
  if (const Value* account = out.find("serviceAccountName")) out = out.with("serviceAccount", *account);
  else if (const Value* alias = out.find("serviceAccount")) out = out.with("serviceAccountName", *alias);
  return out;
}

Value workload(const Value& content) {
  return inside(content, "spec", [](const Value& spec) {
    return !spec.is_map() ? spec : inside(spec, "template", [](const Value& pod) { return pod.is_map() ? inside(pod, "spec", pod_spec) : pod; });
  });
}

Value deployment(const Value& content) {
  return inside(workload(content), "spec", [](const Value& spec) {
    if (!spec.is_map()) return spec;
    Value out = set_if_absent(spec, "replicas", Value::integer(1));
    out = set_if_absent(out, "revisionHistoryLimit", Value::integer(10));
    out = set_if_absent(out, "progressDeadlineSeconds", Value::integer(600));
    const Value quarter = text("25%");
    const Value rolling = MapBuilder().set("maxSurge", quarter).set("maxUnavailable", quarter).build();
    out = set_if_absent(out, "strategy", MapBuilder().set("type", "RollingUpdate").set("rollingUpdate", rolling).build());
    return inside(out, "strategy", [&](const Value& s) {
      if (!s.is_map() || s.text_or("type", "RollingUpdate") != "RollingUpdate") return s;
      const Value typed = set_if_absent(set_if_absent(s, "type", text("RollingUpdate")), "rollingUpdate", rolling);
      return inside(typed, "rollingUpdate", [&](const Value& r) {
        return r.is_map() ? set_if_absent(set_if_absent(r, "maxSurge", quarter), "maxUnavailable", quarter) : r;
      });
    });
  });
}

Value service(const Value& content) {
  return inside(content, "spec", [](const Value& spec) {
    if (!spec.is_map()) return spec;
    Value out = set_if_absent(spec, "type", text("ClusterIP"));
    out = set_if_absent(out, "sessionAffinity", text("None"));
    if (out.text_or("sessionAffinity", "") == "ClientIP") {
      const Value three_hours = MapBuilder().set("timeoutSeconds", 10800).build();
      out = set_if_absent(out, "sessionAffinityConfig", MapBuilder().set("clientIP", three_hours).build());
    } else {
      out = out.without("sessionAffinityConfig");
    }
    if (out.text_or("type", "") != "ExternalName") {
      out = set_if_absent(out, "internalTrafficPolicy", text("Cluster"));
      // Whoever writes the addresses of a headless one without a selector may write those of both families.
      const Value* selector = out.find("selector");
      const bool both = out.text_or("clusterIP", "") == "None" && (selector == nullptr || selector->size() == 0);
      out = set_if_absent(out, "ipFamilies", both ? Value::list(std::vector<Value>{text("IPv4"), text("IPv6")}) : Value::list(std::vector<Value>{text("IPv4")}));
      out = set_if_absent(out, "ipFamilyPolicy", text(both ? "RequireDualStack" : "SingleStack"));
    }
    const std::string type(out.text_or("type", ""));
    const bool outside = type == "NodePort" || type == "LoadBalancer";
    out = outside ? set_if_absent(out, "externalTrafficPolicy", text("Cluster")) : out.without("externalTrafficPolicy");
    out = type == "LoadBalancer" ? set_if_absent(out, "allocateLoadBalancerNodePorts", Value::boolean(true)) : out.without("allocateLoadBalancerNodePorts");
    return inside(out, "ports", [](const Value& ports) {
      return each(ports, [](const Value& p) {
        const Value with_protocol = set_if_absent(p, "protocol", text("TCP"));
        const Value* port = p.find("port");
        return port == nullptr ? with_protocol : set_if_absent(with_protocol, "targetPort", *port);
      });
    });
  });
}

Value network_policy(const Value& content) {
  return inside(set_if_absent(content, "spec", Value::empty_map()), "spec", [](const Value& given) {
    const Value spec = set_if_absent(given, "podSelector", Value::empty_map());
    std::vector<Value> types{text("Ingress")};
    if (const Value* egress = spec.find("egress"); egress != nullptr && egress->size() > 0) types.push_back(text("Egress"));
    Value out = set_if_absent(spec, "policyTypes", Value::list(std::move(types)));
    for (const std::string_view name : {"ingress", "egress"})
      out = inside(out, name, [](const Value& rules) {
        return each(rules, [](const Value& rule) {
          return inside(rule, "ports", [](const Value& ports) { return each(ports, [](const Value& p) { return set_if_absent(p, "protocol", text("TCP")); }); });
        });
      });
    return out;
  });
}

Value name_space(const Value& content) {
  const Value* name = content.at("metadata", "name");
  if (name == nullptr) return content;
  const Value spec = MapBuilder().set("finalizers", Value::list(std::vector<Value>{text("kubernetes")})).build();
  return inside(set_if_absent(content, "spec", spec), "metadata", [&](const Value& metadata) {
    const Value* labels = metadata.find("labels");
    return metadata.with("labels", (labels != nullptr && labels->is_map() ? *labels : Value()).with("kubernetes.io/metadata.name", *name));
  });
}

Value quota(const Value& content) { return set_if_absent(content, "spec", Value::empty_map()); }

Value secret(const Value& content) { return set_if_absent(content, "type", text("Opaque")); }

struct Row {
  std::string_view api;
  std::string_view kind;
  Value (*complete)(const Value&);
};
constexpr Row rows[] = {
    {"v1", "Namespace", name_space}, {"v1", "Secret", secret},          {"v1", "Service", service},
    {"apps/v1", "Deployment", deployment}, {"apps/v1", "StatefulSet", workload}, {"apps/v1", "DaemonSet", workload},
    {"batch/v1", "Job", workload},         {"networking.k8s.io/v1", "NetworkPolicy", network_policy},
    {"v1", "ResourceQuota", quota},
};

}  // namespace

Value with_defaults(std::string_view api, std::string_view kind, const Value& content) {
  const Value clean = normalize(kind, content);
  for (const Row& row : rows)
    if (row.kind == kind && row.api == api) return row.complete(clean);
  return clean;
}

}  // namespace mcp
