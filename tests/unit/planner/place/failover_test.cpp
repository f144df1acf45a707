#include "planner/place/failover.hpp"

#include "tests/support/property.hpp"
#include "tests/unit/planner/place/world.hpp"

namespace mcp::test {

namespace {
void fail(Member& m, int failures = 2, std::int64_t ms = 600'000) {
  m.reach = Reach::Unreachable;
  m.failures = failures;
  m.failing_ms = ms;
}
}  // namespace

TEST_CASE("time makes a member lost after two failures, when most of the others answer") {
  Inventory three = members(3);
  fail(three.members[1]);
  CHECK(placed(three, {.replicas = 9, .previous = {3, 3, 3}}) == "5,0,4");
  fail(three.members[1], 1);
  CHECK(placed(three, {.replicas = 9, .previous = {3, 3, 3}}) == "3,3,3");
  fail(three.members[1], 2, 299'999);
  CHECK(placed(three, {.replicas = 9, .previous = {3, 3, 3}}) == "3,3,3");
}

TEST_CASE("a lost member stays lost until it answers, so that nothing is taken back from where it runs now") {
  Inventory three = members(3);
  fail(three.members[1], 1, 0);
  three.members[1].was_lost = true;
  CHECK(placed(three, {.replicas = 9, .previous = {5, 3, 4}}) == "5,0,4");
  CHECK(placed(three, {.replicas = 12, .previous = {5, 3, 4}}) == "6,0,6");
}

TEST_CASE("a machine that may be cut off itself makes nobody lost, and says how to go on") {
  Inventory two = members(2);
  fail(two.members[1]);
  Diagnostics out;
  const Placement got = place(two, {request(two, {.replicas = 4, .previous = {2, 2}})}, out);
  CHECK(text(got.workloads[0], 2) == "2,2");
  REQUIRE(codes(out) == "W0505");
  CHECK(out.all()[0].message == "cluster.b does not answer, but its replicas stay: only 1 of 2 clusters answer");
  CHECK(out.all()[0].help[0] == "if b is gone, say so: mcp plan --lost b");
  two.members[1].said_lost = true;
  CHECK(placed(two, {.replicas = 4, .previous = {2, 2}}) == "4,0");
}

TEST_CASE("a member that refuses us is alive and never lost") {
  Inventory three = members(3);
  fail(three.members[0]);
  three.members[0].reach = Reach::Refused;
  CHECK(placed(three, {.replicas = 9, .previous = {3, 3, 3}}) == "3,3,3");
}

TEST_CASE("guard: if at most half of the voters answer, time makes nobody lost") {
  property("guard", [] {
    Inventory some = members(*rc::gen::inRange<std::size_t>(1, 8));
    for (Member& m : some.members) {
      if (*rc::gen::arbitrary<bool>()) fail(m, *rc::gen::inRange(0, 4), *rc::gen::inRange<std::int64_t>(0, 900'000));
      m.leaving = *rc::gen::inRange(0, 5) == 0;
      m.joined = *rc::gen::inRange(0, 5) != 0;
    }
    const PartitionGuard guard = partition_guard(some);
    RC_PRE(2 * guard.answered <= guard.voters);
    for (const Member& m : some.members) RC_ASSERT(judge(m, true, 0, guard.passes()).cause != Cause::FailedOver);
  });
}

}  // namespace mcp::test
