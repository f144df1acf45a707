#include "planner/diff/normalize.hpp"

#include "lang/value/json.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/planner/diff/yaml.hpp"

namespace mcp::test {

namespace {
std::string normal(std::string_view kind, std::string_view text) { return to_json(normalize(kind, yaml(text))); }
std::string owned(std::string_view kind, std::string_view stated, std::string_view live) { return to_json(owned_fields(kind, yaml(stated), yaml(live))); }
}  // namespace

TEST_CASE("a normal body holds nothing that servers keep or that means nothing") {
  CHECK(normal("ConfigMap", "{metadata: {name: a, uid: u, resourceVersion: '1', managedFields: [], creationTimestamp: null, labels: {}}, status: {x: 1}, data: {}}") ==
        R"({"data":{},"metadata":{"name":"a"}})");
  CHECK(normal("Deployment", "{spec: {a: null, b: {}, c: {d: {}}, volumes: [{name: x, emptyDir: {}}]}}") == R"({"spec":{"volumes":[{"emptyDir":{},"name":"x"}]}})");
  CHECK(normal("NetworkPolicy", "{spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}}") == R"({"spec":{"ingress":[{"from":[{"podSelector":{}}]}],"podSelector":{}}})");
  CHECK(normal("Deployment", "{resources: {requests: {cpu: 1000m, memory: 1024Mi, pods: 3}, limits: {cpu: 2}}}") ==
        R"({"resources":{"limits":{"cpu":"2"},"requests":{"cpu":"1","memory":"1Gi","pods":"3"}}})");
}

TEST_CASE("fields of kinds that are not known are left as they are stated") {
  CHECK(normal("Cluster", "{apiVersion: db.example.org/v1, spec: {limits: {connections: 1000}, storage: 10, selfSigned: {}, none: null}}") ==
        R"({"apiVersion":"db.example.org/v1","spec":{"limits":{"connections":1000},"selfSigned":{},"storage":10}})");
  CHECK(normal("CustomResourceDefinition", "{apiVersion: apiextensions.k8s.io/v1, spec: {versions: [{subresources: {status: {}}}]}}") ==
        R"({"apiVersion":"apiextensions.k8s.io/v1","spec":{"versions":[{"subresources":{"status":{}}}]}})");
  // A Service of Knative is none of Kubernetes.
  CHECK(normal("Service", "{apiVersion: serving.knative.dev/v1, spec: {traffic: {}}}") == R"({"apiVersion":"serving.knative.dev/v1","spec":{"traffic":{}}})");
  CHECK(owned("Cluster", "{apiVersion: db.example.org/v1, spec: {limits: {connections: 1000}}}", "{apiVersion: db.example.org/v1, spec: {limits: {connections: 1000, more: 1}, empty: {}}}") ==
        R"({"apiVersion":"db.example.org/v1","spec":{"limits":{"connections":1000}}})");
  // Everything is not nothing.
  CHECK(normal("Deployment", "{topology: {labelSelector: {}}}") == R"({"topology":{"labelSelector":{}}})");
}

TEST_CASE("normalising twice changes nothing") {
  const Value once = normalize("Deployment", yaml("{metadata: {name: a}, spec: {x: {y: {}}, resources: {limits: {cpu: 1000m}}}}"));
  CHECK(normalize("Deployment", once) == once);
  CHECK(normalize("Deployment", once).same_as(once));
}

TEST_CASE("a live object is cut to the fields that are stated") {
  CHECK(owned("ConfigMap", "{data: {a: '1'}, metadata: {labels: {x: y}}}", "{data: {a: '2', b: '3'}, metadata: {labels: {x: z, other: o}, uid: u}}") ==
        R"({"data":{"a":"2"},"metadata":{"labels":{"x":"z"}}})");
  CHECK(owned("ConfigMap", "{data: {a: '1'}}", "{}") == "{}");
}

TEST_CASE("keyed lists are cut item by item, in our order") {
  CHECK(owned("Deployment", "{spec: {containers: [{name: b, image: i}, {name: a, env: [{name: E, value: '1'}]}]}}",
              "{spec: {containers: [{name: a, image: x, env: [{name: F, value: f}, {name: E, value: '2'}]}, {name: b, image: j, tty: true}]}}") ==
        R"({"spec":{"containers":[{"image":"j","name":"b"},{"env":[{"name":"E","value":"2"}],"name":"a"}]}})");
  CHECK(owned("Service", "{spec: {ports: [{port: 80, targetPort: 8080}]}}", "{spec: {ports: [{port: 80, protocol: TCP, targetPort: 8080, nodePort: 31000}]}}") ==
        R"({"spec":{"ports":[{"port":80,"targetPort":8080}]}})");
}

TEST_CASE("other lists are owned whole") {
  CHECK(owned("Deployment", "{spec: {containers: [{name: a, args: [x]}]}}", "{spec: {containers: [{name: a, args: [x, y]}]}}") ==
        R"({"spec":{"containers":[{"args":["x","y"],"name":"a"}]}})");
  CHECK(owned("NetworkPolicy", "{spec: {ingress: [{from: []}]}}", "{spec: {ingress: [{from: [{podSelector: {}}]}, {}]}}") ==
        R"({"spec":{"ingress":[{"from":[{"podSelector":{}}]},{}]}})");
}

TEST_CASE("equal quantities are equal, however a server spells them") {
  CHECK(owned("Deployment", "{spec: {resources: {limits: {cpu: '1'}}}}", "{spec: {resources: {limits: {cpu: 1000m, memory: 1Gi}}}}") ==
        R"({"spec":{"resources":{"limits":{"cpu":"1"}}}})");
  CHECK(owned("Deployment", "{emptyDir: {sizeLimit: 1Gi}}", "{emptyDir: {sizeLimit: 1024Mi}}") == R"({"emptyDir":{"sizeLimit":"1Gi"}})");
}

TEST_CASE("an empty text of the environment, which servers drop, still counts as stated") {
  CHECK(owned("Deployment", "{containers: [{name: a, env: [{name: E, value: ''}]}]}", "{containers: [{name: a, env: [{name: E}]}]}") ==
        R"({"containers":[{"env":[{"name":"E","value":""}],"name":"a"}]})");
}

TEST_CASE("nothing is owned of an object that is gone") { CHECK(owned_fields("ConfigMap", yaml("{a: 1}"), Value()).is_null()); }

}  // namespace mcp::test
