#include "cli/view/plan_text.hpp"

#include <algorithm>
#include <set>

#include "cli/view/parts.hpp"

namespace mcp {

namespace view {

namespace {

Context context_of(const Plan& plan, const PlanTextOptions& options) {
  Context out{plan, options, {}, {}};
  for (const PlanMember& m : plan.members) out.members.push_back(m.name);
  out.values.whole = options.detail == PlanDetail::Full;
  // Four digits of a fingerprint, unless two secrets of this plan would look alike.
  std::set<std::string> prints;
  for (const SecretSource& s : plan.secrets)
    if (!s.fingerprint.empty()) prints.insert(s.fingerprint);
  for (std::string_view last; const std::string& print : prints) {
    while (out.values.secret_digits < print.size() && print.substr(0, out.values.secret_digits) == last.substr(0, out.values.secret_digits))
      ++out.values.secret_digits;
    last = print;
  }
  return out;
}

/// "2 of 3 clusters read"; `short_form`: where the clusters were named just before.
std::string read_text(const Context& context, bool short_form = false) {
  const Plan& plan = context.plan;
  if (!context.options.asked) return short_form ? "none asked" : "no cluster asked";
  const auto answered = std::count_if(plan.members.begin(), plan.members.end(), [](const PlanMember& m) { return m.answered; });
  std::string without;
  std::size_t silent = 0;
  for (const PlanMember& m : plan.members)
    if (!m.answered && ++silent <= 3) without.append(without.empty() ? " (not " : ", ").append(visible(m.name));
  if (silent > 3) without += " and " + std::to_string(silent - 3) + " more";
  if (silent > 0) without += ")";
  return std::to_string(answered) + " of " + std::to_string(plan.members.size()) + (short_form ? " read" : plan.members.size() == 1 ? " cluster read" : " clusters read") + without;
}

std::int64_t joined(const Plan& plan) {
  return std::count_if(plan.members.begin(), plan.members.end(), [](const PlanMember& m) { return m.joined; });
}

void put_no_changes(Sheet& sheet, const Context& context) {
  const Plan& plan = context.plan;
  const std::int64_t on = joined(plan);
  std::string text = recorded_objects(plan) == 0 && on == 0
                         ? plan.objects == 0 ? "nothing is stated and nothing is recorded." : "nothing is recorded, and no cluster can be changed now."
                         : counted(recorded_objects(plan), "object", "objects") + " on " + counted(on, "cluster", "clusters") +
                               (recorded_objects(plan) == 1 ? " is as stated; " : " are as stated; ") + read_text(context) + ".";
  sheet.wrap(Line("No changes:", Tone::Bold).add(" "), text, 2);
  std::string left;
  for (const DriftRow& row : plan.drift)
    for (const DriftRow::Field& field : row.fields)
      if (field.verdict != "put back") left += (left.empty() ? "" : ", ") + visible(row.address.text() + ":" + field.path);
  if (!left.empty()) sheet.wrap(Line("Left to its owner: "), left + ".", 2);
  for (const PlacementRow& row : plan.placement)
    if (row.unplaced > 0)
      sheet.wrap(Line("Unplaced: ", Tone::Yellow), counted(row.unplaced, "replica", "replicas") + " of " + visible(row.address.text()) + ".", 2);
}

}  // namespace

Tone tone_of(Action action) {
  switch (action) {
    case Action::Join:
    case Action::Create: return Tone::Green;
    case Action::Adopt: return Tone::Cyan;
    case Action::Update: return Tone::Yellow;
    case Action::Leave:
    case Action::Replace:
    case Action::Delete: return Tone::Red;
    case Action::Forget: return Tone::Plain;
  }
  return Tone::Plain;
}

const PlanMember* member_of(const Plan& plan, std::string_view name) {
  const auto it = std::lower_bound(plan.members.begin(), plan.members.end(), name,
                                   [](const PlanMember& m, std::string_view n) { return m.name < n; });
  return it != plan.members.end() && it->name == name ? &*it : nullptr;
}

const std::string& member_name(const Address& address) {
  return address.kind == AddressKind::Cluster ? address.name : address.member;
}

std::int64_t recorded_objects(const Plan& plan) {
  std::int64_t n = plan.unchanged;
  for (const Change& c : plan.changes) {
    const Action action = plan.step_of(c).action;
    const bool again = action == Action::Create && c.reason == Reason::Drift;
    if (again || action == Action::Update || action == Action::Replace || action == Action::Delete || action == Action::Forget) ++n;
  }
  return n;
}

void put_header(Sheet& sheet, const Context& context) {
  const Plan& plan = context.plan;
  const std::int64_t objects = recorded_objects(plan);
  std::string text;
  if (joined(plan) == 0 && objects == 0) {
    text = "nothing recorded, " + read_text(context) + ".";
  } else {
    text = counted(objects, "object", "objects") + " on " + counted(joined(plan), "cluster", "clusters") + "; " + read_text(context, true) + ".";
    if (plan.destroy) text += " All of it is to be removed.";
  }
  sheet.wrap(Line("Project " + visible(plan.project) + ":", Tone::Bold).add(" "), text, 2);
}

}  // namespace view

namespace view {

namespace {

/// The summary with blanks that a line is not broken at.
std::string summary_text(const Plan& plan) {
  const auto counted = [](std::int64_t n, std::string_view one, std::string_view many) { return unbroken(view::counted(n, one, many)); };
  std::string text;
  for (std::size_t i = 0; i < action_count; ++i) {
    const auto action = static_cast<Action>(i);
    const std::int64_t n = plan.count(action);
    if (n == 0 && action != Action::Delete) continue;
    text += (text.empty() ? "" : ", ") + counted(n, to_string(action), to_string(action));
  }
  text = "Plan: " + text + " " + unbroken("on ") + counted(static_cast<std::int64_t>(plan.touched().size()), "cluster", "clusters");
  const std::int64_t before = plan.replicas_before();
  const std::int64_t after = plan.replicas_after();
  if (before != after) text += "; " + unbroken("replicas " + std::to_string(before) + " -> " + std::to_string(after));
  if (const std::int64_t moved = plan.moved(); moved > 0) text += "; " + counted(moved, "replica moves", "replicas move");
  std::int64_t unplaced = 0;
  for (const PlacementRow& row : plan.placement) unplaced += row.unplaced;
  if (unplaced > 0) text += "; " + counted(unplaced, "unplaced", "unplaced");
  if (plan.unchanged > 0) text += "; " + counted(plan.unchanged, "unchanged", "unchanged");
  text += ".";
  if (plan.risks.empty()) text += " " + unbroken("No risks.");
  return text;
}

}  // namespace

}  // namespace view

std::string plan_summary(const Plan& plan) {
  std::string out = view::summary_text(plan);
  std::replace(out.begin(), out.end(), view::hard_blank, ' ');
  return out;
}

std::string plan_text(const Plan& plan, const PlanTextOptions& options) {
  using namespace view;
  const std::size_t width = std::clamp<std::size_t>(options.width, 60, 100);
  const Context context = context_of(plan, options);
  Sheet sheet(width, options.colour);
  const bool nothing = plan.empty() && plan.blocked.empty();
  const auto put_saved = [&] {
    if (!options.saved) return;
    sheet.put("Saved " + visible(options.saved->file) + "  plan " + options.saved->digest.substr(0, 12) + "  changes " + options.saved->changes.substr(0, 12));
  };
  if (nothing) {
    put_deferred(sheet, context);
    sheet.section();
    put_no_changes(sheet, context);
    put_saved();
    return sheet.take();
  }
  put_header(sheet, context);
  put_blocked(sheet, context);
  put_placement(sheet, context);
  put_drift(sheet, context);
  put_changes(sheet, context);
  put_deferred(sheet, context);
  if (!context.brief()) put_order(sheet, context);
  put_risks(sheet, context);
  sheet.section();
  if (!context.brief())
    for (const std::string& note : plan.notes) sheet.wrap(Line("Note: ", Tone::Dim), visible(note) + ".", 6, {}, Tone::Dim);
  const std::string summary = summary_text(plan);
  sheet.wrap(Line("Plan:", Tone::Bold).add(" "), std::string_view(summary).substr(6), 6);
  put_saved();
  if (!options.next.empty() && plan.blocked.empty() && !plan.empty()) sheet.put(Line("Next: ").add(visible(options.next), Tone::Bold));
  return sheet.take();
}

}  // namespace mcp
