#include "cli/commands/applying.hpp"
#include "lang/base/lasting.hpp"
#include "planner/plan/plan_file.hpp"

namespace mcp {

namespace {

/// 0 if `--expect` names this plan, or its change set, or nothing is expected. `how`: what shows it once more.
int check_expected(Context& context, const Plan& plan, const std::string& digest, const std::string& how) {
  if (!context.options.expect) return 0;
  const std::string& expect = *context.options.expect;
  if (expect.size() < 12) return report(context, Error{expect.empty() ? "--expect is empty" : "--expect needs at least 12 digits of the digest", "`mcp plan --out` prints it", exits::error, {}});
  if (digest.starts_with(expect) || changes_digest(plan).starts_with(expect)) return 0;
  return report(context, Error{"this is not the plan that is expected: its digest is " + digest.substr(0, 32), "review it again: " + how, exits::stale, {}});
}

int apply_saved(Context& context, const std::string& path) {
  const Options& options = context.options;
  if (!options.lost.empty() || !options.adopt.empty() || !options.forget.empty() || !options.allow.empty())
    return report(context, Error{"a saved plan is applied as it is: --lost, --adopt, --forget and --allow are for making one", "plan again with them: mcp plan --out " + path, exits::error, {}});
  auto bytes = read_file_bytes(path);
  if (!bytes) return report(context, bytes.error());
  auto file = read_plan(*bytes);
  if (!file) {
    Error error = file.error();
    error.context.push_back("reading " + path);
    return report(context, error);
  }
  if (const int code = check_expected(context, file->plan, file->digest, "mcp show " + path); code != 0) return code;
  // In a project folder the policy must still load, and be of this project; elsewhere the plan is enough.
  const ProjectOptions where = project_options(options);
  const Project& project = lasting(open_project(where));
  const bool has_policy = !project.loaded.files.empty();
  if (has_policy && !project.loaded.ok()) return report(context, project.loaded);
  if (has_policy && project.id() != file->plan.project)
    return report(context, Error{"the plan is of project " + file->plan.project + ", and this is " + project.id(), "apply it where it was made", exits::error, {}});
  FleetOptions fleet = fleet_options(project);
  fleet.driver = file->plan.driver;
  if (!has_policy) fleet.mcp_cluster = file->plan.mcp_cluster;
  fleet.project = file->plan.project;
  fleet.state_dir = project.state_dir;
  if (!file->plan.blocked.empty()) {
    show_plan(context, file->plan);
    return exits::blocked;
  }
  if (!options.json && !options.yes && context.terminal.asks()) show_plan(context, file->plan);
  if (const int code = ask(context, "Apply this plan?"); code != 0) return code;
  return carry_out(context, file->plan, apply_request(context, fleet), [&](const ApplyRequest& request) { return apply_plan(file->plan, request); });
}

}  // namespace

int run_apply(Context& context) {
  const Options& options = context.options;
  if (options.words.size() > 1) throw UsageError{"`mcp apply` takes one saved plan"};
  if (options.json) context.terminal.out(version_record());
  if (!options.words.empty() && !options.words[0].ends_with(".mcp")) return apply_saved(context, options.words[0]);
  Project& project = lasting(open_project(project_options(options, file_word(options))));
  if (options.lock_timeout_ms > 0 && project.loaded.ok())
    if (auto free = await_lock(project.id(), apply_request(context, fleet_options(project))); !free) return report(context, free.error());
  Outcome_& outcome = lasting(plan_project(context, project, plan_request(options)));
  if (outcome.code != 0) return outcome.code;
  const Plan& plan = outcome.planned.plan;
  if (!options.json || !plan.blocked.empty()) show_plan(context, plan);
  if (!plan.blocked.empty()) return exits::blocked;
  if (plan.empty()) {
    const auto told = catch_up(apply_request(context, fleet_options(project)));   // the first time, or what failed before
    if (!told) return report(context, told.error());
    if (*told) context.terminal.note("The MCP cluster holds the state now.\n");
    return plan.left_out() ? exits::partial : exits::ok;
  }
  if (options.expect)
    if (const int code = check_expected(context, plan, plan_digest(plan), "mcp plan"); code != 0) return code;
  if (const int code = ask(context, "Apply this plan?"); code != 0) return code;
  std::string why;
  if (!options.json && !context.terminal.flush(why)) return exits::error;   // main says why
  return carry_out(context, plan, apply_request(context, fleet_options(project)), [&](const ApplyRequest& request) { return apply_plan(plan, request); });
}

}  // namespace mcp
