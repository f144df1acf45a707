#pragma once
// What plan, apply, destroy, drift, status and graph share: from options to a plan, and its printing.
#include <optional>

#include "cli/command.hpp"
#include "cli/view/plan_text.hpp"
#include "executor/engine/planning.hpp"

namespace mcp {

PlanRequest plan_request(const Options& options);
/// Plans; on failure the exit code is set and the reason printed.
struct Outcome_ {
  int code = 0;          // not 0: it failed, and was reported
  Planned planned;
};
Outcome_ plan_project(Context& context, Project& project, const PlanRequest& request);
/// The plan as text for the terminal's width. `next`: what to type next ("" for a plan that is about to be carried out).
std::string plan_text_of(Context& context, const Plan& plan, std::string next = {}, std::optional<SavedPlan> saved = {});
/// A plan that is refused, or asked about: records with --json, else text.
void show_plan(Context& context, const Plan& plan);
/// "mcp apply ...", with the environment. Not with -C: where a command was typed does not change what it says.
std::string next_command(const Options& options, const std::string& command);
/// `mcp apply` that makes the same plan: with what the options add to it.
std::string apply_command(const Options& options);
/// All records of `plan --json` but the version.
void print_records(Context& context, const Plan& plan);
/// Phase times on stderr, with --stats.
void print_stats(Context& context, const Planned& planned);
/// Writes `bytes` under another name and renames; an Error says why not.
Result<void> write_file(const std::string& path, std::string_view bytes);
Result<std::string> read_file_bytes(const std::string& path);

}  // namespace mcp
