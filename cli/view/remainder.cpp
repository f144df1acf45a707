#include "cli/view/remainder.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "cli/view/names.hpp"
#include "cli/view/parts.hpp"

namespace mcp {

namespace {

constexpr std::size_t most = 20;

struct Row {
  const StepReport* first = nullptr;
  std::vector<std::string> members;
};

std::string_view word(StepState state) { return state == StepState::Failed ? "failed" : state == StepState::Skipped ? "skipped" : "deferred"; }

}  // namespace

std::string remainder_text(const Plan& plan, std::span<const StepReport> steps, std::size_t width, Colour colour) {
  std::vector<Row> rows;
  std::map<std::tuple<StepState, Action, Address, std::string_view>, std::size_t> row_of;
  std::vector<std::string> all;
  for (const PlanMember& m : plan.members) all.push_back(m.name);
  for (const StepReport& s : steps) {
    if (s.state != StepState::Failed && s.state != StepState::Skipped && s.state != StepState::Deferred) continue;
    const Step& step = plan.steps[s.step];
    const auto [it, fresh] = row_of.emplace(std::tuple(s.state, step.action, step.address.declared(), std::string_view(s.why)), rows.size());
    if (fresh) rows.push_back(Row{&s, {}});
    rows[it->second].members.push_back(view::member_name(step.address));
  }
  view::Sheet sheet(width, colour);
  for (std::size_t i = 0; i < rows.size() && i < most; ++i) {
    Row& row = rows[i];
    std::sort(row.members.begin(), row.members.end());
    const Step& step = plan.steps[row.first->step];
    const view::Tone tone = row.first->state == StepState::Failed ? view::Tone::Red : view::Tone::Yellow;
    view::Line line("  ");
    line.add(word(row.first->state), tone).to(12).add(std::string(to_string(step.action)) + " " + visible(row.members.size() == 1 ? step.address.text() : step.address.declared().text()));
    if (row.members.size() > 1) line.add("    " + visible(view::names_text(row.members, all)));
    sheet.put(line);
    if (!row.first->why.empty()) sheet.wrap(view::Line("            "), visible(row.first->why), 12);
  }
  for (const Deferral& d : plan.deferred) {
    if (d.changes == 0) continue;
    sheet.put(view::Line("  ").add("deferred", view::Tone::Yellow).to(12).add(view::counted(d.changes, "change", "changes") + " of " + visible(d.member) + ", which " + (d.why == "unreachable" ? "is " : "") + visible(d.why)));
  }
  if (rows.size() > most) sheet.put("  and " + std::to_string(rows.size() - most) + " more; all with `mcp plan`");
  return sheet.take();
}

}  // namespace mcp
