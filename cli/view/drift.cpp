// DRIFT: what others changed since the last apply, who, and what becomes of it.
#include <algorithm>

#include "cli/view/fields.hpp"
#include "cli/view/names.hpp"
#include "cli/view/parts.hpp"

namespace mcp::view {

namespace {

/// "2026-11-20T14:02:11Z" as "2026-11-20 14:02 UTC"; other forms as they are.
std::string time_text(const std::string& time) {
  if (time.size() >= 20 && time[10] == 'T' && time.ends_with('Z')) return time.substr(0, 10) + " " + time.substr(11, 5) + " UTC";
  return time;
}

/// Equal drift of one declared object on several members.
struct Group {
  const DriftRow* first = nullptr;
  std::vector<std::string> members;
  bool same_time = true;
};

bool alike(const DriftRow& a, const DriftRow& b) {
  return a.address.declared() == b.address.declared() && a.gone == b.gone && a.manager == b.manager && a.fields == b.fields && a.verdict == b.verdict;
}

std::vector<Group> grouped(const Plan& plan) {
  std::vector<Group> out;
  std::vector<const DriftRow*> rows;
  for (const DriftRow& row : plan.drift) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [](const DriftRow* a, const DriftRow* b) { return a->address < b->address; });
  std::size_t from = 0;   // groups of the address at hand
  for (const DriftRow* row : rows) {
    if (!out.empty() && out.back().first->address.declared() != row->address.declared()) from = out.size();
    std::size_t i = from;
    while (i < out.size() && !alike(*out[i].first, *row)) ++i;
    if (i == out.size()) out.push_back({row, {}, true});
    out[i].members.push_back(row->address.member);
    out[i].same_time = out[i].same_time && out[i].first->time == row->time;
  }
  return out;
}

void put_field(Sheet& sheet, const Context& context, const DriftRow::Field& field, std::size_t path_columns) {
  auto [recorded, now] = pair_text(field.had ? field.recorded : Value(), field.has ? field.now : Value(), context.values);
  if (!field.had) recorded = "absent";
  if (!field.has) now = "gone";
  const std::string path = visible(field.path);
  const std::string verdict = visible(field.verdict);
  const Line pair = Line("recorded " + recorded + "    now ").add(now, Tone::Bold);
  if (6 + path_columns + 4 + pair.columns() + 2 + columns(verdict) <= sheet.width()) {
    sheet.put(Line("      " + path).to(6 + path_columns + 4).add(pair), verdict, Tone::Plain);
    return;
  }
  put_path(sheet, path, 6, verdict);
  if (!context.full()) cut_pair(recorded, now, sheet.width() - 18);
  if (context.full()) {
    sheet.chunks(Line("        recorded  "), recorded, 18);
    sheet.chunks(Line("        now       "), now, 18, Tone::Bold);
  } else {
    sheet.put(Line("        recorded  " + recorded));
    sheet.put(Line("        now       ").add(now, Tone::Bold));
  }
}

}  // namespace

void put_drift(Sheet& sheet, const Context& context) {
  if (context.plan.drift.empty()) return;
  constexpr std::size_t most = 30;
  sheet.section();
  Line heading("DRIFT", Tone::Bold);
  heading.add("  changed outside mcp");
  if (context.plan.base_serial > 0) heading.add(" since apply #" + std::to_string(context.plan.base_serial));
  sheet.put(heading);
  std::size_t shown = 0;
  for (const Group& group : grouped(context.plan)) {
    if (++shown > most && !context.full()) continue;
    const DriftRow& row = *group.first;
    const bool left = !row.gone && !row.fields.empty() &&
                      std::none_of(row.fields.begin(), row.fields.end(), [](const auto& f) { return f.verdict == "put back"; });
    Line line("  ");
    if (row.gone) line.add("+ ", Tone::Green);
    else if (left) line.add("= ", Tone::Dim);
    else line.add("~ ", Tone::Yellow);
    std::string label = row.address.declared().text();
    if (group.members.size() == 1) label = row.address.text();
    line.add(visible(label));
    if (group.members.size() > 1) line.add("    " + visible(clusters_text(group.members, context.members)));
    std::string who = row.manager;
    if (!row.time.empty() && group.same_time) who += (who.empty() ? "" : ", ") + time_text(row.time);
    if (row.gone || row.fields.empty()) {
      line.add(row.gone ? "    gone" : "    another object of its name");
      const std::string verdict = row.gone && !row.verdict.empty() ? row.verdict : row.gone ? "" : "put back";
      sheet.put(line, visible(verdict), Tone::Plain);
      continue;
    }
    const bool room = line.columns() + 2 + columns(visible(who)) <= sheet.width();
    if (room) {
      sheet.put(line, visible(who));
    } else {
      sheet.put(line);
      sheet.put(Line(), visible(who));
    }
    if (context.brief()) continue;
    std::size_t wide = 0;
    for (const auto& field : row.fields)
      if (columns(visible(field.path)) <= 24) wide = std::max(wide, columns(visible(field.path)));
    for (const auto& field : row.fields) put_field(sheet, context, field, std::max(wide, columns(visible(field.path))));
  }
  if (shown > most && !context.full()) sheet.put("  and " + counted(static_cast<std::int64_t>(shown - most), "more object", "more objects") + "; all with --full");
}

}  // namespace mcp::view
