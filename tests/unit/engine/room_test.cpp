// What a member could still run, from nodes and Pods as servers answer them.
#include "executor/engine/room.hpp"

#include "lang/value/json.hpp"
#include "planner/kinds/kinds.hpp"
#include "tests/support/catch.hpp"

using namespace mcp;

namespace {

Value json(const char* text) { return *parse_json(text); }

const Value ready = json(R"({"metadata":{"name":"n1"},"status":{"allocatable":{"pods":"10","cpu":"3900m","memory":"8Gi"},"conditions":[{"type":"Ready","status":"True"}]}})");
const Value closed = json(R"({"metadata":{"name":"n2"},"spec":{"unschedulable":true},"status":{"allocatable":{"pods":"10","cpu":"4"},"conditions":[{"type":"Ready","status":"True"}]}})");
const Value silent = json(R"({"metadata":{"name":"n3"},"status":{"allocatable":{"pods":"10"},"conditions":[{"type":"Ready","status":"Unknown"}]}})");

}  // namespace

TEST_CASE("room is what ready and open nodes allow, less what their Pods ask for") {
  const Value running = json(R"({"spec":{"nodeName":"n1","containers":[{"resources":{"requests":{"cpu":"250m","memory":"1Gi"}}},{"resources":{"requests":{"cpu":"1"}}}],
                                 "initContainers":[{"resources":{"requests":{"cpu":"500m","memory":"2Gi"}}}],"overhead":{"cpu":"10m"}},"status":{"phase":"Running"}})");
  const Value ended = json(R"({"spec":{"nodeName":"n1","containers":[{"resources":{"requests":{"cpu":"1"}}}]},"status":{"phase":"Succeeded"}})");
  const Value elsewhere = json(R"({"spec":{"nodeName":"n2","containers":[{"resources":{"requests":{"cpu":"1"}}}]},"status":{"phase":"Running"}})");
  const Value nowhere = json(R"({"spec":{"containers":[{}]},"status":{"phase":"Pending"}})");
  const std::vector<Value> nodes{ready, closed, silent};
  const std::vector<Value> pods{running, ended, elsewhere, nowhere};
  CHECK(room_of(nodes, pods) == MemberRoom{1, 9, 3900 - 1260, std::int64_t{6} << 30U});
  CHECK(room_of({}, pods) == MemberRoom{});
}

TEST_CASE("what a server sends in another form counts as nothing") {
  const std::vector<Value> nodes{json("{}"), json("[]"), json("null"), json(R"({"metadata":{"name":"n"},"status":{"allocatable":{"pods":7,"cpu":"many"},"conditions":[{"type":"Ready","status":"True"}]}})")};
  const std::vector<Value> pods{json("{}"), json("7"), json(R"({"spec":{"nodeName":"n","containers":{}},"status":{}})")};
  CHECK(room_of(nodes, pods) == MemberRoom{1, 6, 0, 0});
}

TEST_CASE("quantities in thousandths") {
  CHECK(quantity_thousandths("250m") == 250);
  CHECK(quantity_thousandths("1.5") == 1500);
  CHECK(quantity_thousandths("1Ki") == 1'024'000);
  CHECK(quantity_thousandths("-2k") == -2'000'000);
  CHECK_FALSE(quantity_thousandths("9Ei"));   // more than 63 bits of thousandths
  CHECK_FALSE(quantity_thousandths("1e3"));
  CHECK_FALSE(quantity_thousandths("much"));
}
