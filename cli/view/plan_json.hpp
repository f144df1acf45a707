#pragma once
// A plan as records for programs, one canonical JSON object a line: plan, placement, change, drift, risk, blocked,
// deferred, edge, summary. Text of people is elsewhere; what stands here is a contract. The version record is the caller's.
#include <string>
#include <vector>

#include "planner/plan/plan.hpp"

namespace mcp {

struct PlanDigests {
  std::string plan;       // hexadecimal
  std::string changes;
};

/// All records in a stable order, without newlines. Secrets appear as "(secret 3f9c)".
std::vector<std::string> plan_records(const Plan& plan, const PlanDigests& digests);

/// The drift records alone, as `drift --json` prints them: one a field, or one for an object that is gone.
std::vector<std::string> drift_records(const Plan& plan);

}  // namespace mcp
