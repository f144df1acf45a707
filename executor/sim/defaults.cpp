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
  if (const Value* account = out.find("serviceAccountName")) out = set_if_absent(out, "serviceAccount", *account);
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
    if (out.text_or("type", "") != "ExternalName") {
      out = set_if_absent(out, "internalTrafficPolicy", text("Cluster"));
      out = set_if_absent(out, "ipFamilies", Value::list(std::vector<Value>{text("IPv4")}));
      out = set_if_absent(out, "ipFamilyPolicy", text("SingleStack"));
    }
    if (const auto type = out.text_or("type", ""); type == "NodePort" || type == "LoadBalancer")
      out = set_if_absent(out, "externalTrafficPolicy", text("Cluster"));
    return inside(out, "ports", [](const Value& ports) {
      return each(ports, [](const Value& p) {
        const Value with_protocol = set_if_absent(p, "protocol", text("TCP"));
        const Value* port = p.find("port");
        return port == nullptr ? with_protocol : set_if_absent(with_protocol, "targetPort", *port);
      });
    });
  });
}

Value name_space(const Value& content) {
  const Value* name = content.at("metadata", "name");
  if (name == nullptr) return content;
  return inside(content, "metadata", [&](const Value& metadata) {
    const Value* labels = metadata.find("labels");
    return metadata.with("labels", (labels != nullptr && labels->is_map() ? *labels : Value()).with("kubernetes.io/metadata.name", *name));
  });
}

Value secret(const Value& content) { return set_if_absent(content, "type", text("Opaque")); }

struct Row {
  std::string_view api;
  std::string_view kind;
  Value (*complete)(const Value&);
};
constexpr Row rows[] = {
    {"v1", "Namespace", name_space}, {"v1", "Secret", secret},          {"v1", "Service", service},
    {"apps/v1", "Deployment", deployment}, {"apps/v1", "StatefulSet", workload}, {"apps/v1", "DaemonSet", workload},
    {"batch/v1", "Job", workload},
};

}  // namespace

Value with_defaults(std::string_view api, std::string_view kind, const Value& content) {
  const Value clean = normalize(kind, content);
  for (const Row& row : rows)
    if (row.kind == kind && row.api == api) return row.complete(clean);
  return clean;
}

}  // namespace mcp
