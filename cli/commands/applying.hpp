#pragma once
// What apply, resume and destroy share: signals, progress, and how it ended.
#include "cli/commands/planning.hpp"
#include "executor/engine/applying.hpp"

namespace mcp {

ApplyRequest apply_request(Context& context, const FleetOptions& fleet);
/// Carries out with progress on stderr (records with --json), prints the ending, gives the exit code.
int carry_out(Context& context, const Plan& plan, ApplyRequest request, const std::function<Result<RunResult>(const ApplyRequest&)>& run);
/// Asks unless --yes; 0: go on, else the exit code.
int ask(Context& context, const std::string& question);

}  // namespace mcp
