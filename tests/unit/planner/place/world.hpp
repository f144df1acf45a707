#pragma once
// Small worlds for tests of placing: members a, b, c ... by letters, workloads from short lists, results as text.
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "planner/place/placement.hpp"
#include "tests/support/catch.hpp"

namespace mcp::test {

inline constexpr std::int64_t none = unbounded;

/// Members named a, b, c ... or m000, m001 ... if there are more than 26.
Inventory members(std::size_t count);

/// A workload on all members. Empty lists: weight 1, min 0, max none, flat.
struct Wanted {
  std::string name = "web";
  Replicas replicas = 0;
  std::vector<std::int64_t> weight = {};
  std::vector<std::int64_t> min = {};
  std::vector<std::int64_t> max = {};
  std::vector<std::vector<std::string>> by = {};
  std::vector<Replicas> previous = {};
  Mode mode = Mode::Sticky;
  int priority = 0;
  std::vector<std::size_t> on = {};          // member indices; empty: all
  std::int64_t cpu = 0;
};
PlaceRequest request(const Inventory& inventory, const Wanted& wanted);

/// Places one workload and prints its numbers: "3,2,1", and " 2 unplaced" if any.
std::string placed(const Inventory& inventory, const Wanted& wanted);
WorkloadPlacement place_one(const Inventory& inventory, const Wanted& wanted);
std::string text(const WorkloadPlacement& placed, std::size_t members);
std::vector<Replicas> numbers(const WorkloadPlacement& placed, std::size_t members);
/// Codes of all findings, sorted, with blanks between.
std::string codes(const Diagnostics& out);

}  // namespace mcp::test
