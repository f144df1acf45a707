#pragma once
// Fields that other managers hold: whether the plan said that they may be taken, and how a refusal reads. Pure.
#include <string>
#include <vector>

#include "executor/fleet/fleet.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

/// True if the plan lists each (field, manager) of `fields`. An empty list is never enough.
bool may_take(const Step& step, const std::vector<FieldConflict>& fields);

/// "spec.replicas is held by kubectl, which the plan does not say; ..." Names at most three.
std::string conflict_text(const Step& step, const std::vector<FieldConflict>& fields);

}  // namespace mcp
