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
  if (to_stdout) {
    context.terminal.out(plan_bytes(plan));
    context.terminal.note(plan_text_of(context, plan, true));
  } else {
    std::string saved;
    if (options.has_out) {
      const std::string bytes = plan_bytes(plan);
      if (auto wrote = write_file(options.out, bytes); !wrote) return report(context, wrote.error());
      const std::string digest = bytes.substr(bytes.find('\n') + 1, 12);
      saved = "Saved " + visible(options.out) + "  plan " + digest + "  changes " + changes_digest(plan).substr(0, 12) + "\nNext: mcp apply " + visible(options.out) + "\n";
    }
    if (options.json) {
      print_records(context, plan);
    } else {
      context.terminal.out(plan_text_of(context, plan, options.has_out));
      if (!saved.empty()) context.terminal.out(saved);
    }
  }
  if (!plan.blocked.empty()) return exits::blocked;
  return options.detailed && !plan.empty() ? exits::changes : exits::ok;
}

}  // namespace mcp
