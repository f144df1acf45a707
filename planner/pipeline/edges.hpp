#pragma once
// What comes before what: edges between the steps of a plan, each with its reason. Knows what steps are for, not what they
// change.
#include "planner/pipeline/assemble.hpp"
#include "planner/pipeline/steps_of.hpp"

namespace mcp {

/// Adds the edges of `plan`: creates after what they need, deletes in reverse, donors of a move after its receivers.
void connect_steps(const PlanInput& input, const StepsOf& steps, Plan& plan);

}  // namespace mcp
