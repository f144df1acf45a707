#include "cli/commands/applying.hpp"
#include "lang/base/lasting.hpp"
#include "planner/plan/plan_file.hpp"

namespace mcp {

namespace {

int apply_saved(Context& context, const std::string& path) {
  const Options& options = context.options;
  auto bytes = read_file_bytes(path);
  if (!bytes) return report(context, bytes.error());
  auto file = read_plan(*bytes);
  if (!file) {
    Error error = file.error();
    error.context.push_back("reading " + path);
    return report(context, error);
  }
  if (!options.expect.empty()) {
    const std::string changes = changes_digest(file->plan);
    if (options.expect.size() < 12) return report(context, Error{"--expect needs at least 12 digits of the digest", "`mcp plan --out` prints it", exits::error, {}});
    if (!file->digest.starts_with(options.expect) && !changes.starts_with(options.expect))
      return report(context, Error{"this is not the plan that is expected: its digest is " + file->digest.substr(0, 32), "review it again: mcp show " + path, exits::stale, {}});
  }
  // In a project folder the policy must still load, and be of this project; elsewhere the plan is enough.
  const ProjectOptions where = project_options(options);
  const Project& project = lasting(open_project(where));
  const bool has_policy = !project.loaded.files.empty();
  if (has_policy && !project.loaded.ok()) return report(context, project.loaded);
  if (has_policy && project.id() != file->plan.project)
    return report(context, Error{"the plan is of project " + file->plan.project + ", and this is " + project.id(), "apply it where it was made", exits::error, {}});
  FleetOptions fleet = fleet_options(project);
  fleet.driver = file->plan.driver;
  fleet.project = file->plan.project;
  fleet.state_dir = project.state_dir;
  if (!has_policy)
    for (const PlanMember& m : file->plan.members) fleet.capacity[m.name] = m.capacity;
  if (!file->plan.blocked.empty()) {
    context.terminal.out(plan_text_of(context, file->plan, true));
    return exits::blocked;
  }
  if (!options.yes && context.terminal.asks()) context.terminal.out(plan_text_of(context, file->plan, true));
  if (const int code = ask(context, "Apply this plan?"); code != 0) return code;
  return carry_out(context, file->plan, apply_request(context, options.dir, project.state_dir, fleet), [&](const ApplyRequest& request) { return apply_plan(file->plan, request); });
}

}  // namespace

int run_apply(Context& context) {
  const Options& options = context.options;
  if (options.words.size() > 1) throw UsageError{"`mcp apply` takes one saved plan"};
  if (options.json) context.terminal.out(version_record());
  if (!options.words.empty() && !options.words[0].ends_with(".mcp")) return apply_saved(context, options.words[0]);
  Project& project = lasting(open_project(project_options(options, file_word(options))));
  Outcome_& outcome = lasting(plan_project(context, project, plan_request(options)));
  if (outcome.code != 0) return outcome.code;
  const Plan& plan = outcome.planned.plan;
  if (!plan.blocked.empty()) {
    if (options.json) print_records(context, plan);
    else context.terminal.out(plan_text_of(context, plan, true));
    return exits::blocked;
  }
  if (plan.empty() && plan.deferred.empty()) {
    if (!options.json) context.terminal.out(plan_text_of(context, plan, true));
    return exits::ok;
  }
  if (!options.json) context.terminal.out(plan_text_of(context, plan, true));
  if (const int code = ask(context, "Apply this plan?"); code != 0) return code;
  std::string why;
  if (!options.json && !context.terminal.flush(why)) return exits::error;   // main says why
  return carry_out(context, plan, apply_request(context, options.dir, project.state_dir, fleet_options(project)), [&](const ApplyRequest& request) { return apply_plan(plan, request); });
}

}  // namespace mcp
