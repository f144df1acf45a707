#pragma once
// Carrying a plan out: check what it touches, then one loop of one thread in which every attempt is durable before it is
// sent and every outcome acknowledged only after its commit. Also goes on with a run that was killed or interrupted.
// Chooses nothing: plan, lock, secrets and journal are given.
#include <cstdint>
#include <functional>
#include <memory>

#include "executor/fleet/fleet.hpp"
#include "executor/run/ending.hpp"
#include "executor/run/event.hpp"
#include "executor/run/interrupt.hpp"
#include "executor/run/journal.hpp"
#include "executor/run/lease.hpp"
#include "executor/schedule/limiter.hpp"
#include "executor/schedule/retry.hpp"
#include "lang/base/failpoint.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

struct RunInput {
  const Plan* plan = nullptr;            // not blocked; secrets filled in (resolve_secrets)
  Fleet* fleet = nullptr;
  Journal* journal = nullptr;
  std::int64_t token = 0;                // of the lock that is held
  Lease* lease = nullptr;                // held in the MCP cluster, and kept so while the run lasts; null: there is none
  /// Called once the plan was found to fit, before the run begins: tells others of it. May use the fleet. May be empty.
  std::function<Result<void>()> announce;
  std::int64_t resume = 0;               // number of the open run to go on with; 0: a new run
  std::int64_t finished_as = 0;          // a run that carried out this very plan before; 0: none
  std::shared_ptr<const SecretBytes> secrets;
  const Interrupt* interrupt = nullptr;  // may be null, as the next two
  Failpoints* failpoints = nullptr;
  Observer observer;
  RetryRules retry;
  LimiterRules limits;
  Duration deadline{600'000};            // of becoming ready or going away, where the step states none
  Duration patience{2'000};              // a member that says nothing for so long does not hold the check up
};

/// Errors: the journal cannot be written, the lock is lost (exit 6), a member holds marks of a newer state. Whatever is
/// returned, a run that was begun and not ended can be resumed.
Result<RunResult> run_plan(const RunInput& input);

}  // namespace mcp
