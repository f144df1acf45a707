#pragma once
// The moves of one workload as stages, so that its total neither falls below nor passes its bounds on the way. A plan
// writes each Deployment once; a stage waits until the raises of the one before it are ready. Pure.
#include <cstdint>
#include <vector>

#include "lang/value/value.hpp"
#include "planner/place/placement.hpp"

namespace mcp {

/// Members whose number changes together.
struct Stage {
  enum class Direction : std::uint8_t { Lower, Raise };
  Direction direction = Direction::Raise;
  std::vector<std::uint32_t> members;   // by name
};

/// Stages of a placed workload. Lost members are in none; a workload without change has no stage.
/// surge   extra replicas that may run meanwhile: `rollout.surge` of `replicas`, at least 1
/// bounds  with L and H the lesser and greater of the totals before and after: never below L, never above
///         H + max(surge, greatest increase + greatest decrease - 1)
std::vector<Stage> stages(const WorkloadPlacement& placed, Replicas surge);

/// `share` (a number, or "25%") of `replicas`, rounded up, at least 1.
Replicas surge_of(const Value& share, Replicas replicas);

}  // namespace mcp
