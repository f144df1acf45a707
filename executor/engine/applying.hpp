#pragma once
// Carrying out: lock, check, run, release; and going on with what was interrupted. The only writer of members and state.
#include <functional>
#include <string>

#include "executor/engine/planning.hpp"
#include "executor/run/apply.hpp"

namespace mcp {

struct ApplyRequest {
  std::string dir;                 // project folder: files of secrets lie below it
  std::string state_dir;
  FleetOptions fleet;
  std::int64_t now_ms = 0;         // wall clock
  std::function<std::int64_t()> clock;
  std::string who;
  std::string host;
  std::int64_t pid = 0;
  std::int64_t lock_timeout_ms = 0;
  const Interrupt* interrupt = nullptr;
  Observer observer;
  std::function<void(const std::string&)> note;   // told of whom we wait for; may be null
};

/// Carries `plan` out. Errors: blocked (exit 5), locked or an open apply (exit 6), a secret source (exit 1 or 3), the state.
Result<RunResult> apply_plan(const Plan& plan, const ApplyRequest& request);

/// Waits until nobody else holds the lock of `project`, at most `request.lock_timeout_ms`, so that what is planned next is
/// planned on what the other has left. Holds nothing afterwards. Errors: it is held for longer (exit 6); the state.
Result<void> await_lock(const std::string& project, const ApplyRequest& request);

struct OpenRun {
  std::int64_t run = 0;
  Plan plan;
  std::string project;
};
/// The interrupted apply of a project, if there is one.
/// Its number alone, which even a damaged plan does not hide; 0: none.
Result<std::int64_t> open_run_number(const std::string& state_dir, const std::string& project);
Result<std::optional<OpenRun>> open_run(const std::string& state_dir, const std::string& project);
Result<RunResult> resume_run(const OpenRun& open, const ApplyRequest& request);
/// Closes an interrupted apply without carrying on.
Result<void> abandon_run(const ApplyRequest& request, std::int64_t run);
/// Puts into the MCP cluster what the last apply could not. False: it knows all.
Result<bool> catch_up(const ApplyRequest& request);

}  // namespace mcp
