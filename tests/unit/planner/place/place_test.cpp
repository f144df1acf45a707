#include "tests/unit/planner/place/world.hpp"

namespace mcp::test {

TEST_CASE("weights 7:4:2 are served in the order of their quotients") {
  const Inventory three = members(3);
  const char* expected[] = {"0,0,0", "1,0,0", "1,1,0", "2,1,0", "2,1,1", "3,1,1", "3,2,1", "4,2,1", "4,3,1", "5,3,1", "5,3,2"};
  for (Replicas n = 0; n <= 10; ++n) CHECK(placed(three, {.replicas = n, .weight = {7, 4, 2}}) == expected[n]);
}

TEST_CASE("a floor lies inside the division and a ceiling ends a part") {
  const Inventory three = members(3);
  CHECK(placed(three, {.replicas = 9, .weight = {7, 4, 2}, .min = {0, 0, 3}}) == "4,2,3");
  CHECK(placed(three, {.replicas = 20, .weight = {7, 4, 2}, .min = {0, 0, 3}}) == "11,6,3");
  CHECK(placed(three, {.replicas = 20, .weight = {7, 4, 2}}) == "11,6,3");
  CHECK(placed(three, {.replicas = 20, .weight = {7, 4, 2}, .max = {4, none, none}}) == "4,11,5");
  CHECK(placed(three, {.replicas = 20, .weight = {7, 4, 2}, .max = {5, 5, 5}}) == "5,5,5 5 unplaced");
  CHECK(placed(members(4), {.replicas = 4, .weight = {3, 1, 1, 1}}) == "1,1,1,1");
}

TEST_CASE("groups divide first, with the largest weight inside") {
  const Inventory five = members(5);
  const std::vector<std::vector<std::string>> by = {{"g1", "g1", "g1", "g2", "g3"}};
  CHECK(placed(five, {.replicas = 20, .weight = {4, 4, 4, 3, 3}}) == "5,5,4,3,3");
  CHECK(placed(five, {.replicas = 20, .weight = {4, 4, 4, 3, 3}, .by = by}) == "3,3,2,6,6");
  CHECK(placed(five, {.replicas = 20, .weight = {4, 4, 4, 3, 3}, .max = {1, 1, 3, none, none}, .by = by}) == "1,1,3,8,7");
}

TEST_CASE("what runs stays when weights change; only the difference is divided") {
  const Inventory four = members(4);
  const std::vector<Replicas> stands = {11, 6, 3};
  const std::vector<std::size_t> abc = {0, 1, 2};
  CHECK(placed(four, {.replicas = 20, .previous = stands, .on = abc}) == "11,6,3,0");
  CHECK(placed(four, {.replicas = 26, .previous = stands, .on = abc}) == "11,8,7,0");
  CHECK(placed(four, {.replicas = 14, .previous = stands, .on = abc}) == "6,5,3,0");
  const WorkloadPlacement fresh = place_one(four, {.replicas = 20, .previous = stands, .mode = Mode::Fresh, .on = abc});
  CHECK(text(fresh, 4) == "7,7,6,0");
  CHECK(fresh.moved == 4);
  const WorkloadPlacement raised = place_one(four, {.replicas = 20, .min = {0, 0, 5}, .previous = stands, .on = abc});
  CHECK(text(raised, 4) == "9,6,5,0");
  CHECK(raised.moved == 2);
  CHECK(placed(four, {.replicas = 20, .previous = stands}) == "11,6,3,0");
  CHECK(placed(four, {.replicas = 24, .previous = stands}) == "11,6,4,3");
}

TEST_CASE("a lost member's replicas are created elsewhere, a drained one's move") {
  Inventory lost = members(3);
  lost.members[1].said_lost = true;
  lost.members[1].reach = Reach::Unreachable;
  const WorkloadPlacement replaced = place_one(lost, {.replicas = 20, .previous = {11, 6, 3}});
  CHECK(text(replaced, 3) == "11,0,9");
  CHECK(replaced.replaced == 6);
  CHECK(replaced.moved == 0);

  Inventory drained = members(3);
  drained.members[0].drain = true;
  const WorkloadPlacement moved = place_one(drained, {.replicas = 20, .previous = {11, 6, 3}});
  CHECK(text(moved, 3) == "0,10,10");
  CHECK(moved.moved == 11);

  drained.members[1].capacity.pods = 8;
  drained.members[2].capacity.pods = 5;
  CHECK(placed(drained, {.replicas = 20, .previous = {11, 6, 3}}) == "7,8,5");
}

TEST_CASE("a cordoned member keeps what it has and takes nothing") {
  Inventory three = members(3);
  three.members[1].cordon = true;
  CHECK(placed(three, {.replicas = 13, .previous = {3, 3, 3}}) == "5,3,5");
  CHECK(placed(three, {.replicas = 4}) == "2,0,2");
  CHECK(placed(three, {.replicas = 3, .previous = {3, 3, 3}}) == "1,1,1");
}

TEST_CASE("a member that does not answer is frozen; what it holds counts") {
  Inventory three = members(3);
  three.members[2].reach = Reach::Unreachable;
  CHECK(placed(three, {.replicas = 12, .previous = {3, 3, 3}}) == "5,4,3");
  const WorkloadPlacement shrunk = place_one(three, {.replicas = 2, .previous = {3, 3, 3}});
  CHECK(text(shrunk, 3) == "0,0,3");
  CHECK(shrunk.over == 1);
}

TEST_CASE("capacity admits and never evicts") {
  Inventory two = members(2);
  two.members[0].capacity.pods = 4;
  CHECK(placed(two, {.replicas = 10}) == "4,6");
  CHECK(placed(two, {.replicas = 10, .previous = {7, 3}}) == "7,3");
  CHECK(placed(two, {.replicas = 12, .previous = {7, 3}}) == "7,5");
  two.members[1].capacity.pods = 4;
  CHECK(placed(two, {.replicas = 10}) == "4,4 2 unplaced");
}

TEST_CASE("several workloads share capacity by priority, then address") {
  Inventory three = members(3);
  three.members[0].capacity.pods = 10;
  three.members[1].capacity.cpu = 4000;
  three.members[1].observed = Room{{}, 2600, {}};
  three.members[2].capacity.pods = 6;
  std::vector<PlaceRequest> all = {
      request(three, {.name = "api", .replicas = 9, .cpu = 250}),
      request(three, {.name = "job", .replicas = 8, .on = {0, 1}, .cpu = 1000}),
      request(three, {.name = "web", .replicas = 12, .priority = 10, .cpu = 500}),
  };
  all[1].address.ns = "batch";
  std::swap(all[0], all[1]);
  Diagnostics out;
  const Placement got = place(three, all, out);
  CHECK(text(got.workloads[2], 3) == "4,4,4");
  CHECK(text(got.workloads[0], 3) == "6,0,0 2 unplaced");
  CHECK(text(got.workloads[1], 3) == "0,2,2 5 unplaced");
  CHECK(codes(out) == "W0501 W0501");
}

TEST_CASE("room that one workload frees serves another in the same plan") {
  Inventory two = members(2);
  two.members[0].capacity.pods = 10;
  two.members[1].capacity.pods = 10;
  Diagnostics out;
  const std::vector<PlaceRequest> all = {request(two, {.name = "a-grows", .replicas = 12, .previous = {5, 0}}),
                                         request(two, {.name = "z-shrinks", .replicas = 4, .previous = {5, 10}})};
  const Placement got = place(two, all, out);
  CHECK(got.workloads[0].unplaced == 0);
  CHECK(got.workloads[1].unplaced == 0);
  CHECK(codes(out).empty());
}

TEST_CASE("copies stand on each member") {
  Inventory three = members(3);
  three.members[1].capacity.pods = 1;
  CHECK(placed(three, {.replicas = 2, .mode = Mode::Copy}) == "2,1,2 1 unplaced");
  three.members[2].drain = true;
  CHECK(placed(three, {.replicas = 2, .previous = {2, 1, 2}, .mode = Mode::Copy}) == "2,1,0 1 unplaced");
}

TEST_CASE("a fresh division that would place fewer is not used") {
  Inventory two = members(2);
  two.members[0].capacity.pods = 2;   // lowered after 6 were placed
  two.members[1].capacity.pods = 2;
  CHECK(placed(two, {.replicas = 8, .previous = {6, 2}, .mode = Mode::Fresh}) == "6,2");
}

TEST_CASE("a workload leaves a member that `on` no longer names") {
  const Inventory three = members(3);
  const WorkloadPlacement got = place_one(three, {.replicas = 6, .previous = {2, 2, 2}, .on = {0, 1}});
  CHECK(text(got, 3) == "3,3,0");
  REQUIRE(got.on(2) != nullptr);
  CHECK(got.on(2)->cause == Cause::NotSelected);
  CHECK(got.moved == 2);
}

TEST_CASE("a member that leaves gives its replicas to the others") {
  Inventory three = members(3);
  three.members[2].leaving = true;
  const WorkloadPlacement got = place_one(three, {.replicas = 13, .previous = {7, 0, 6}});
  CHECK(text(got, 3) == "7,6,0");
  CHECK(got.on(2)->cause == Cause::Leaving);
}

}  // namespace mcp::test
