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
  if (!options.json || !plan.blocked.empty()) show_plan(context, plan);
  if (!plan.blocked.empty()) return exits::blocked;
  if (const int code = ask(context, "Destroy " + std::to_string(plan.count(Action::Delete)) + " objects on " + std::to_string(plan.touched().size()) + " clusters?"); code != 0) return code;
  std::string why;
  if (!options.json && !context.terminal.flush(why)) return exits::error;   // main says why
  return carry_out(context, plan, apply_request(context, fleet_options(project)), [&](const ApplyRequest& r) { return apply_plan(plan, r); });
}

}  // namespace mcp
