// Whole plans against a Kubernetes server in the test's own process, for answers that real ones give rarely.
#include <string>

#include "tests/e2e/project.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_api.hpp"

namespace mcp::test {
namespace {

FakeReply missing(const std::string& kind, const std::string& name) {
  return {404, R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","message":"not found","details":{"name":")" + name + R"(","kind":")" + kind + R"("},"code":404})"};
}

/// A server with a namespace `n` that the project has made, where reading ConfigMaps of `n` is answered by `config`.
FakeReply server(const FakeRequest& request, const FakeReply& config) {
  const std::string path = request.target.substr(0, request.target.find('?'));
  if (path == "/version") return {200, R"({"major":"1","minor":"36","gitVersion":"v1.36.3"})"};
  if (path == "/api/v1/namespaces/kube-system") return {200, R"({"kind":"Namespace","apiVersion":"v1","metadata":{"name":"kube-system","uid":"k"}})"};
  if (path == "/api/v1/namespaces/n")
    return {200, R"({"kind":"Namespace","apiVersion":"v1","metadata":{"name":"n","uid":"u","labels":{"app.kubernetes.io/managed-by":"mcp","mcp.dev/project":"p"},)"
                 R"("annotations":{"mcp.dev/address":"namespace.n"},"managedFields":[{"manager":"mcp","operation":"Apply","apiVersion":"v1","fieldsV1":{"f:metadata":{"f:labels":{"f:mcp.dev/project":{}}}}}]}})"};
  if (path == "/api/v1/namespaces/n/configmaps/conf" && request.method == "GET") return config;
  if (request.method != "GET") return {200, request.body};
  return missing("objects", path.substr(path.rfind('/') + 1));
}

}  // namespace

TEST_CASE("who does not say what stands under a name is written to by a later plan") {
  for (const bool says : {true, false}) {
    const FakeReply forbidden{403, R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"no","details":{},"code":403})"};
    const FakeApi api([&](const FakeRequest& request) { return server(request, says ? missing("configmaps", "conf") : forbidden); });
    Project project;
    project.write("main.mcp", "mcp p {}\ncluster a { cloud = \"x\", region = \"r\" }\nnamespace n { isolated = false }\nconfig conf in n { data = { a = \"1\" }, on = clusters }\n");
    project.write("kubeconfig", "clusters: [ { name: s, cluster: { server: \"" + api.url() + "\" } } ]\ncontexts: [ { name: a, context: { cluster: s } } ]\n");
    const Ran ran = project.ok({"plan", "--kubeconfig", "kubeconfig"});
    INFO(ran.out << ran.err);
    const auto has = [&](std::string_view part) { return both(ran).find(part) != std::string::npos; };
    CHECK(has("+ config.n/conf") == says);
    CHECK(has("refuses us") == !says);
    CHECK(has("no cluster can be changed now") == !says);
    CHECK(has("a was not read: no right to get configmaps n/conf") == !says);
  }
}

}  // namespace mcp::test
