#pragma once
// What an apply left undone, for people: equal reasons of one declared object are one row over clusters.
#include <span>
#include <string>

#include "executor/run/ending.hpp"
#include "lang/base/diagnostic_text.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

/// Failed, skipped and deferred steps, each with its reason, in lines of `width` columns; "" if there are none.
std::string remainder_text(const Plan& plan, std::span<const StepReport> steps, std::size_t width, Colour colour);

}  // namespace mcp
