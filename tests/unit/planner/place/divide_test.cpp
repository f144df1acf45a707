#include "planner/place/divide.hpp"

#include <vector>

#include "tests/support/property.hpp"

namespace mcp::test {

namespace {

std::vector<std::int64_t> counts(const std::vector<Part>& parts) {
  std::vector<std::int64_t> out;
  for (const Part& p : parts) out.push_back(p.count);
  return out;
}

/// Parts with many equal weights, so that ties are met.
std::vector<Part> some_parts(std::size_t most, std::int64_t weight, std::int64_t count) {
  std::vector<Part> out(*rc::gen::inRange<std::size_t>(1, most));
  for (Part& p : out) {
    p.weight = *rc::gen::inRange<std::int64_t>(0, 4) == 0 ? *rc::gen::inRange<std::int64_t>(0, weight) : *rc::gen::inRange<std::int64_t>(0, 4);
    p.count = *rc::gen::inRange<std::int64_t>(0, count);
  }
  return out;
}

}  // namespace

TEST_CASE("division of replicas is exact: the cut and one replica at a time agree") {
  property("giving", [] {
    std::vector<Part> cut = some_parts(40, 1'000'000'000, 200);
    for (Part& p : cut) p.limit = p.count + *rc::gen::inRange<std::int64_t>(0, 400);
    const auto total = *rc::gen::inRange<std::int64_t>(0, 9000);
    std::vector<Part> loop = cut;
    const auto left = give(cut, total);
    RC_ASSERT(left == detail::give_one_by_one(loop, total));
    RC_ASSERT(counts(cut) == counts(loop));
  });
  property("taking", [] {
    std::vector<Part> cut = some_parts(40, 1'000'000'000, 400);
    for (Part& p : cut) p.limit = *rc::gen::inRange<std::int64_t>(0, p.count + 1);
    const auto total = *rc::gen::inRange<std::int64_t>(0, 9000);
    std::vector<Part> loop = cut;
    const auto left = take(cut, total);
    RC_ASSERT(left == detail::take_one_by_one(loop, total));
    RC_ASSERT(counts(cut) == counts(loop));
  });
}

TEST_CASE("a million replicas over five thousand parts are divided at once") {
  std::vector<Part> parts(5000);
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = {static_cast<std::int64_t>(1 + i % 7), 0, 1'000'000};
  CHECK(give(parts, 1'000'000) == 0);
  std::int64_t sum = 0;
  for (const Part& p : parts) sum += p.count;
  CHECK(sum == 1'000'000);
  // Certificate: nobody's last replica was due later than anybody's next one.
  const Part* last = nullptr;
  const Part* next = nullptr;
  for (const Part& p : parts) {
    if (p.count > 0 && (last == nullptr || due_before(last->weight, last->count - 1, p.weight, p.count - 1))) last = &p;
    if (next == nullptr || due_before(p.weight, p.count, next->weight, next->count)) next = &p;
  }
  CHECK_FALSE(due_before(next->weight, next->count, last->weight, last->count - 1));
}

TEST_CASE("giving and taking meet their limits") {
  std::vector<Part> parts = {{0, 0, 9}, {3, 1, 2}, {1'000'000'000, 0, 1}};
  CHECK(give(parts, 1000) == 998);
  CHECK(counts(parts) == std::vector<std::int64_t>{0, 2, 1});
  for (Part& p : parts) p.limit = 0;
  CHECK(take(parts, 1000) == 997);
}

}  // namespace mcp::test
