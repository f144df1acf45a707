#include "lang/value/json.hpp"
#include "tests/unit/planner/model/rendered.hpp"

namespace mcp::test {

namespace {
std::string manifest(const std::string& text, const std::string& head = "manifest m in shop", const std::string& where = "on = clusters") {
  return head + " {\n  " + where + "\n  source = \"\"\"\n" + text + "\n    \"\"\"\n}\n";
}
}  // namespace

TEST_CASE("documents of a manifest get the namespace, labels and an address each") {
  const Rendered r(manifest(R"(    apiVersion: v1
    kind: ConfigMap
    metadata: {name: one, labels: {x: y}, uid: gone}
    data: {on: "off"}
    status: {}
    ---
    ---
    {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "two"}, "spec": {"n": 1, "none": null}})"));
  CHECK(r.findings().empty());
  CHECK(r.on("a") == "manifest.shop/m/ConfigMap/one manifest.shop/m/Widget/two");
  CHECK(to_json(r.body("manifest.shop/m/ConfigMap/one@a")) ==
        R"({"apiVersion":"v1","data":{"on":"off"},"kind":"ConfigMap","metadata":{"annotations":{"mcp.dev/address":"manifest.shop/m/ConfigMap/one"},)"
        R"("labels":{"app.kubernetes.io/managed-by":"mcp","mcp.dev/project":"test","x":"y"},"name":"one","namespace":"shop"}})");
  CHECK(to_json(r.field("manifest.shop/m/Widget/two@b", "spec")) == R"({"n":1})");
}

TEST_CASE("manifests are refused what a block is for") {
  struct Row { const char* name; const char* text; const char* head; const char* found; };
  const Row rows[] = {
      {"secret", "    apiVersion: v1\n    kind: Secret\n    metadata: {name: s}", "manifest m in shop", "E0906 3"},
      {"namespace", "    apiVersion: v1\n    kind: Namespace\n    metadata: {name: s}", "manifest m", "E0906 3"},
      {"pod", "    apiVersion: v1\n    kind: Pod\n    metadata: {name: s}", "manifest m in shop", "E0906 3"},
      {"generated name", "    apiVersion: v1\n    kind: ConfigMap\n    metadata: {generateName: s}", "manifest m in shop", "E0906 3"},
      {"other namespace", "    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: s, namespace: zoo}", "manifest m in shop", "E0905 3"},
      {"no namespace", "    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: s}", "manifest m", "E0905 3"},
      {"no name", "    apiVersion: v1\n    kind: ConfigMap\n    metadata: {}", "manifest m in shop", "E0904 3"},
      {"no kind", "    apiVersion: v1\n    metadata: {name: s}", "manifest m in shop", "E0904 3"},
      {"no map", "    - 1", "manifest m in shop", "E0904 3"},
      {"no YAML", "    a: b: c", "manifest m in shop", "E0904 3"},
      {"twice", "    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: s}\n    ---\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: s}", "manifest m in shop", "E0907 3"},
      {"Deployment", "    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: s}\n    spec: {template: {metadata: {labels: {a: b}}}}", "manifest m in shop", "W0907 1"},
      {"Service for nobody", "    apiVersion: v1\n    kind: Service\n    metadata: {name: s}\n    spec: {selector: {a: b}, ports: [{port: 80}]}", "manifest m in shop", "W0908 3"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(Rendered(manifest(row.text, row.head)).findings() == row.found);
  }
}

TEST_CASE("a manifest may not state what a block states") {
  const Rendered r(workload("ports = { http = 80 }") + "service web in shop { target = workload.web, ports = { http = 80 } }\n" +
                   manifest("    apiVersion: v1\n    kind: Service\n    metadata: {name: web}\n    spec: {ports: [{port: 80}]}"));
  CHECK(r.findings() == "E0907 10");
  CHECK(r.first_message() == "Service shop/web is stated by service.shop/web and by manifest.shop/m/Service/web");
}

TEST_CASE("a Service in YAML stands before a workload like one of ours") {
  const Rendered r(workload("ports = { http = 80 }") +
                   manifest("    apiVersion: v1\n    kind: Service\n    metadata: {name: s}\n    spec: {selector: {app.kubernetes.io/name: web}, ports: [{port: 80}]}", "manifest m in shop", "with = workload.web"));
  CHECK(r.findings().empty());
  CHECK(r.on("a") == "workload.shop/web manifest.shop/m/Service/s");
}

TEST_CASE("a manifest says whom it follows or where it stands") {
  CHECK(Rendered("manifest m in shop { source = \"apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: s}\\n\" }\n").findings() == "E0510 1");
}

TEST_CASE("cluster-scoped objects have no namespace") {
  const Rendered r(manifest("    apiVersion: scheduling.k8s.io/v1\n    kind: PriorityClass\n    metadata: {name: high}\n    value: 10", "manifest m"));
  CHECK(r.findings().empty());
  CHECK(r.on("a") == "manifest.m/PriorityClass/high");
}

TEST_CASE("quantities of manifests come in one spelling") {
  const Rendered r(manifest("    apiVersion: v1\n    kind: ResourceQuota\n    metadata: {name: q}\n    spec: {hard: {cpu: 2.0e0, requests.cpu: 1000m, memory: 1024Mi, pods: 10}}"));
  CHECK(r.field("manifest.shop/m/ResourceQuota/q@a", "spec.hard[requests.cpu]") == Value::string("1"));
  CHECK(r.field("manifest.shop/m/ResourceQuota/q@a", "spec.hard.memory") == Value::string("1Gi"));
  CHECK(r.field("manifest.shop/m/ResourceQuota/q@a", "spec.hard.pods") == Value::string("10"));
}

}  // namespace mcp::test
