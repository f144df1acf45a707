#pragma once
// The saved plan: two lines, canonical JSON and its SHA-256 in hex. Content addressed, without a secret, clock or host.
// Form: docs/plan-format.md. Reading refuses what it does not understand: skipping a key could do the wrong thing.
#include <string>
#include <string_view>

#include "lang/base/result.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

struct PlanFile {
  Plan plan;
  std::string digest;    // 64 hex digits, of the first line with its line end
};

/// The bytes of the file.
std::string plan_bytes(const Plan& plan);
/// Digest of plan_bytes(), without making the second line.
std::string plan_digest(const Plan& plan);
/// Digest of what changes, whatever the commit, order or line: 64 hex digits.
std::string changes_digest(const Plan& plan);
/// Errors: cut short or edited (exit 3), a newer major format, no plan at all (exit 1).
Result<PlanFile> read_plan(std::string_view bytes);

}  // namespace mcp
