// PLACEMENT: replicas before and after. Clusters are columns while they fit, else one row for clusters with equal numbers.
#include <algorithm>
#include <map>

#include "cli/view/names.hpp"
#include "cli/view/parts.hpp"

namespace mcp::view {

namespace {

struct Count {
  std::int64_t before = 0;
  std::int64_t after = 0;
  auto operator<=>(const Count&) const = default;
  bool changes() const { return before != after; }
  void add(const Count& other) {
    before += other.before;
    after += other.after;
  }
};

/// Before and after as "4 -> 5", or "5" where nothing changes: only what is new is bold.
Line cell(const Count& count) {
  if (!count.changes()) return Line(std::to_string(count.after), Tone::Dim);
  return Line(std::to_string(count.before) + " -> ").add(std::to_string(count.after), Tone::Bold);
}

void right_aligned(Line& line, std::size_t end, const Line& text) {
  if (text.columns() < end) line.to(end - text.columns());
  line.add(text);
}

bool changes(const PlacementRow& row) {
  return row.unplaced > 0 || std::any_of(row.shares.begin(), row.shares.end(), [](const auto& s) { return s.before != s.after; });
}

Count total_of(const PlacementRow& row) {
  Count out;
  for (const auto& share : row.shares) out.add({share.before, share.after});
  return out;
}

/// Capacity of a member as a cell: a word where none of it may be used.
std::string capacity_cell(const PlanMember& m) {
  if (m.lost) return "lost";
  if (m.leaving) return "leaves";
  if (m.drains) return "drains";
  if (!m.answered) return "unread";
  return m.capacity ? std::to_string(*m.capacity) : "-";
}

struct Table {
  std::vector<const PlacementRow*> rows;      // that change, or all
  std::size_t hidden = 0;                     // workloads without a row that change
  std::size_t unchanged = 0;                  // workloads without a row that stay
  std::vector<Count> sums;                    // by member
  Count all;
  bool any_capacity = false;
};

Table table_of(const Context& context) {
  constexpr std::size_t most_rows = 40;
  Table t;
  t.sums.resize(context.members.size());
  for (const PlacementRow& row : context.plan.placement) {
    for (const auto& share : row.shares) {
      const Count count{share.before, share.after};
      t.all.add(count);
      const auto at = std::lower_bound(context.members.begin(), context.members.end(), share.member);
      if (at != context.members.end() && *at == share.member) t.sums[static_cast<std::size_t>(at - context.members.begin())].add(count);
    }
    if (!changes(row) && !context.full()) ++t.unchanged;
    else if (t.rows.size() < most_rows || context.full()) t.rows.push_back(&row);
    else ++t.hidden;
  }
  for (const PlanMember& m : context.plan.members) t.any_capacity = t.any_capacity || m.capacity.has_value();
  return t;
}

void put_rest(Sheet& sheet, const Table& t) {
  if (t.hidden > 0) sheet.put("  " + counted(static_cast<std::int64_t>(t.hidden), "more workload changes", "more workloads change") + "; all with --full", Tone::Dim);
  if (t.unchanged > 0) sheet.put("  " + counted(static_cast<std::int64_t>(t.unchanged), "workload", "workloads") + " unchanged", Tone::Dim);
}

void put_unplaced(Sheet& sheet, const PlacementRow& row) {
  if (row.unplaced == 0) return;
  sheet.put("    " + std::to_string(row.unplaced) + " of " + std::to_string(row.unplaced + total_of(row).after) + " unplaced", Tone::Yellow);
}

/// Columns: the address, one a member, the total. False if they do not fit.
bool put_columns(Sheet& sheet, const Context& context, const Table& t) {
  const std::vector<PlanMember>& members = context.plan.members;
  std::size_t first = 10;   // "PLACEMENT " or "  capacity"
  for (const PlacementRow* row : t.rows) first = std::max(first, 2 + columns(row->address.text()));
  std::size_t widest = 5;   // "total"
  for (const PlanMember& m : members) widest = std::max({widest, columns(m.name), columns(m.cloud), columns(capacity_cell(m))});
  const auto see = [&](const Count& c) { widest = std::max(widest, cell(c).columns()); };
  see(t.all);
  for (const Count& c : t.sums) see(c);
  for (const PlacementRow* row : t.rows) see(total_of(*row));
  std::size_t step = widest + 3;
  if (first + step * (members.size() + 1) > sheet.width()) step = widest + 2;
  if (first + step * (members.size() + 1) > sheet.width()) return false;

  const auto line_of = [&](std::string_view name, Tone tone) { return Line(name, tone); };
  Line header = line_of("PLACEMENT", Tone::Bold);
  Line clouds;
  std::size_t end = first;
  bool any_cloud = false;
  for (const PlanMember& m : members) {
    end += step;
    header.ending(end, visible(m.name), Tone::Bold);
    clouds.ending(end, visible(m.cloud), Tone::Dim);
    any_cloud = any_cloud || !m.cloud.empty();
  }
  header.ending(end + step, "total", Tone::Bold);
  sheet.put(header);
  if (any_cloud) sheet.put(clouds);
  for (const PlacementRow* row : t.rows) {
    Line line = line_of("  " + visible(row->address.text()), Tone::Plain);
    end = first;
    std::size_t s = 0;
    for (const PlanMember& m : members) {
      end += step;
      while (s < row->shares.size() && row->shares[s].member < m.name) ++s;
      const bool here = s < row->shares.size() && row->shares[s].member == m.name;
      right_aligned(line, end, cell(here ? Count{row->shares[s].before, row->shares[s].after} : Count{}));
    }
    right_aligned(line, end + step, cell(total_of(*row)));
    sheet.put(line);
    put_unplaced(sheet, *row);
  }
  put_rest(sheet, t);
  if (context.plan.placement.size() > 1) {
    Line line = line_of("  all", Tone::Plain);
    end = first;
    for (const Count& c : t.sums) right_aligned(line, end += step, cell(c));
    right_aligned(line, end + step, cell(t.all));
    sheet.put(line);
  }
  if (t.any_capacity) {
    Line line = line_of("  capacity", Tone::Dim);
    end = first;
    std::int64_t sum = 0;
    for (const PlanMember& m : members) {
      const std::string text = capacity_cell(m);
      if (m.capacity && text.find_first_not_of("0123456789") == std::string::npos) sum += *m.capacity;
      line.ending(end += step, text, Tone::Dim);
    }
    line.ending(end + step, std::to_string(sum), Tone::Dim);
    sheet.put(line);
  }
  return true;
}

/// Members with equal numbers as one row, most changed first come by name.
void put_rows(Sheet& sheet, const Context& context, const Table& t) {
  const std::size_t right = std::min<std::size_t>(sheet.width(), 76);
  Line header("PLACEMENT", Tone::Bold);
  header.add("  " + counted(static_cast<std::int64_t>(context.members.size()), "cluster", "clusters")).ending(right, "replicas", Tone::Dim);
  sheet.put(header);
  for (const PlacementRow* row : t.rows) {
    Line line("  " + visible(row->address.text()));
    right_aligned(line, right, cell(total_of(*row)));
    sheet.put(line);
    std::map<Count, std::vector<std::string>> equal;
    std::vector<Count> order;
    std::int64_t same = 0;
    for (const auto& share : row->shares) {
      const Count count{share.before, share.after};
      if (!count.changes()) {
        ++same;
        continue;
      }
      std::vector<std::string>& names = equal[count];
      if (names.empty()) order.push_back(count);
      names.push_back(share.member);
    }
    for (const Count& count : order) {
      const std::vector<std::string>& names = equal[count];
      Line each("    " + visible(context.full() ? ranges(names, context.members) : names_text(names, context.members, right - 19 - 4 - 12)));
      const Line number = cell(count);
      const std::size_t end = right - 19;   // "each" and the widest total stand right of it
      right_aligned(each, end, number);
      if (each.columns() > end) {
        sheet.wrap(Line("    "), visible(ranges(names, context.members)), 4);
        each = Line();
        right_aligned(each, end, number);
      }
      if (names.size() > 1) each.add(" each", Tone::Dim);
      sheet.put(each);
    }
    if (same > 0 && !order.empty()) sheet.put("    " + counted(same, "cluster", "clusters") + " unchanged", Tone::Dim);
    put_unplaced(sheet, *row);
  }
  put_rest(sheet, t);
  if (context.plan.placement.size() > 1) {
    Line line("  all");
    right_aligned(line, right, cell(t.all));
    sheet.put(line);
  }
}

}  // namespace

void put_placement(Sheet& sheet, const Context& context) {
  if (context.plan.placement.empty()) return;
  const Table t = table_of(context);
  const bool any = std::any_of(context.plan.placement.begin(), context.plan.placement.end(), [](const PlacementRow& row) { return changes(row); });
  if (!any) {
    if (context.plan.blocked.empty()) sheet.put(Line("PLACEMENT", Tone::Bold).add("  unchanged, " + counted(t.all.after, "replica", "replicas")));
    else {
      sheet.section();
      sheet.put(Line("PLACEMENT", Tone::Bold).add("  unchanged, " + counted(t.all.after, "replica", "replicas")));
    }
    return;
  }
  sheet.section();
  if (context.brief()) {
    sheet.put(Line("PLACEMENT", Tone::Bold).add("  ").add(cell(t.all)).add(t.all.after == 1 ? " replica" : " replicas"));
    return;
  }
  if (!put_columns(sheet, context, t)) put_rows(sheet, context, t);
}

}  // namespace mcp::view
