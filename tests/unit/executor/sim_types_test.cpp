#include "executor/sim/types.hpp"

#include "executor/sim/validity.hpp"
#include "tests/support/bodies.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

/// A Deployment that every server takes, with `spec` of its Pods.
Value pods(const std::string& spec) {
  return yaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {" + spec + "}}}}");
}
Value with_container(const std::string& more) { return pods("containers: [{name: web, image: x" + more + "}]"); }
Value object(const std::string& api, const std::string& kind, const std::string& rest) {
  const std::string name = rest.starts_with("metadata") ? "" : "metadata: {name: x}, ";
  return yaml("{apiVersion: " + api + ", kind: " + kind + ", " + name + rest + "}");
}
Value service(const std::string& spec) { return object("v1", "Service", "spec: {" + spec + "}"); }

std::string misfit_of(const Value& body) { return misfit(api_type(body.text_or("apiVersion", ""), body.text_or("kind", "")), body); }
std::string invalid_of(const Value& body) { return invalid(body.text_or("apiVersion", ""), body.text_or("kind", ""), body); }

}  // namespace

TEST_CASE("types know lists by key, sets, and what has one owner") {
  const ApiType& deployment = api_type("apps/v1", "Deployment");
  const ApiType& pod = *deployment.field("spec")->field("template")->field("spec");
  const ApiType& container = pod.field("containers")->item();
  CHECK(pod.field("containers")->keys == std::vector<std::string>{"name"});
  CHECK(container.field("ports")->keys == std::vector<std::string>{"containerPort", "protocol"});
  CHECK(container.field("command")->whole);
  CHECK(deployment.field("spec")->field("selector")->whole);
  CHECK(pod.field("imagePullSecrets")->item().whole);
  CHECK(deployment.field("metadata")->field("finalizers")->set);
  CHECK(deployment.field("spec")->field("replcas") == nullptr);
  CHECK(api_type("example.org/v1", "Widget").field("anything") != nullptr);
}

TEST_CASE("a body of another form than its kind is found out") {
  struct Row { const char* name; Value body; const char* wrong; };
  const Row rows[] = {
      {"fine", with_container(", env: [{name: A, value: x}]"), ""},
      {"a kind of which nothing is known", object("example.org/v1", "Widget", "spec: {size: [1]}"), ""},
      {"a secret value", object("v1", "Secret", "data: {a: {$secret: x}}"), ""},
      {"a port by number and by name", service("ports: [{port: 80, targetPort: http}, {port: 81, targetPort: 8080}]"), ""},
      {"a field that is not there", with_container(", comand: [a]"), ".spec.template.spec.containers[0].comand: field not declared in schema"},
      {"a text for a number", service("ports: [{port: http}]"), ".spec.ports[0].port: expected numeric, got \"http\""},
      {"a number for a text", with_container(", env: [{name: A, value: 1}]"), ".spec.template.spec.containers[0].env[0].value: expected string, got 1"},
      {"a list for a map", object("v1", "ConfigMap", "data: [a]"), ".data: expected map, got [\"a\"]"},
      {"a map for a list", service("ports: {port: 80}"), ".spec.ports: expected list, got {\"port\":80}"},
      {"an item twice", pods("containers: [{name: a, image: x}, {name: a, image: y}]"), ".spec.template.spec.containers[1]: duplicate entries for key"},
      {"twice by a protocol left out", service("ports: [{port: 80}, {name: b, port: 80, protocol: TCP}]"), ".spec.ports[1]: duplicate entries for key"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(misfit_of(row.body) == row.wrong);
  }
}

TEST_CASE("what no server takes is refused, and what it takes is not") {
  struct Row { const char* name; Value body; const char* wrong; };
  const Row rows[] = {
      {"fine", with_container(", ports: [{name: http, containerPort: 80}]"), ""},
      {"no containers", pods("containers: []"), "spec.template.spec.containers: Required value"},
      {"nothing but a name", object("apps/v1", "Deployment", "metadata: {name: x}"), "spec.selector: Required value"},
      {"no image", pods("containers: [{name: web}]"), "spec.template.spec.containers.image: Required value"},
      {"a selector of others", yaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {selector: {matchLabels: {a: c}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: w, image: x}]}}}}"),
       "spec.template.metadata.labels: `selector` does not match template `labels`"},
      {"port names twice", with_container(", ports: [{name: a, containerPort: 1}, {name: a, containerPort: 2}]"), "spec.template.spec.containers.ports: a name is there twice"},
      {"a port out of range", with_container(", ports: [{containerPort: 70000}]"), "spec.template.spec.containers.ports.containerPort: not from 1 to 65535"},
      {"a mount of no volume", with_container(", volumeMounts: [{name: v, mountPath: /v}]"), "spec.template.spec.containers.volumeMounts: no volume has the name v"},
      {"more than the limit", with_container(", resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}"), "spec.template.spec.containers.resources.requests: more than the limit of memory"},
      {"less than the limit", with_container(", resources: {requests: {memory: 900Mi, cpu: 900m}, limits: {memory: 1Gi, cpu: '1'}}"), ""},
      {"a probe of nothing", with_container(", readinessProbe: {periodSeconds: 5}"), "spec.template.spec.containers.readinessProbe.httpGet: one way to ask is needed, and one only"},
      {"a probe of what only begins", pods("initContainers: [{name: i, image: x, readinessProbe: {tcpSocket: {port: 80}}}], containers: [{name: w, image: x}]"),
       "spec.template.spec.initContainers: probes and lifecycle need restartPolicy Always"},
      {"a value and where it is from", with_container(", env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]"),
       "spec.template.spec.containers.env.valueFrom: may not be specified when `value` is not empty"},
      {"ports without names", service("ports: [{port: 80}, {port: 81}]"), "spec.ports: of several each needs a name"},
      {"no ports", service("type: ClusterIP"), "spec.ports: Required value"},
      {"headless needs none", service("clusterIP: None"), ""},
      {"headless for the outside", service("clusterIP: None, type: NodePort, ports: [{port: 80}]"), "spec.clusterIP: may not be None for a Service of type NodePort"},
      {"no address", service("clusterIP: 10.1.2, ports: [{port: 80}]"), "spec.clusterIP: no IP address"},
      {"a label with a space", object("v1", "ConfigMap", "metadata: {name: x, labels: {a: 'b c'}}"), "metadata.labels: a key or value is no label"},
      {"a key with a slash", object("v1", "ConfigMap", "data: {a/b: x}"), "data: a key has other characters than letters, digits, -, _ and ."},
      {"a key in both", object("v1", "ConfigMap", "data: {a: x}, binaryData: {a: AAEC}"), "binaryData: duplicate of key present in data"},
      {"a name", object("v1", "ConfigMap", "metadata: {name: Upper}"), "metadata.name: no DNS name"},
      {"a quota of what there is not", object("v1", "ResourceQuota", "spec: {hard: {unheard-of: '1'}}"), "spec.hard[unheard-of]: must be a standard resource type or fully qualified"},
      {"a direction", object("networking.k8s.io/v1", "NetworkPolicy", "spec: {podSelector: {}, policyTypes: [Inwards]}"), "spec.policyTypes: neither Ingress nor Egress"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(invalid_of(row.body) == row.wrong);
  }
  const Value lots = with_container(", resources: {limits: {memory: lots}}");
  CHECK(unreadable("apps/v1", "Deployment", lots) == "spec.template.spec.containers.resources.limits: no quantity");
  CHECK(unreadable("v1", "ConfigMap", object("v1", "ConfigMap", "binaryData: {a: '***'}")) == "binaryData: illegal base64 data");
}

TEST_CASE("replacing Pods at once and one by one exclude each other") {
  const auto strategy = [](const char* text) {
    const Value body = with_container("");
    return invalid_of(body.with("spec", body.find("spec")->with("strategy", yaml(text))));
  };
  CHECK(strategy("{type: Recreate}").empty());
  CHECK(strategy("{type: Recreate, rollingUpdate: {maxSurge: 1}}") == "spec.strategy.rollingUpdate: may not be specified when strategy `type` is 'Recreate'");
  CHECK(strategy("{type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}") == "spec.strategy.rollingUpdate.maxUnavailable: may not be 0 when `maxSurge` is 0");
}
