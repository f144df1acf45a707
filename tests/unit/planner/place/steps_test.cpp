#include "planner/place/steps.hpp"

#include "tests/support/property.hpp"
#include "tests/unit/planner/place/world.hpp"

namespace mcp::test {

namespace {
WorkloadPlacement change(const std::vector<Replicas>& before, const std::vector<Replicas>& after) {
  WorkloadPlacement out;
  for (std::uint32_t m = 0; m < before.size(); ++m) out.shares.push_back({m, MemberState::Open, Cause::Open, before[m], after[m]});
  return out;
}
std::string text(const std::vector<Stage>& stages) {
  std::string out;
  for (const Stage& s : stages) {
    out += (out.empty() ? "" : "; ");
    for (const auto m : s.members) out += std::string(s.direction == Stage::Direction::Raise ? "+" : "-") + static_cast<char>('a' + m);
  }
  return out;
}
}  // namespace

TEST_CASE("receivers are raised before donors are lowered, as far as the surge allows") {
  CHECK(text(stages(change({11, 6, 3, 0}, {7, 6, 5, 4}), 2)) == "+c; +d; -a");
  CHECK(text(stages(change({4, 4, 0}, {3, 3, 2}), 2)) == "+c; -a-b");
  CHECK(text(stages(change({1, 2}, {3, 5}), 1)) == "+a+b");
  CHECK(text(stages(change({3, 5}, {1, 2}), 1)) == "-a-b");
  CHECK(stages(change({3, 5}, {3, 5}), 1).empty());
}

TEST_CASE("a surge is a share of the replicas, rounded up, at least one") {
  CHECK(surge_of(Value::string("25%"), 12) == 3);
  CHECK(surge_of(Value::string("25%"), 13) == 4);
  CHECK(surge_of(Value::string("0%"), 13) == 1);
  CHECK(surge_of(Value::integer(2), 13) == 2);
  CHECK(surge_of(Value::integer(0), 13) == 1);
}

TEST_CASE("steps: the bounds hold at every stage, each object once") {
  property("stages", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 8);
    const auto before = *rc::gen::container<std::vector<Replicas>>(size, rc::gen::inRange<Replicas>(0, 12));
    const auto after = *rc::gen::container<std::vector<Replicas>>(size, rc::gen::inRange<Replicas>(0, 12));
    const auto surge = *rc::gen::inRange<Replicas>(1, 5);
    Replicas total = 0, end = 0, up = 0, down = 0;
    std::size_t changes = 0;
    for (std::size_t m = 0; m < size; ++m) {
      total += before[m];
      end += after[m];
      up = std::max(up, after[m] - before[m]);
      down = std::max(down, before[m] - after[m]);
      changes += before[m] != after[m] ? 1U : 0U;
    }
    const Replicas low = std::min(total, end);
    const Replicas high = std::max(total, end) + std::max(surge, up + down - 1);
    std::vector<int> seen(size);
    for (const Stage& stage : stages(change(before, after), surge))
      for (const auto m : stage.members) {
        ++seen[m];
        --changes;
        RC_ASSERT(seen[m] == 1);
        RC_ASSERT((after[m] > before[m]) == (stage.direction == Stage::Direction::Raise));
        total += after[m] - before[m];
        RC_ASSERT(total >= low);
        RC_ASSERT(total <= high);
      }
    RC_ASSERT(changes == 0U);
    RC_ASSERT(total == end);
  });
}

}  // namespace mcp::test
