#include "cli/commands/applying.hpp"
#include "lang/base/lasting.hpp"

namespace mcp {

int run_destroy(Context& context) {
  const Options& options = context.options;
  if (!options.words.empty()) throw UsageError{"`mcp destroy` takes no argument: it removes everything that this project owns"};
  if (options.json) context.terminal.out(version_record());
  Project& project = lasting(open_project(project_options(options)));
  PlanRequest request = plan_request(options);
  request.options.destroy = true;
  Outcome_& outcome = lasting(plan_project(context, project, request));
  if (outcome.code != 0) return outcome.code;
  const Plan& plan = outcome.planned.plan;
  if (plan.empty() && plan.deferred.empty()) {
    if (!options.json) context.terminal.out("Nothing to destroy: nothing is recorded.\n");
    return exits::ok;
  }
  if (!options.json) context.terminal.out(plan_text_of(context, plan, true));
  if (!plan.blocked.empty()) {
    if (options.json) print_records(context, plan);
    return exits::blocked;
  }
  if (const int code = ask(context, "Destroy " + std::to_string(plan.count(Action::Delete)) + " objects on " + std::to_string(plan.touched().size()) + " clusters?"); code != 0) return code;
  std::string why;
  if (!options.json && !context.terminal.flush(why)) return report(context, Error{"cannot write to stdout: " + why, "", exits::error, {}});
  return carry_out(context, plan, apply_request(context, options.dir, project.state_dir, fleet_options(project)), [&](const ApplyRequest& r) { return apply_plan(plan, r); });
}

}  // namespace mcp
