// CHANGES: one row for what is equal over clusters, its origin at the right margin, its fields below.
#include <algorithm>

#include "cli/view/fields.hpp"
#include "cli/view/fold.hpp"
#include "cli/view/names.hpp"
#include "cli/view/parts.hpp"

namespace mcp::view {

namespace {

std::string_view glyph_of(const ChangeRow& row) { return row.move != nullptr ? "=>" : glyph(row.action); }
Tone glyph_tone(const ChangeRow& row) { return row.move != nullptr ? Tone::Blue : tone_of(row.action); }

/// Addresses of a row; "@member" behind the last when all of it is on one.
std::string label_of(const Context& context, const ChangeRow& row) {
  const bool cluster = row.addresses.front().kind == AddressKind::Cluster;
  if (cluster) {
    const std::string names = context.full() ? ranges(row.members, context.members) : names_text(row.members, context.members, 60);
    return row.members.size() > 3 && names.find("clusters") != std::string::npos ? names : "cluster." + names;
  }
  constexpr std::size_t most = 8;
  const bool ends = row.action == Action::Delete || row.action == Action::Replace;
  const std::size_t shown = context.full() || ends || row.addresses.size() <= most ? row.addresses.size() : most - 1;
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) out += (i == 0 ? "" : ", ") + row.addresses[i].text();
  if (shown < row.addresses.size()) out += " and " + std::to_string(row.addresses.size() - shown) + " more";
  if (row.members.size() == 1 && row.addresses.size() == shown) out += "@" + row.members.front();
  return out;
}

std::string middle_of(const Context& context, const ChangeRow& row, const std::string& label) {
  if (row.action == Action::Join || row.action == Action::Leave) {
    std::string out(to_string(row.action));
    return row.why.empty() || row.why == "leave" ? out : out + ", " + visible(row.why);
  }
  std::string out;
  if (row.members.size() != 1) out = clusters_text(row.members, context.members);
  else if (!label.ends_with("@" + row.members.front())) out = row.members.front();
  if (context.full() && out.ends_with(" clusters") && row.members.size() != context.members.size()) out = ranges(row.members, context.members);
  if (!row.why.empty()) out += (out.empty() ? "" : ", ") + row.why;
  return visible(out);
}

/// "shop.mcp:3", or "shop.mcp:3-5" where the changes of a row come from several lines of one file.
std::string origin_of(const ChangeRow& row) {
  const Where& first = row.changes.front()->origin;
  if (first.line == 0) return {};
  std::uint32_t low = first.line;
  std::uint32_t high = first.line;
  if (row.action == Action::Join)
    for (const Change* c : row.changes)
      if (c->origin.file == first.file && c->origin.line != 0) {
        low = std::min(low, c->origin.line);
        high = std::max(high, c->origin.line);
      }
  if (low == high) return visible(first.brief());
  return visible(first.file) + ":" + std::to_string(low) + "-" + std::to_string(high);
}

std::string move_text(const Context& context, const PlacementRow& row) {
  std::vector<std::string> donors;
  std::vector<std::pair<std::int64_t, std::vector<std::string>>> gains;   // equal ones together, in the order of names
  std::size_t receiving = 0;
  std::int64_t before = 0;
  std::int64_t less = 0;
  std::int64_t more = 0;
  for (const auto& share : row.shares) {
    const PlanMember* m = member_of(context.plan, share.member);
    if (m != nullptr && m->lost) continue;
    before += share.before;
    if (share.after < share.before) {
      donors.push_back(share.member);
      less += share.before - share.after;
    } else if (share.after > share.before) {
      const std::int64_t gain = share.after - share.before;
      auto at = std::find_if(gains.begin(), gains.end(), [&](const auto& g) { return g.first == gain; });
      if (at == gains.end()) at = gains.insert(gains.end(), {gain, {}});
      at->second.push_back(share.member);
      ++receiving;
      more += share.after - share.before;
    }
  }
  std::string receivers;
  if (receiving <= 4) {
    for (const auto& share : row.shares)
      if (share.after > share.before) receivers += (receivers.empty() ? "" : ", ") + unbroken(visible(share.member) + " +" + std::to_string(share.after - share.before));
  } else {
    for (const auto& [gain, names] : gains)
      receivers += (receivers.empty() ? "" : "; ") + visible(ranges(names, context.members)) + " +" + std::to_string(gain) + (names.size() > 1 ? " each" : "");
  }
  std::string out = std::to_string(row.moved) + " of " + std::to_string(before) + (row.moved == 1 ? " leaves " : " leave ") +
                    visible(names_text(donors, context.members)) + ": " + receivers;
  if (less > row.moved) out += "; " + unbroken(counted(less - row.moved, "more ends", "more end"));
  if (more > row.moved) out += "; " + unbroken(counted(more - row.moved, "more starts", "more start"));
  return out;
}

struct Layout {
  std::size_t label = 4;       // where labels start
  std::size_t middle = 41;     // where clusters and reasons start
};

void put_row(Sheet& sheet, const Context& context, const ChangeRow& row, const Layout& layout, std::size_t middle_column) {
  Line line("  ");
  line.add(glyph_of(row), glyph_tone(row)).to(layout.label);
  const std::string label = visible(label_of(context, row));
  if (row.move != nullptr) {
    line.add(label).to(middle_column);
    line.add(line.columns() > layout.label + columns(label) ? "" : "  ");
    sheet.wrap(line, move_text(context, *row.move), layout.label + 4);
    return;
  }
  const std::string middle = middle_of(context, row, label);
  const std::string origin = origin_of(row);
  const std::size_t after_label = layout.label + columns(label);
  const std::size_t at = after_label < middle_column ? middle_column : after_label + (row.action == Action::Join || row.action == Action::Leave ? 2 : 3);
  if (at + columns(middle) <= sheet.width() && after_label <= sheet.width()) {
    line.add(label);
    if (!middle.empty()) line.to(at).add(middle);
    if (middle.empty() || line.columns() + 2 + columns(origin) <= sheet.width()) sheet.put(line, origin);
    else {
      // The origin matters more than one line less.
      Line above("  ");
      above.add(glyph_of(row), glyph_tone(row)).to(layout.label).add(label);
      sheet.put(above, origin);
      sheet.put(Line(std::string(layout.label + 2, ' ') + middle));
    }
    return;
  }
  sheet.wrap(line, label, layout.label + 2, columns(label) + layout.label + 2 + columns(origin) <= sheet.width() ? origin : std::string());
  const bool beside = columns(label) + layout.label + 2 + columns(origin) <= sheet.width();
  if (!middle.empty()) sheet.wrap(Line(std::string(layout.label + 2, ' ')), middle, layout.label + 2, beside ? std::string() : origin);
}

void put_details(Sheet& sheet, const Context& context, const ChangeRow& row) {
  std::size_t wide = 8;
  for (const DetailLine& d : row.details) wide = std::max(wide, columns(d.name));
  wide = std::min<std::size_t>(wide, 32);
  constexpr std::size_t most = 12;
  std::size_t shown = 0;
  for (const DetailLine& d : row.details) {
    if (++shown > most && !context.full()) continue;
    if (d.name.empty()) {
      sheet.wrap(Line("      "), d.text, 8);
      continue;
    }
    Line line("      " + d.name);
    if (line.columns() > 6 + wide) line = Line("      " + cut_middle(d.name, wide));
    line.to(6 + wide + 2);
    if (context.full()) sheet.chunks(line, d.text, 6 + wide + 2);
    else if (d.text.find(' ') != std::string::npos) sheet.wrap(line, d.text, 6 + wide + 2);
    else sheet.put(line.add(cut_middle(d.text, sheet.width() - line.columns())));
  }
  if (shown > most && !context.full()) sheet.put("      and " + std::to_string(shown - most) + " more; all with --full");
}

}  // namespace

void put_changes(Sheet& sheet, const Context& context) {
  const std::vector<ChangeRow> rows = fold_changes(context.plan, context.values.secret_digits);
  if (rows.empty()) return;
  sheet.section();
  sheet.put("CHANGES", Tone::Bold);
  Layout layout;
  for (const ChangeRow& row : rows)
    if (glyph_of(row).size() > 1) layout.label = 5;
  layout.middle = sheet.width() / 2 + 1;
  // Moves align among themselves, and so do deletes, whose reasons are the point.
  std::size_t moves = 0;
  std::size_t deletes = layout.middle;
  for (const ChangeRow& row : rows) {
    const std::size_t end = layout.label + columns(visible(label_of(context, row)));
    if (row.move != nullptr && end < sheet.width() / 2) moves = std::max(moves, end + 2);
    if (row.action == Action::Delete && row.move == nullptr && end + 4 + columns(middle_of(context, row, label_of(context, row))) <= sheet.width()) deletes = std::max(deletes, end + 4);
  }
  for (const ChangeRow& row : rows) {
    const bool ends = row.action == Action::Delete;
    put_row(sheet, context, row, layout, row.move != nullptr ? moves : ends ? deletes : layout.middle);
    if (context.brief() || row.move != nullptr) continue;
    put_details(sheet, context, row);
    put_fields(sheet, context, row);
  }
}

}  // namespace mcp::view
