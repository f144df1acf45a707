#pragma once
// What comes before what: edges between the steps of a plan, each with its reason. Knows what steps are for, not what they
// change.
#include <cstdint>
#include <vector>

#include "planner/pipeline/assemble.hpp"

namespace mcp {

inline constexpr std::uint32_t no_step = 0xFFFF'FFFF;

/// Which step belongs to what; no_step where there is none.
struct StepsOf {
  std::vector<std::uint32_t> entry;   // by desired entry
  std::vector<std::uint32_t> row;     // by recorded row
  std::vector<std::uint32_t> join;    // by member of the inventory
  std::vector<std::uint32_t> leave;
};

/// Adds the edges of `plan`: creates after what they need, deletes in reverse, donors of a move after its receivers.
void connect_steps(const PlanInput& input, const StepsOf& steps, Plan& plan);

}  // namespace mcp
