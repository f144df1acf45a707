#pragma once
// What the servers would say: each write of a plan is sent once as a dry run, with all that a server does but storing.
// What it would refuse, and what its admission would change, become risks of the plan. Changes nothing on a member.
#include "executor/fleet/fleet.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

/// Objects that cannot be tried are left out: in a namespace, or of a kind, that the plan itself makes; on members whose
/// driver has no dry run. At most `most` steps are tried, in order.
/// Source of the rules: docs/kubernetes.md, "Trying a plan".
void try_on_servers(Fleet& fleet, Plan& plan, std::size_t most = 2000);

}  // namespace mcp
