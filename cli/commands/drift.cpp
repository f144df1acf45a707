#include "cli/commands/planning.hpp"
#include "lang/base/lasting.hpp"
#include "cli/view/plan_json.hpp"
#include "cli/view/value_text.hpp"

namespace mcp {

int run_drift(Context& context) {
  const Options& options = context.options;
  Project& project = lasting(open_project(project_options(options)));
  if (options.json) context.terminal.out(version_record());
  Outcome_& outcome = lasting(plan_project(context, project, plan_request(options)));
  if (outcome.code != 0) return outcome.code;
  const Plan& plan = outcome.planned.plan;
  const auto room = static_cast<std::size_t>(context.terminal.width()) - 14;
  std::string text;
  if (options.json)
    for (const std::string& line : drift_records(plan)) context.terminal.out(line + "\n");
  for (const DriftRow& row : plan.drift) {
    text += row.address.text();
    if (row.gone) {
      text += "  gone  (" + row.verdict + ")\n";
      continue;
    }
    if (!row.manager.empty()) text += "  " + visible(row.manager) + (row.time.empty() ? "" : ", " + visible(row.time));
    text += "\n";
    if (row.fields.empty()) text += "  " + row.verdict + "\n";
    for (const auto& f : row.fields) {
      const auto [recorded, now] = view::two_lines(f.had ? &f.recorded : nullptr, f.has ? &f.now : nullptr, "not there", room);
      text += "  " + visible(f.path) + "\n    recorded  " + recorded + "\n    now       " + now + "\n    next      " + f.verdict + "\n";
    }
  }
  if (!options.json) {
    std::size_t answered = 0;
    for (const PlannedMember& m : outcome.planned.members)
      if (m.reach == Reach::Answered) ++answered;
    if (plan.drift.empty()) text = "No drift: " + std::to_string(answered) + " of " + std::to_string(outcome.planned.members.size()) + " clusters read.\n";
    context.terminal.out(text);
  }
  return options.detailed && !plan.drift.empty() ? exits::changes : exits::ok;
}

}  // namespace mcp
