#pragma once
// What is wrong with placing: contradictions in the policy (errors, judged on all selected members whatever their
// state, so that no outage causes one) and shortages (warnings: what fits is placed). Changes nothing.
#include <vector>

#include "planner/place/placement.hpp"

namespace mcp {

/// E0501 to E0504, E0507, E0508 of one workload.
void find_contradictions(const Inventory& inventory, const PlaceRequest& request, Diagnostics& out);
/// E0508, E0509 of the members.
void find_contradictions(const Inventory& inventory, Diagnostics& out);

/// W0501, W0502, W0506 of a placed workload.
void report_shortage(const Inventory& inventory, const PlaceRequest& request, const WorkloadPlacement& placed, Diagnostics& out);
/// W0505: time would have made members lost, but too few answered.
void report_held_failover(const Inventory& inventory, const std::vector<PlaceRequest>& requests, Diagnostics& out);

}  // namespace mcp
