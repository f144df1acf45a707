#pragma once
// A plan as people read it on a terminal or in a pipe: header, BLOCKED, PLACEMENT, DRIFT, CHANGES, DEFERRED, ORDER,
// RISKS, summary. A pure function of the plan: no clock, no host, no state; never shows a secret's value.
#include <cstdint>
#include <optional>
#include <string>

#include "lang/base/diagnostic_text.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

enum class PlanDetail : std::uint8_t {
  Brief,    // no fields, no placement rows
  Normal,   // long values cut in the middle, long lists shortened
  Full,     // all of it
};

/// A plan file that was written.
struct SavedPlan {
  std::string file;
  std::string digest;        // of the plan, hexadecimal; 12 digits are shown
  std::string changes;       // of the change set
};

struct PlanTextOptions {
  std::size_t width = 80;                 // 60 to 100
  Colour colour = Colour::No;
  PlanDetail detail = PlanDetail::Normal;
  bool asked = true;                      // members were asked, not only the state
  std::optional<SavedPlan> saved;
  std::string next = "mcp apply";         // what to type next; empty: not said
};

/// Ends in a newline. Cost: linear in changes and edges.
std::string plan_text(const Plan& plan, const PlanTextOptions& options);

/// "Plan: 3 join, 24 create, 0 delete on 3 clusters; replicas 0 -> 21." in one line.
std::string plan_summary(const Plan& plan);

}  // namespace mcp
