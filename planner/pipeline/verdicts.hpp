#pragma once
// What a finished plan is allowed to do: limits, the guard against empty input; and its risks, for people to read.
#include "planner/pipeline/assemble.hpp"

namespace mcp {

/// Adds blocks, risks and notes to the plan.
void judge(const PlanInput& input, Plan& plan);

}  // namespace mcp
