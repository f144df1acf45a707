#pragma once
// The order in which people read changes: joins, then by rank of kind, deletes and leaves last; one address over its
// members in a row.
#include "planner/pipeline/assemble.hpp"
#include "planner/pipeline/steps_of.hpp"

namespace mcp {

/// Sorts the changes of `plan`. Requires: `steps` still names the steps of `plan`, which were not put in order yet.
void sort_for_reading(const Desired& desired, const StepsOf& steps, Plan& plan);

}  // namespace mcp
