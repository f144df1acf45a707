#include "planner/place/contradiction.hpp"

#include "tests/unit/planner/place/world.hpp"

namespace mcp::test {

namespace {
Diagnostics findings(const Wanted& wanted, std::size_t count = 3) {
  const Inventory inventory = members(count);
  Diagnostics out;
  place(inventory, {request(inventory, wanted)}, out);
  return out;
}
std::string first(const Diagnostics& d) {
  if (d.all().empty()) return "";
  const Diagnostic& f = d.all()[0];
  return f.code + " " + f.message + (f.help.empty() ? "" : " | " + f.help[0]);
}
}  // namespace

TEST_CASE("a contradiction names both rules and the nearest value that resolves it") {
  CHECK(first(findings({.replicas = 3, .min = {2, 2, 0}})) ==
        "E0503 `min` of workload.shop/web asks for 4 on 2 clusters, but there are 3 replicas | replicas = 4 or min = 1 resolves it");
  CHECK(first(findings({.replicas = 9, .min = {0, 5, 0}, .max = {none, 4, none}})) ==
        "E0502 workload.shop/web must have at least 5 and at most 4 on b | min = 4 or max = 5 resolves it");
  CHECK(first(findings({.replicas = 3, .weight = {0, 0, 0}, .min = {1, 0, 0}})) ==
        "E0504 no cluster of workload.shop/web has a weight, so 2 of 3 replicas can go nowhere | a weight of 1 on one cluster, or replicas = 1, resolves it");
  CHECK(first(findings({.replicas = 3}, 0)) == "E0501 workload.shop/web has no cluster to run on | choose at least one cluster, or set replicas = 0");
  CHECK(first(findings({.replicas = 3, .weight = {1, -1, 1}})) == "E0508 weight = -1 of workload.shop/web on b is out of range | the nearest is weight = 0");
  CHECK(first(findings({.replicas = 1'000'001})) == "E0508 replicas = 1000001 of workload.shop/web is out of range | the nearest is replicas = 1000000");
  CHECK(first(findings({.replicas = 3, .min = {1, 0, 0}, .mode = Mode::Copy})) ==
        "E0507 workload.shop/web copies all replicas to each cluster, so `min` has no meaning | leave `min` out, or set mode = \"sticky\"");
}

TEST_CASE("without replicas nothing contradicts") {
  CHECK(codes(findings({.replicas = 0, .min = {2, 2, 0}})).empty());
  CHECK(codes(findings({.replicas = 0}, 0)).empty());
  CHECK(codes(findings({.replicas = 0, .weight = {0, 0, 0}})).empty());
}

TEST_CASE("an outage causes no contradiction, only a shortage") {
  Inventory three = members(3);
  for (Member& m : three.members) m.reach = Reach::Unreachable;
  Diagnostics out;
  place(three, {request(three, {.replicas = 6, .min = {1, 1, 1}})}, out);
  CHECK_FALSE(out.has_errors());
  CHECK(codes(out) == "W0501");
}

TEST_CASE("a shortage says what stopped each cluster") {
  Inventory three = members(3);
  three.members[0].capacity.pods = 2;
  three.members[1].cordon = true;
  Diagnostics out;
  place(three, {request(three, {.replicas = 9, .min = {3, 0, 0}, .max = {none, none, 4}})}, out);
  REQUIRE(codes(out) == "W0501 W0502");
  const Diagnostic& d = out.all()[0];
  CHECK(d.message == "3 of 9 replicas of workload.shop/web find no place");
  CHECK(d.notes == std::vector<std::string>{"a: no room for more than 2", "b: cordoned", "c: max = 4"});
  CHECK(out.all()[1].message == "workload.shop/web has 2 of at least 3 on a: no room for more");
}

TEST_CASE("an inventory that was not read whole places nothing and takes nothing away") {
  Inventory three = members(3);
  three.complete = false;
  Diagnostics out;
  const Placement got = place(three, {request(three, {.replicas = 9, .previous = {1, 2, 1}})}, out);
  CHECK(codes(out) == "E0509");
  CHECK(text(got.workloads[0], 3) == "1,2,1");
}

}  // namespace mcp::test
