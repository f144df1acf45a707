#include "lang/value/json.hpp"
#include "tests/unit/planner/model/rendered.hpp"

namespace mcp::test {

namespace {
const char* const follows = R"(config used in shop { data = { a = "1" } }
config everywhere in shop { data = { a = "1" }, on = clusters }
secret key in shop { data = { t = from_env("T") } }
secret pull in shop { data = { t = from_env("T") }, type = "kubernetes.io/dockerconfigjson" }
workload web in shop {
  pull = [secret.pull]
  container c {
    image = "registry.example/a/b:1"
    ports = { http = 80 }
    env_from = [config.used]
    mount "/k" { from = secret.key }
  }
  place { on = clusters where .name == "b" }
}
service web in shop { target = workload.web, ports = { http = 80 } }
manifest extra in shop { with = workload.web, source = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n" }
)";
}  // namespace

TEST_CASE("what a workload uses, its service and its manifests follow it") {
  const Rendered r(follows);
  CHECK(r.on("a") == "config.shop/everywhere");
  CHECK(r.on("b") == "config.shop/everywhere manifest.shop/extra/ConfigMap/extra config.shop/used workload.shop/web secret.shop/key secret.shop/pull service.shop/web");
  CHECK(r.findings().empty());
}

TEST_CASE("a workload without replicas takes nothing anywhere") {
  std::string policy = follows;
  policy.insert(policy.find("pull = [secret"), "replicas = 0\n");
  CHECK(Rendered(policy).on("b") == "config.shop/everywhere");
}

TEST_CASE("a namespace stands where something is in it, and stays where it is recorded") {
  const std::string policy = R"(namespace other { quota { pods = 10, cpu = 2500m, memory = 4Gi }, allow_from = [namespace.shop, namespace.other] }
namespace gone { external = true }
namespace open { isolated = false }
config c in other { data = { a = "1" }, on = clusters where .name == "a" }
config d in gone { data = { a = "1" }, on = clusters }
config e in open { data = { a = "1" }, on = clusters }
)";
  const Rendered r(policy);
  CHECK(r.body("namespace.other@a").is_map());
  CHECK(r.body("namespace.other@b").is_null());
  CHECK(r.body("namespace.gone@a").is_null());
  CHECK(r.body("namespace.gone/isolation@a").is_null());
  CHECK(r.body("namespace.open@a").is_map());
  CHECK(r.body("namespace.open/isolation@a").is_null());
  CHECK(to_json(r.field("namespace.other/quota@a", "spec")) == R"({"hard":{"pods":"10","requests.cpu":"2500m","requests.memory":"4Gi"}})");
  CHECK(to_json(r.field("namespace.other/isolation@a", "spec")) ==
        R"({"ingress":[{"from":[{"podSelector":{}},{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"shop"}}}]}],"podSelector":{},"policyTypes":["Ingress"]})");
  RenderOptions recorded;
  recorded.namespaces = {{"b", "other"}, {"b", "unknown"}, {"left", "other"}};
  const Rendered again(policy, recorded);
  CHECK(again.body("namespace.other@b").is_map());
  CHECK(again.body("namespace.other/isolation@b").is_map());
  CHECK(again.body("namespace.other/quota@b").is_map());
}

TEST_CASE("objects name what must stand before them") {
  const Rendered r(follows);
  const auto needs = [&](std::string_view address) {
    std::string out;
    for (const DesiredObject& o : r.desired().objects)
      if (o.address.text() == address)
        for (const auto n : o.needs) out += r.desired().objects[n].address.text() + " ";
    return out;
  };
  CHECK(needs("workload.shop/web") == "namespace.shop config.shop/used namespace.shop/isolation secret.shop/key secret.shop/pull service.shop/web ");
  CHECK(needs("service.shop/web") == "namespace.shop namespace.shop/isolation ");
  CHECK(needs("namespace.shop/isolation") == "namespace.shop ");
}

TEST_CASE("the order of declarations means nothing") {
  std::vector<std::string> blocks = {"config used in shop { data = { a = \"1\" } }\n", workload("env_from = [config.used]\n    ports = { http = 80 }"),
                                     "service web in shop { target = workload.web, ports = { http = 80 } }\n", "namespace zoo {}\n"};
  const auto text = [](const Rendered& r) {
    std::string out;
    for (const DesiredEntry& e : r.desired().entries) out += r.desired().object_of(e).address.text() + to_json(r.desired().body_of(e)) + "\n";
    return out;
  };
  const std::string first = text(Rendered(blocks[0] + blocks[1] + blocks[2] + blocks[3]));
  CHECK(first.size() > 1000);
  CHECK(text(Rendered(blocks[3] + blocks[2] + blocks[1] + blocks[0])) == first);
}

TEST_CASE("entries and bodies are sorted as the join wants them") {
  const Rendered r(follows);
  const Desired& d = r.desired();
  for (std::size_t i = 1; i < d.entries.size(); ++i)
    CHECK(std::pair(d.entries[i - 1].member, d.bodies[d.entries[i - 1].body].object) < std::pair(d.entries[i].member, d.bodies[d.entries[i].body].object));
  for (std::size_t i = 1; i < d.objects.size(); ++i)
    CHECK(std::tie(d.objects[i - 1].ns, d.objects[i - 1].kind, d.objects[i - 1].name) < std::tie(d.objects[i].ns, d.objects[i].kind, d.objects[i].name));
  for (std::size_t i = 1; i < d.bodies.size(); ++i) CHECK(d.bodies[i - 1].object <= d.bodies[i].object);
}

TEST_CASE("what nobody uses goes nowhere, and a warning says so") {
  const Rendered r("config idle in shop { data = { a = \"1\" } }\n");
  CHECK(r.findings() == "W0510 1");
  CHECK(r.on("a").empty());
}

}  // namespace mcp::test
