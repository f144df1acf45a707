#include "lang/base/runs.hpp"

#include "tests/support/catch.hpp"

using namespace mcp;

TEST_CASE("stretches that ascend are merged") {
  using Items = std::vector<std::pair<int, int>>;   // by the first only
  const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
  const auto sorted = [&](Items items) {
    Items plain = items;
    std::stable_sort(plain.begin(), plain.end(), less);
    sort_runs(items, less);
    CHECK(items == plain);
  };
  sorted({});
  sorted({{1, 0}});
  sorted({{1, 0}, {2, 1}, {3, 2}});
  sorted({{3, 0}, {2, 1}, {1, 2}});
  sorted({{1, 0}, {5, 1}, {1, 2}, {4, 3}, {1, 4}, {4, 5}, {5, 6}});
  Items many;
  for (int i = 0; i < 1000; ++i) many.emplace_back(i * 7919 % 101, i);
  sorted(many);
}
