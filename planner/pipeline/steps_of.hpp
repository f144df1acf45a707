#pragma once
// StepsOf: from what the policy and the state name to the steps of a plan that is being put together.
#include <cstdint>
#include <vector>

namespace mcp {

inline constexpr std::uint32_t no_step = 0xFFFF'FFFF;

/// Which step belongs to what; no_step where there is none.
struct StepsOf {
  std::vector<std::uint32_t> entry;   // by desired entry
  std::vector<std::uint32_t> row;     // by recorded row
  std::vector<std::uint32_t> join;    // by member of the inventory
  std::vector<std::uint32_t> leave;
};

}  // namespace mcp
