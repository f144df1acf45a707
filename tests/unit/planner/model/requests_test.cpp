#include "tests/unit/planner/model/rendered.hpp"

#include "lang/tree/source_tree.hpp"

namespace mcp::test {

namespace {
Topology topology_of(const std::string& policy) {
  Loaded loaded = load(*memory_tree({{"x.mcp", policy}}), {});
  REQUIRE(loaded.ok());
  return std::move(loaded.topology);
}
const std::string clusters = R"(cluster a { cloud = "aws", region = "r", capacity { pods = 10, cpu = 4, memory = 8Gi } }
cluster b { cloud = "gcp", region = "r", capacity = 5, cordon = true }
cluster c { cloud = "gcp", region = "s", drain = true }
namespace shop {}
)";
}  // namespace

TEST_CASE("members come from cluster blocks") {
  const Topology topology = topology_of(clusters);
  const Inventory inventory = declared_inventory(topology);
  REQUIRE(inventory.members.size() == 3);
  CHECK(inventory.members[0].capacity == Room{10, 4000, 8LL << 30});
  CHECK(inventory.members[1].capacity == Room{5, {}, {}});
  CHECK(inventory.members[1].cordon);
  CHECK(inventory.members[2].drain);
}

TEST_CASE("a request holds what `place` says, evaluated for each chosen member") {
  const Topology topology = topology_of(clusters + R"(workload web in shop {
  replicas = 7
  init load    { image = "registry.example/a/b:1", memory = 3Gi }
  init proxy   { image = "registry.example/a/b:1", memory = 1Gi, sidecar = true }
  container c  { image = "registry.example/a/b:1", cpu = 250m, memory_limit = 1Gi }
  place {
    on       = clusters where .name != "a"
    by       = [.cloud, .region]
    weight   = if .name == "b" then 3 else 2
    max      = if .name == "b" then 4 else null
    min      = 1
    failover = null
    mode     = "fresh"
  }
}
workload plain in shop { container c { image = "registry.example/a/b:1" } }
)");
  Inventory inventory = declared_inventory(topology);
  Member leaving;
  leaving.name = "aa";   // recorded, not declared: between a and b
  leaving.leaving = true;
  inventory.members.insert(inventory.members.begin() + 1, leaving);
  const Address web = *Address::parse("workload.shop/web");
  const auto requests = place_requests(topology, inventory, {{web, {{1, 4}}}});
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].rules->on.size() == 3);
  CHECK(requests[0].rules->on[1].member == 2);
  const PlaceRequest& r = requests[1];
  CHECK(r.address == web);
  CHECK(r.replicas == 7);
  CHECK(r.per_replica == Room{1, 250, 3LL << 30});
  CHECK(r.previous == std::vector<Standing>{{1, 4}});
  REQUIRE(r.rules->on.size() == 2);
  CHECK(r.rules->on[0].member == 2);
  CHECK(r.rules->on[0].weight == 3);
  CHECK(r.rules->on[0].max == 4);
  CHECK(r.rules->on[1].max == unbounded);
  CHECK(r.rules->on[1].min == 1);
  CHECK(r.rules->mode == Mode::Fresh);
  CHECK_FALSE(r.rules->failover_ms.has_value());
  REQUIRE(r.rules->by.size() == 2);
  CHECK(r.rules->by[1].keys == std::vector<std::string>{"r", "s"});
}

}  // namespace mcp::test
