#include "executor/kube/paths.hpp"

#include "executor/kube/http.hpp"
#include "executor/kube/kubeconfig.hpp"
#include "lang/value/json.hpp"
#include "tests/support/catch.hpp"

using namespace mcp;

namespace {

std::string parts(std::string_view text) {
  const auto url = server_url(text);
  return url ? url->scheme + " " + url->host + " " + url->port + " " + url->path : "none";
}

std::string printed(const ServedKinds& served) {
  std::string out;
  for (const auto& [key, path] : served)
    out += key.first + " " + key.second + " " + path.plural + (path.namespaced ? " namespaced" : "") + (path.lists ? " lists" : "") + (path.preferred ? "" : " old") + "\n";
  return out;
}

}  // namespace

TEST_CASE("a server's URL has scheme, host, port and path") {
  struct Row { const char *text, *result; };
  const Row rows[] = {
      {"https://h", "https h 443 "},
      {"http://localhost", "http localhost 80 "},
      {"https://203.0.113.7:6443", "https 203.0.113.7 6443 "},
      {"https://[2001:db8::1]:6443/", "https 2001:db8::1 6443 "},
      {"https://[2001:db8::1]", "https 2001:db8::1 443 "},
      {"https://rancher.example/k8s/clusters/c-1/", "https rancher.example 443 /k8s/clusters/c-1"},
      {"https://h//", "https h 443 "},
      {"", "none"},
      {"h:6443", "none"},
      {"ftp://h", "none"},
      {"HTTPS://h", "none"},
      {"https://", "none"},
      {"https:///path", "none"},
      {"https://:6443", "none"},
      {"https://h:", "none"},
      {"https://h:x", "none"},
      {"https://h:123456", "none"},
      {"https://h:0", "none"},
      {"https://h:65536", "none"},
      {"https://[::1", "none"},
      {"https://[::1]x6443", "none"},
      {"https://[]:1", "none"},
      {"https://user:pass@h", "none"},
      {"https://h/?a=b", "none"},
      {"https://h/#a", "none"},
      {"https://h\r\nX: y", "none"},
      {"https://h /x", "none"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(parts(row.text) == row.result);
  }
  for (const char* host : {"localhost", "127.0.0.1", "127.9.8.7", "::1"}) CHECK(is_loopback(host));
  for (const char* host : {"127.0.0.1.example", "127.example", "128.0.0.1", "localhost.example", "10.0.0.1", "::2", "127.", "127.1"}) {
    INFO(host);
    CHECK_FALSE(is_loopback(host));
  }
}

TEST_CASE("text in a URL is escaped but for what every server takes as it is") {
  CHECK(url_escape("aZ09-._~") == "aZ09-._~");
  CHECK(url_escape("a b/c?d=e&f#%+") == "a%20b%2Fc%3Fd%3De%26f%23%25%2B");
  CHECK(url_escape("../x") == "..%2Fx");
  CHECK(url_escape("\xc3\xa4\r\n") == "%C3%A4%0D%0A");
  CHECK(url_escape(std::string_view("\0", 1)) == "%00");
  CHECK(url_escape("").empty());
}

TEST_CASE("objects stand where the API puts them") {
  const KindPath namespaced{"deployments", true, true, true};
  const KindPath global{"clusterroles", false, true, true};
  CHECK(api_root("v1") == "/api/v1");
  CHECK(api_root("apps/v1") == "/apis/apps/v1");
  CHECK(list_path("apps/v1", namespaced, "shop") == "/apis/apps/v1/namespaces/shop/deployments");
  CHECK(list_path("apps/v1", namespaced, "") == "/apis/apps/v1/deployments");
  CHECK(list_path("rbac.authorization.k8s.io/v1", global, "shop") == "/apis/rbac.authorization.k8s.io/v1/clusterroles");
  CHECK(object_path({"m", "apps/v1", "Deployment", "shop", "web"}, namespaced) == "/apis/apps/v1/namespaces/shop/deployments/web");
  CHECK(object_path({"m", "rbac.authorization.k8s.io/v1", "ClusterRole", "", "system:node"}, global) == "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode");
  CHECK(object_path({"m", "v1", "ConfigMap", "a/b", "c?d"}, {"configmaps", true, true, true}) == "/api/v1/namespaces/a%2Fb/configmaps/c%3Fd");
}

TEST_CASE("kinds that every server has need no discovery") {
  struct Row { const char *api, *kind, *path; };
  const Row rows[] = {
      {"v1", "Namespace", "/api/v1/namespaces/n"},
      {"v1", "ConfigMap", "/api/v1/namespaces/s/configmaps/n"},
      {"v1", "Secret", "/api/v1/namespaces/s/secrets/n"},
      {"v1", "Service", "/api/v1/namespaces/s/services/n"},
      {"v1", "ResourceQuota", "/api/v1/namespaces/s/resourcequotas/n"},
      {"apps/v1", "Deployment", "/apis/apps/v1/namespaces/s/deployments/n"},
      {"networking.k8s.io/v1", "NetworkPolicy", "/apis/networking.k8s.io/v1/namespaces/s/networkpolicies/n"},
  };
  for (const Row& row : rows) {
    INFO(row.kind);
    const auto path = built_in_path(row.api, row.kind);
    REQUIRE(path);
    CHECK(object_path({"m", row.api, row.kind, path->namespaced ? "s" : "", "n"}, *path) == row.path);
  }
  CHECK_FALSE(built_in_path("example.com/v1", "Deployment"));
}

TEST_CASE("discovery names the kinds that are served, subresources left out") {
  const auto list = parse_json(R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[
    {"metadata":{"name":"example.com"},"versions":[
      {"version":"v2","resources":[
        {"resource":"gears","responseKind":{"group":"example.com","version":"v2","kind":"Gear"},"scope":"Namespaced","verbs":["get","list"],
         "subresources":[{"subresource":"status","responseKind":{"kind":"Gear"},"verbs":["get"]}]}]},
      {"version":"v1","resources":[
        {"resource":"gears","responseKind":{"kind":"Gear"},"scope":"Namespaced","verbs":["list"]},
        {"resource":"boxes","responseKind":{"kind":"Box"},"scope":"Cluster","verbs":["create"]}]}]},
    {"metadata":{"name":"stale.example"},"versions":[{"version":"v1","freshness":"Stale"}]},
    {"metadata":{},"versions":[{"version":"v1","resources":[{"resource":"nodes","responseKind":{"kind":"Node"},"scope":"Cluster","verbs":["list"]}]}]}]})");
  REQUIRE(list);
  ServedKinds served;
  REQUIRE(read_discovery(*list, served));
  CHECK(printed(served) ==
        "example.com/v1 Box boxes\n"
        "example.com/v1 Gear gears namespaced lists old\n"
        "example.com/v2 Gear gears namespaced lists\n"
        "v1 Node nodes lists\n");
  CHECK(versions_of(served, "Gear") == std::vector<std::string>{"example.com/v1", "example.com/v2"});
  CHECK(versions_of(served, "Cog").empty());
}

TEST_CASE("what is no aggregated discovery is told apart") {
  for (const char* text : {"null", "[]", "3", "{}", R"({"kind":"APIVersions","versions":["v1"]})", R"({"kind":"APIGroupList","groups":[]})", R"({"kind":"APIGroupDiscoveryList"})",
                           R"({"kind":"APIGroupDiscoveryList","items":{}})"}) {
    INFO(text);
    ServedKinds served;
    CHECK_FALSE(read_discovery(*parse_json(text), served));
    CHECK(served.empty());
  }
}

TEST_CASE("entries of discovery that make no sense are passed over") {
  for (const char* item : {"null", "7", "[]", R"({"metadata":7,"versions":[{"version":7,"resources":[{"resource":"x"}]}]})", R"({"versions":[7,null,{"resources":[7,null,[]]}]})",
                           R"({"metadata":{"name":"g"},"versions":[{"version":"v1","resources":[{"resource":"a/b","responseKind":{"kind":"A"}},{"resource":"a?b","responseKind":{"kind":"B"}},{"resource":"","responseKind":{"kind":"C"}},{"resource":"d","responseKind":{"kind":7}},{"resource":"e","responseKind":7}]}]})"}) {
    INFO(item);
    ServedKinds served;
    CHECK(read_discovery(*parse_json(std::string(R"({"kind":"APIGroupDiscoveryList","items":[)") + item + "]}"), served));
    CHECK(served.empty());
  }
}
