// Whole plans against a Kubernetes server in the test's own process, for answers that real ones give rarely.
#include <algorithm>
#include <map>
#include <string>

#include "lang/value/json.hpp"
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

/// A server that keeps what is applied, and lists it in pages of `page` objects.
class Keeper {
 public:
  std::size_t page = 1000;
  int expiries = 0;      // how many of the next pages to go on from are too old
  std::size_t lists = 0;   // pages that were asked for

  FakeReply answer(const FakeRequest& request) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (path == "/version") return {200, R"({"major":"1","minor":"36","gitVersion":"v1.36.3"})"};
    if (path == "/api/v1/namespaces/kube-system") return {200, R"({"kind":"Namespace","apiVersion":"v1","metadata":{"name":"kube-system","uid":"k"}})"};
    if (request.method == "PATCH") {
      const int status = objects_.contains(path) ? 200 : 201;
      return {status, to_json(apply(path, *parse_json(request.body), request.target.find("dryRun=All") == std::string::npos))};
    }
    if (request.target.find("limit=") != std::string::npos) return list(path.substr(path.rfind('/') + 1), request.target);
    const auto found = objects_.find(path);
    return found == objects_.end() ? missing("objects", path.substr(path.rfind('/') + 1)) : FakeReply{200, to_json(found->second)};
  }
  /// Somebody changes a ConfigMap; null: removes it.
  void edit(const std::string& name, const Value& data) {
    const auto found = objects_.find("/api/v1/namespaces/n/configmaps/" + name);
    REQUIRE(found != objects_.end());
    if (data.is_null()) objects_.erase(found);
    else found->second = found->second.with("data", data);
  }

 private:
  Value apply(const std::string& path, const Value& body, bool store) {
    const Value managed = *parse_json(R"([{"manager":"mcp","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{}}}])");
    const Value metadata = body.find("metadata")->with("uid", Value::string("u" + path)).with("resourceVersion", Value::string(std::to_string(++version_))).with("managedFields", managed);
    const Value out = body.with("metadata", metadata);
    if (store) objects_[path] = out;
    return out;
  }
  FakeReply list(const std::string& plural, const std::string& target) {
    ++lists;
    std::vector<const Value*> all;
    for (const auto& [path, object] : objects_)
      if (path.find("/" + plural + "/") != std::string::npos && (plural != "namespaces" || path.find("/", 19) == std::string::npos)) all.push_back(&object);
    const auto at = target.find("&continue=");
    if (at != std::string::npos && expiries > 0 && expiries-- > 0) return {410, R"({"kind":"Status","reason":"Expired","message":"too old","code":410})"};
    const std::size_t from = at == std::string::npos ? 0 : std::stoul(target.substr(at + 10));
    const std::size_t to = std::min(all.size(), from + page);
    std::vector<Value> items;
    for (std::size_t i = from; i < to; ++i) items.push_back(*all[i]);
    const Value metadata = MapBuilder().set("continue", std::string_view(to < all.size() ? std::to_string(to) : "")).build();
    return {200, to_json(MapBuilder().set("kind", "List").set("metadata", metadata).set("items", Value::list(std::move(items))).build())};
  }
  std::map<std::string, Value> objects_;   // by path
  int version_ = 0;
};

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

TEST_CASE("a plan is the same whether members answer in one page or in many, and when a page expires") {
  Keeper keeper;
  const FakeApi api([&](const FakeRequest& request) { return keeper.answer(request); });
  Project project;
  std::string policy = "mcp p {}\ncluster a { cloud = \"x\", region = \"r\" }\nnamespace n { isolated = false }\n";
  for (int i = 10; i < 30; ++i) policy += "config c" + std::to_string(i) + " in n { data = { a = \"1\" }, on = clusters }\n";
  project.write("main.mcp", policy);
  project.write("kubeconfig", "clusters: [ { name: s, cluster: { server: \"" + api.url() + "\" } } ]\ncontexts: [ { name: a, context: { cluster: s } } ]\n");
  project.environment["KUBECONFIG"] = "kubeconfig";
  project.ok({"apply", "--yes"});
  CHECK(both(project.ok({"plan"})).starts_with("No changes"));
  keeper.edit("c12", MapBuilder().set("a", "2").build());
  keeper.edit("c15", Value());
  keeper.edit("c29", MapBuilder().set("a", "3").build());
  const std::string expected = both(project.ok({"plan"}));
  CHECK(expected.find("config.n/c12") != std::string::npos);
  CHECK(expected.find("config.n/c15") != std::string::npos);
  for (const std::size_t page : {std::size_t{1}, std::size_t{3}, std::size_t{7}})
    for (const int expiries : {0, 1, 3}) {
      CAPTURE(page, expiries);
      keeper.page = page;
      keeper.expiries = expiries;
      keeper.lists = 0;
      CHECK(both(project.ok({"plan"})) == expected);
      CHECK(keeper.lists > 20 / page);
      CHECK(keeper.expiries == 0);
    }
  // Somebody who never gets on is told of; nothing is concluded from what is not listed.
  keeper.expiries = 1000;
  const std::string lost = both(project.ok({"plan"}));
  CHECK(lost.find("too old") != std::string::npos);
  CHECK(keeper.lists < 200);
}

}  // namespace mcp::test
