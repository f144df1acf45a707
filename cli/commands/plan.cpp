#include "cli/commands/planning.hpp"
#include "lang/base/lasting.hpp"
#include "planner/plan/plan_file.hpp"

namespace mcp {

int run_plan(Context& context) {
  const Options& options = context.options;
  Project& project = lasting(open_project(project_options(options, file_word(options))));
  const bool to_stdout = options.out == "-";
  if (options.json && !to_stdout) context.terminal.out(version_record());
  Outcome_& outcome = lasting(plan_project(context, project, plan_request(options)));
  if (outcome.code != 0) return outcome.code;
  const Plan& plan = outcome.planned.plan;
  std::string next = apply_command(options);
  if (outcome.planned.open_apply > 0) next = next_command(options, "resume");
  std::optional<SavedPlan> saved;
  if (to_stdout) {
    context.terminal.out(plan_bytes(plan));
  } else if (options.out) {
    const std::string bytes = plan_bytes(plan);
    if (auto wrote = write_file(*options.out, bytes); !wrote) return report(context, wrote.error());
    saved = SavedPlan{*options.out, bytes.substr(bytes.find('\n') + 1, 64), changes_digest(plan)};
    next = next_command(options, "apply " + *options.out);
  }
  if (to_stdout) context.terminal.note(plan_text_of(context, plan));
  else if (options.json) print_records(context, plan);
  else context.terminal.out(plan_text_of(context, plan, std::move(next), std::move(saved)));
  if (!plan.blocked.empty()) return exits::blocked;
  return options.detailed && !plan.empty() ? exits::changes : exits::ok;
}

}  // namespace mcp
