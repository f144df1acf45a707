#include "tests/e2e/differential/moves.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lang/value/json.hpp"
#include "planner/diff/normalize.hpp"
#include "tests/support/bodies.hpp"

namespace mcp::test {

namespace {

struct Kind {
  const char* api;
  const char* kind;
  std::size_t names;     // how many objects of it there are
};
// Two names each: enough for both to exist and to be absent, few enough to be met again.
constexpr Kind kinds[] = {{"v1", "ConfigMap", 2},  {"v1", "Secret", 2},         {"v1", "Service", 2},
                          {"apps/v1", "Deployment", 2}, {"networking.k8s.io/v1", "NetworkPolicy", 1}, {"v1", "ResourceQuota", 1},
                          {"v1", "Namespace", 1}};

/// Writes flow YAML by chance: `{a: 1, b: 2}` of what it was given.
class Pen {
 public:
  explicit Pen(Dice& dice) : dice_(dice) {}

  std::string one_of(std::initializer_list<const char*> all) { return all.begin()[dice_.below(all.size())]; }
  /// One of `all`, or with the same chance each nothing.
  std::string maybe(std::initializer_list<const char*> all) {
    const std::size_t n = dice_.below(all.size() * 2);
    return n < all.size() ? all.begin()[n] : "";
  }
  std::string map(std::initializer_list<std::string> fields) { return "{" + joined({fields.begin(), fields.end()}) + "}"; }
  /// `name: {..}` of those fields that are said, or nothing.
  std::string part(const char* name, std::initializer_list<std::string> fields) {
    const std::string inner = joined({fields.begin(), fields.end()});
    return inner.empty() ? "" : std::string(name) + ": {" + inner + "}";
  }
  /// `name: [..]` of some of `all` in any order, or nothing; `least` of them at least.
  std::string list(const char* name, std::vector<std::string> all, std::size_t least = 0) {
    std::erase_if(all, [](const std::string& s) { return s.empty(); });
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[dice_.below(i)]);
    all.resize(std::max(std::min(least, all.size()), dice_.below(all.size() + 1)));
    return all.empty() ? "" : std::string(name) + ": [" + joined(all) + "]";
  }
  bool one_in(std::size_t n) { return dice_.one_in(n); }
  static std::string joined(std::vector<std::string> all) {
    std::erase_if(all, [](const std::string& s) { return s.empty(); });
    return fmt::format("{}", fmt::join(all, ", "));
  }

 private:
  Dice& dice_;
};

std::string labels(Pen& pen) { return pen.part("labels", {"app.kubernetes.io/managed-by: mcp", pen.maybe({"tier: front", "tier: back"}), pen.maybe({"team: x"})}); }
std::string annotations(Pen& pen) { return pen.part("annotations", {pen.maybe({"mcp.dev/address: a", "mcp.dev/address: b"}), pen.maybe({"note: hello"})}); }

// -- what the first manager says: whole bodies

std::string config(Pen& pen) {
  return pen.map({pen.part("data", {pen.maybe({"a: '1'", "a: '2'"}), pen.maybe({"b: '1'", "b: 'two\n'"}), pen.maybe({"c.yaml: 'x: 1'"})}),
                  pen.part("binaryData", {pen.one_in(3) ? "z: AAEC" : ""}), pen.one_in(12) ? "immutable: true" : ""});
}

std::string secret(Pen& pen) {
  return pen.map({pen.part("data", {pen.maybe({"a: {$secret: print of 1}", "a: {$secret: print of 2}"}), pen.maybe({"b: {$secret: print of 1}"})}),
                  pen.one_in(4) ? "type: Opaque" : pen.one_in(8) ? "type: example.org/key" : "", pen.one_in(12) ? "immutable: true" : ""});
}

std::string service(Pen& pen) {
  const auto port = [&](const char* name, int number, const char* protocol) {
    return pen.map({std::string("name: ") + name, fmt::format("port: {}", number), protocol, pen.maybe({"targetPort: 8080", "targetPort: http"})});
  };
  return "{spec: " +
         pen.map({pen.list("ports", {port("http", 80, ""), port("https", 443, "protocol: TCP"), port("dns", 53, "protocol: UDP"), port("dns-tcp", 53, "protocol: TCP")}, 1),
                  // Without a selector it would get addresses of both families, which the next change finds wrong before all else.
                  pen.one_in(10) ? "clusterIP: None, selector: {app: web}" : pen.maybe({"selector: {app: web}", "selector: {app: web, tier: front}"}),
                  pen.maybe({"sessionAffinity: ClientIP"}),
                  pen.one_in(4) ? pen.one_of({"type: ClusterIP", "type: NodePort", "type: LoadBalancer"}) : "",
                  pen.one_in(4) ? "publishNotReadyAddresses: true" : ""}) +
         "}";
}

std::string container(Pen& pen, const char* name) {
  const std::string http = std::string("httpGet: ") + pen.one_of({"{port: 8080}", "{port: http, path: /ready}"});
  return pen.map(
      {std::string("name: ") + name, pen.one_of({"image: example/web:ok", "image: example/web:ok", "image: example/web", "image: 'example/web:latest'"}),
       pen.list("ports", {"{name: http, containerPort: 8080}", "{containerPort: 53, protocol: UDP}", "{name: dns, containerPort: 53, protocol: TCP}"}),
       pen.list("env", {pen.one_of({"{name: A, value: x}", "{name: A, value: y}"}), "{name: B, value: x}", "{name: C, value: ''}",
                        "{name: D, valueFrom: {configMapKeyRef: {name: c, key: k, optional: true}}}", "{name: E, valueFrom: {fieldRef: {fieldPath: metadata.name}}}"}),
       pen.part("resources", {pen.part("requests", {pen.maybe({"cpu: 100m", "cpu: 200m"}), pen.maybe({"memory: 16Mi"})}), pen.part("limits", {pen.maybe({"memory: 64Mi"})})}),
       pen.maybe({"command: [run, fast]", "command: [run]"}), pen.one_in(3) ? "args: ['-v']" : "",
       pen.list("volumeMounts", {"{name: config, mountPath: /etc/config, readOnly: true}", "{name: scratch, mountPath: /tmp}"}),
       pen.one_in(5) ? "envFrom: [{configMapRef: {name: c, optional: true}}]" : "", pen.one_in(6) ? "lifecycle: {preStop: {exec: {command: [sleep, '1']}}}" : "",
       pen.one_in(5) ? pen.one_of({"livenessProbe: {tcpSocket: {port: 8080}}", "livenessProbe: {exec: {command: [check]}, failureThreshold: 5}", "livenessProbe: {grpc: {port: 9000}}"}) : "",
       pen.one_in(3) ? pen.part("readinessProbe", {http, pen.maybe({"periodSeconds: 5", "initialDelaySeconds: 2"})}) : "",
       pen.one_in(4) ? pen.part("securityContext", {"allowPrivilegeEscalation: false", pen.maybe({"capabilities: {drop: [ALL]}"})}) : "",
       pen.one_in(6) ? "imagePullPolicy: Never" : ""});
}

std::string strategy(Pen& pen) {
  if (!pen.one_in(3)) return "";
  return pen.one_of({"strategy: {type: Recreate}", "strategy: {type: RollingUpdate}", "strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}",
                     "strategy: {rollingUpdate: {maxUnavailable: 50%}}"});
}

std::string deployment(Pen& pen) {
  const std::string side = pen.one_in(3) ? container(pen, "side") : "";
  const std::string spec =
      pen.map({pen.list("containers", {container(pen, "web"), side}, 2),
               "volumes: [" + pen.one_of({"{name: scratch, emptyDir: {}}, {name: config, configMap: {name: c, optional: true}}",
                                          "{name: config, configMap: {name: c, optional: true}}, {name: scratch, emptyDir: {sizeLimit: 16Mi}}",
                                          "{name: scratch, emptyDir: {medium: Memory}}, {name: config, secret: {secretName: s, optional: true}}",
                                          "{name: scratch, emptyDir: {}}, {name: config, projected: {sources: [{configMap: {name: c, optional: true}}]}}"}) + "]",
               pen.one_in(6) ? "initContainers: [" + container(pen, "init") + "]" : "", pen.one_in(6) ? "imagePullSecrets: [{name: pull}]" : "",
               pen.one_in(6) ? "hostAliases: [{ip: 10.0.0.1, hostnames: [a]}]" : "",
               pen.one_in(6) ? "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}}]}}" : "",
               pen.one_in(3) ? "terminationGracePeriodSeconds: 5" : "", pen.one_in(5) ? "nodeSelector: {kubernetes.io/os: linux}" : "",
               pen.one_in(5) ? "tolerations: [{key: x, operator: Exists}]" : "", pen.one_in(5) ? "automountServiceAccountToken: false" : "",
               pen.one_in(5) ? "serviceAccountName: default" : "",
               pen.one_in(4) ? pen.part("securityContext", {"runAsNonRoot: true", pen.maybe({"fsGroup: 1"}), pen.maybe({"seccompProfile: {type: RuntimeDefault}"})}) : "",
               pen.one_in(5) ? "topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}]" : ""});
  return "{spec: " +
         pen.map({pen.maybe({"replicas: 1", "replicas: 2", "replicas: 0"}), "selector: {matchLabels: {app: web}}", strategy(pen),
                  pen.one_in(3) ? "revisionHistoryLimit: 2" : "", pen.one_in(4) ? "minReadySeconds: 1" : "", pen.one_in(4) ? "progressDeadlineSeconds: 60" : "",
                  "template: " + pen.map({pen.part("metadata", {pen.part("labels", {"app: web", pen.maybe({"tier: front"})}), pen.one_in(3) ? "annotations: {hash: '1'}" : ""}),
                                          "spec: " + spec})}) +
         "}";
}

std::string policy(Pen& pen) {
  return "{spec: " +
         pen.map({pen.one_of({"podSelector: {}", "podSelector: {}", "podSelector: {matchLabels: {app: web}}"}), pen.one_in(4) ? "" : "policyTypes: [Ingress]",
                  pen.maybe({"ingress: [{from: [{podSelector: {}}]}]", "ingress: [{from: [{podSelector: {}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}]}]",
                             "ingress: [{ports: [{port: 80}]}]", "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]"}),
                  pen.one_in(5) ? "egress: [{to: [{podSelector: {}}], ports: [{port: dns, protocol: UDP}, {port: 53, endPort: 54}]}]" : ""}) +
         "}";
}

std::string quota(Pen& pen) {
  return "{spec: {" + pen.part("hard", {pen.one_of({"pods: '100'", "pods: '200'"}), pen.maybe({"requests.cpu: '10'", "requests.cpu: 1500m"}), pen.maybe({"requests.memory: 8Gi"})}) + "}}";
}

std::string whole(const std::string& kind, Pen& pen) {
  if (kind == "ConfigMap") return config(pen);
  if (kind == "Secret") return secret(pen);
  if (kind == "Service") return service(pen);
  if (kind == "Deployment") return deployment(pen);
  if (kind == "NetworkPolicy") return policy(pen);
  if (kind == "ResourceQuota") return quota(pen);
  return "{}";
}

// -- what others say: a few fields

std::string piece(const std::string& kind, Pen& pen) {
  if (kind == "ConfigMap") return pen.one_of({"{data: {a: '1'}}", "{data: {a: '3'}}", "{data: {b: '1', d: x}}", "{binaryData: {z: AAED}}"});
  if (kind == "Secret") return pen.one_of({"{data: {a: {$secret: print of 1}}}", "{data: {a: {$secret: print of 3}}}", "{type: Opaque}"});
  if (kind == "Service")
    return pen.one_of({"{spec: {selector: {app: web}}}", "{spec: {selector: {app: other}}}", "{spec: {ports: [{port: 80, targetPort: 9090}]}}",
                       "{spec: {ports: [{name: extra, port: 9000}]}}", "{spec: {sessionAffinity: None}}", "{spec: {type: NodePort}}"});
  if (kind == "Deployment")
    return pen.one_of({"{spec: {replicas: 1}}", "{spec: {replicas: 3}}", "{spec: {template: {spec: {containers: [{name: web, env: [{name: B, value: z}]}]}}}}",
                       "{spec: {template: {spec: {containers: [{name: web, image: 'example/web:ok'}]}}}}",
                       "{spec: {template: {spec: {containers: [{name: mesh, image: 'example/mesh:ok'}]}}}}",
                       "{spec: {template: {spec: {containers: [{name: web, ports: [{containerPort: 53, protocol: UDP, name: udp}]}]}}}}",
                       "{spec: {template: {spec: {containers: [{name: web, command: [run]}]}}}}", "{spec: {template: {spec: {nodeSelector: {disk: ssd}}}}}",
                       "{spec: {template: {metadata: {annotations: {mesh: 'on'}}}}}", "{spec: {strategy: {type: Recreate}}}",
                       "{spec: {template: {spec: {tolerations: [{key: y, operator: Exists}]}}}}", "{spec: {template: {spec: {containers: [{name: web, resources: {limits: {cpu: '1'}}}]}}}}"});
  if (kind == "NetworkPolicy") return pen.one_of({"{spec: {podSelector: {}}}", "{spec: {podSelector: {matchLabels: {app: x}}}}", "{spec: {podSelector: {}, policyTypes: [Egress]}}"});
  if (kind == "ResourceQuota") return pen.one_of({"{spec: {hard: {pods: '100'}}}", "{spec: {hard: {pods: '300'}}}", "{spec: {hard: {services: '100'}}}"});
  return "{}";
}

// -- what no server takes

struct Bad {
  const char* kind;
  const char* body;
};
#define MCP_POD(spec) "{spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {" spec "}}}}"
constexpr Bad bad_bodies[] = {
    {"ConfigMap", "{data: {'no/slash': x}}"},
    {"ConfigMap", "{data: {a: 1}}"},
    {"ConfigMap", "{data: [a]}"},
    {"ConfigMap", "{dta: {a: x}}"},
    {"ConfigMap", "{data: {z: x}, binaryData: {z: AAEC}}"},
    {"ConfigMap", "{binaryData: {z: '***'}}"},
    {"ConfigMap", "{metadata: {labels: {app: 'not a label'}}}"},
    {"ConfigMap", "{metadata: {labels: {'-x': y}}}"},
    {"ConfigMap", "{metadata: {annotations: {'a b': y}}}"},
    {"ConfigMap", "{metadata: {labels: {a: 1}}}"},
    {"ConfigMap", "{immutable: 'yes'}"},
    {"Secret", "{type: kubernetes.io/tls}"},
    {"Secret", "{data: {'a b': {$secret: print of 1}}}"},
    {"Service", "{spec: {ports: []}}"},
    {"Service", "{spec: {ports: [{port: 0}]}}"},
    {"Service", "{spec: {ports: [{port: 70000}]}}"},
    {"Service", "{spec: {ports: [{port: 80}, {port: 81}]}}"},
    {"Service", "{spec: {ports: [{name: a, port: 80}, {name: a, port: 81}]}}"},
    {"Service", "{spec: {ports: [{port: 80}, {port: 80, name: b}]}}"},
    {"Service", "{spec: {ports: [{name: Upper, port: 80}]}}"},
    {"Service", "{spec: {ports: [{name: a, port: 80, protocol: ICMP}]}}"},
    {"Service", "{spec: {ports: [{name: a}]}}"},
    {"Service", "{spec: {ports: [{name: a, port: 80}], type: Wrong}}"},
    {"Service", "{spec: {ports: [{name: a, port: 80}], sessionAffinity: Always}}"},
    {"Service", "{spec: {ports: [{name: a, port: 80}], selector: {app: 'not a label'}}}"},
    {"Service", "{spec: {ports: [{name: a, port: 80}], clusterIP: 10.1.2}}"},
    {"Service", "{spec: {ports: {name: a, port: 80}}}"},
    {"Service", "{spec: {ports: [{name: a, port: 80, targetPort: Not_A_Name}]}}"},
    {"Deployment", "{spec: {replicas: -1}}"},
    {"Deployment", "{spec: {replicas: '3'}}"},
    {"Deployment", "{spec: {replcas: 3}}"},
    {"Deployment", "{spec: {strategy: {type: Sometimes}}}"},
    {"Deployment", "{spec: {strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}}}"},
    {"Deployment", "{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}}}"},
    {"Deployment", "{spec: {revisionHistoryLimit: -1}}"},
    {"Deployment", "{spec: {minReadySeconds: -1}}"},
    {"Deployment", "{spec: {progressDeadlineSeconds: 0}}"},
    {"Deployment", "{spec: {template: {metadata: {labels: {app: other}}}}}"},
    {"Deployment", "{spec: {template: {spec: {restartPolicy: Never}}}}"},
    {"Deployment", MCP_POD("containers: []")},
    {"Deployment", MCP_POD("containers: [{name: web}]")},
    {"Deployment", MCP_POD("containers: [{image: x}]")},
    {"Deployment", MCP_POD("containers: [{name: Web, image: x}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x}, {name: web, image: y}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, ports: [{containerPort: 0}]}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, ports: [{containerPort: 70000}]}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, ports: [{name: a, containerPort: 1}, {name: a, containerPort: 2}]}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, ports: [{name: much-too-long-name, containerPort: 1}]}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, env: [{name: 'A=B', value: x}]}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, env: [{name: A, value: 1}]}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, volumeMounts: [{name: none, mountPath: /x}]}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, resources: {requests: {memory: lots}}}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, imagePullPolicy: Sometimes}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, readinessProbe: {periodSeconds: 5}}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, readinessProbe: {httpGet: {port: 0}}}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x, comand: [a]}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x}], terminationGracePeriodSeconds: -1")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x}], volumes: [{name: a}, {name: A}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x}], volumes: [{name: v, emptyDir: {}, configMap: {name: c}}]")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x}], serviceAccountName: Not_A_Name")},
    {"Deployment", MCP_POD("containers: [{name: web, image: x}], nodeSelector: {a: 'b c'}")},
    {"Deployment", "{spec: {selector: {}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: x}]}}}}"},
    {"Deployment", "{spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: x}]}}}}"},
    {"NetworkPolicy", "{spec: {podSelector: {}, policyTypes: [Inwards]}}"},
    {"NetworkPolicy", "{spec: {podSelector: {}, ingress: [{ports: [{port: 0}]}]}}"},
    {"NetworkPolicy", "{spec: {podSelector: {}, ingress: [{from: [{}]}]}}"},
    {"NetworkPolicy", "{spec: {podSelector: {matchLabels: {app: 'not a label'}}}}"},
    {"ResourceQuota", "{spec: {hard: {pods: many}}}"},
    {"ResourceQuota", "{spec: {hard: {pods: '-1'}}}"},
    {"ResourceQuota", "{spec: {hrd: {pods: '1'}}}"},
    {"ResourceQuota", "{spec: {hard: {pods: 1.5}}}"},
    {"ResourceQuota", "{spec: {hard: {unheard-of: '1'}}}"},
};
#undef MCP_POD

/// The body with apiVersion, kind, name and namespace; what it says of its metadata stays.
Value addressed(const ObjectRef& ref, const Value& said) {
  Value metadata = said.find("metadata") != nullptr ? *said.find("metadata") : Value::empty_map();
  metadata = metadata.with("name", Value::string(ref.name));
  if (!ref.ns.empty()) metadata = metadata.with("namespace", Value::string(ref.ns));
  return said.with("apiVersion", Value::string(ref.api)).with("kind", Value::string(ref.kind)).with("metadata", metadata);
}

/// As mcp sends it: nothing that means "unset", quantities canonical.
Value spoken(const ObjectRef& ref, const std::string& text, const std::string& metadata) {
  return addressed(ref, yaml(text).with("metadata", yaml("{" + metadata + "}")));
}

std::shared_ptr<const SecretBytes> secret_bytes() {
  auto out = std::make_shared<SecretBytes>();
  for (const char* value : {"1", "2", "3"}) out->put(std::string(print_of_secret) + value, value);
  return out;
}

class Maker {
 public:
  Maker(std::uint64_t seed, const std::string& prefix) : dice_(seed * 7919 + 1), pen_(dice_), places_(namespaces_of(prefix)) {}

  std::vector<Move> make(std::size_t count) {
    std::vector<Move> out;
    for (const std::string& place : places_) out.push_back(write(space(place), "{}", "mcp"));
    const std::size_t end = count - count / 10;   // what is left then meets a namespace that ends
    for (std::size_t i = 0; i < count; ++i) {
      if (i == end) {
        Move hold = write({"", "v1", "ConfigMap", places_[1], "hold"}, "{}", "mcp");
        Write& body = std::get<Write>(hold.op.request);
        body.body = body.body.with("metadata", body.body.find("metadata")->with("finalizers", yaml("[mcp.dev/test]")));
        out.push_back(std::move(hold));
        out.push_back(remove(space(places_[1]), Whose::Anyone));
        ended_ = true;
      }
      out.push_back(ended_ && dice_.one_in(3) ? into_the_ending(i) : next());
    }
    return out;
  }

 private:
  ObjectRef space(const std::string& name) { return {"", "v1", "Namespace", "", name}; }

  ObjectRef somewhere() {
    const Kind& k = kinds[dice_.below(std::size(kinds))];
    if (std::string_view(k.kind) == "Namespace") return space(places_[0]);
    return {"", k.api, k.kind, places_[0], fmt::format("x{}", dice_.below(k.names))};
  }

  Move write(const ObjectRef& ref, const std::string& said, const std::string& manager) {
    Write w;
    w.ref = ref;
    w.body = spoken(ref, said, manager == "mcp" ? pen_.joined({labels(pen_), annotations(pen_)}) : theirs(ref, manager));
    w.manager = manager;
    w.secrets = secret_bytes();
    return {.op = {.member = "", .request = std::move(w)}};
  }
  /// What others say of metadata.
  std::string theirs(const ObjectRef& ref, const std::string& manager) {
    const bool hold = manager == "other" && ref.kind == "ConfigMap" && pen_.one_in(3);
    return pen_.joined({pen_.one_in(3) ? pen_.part("labels", {pen_.maybe({"tier: front", "tier: side"}), pen_.maybe({"mesh: 'on'"})}) : "",
                        hold ? pen_.list("finalizers", {"mcp.dev/one", "mcp.dev/two"}) : ""});
  }
  Move remove(const ObjectRef& ref, Whose uid) {
    return {.op = {.member = "", .request = Remove{ref, {}}}, .uid = uid};
  }

  Whose chance(std::size_t present, std::size_t other) {
    if (dice_.one_in(other)) return dice_.one_in(2) ? Whose::Former : Whose::Foreign;
    return dice_.one_in(present) ? Whose::Present : Whose::Anyone;
  }

  /// An object that is new to a namespace that ends, or the namespace itself.
  Move into_the_ending(std::size_t i) {
    if (dice_.one_in(4)) return write(space(places_[1]), "{}", "mcp");
    const Kind& k = kinds[dice_.below(std::size(kinds) - 1)];
    return write({"", k.api, k.kind, places_[1], fmt::format("late{}", i)}, whole(k.kind, pen_), "mcp");
  }

  Move next() {
    const ObjectRef ref = somewhere();
    if (dice_.one_in(20)) {
      List list;
      list.ns = places_[0];
      for (const Kind& k : kinds)
        if (std::string_view(k.kind) != "Namespace") list.kinds.emplace_back(k.api, k.kind);
      return {.op = {.member = "", .request = std::move(list)}};
    }
    if (dice_.one_in(6) && ref.kind != "Namespace") {
      Move out = remove(ref, chance(2, 4));
      if (quiet(ref.kind) && dice_.one_in(5)) out.version = dice_.one_in(2) ? Whose::Present : Whose::Former;
      return out;
    }
    bad_ = false;
    Move out = some_write(ref);
    Write& w = std::get<Write>(out.op.request);
    if (dice_.one_in(6)) w.force = Force::Yes;
    if (dice_.one_in(8)) w.trial = true;
    out.uid = chance(3, 9);
    if (bad_ && out.uid != Whose::Present) out.uid = Whose::Anyone;   // of two reasons to refuse, either may be told
    if (!bad_ && quiet(ref.kind) && dice_.one_in(10)) out.version = dice_.one_in(2) ? Whose::Present : Whose::Former;
    return out;
  }

  Move some_write(ObjectRef ref) {
    switch (dice_.below(12)) {
      case 0: case 1: return refused();
      case 2: case 3: case 4: return write(ref, piece(ref.kind, pen_), pen_.one_of({"other", "other", "third"}));
      case 5: {   // gives up all it has
        Move out = write(ref, "{}", pen_.one_of({"mcp", "other"}));
        Write& w = std::get<Write>(out.op.request);
        w.body = addressed(ref, Value::empty_map());
        return out;
      }
      case 6: {   // elsewhere
        if (ref.ns.empty()) return write(ref, "{}", "mcp");
        ref.ns = ended_ || dice_.one_in(2) ? places_[0] + "-none" : places_[1];
        return write(ref, whole(ref.kind, pen_), "mcp");
      }
      default: return write(ref, whole(ref.kind, pen_), "mcp");
    }
  }

  Move refused() {
    bad_ = true;
    if (dice_.one_in(8)) {
      ObjectRef ref = somewhere();
      ref.name = pen_.one_of({"Upper", "under_score", "-dash", "a..b", "9lives", "dot.ted"});
      if (ref.ns.empty()) ref.ns = places_[0], ref.kind = "ConfigMap";
      return write(ref, whole(ref.kind, pen_), "mcp");
    }
    const Bad& bad = bad_bodies[dice_.below(std::size(bad_bodies))];
    const Kind& kind = *std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& k) { return std::string_view(k.kind) == bad.kind; });
    const ObjectRef ref{"", kind.api, kind.kind, places_[0], fmt::format("x{}", dice_.below(kind.names))};
    Move out = write(ref, "{}", "mcp");
    std::get<Write>(out.op.request).body = addressed(ref, yaml(bad.body));
    return out;
  }

  Dice dice_;
  Pen pen_;
  std::array<std::string, 2> places_;
  bool bad_ = false;     // the write that is being made
  bool ended_ = false;   // the second of them: what was in it goes at a time of its own
};

}  // namespace

bool quiet(const std::string& kind) { return kind == "ConfigMap" || kind == "Secret" || kind == "Service" || kind == "NetworkPolicy"; }

const ObjectRef& Move::ref() const {
  static const ObjectRef none;
  if (const auto* write = std::get_if<Write>(&op.request)) return write->ref;
  if (const auto* remove = std::get_if<Remove>(&op.request)) return remove->ref;
  if (const auto* read = std::get_if<Read>(&op.request)) return read->ref;
  return none;
}

std::string Move::text() const {
  static constexpr const char* names[] = {"", "present", "former", "foreign"};
  std::string expect;
  if (uid != Whose::Anyone) expect += fmt::format(", uid {}", names[static_cast<int>(uid)]);
  if (version != Whose::Anyone) expect += fmt::format(", version {}", names[static_cast<int>(version)]);
  const auto* write = std::get_if<Write>(&op.request);
  if (write == nullptr) return (std::holds_alternative<Remove>(op.request) ? "delete " : std::holds_alternative<Read>(op.request) ? "read " : "list ") + ref().text() + expect;
  return fmt::format("{} as {}{}{}{}\n  {}", write->trial ? "try" : "apply", write->manager, write->force == Force::Yes ? ", force" : "", expect,
                     ref().ns.empty() ? ", " + ref().name : ", in " + ref().ns, to_json(write->body));
}

std::array<std::string, 2> namespaces_of(const std::string& prefix) { return {prefix + "-a", prefix + "-b"}; }

std::vector<Move> clearing_of(const std::string& prefix) {
  const auto places = namespaces_of(prefix);
  std::vector<Move> out;
  const auto free = [&](const std::string& place, const std::string& name, const char* manager) {
    Write w;
    w.ref = {"", "v1", "ConfigMap", place, name};
    w.body = addressed(w.ref, yaml("{metadata: {labels: {a: b}}}"));
    w.manager = manager;
    w.force = Force::Yes;
    out.push_back({.op = {.member = "", .request = std::move(w)}, .uid = Whose::Present});
  };
  free(places[1], "hold", "mcp");
  for (const std::string& place : places)
    for (const char* name : {"x0", "x1"}) free(place, name, "other");
  for (const std::string& place : places) out.push_back({.op = {.member = "", .request = Remove{{"", "v1", "Namespace", "", place}, {}}}});
  return out;
}

std::vector<Move> moves_of(std::uint64_t seed, std::size_t count, const std::string& prefix) { return Maker(seed, prefix).make(count); }

}  // namespace mcp::test
