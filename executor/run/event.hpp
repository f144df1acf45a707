#pragma once
// Event: everything that happens while a plan is carried out, for views and tests. Published after the commit that makes
// it true. Steps are given by their number in the plan. Never read by a decision.
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "executor/fleet/fleet.hpp"
#include "executor/run/ending.hpp"

namespace mcp {

struct PlanStarted { std::int64_t run = 0; std::size_t steps = 0; std::vector<std::string> members; bool resumed = false; };
struct StepStarted { std::uint32_t step = 0; int attempt = 1; };
/// `ready` of `wanted` Pods, or what else is being waited for.
struct StepProgress { std::uint32_t step = 0; std::int64_t ready = -1; std::int64_t wanted = -1; std::string what; };
struct Retrying { std::uint32_t step = 0; int attempt = 1; Duration delay{0}; std::string why; };
struct StepDone { std::uint32_t step = 0; bool already = false; };
struct StepFailed { std::uint32_t step = 0; std::string why; std::string audit = {}; };   // audit: the server's number of the request
struct StepSkipped { std::uint32_t step = 0; std::uint32_t because = 0; std::string why; };
struct StepDeferred { std::uint32_t step = 0; std::string member; std::string why; };
/// What the server says of a write that it took: a deprecated version, a field that does nothing.
struct Warned { std::uint32_t step = 0; std::string text; };
struct Stopping { bool at_once = false; };
struct RunEnded { Ending ending; Counts counts; };

using Event = std::variant<PlanStarted, StepStarted, StepProgress, Retrying, StepDone, StepFailed, StepSkipped, StepDeferred, Warned, Stopping, RunEnded>;

/// Instant: clock of the fleet.
using Observer = std::function<void(Instant, const Event&)>;

}  // namespace mcp
