#include "cli/view/fields.hpp"

#include <algorithm>
#include <map>

#include "cli/view/line_diff.hpp"
#include "cli/view/names.hpp"

namespace mcp::view {

namespace {

constexpr std::size_t field_indent = 6;

/// One field over the members of a row: the value most of them had, and those that had another.
struct FoldedField {
  const FieldChange* shown = nullptr;
  std::string path;                                                     // made visible
  std::vector<std::pair<const FieldChange*, std::vector<std::string>>> others;
  std::string managers;                                                 // that hold it now
};

const std::string& member_of(const Context& context, const Change* c) { return member_name(context.plan.step_of(*c).address); }

/// Equal paths stand at equal positions, but for the replicas, which some may lack.
std::vector<const FieldChange*> comparable(const Change& change) {
  std::vector<const FieldChange*> out;
  for (const FieldChange& f : change.fields)
    if (f.path != replicas_path) out.push_back(&f);
  return out;
}

std::vector<FoldedField> folded(const Context& context, const ChangeRow& row) {
  const std::vector<const FieldChange*> first = comparable(*row.changes.front());
  std::vector<FoldedField> out(first.size());
  std::vector<std::vector<const FieldChange*>> all;
  for (const Change* c : row.changes) all.push_back(comparable(*c));
  for (std::size_t i = 0; i < first.size(); ++i) {
    std::map<std::pair<bool, Digest>, std::pair<const FieldChange*, std::vector<std::string>>> by_before;
    std::vector<std::pair<bool, Digest>> order;
    for (std::size_t m = 0; m < all.size(); ++m) {
      const FieldChange* f = all[m][i];
      const std::pair<bool, Digest> key{f->had, f->had ? f->before.digest() : Digest{}};
      auto& group = by_before[key];
      if (group.first == nullptr) {
        group.first = f;
        order.push_back(key);
      }
      group.second.push_back(member_of(context, row.changes[m]));
    }
    std::size_t most = 0;
    for (std::size_t k = 1; k < order.size(); ++k)
      if (by_before[order[k]].second.size() > by_before[order[most]].second.size()) most = k;
    FoldedField& field = out[i];
    field.shown = by_before[order[most]].first;
    field.path = visible(field.shown->path);
    for (std::size_t k = 0; k < order.size(); ++k)
      if (k != most) field.others.emplace_back(std::move(by_before[order[k]]));
    for (const Takeover& t : context.plan.step_of(*row.changes.front()).takeovers)
      if (t.field == field.shown->path) field.managers += (field.managers.empty() ? "" : ", ") + visible(t.manager);
  }
  return out;
}

/// "spec.template.spec.containers[name=web]" of "spec.template.spec.containers[name=web].image"; empty at the top.
std::string_view parent_of(std::string_view path) {
  int depth = 0;
  for (std::size_t i = path.size(); i-- > 0;) {
    if (path[i] == ']') ++depth;
    else if (path[i] == '[') {
      if (--depth == 0) return path.substr(0, i);
    } else if (path[i] == '.' && depth == 0) return path.substr(0, i);
  }
  return {};
}

bool is_text(const FieldChange& f) {
  const auto lines = [](bool there, const Value& v) { return there && v.is_string() && v.as_string().find('\n') != std::string_view::npos; };
  return lines(f.had, f.before) || lines(f.has, f.after);
}

std::string right_of(const ChangeRow& row, const FoldedField& field) {
  std::string out;
  if (!field.managers.empty()) out = "held by " + field.managers;
  if (field.shown->origin.line != 0 && field.shown->origin.brief() != row.changes.front()->origin.brief())
    out += (out.empty() ? "" : ", ") + visible(field.shown->origin.brief());
  return out;
}

/// The changed part bold, what both have in common as it is.
void add_marked(Line& line, const std::string& text, const std::string& other) {
  std::size_t front = 0;
  while (front < text.size() && front < other.size() && text[front] == other[front]) ++front;
  std::size_t back = 0;
  while (back < text.size() - front && back < other.size() - front && text[text.size() - 1 - back] == other[other.size() - 1 - back]) ++back;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  while (front > 0 && front < text.size() && continues(text[front])) --front;
  while (back > 0 && continues(text[text.size() - back])) --back;
  line.add(text.substr(0, front));
  line.add(text.substr(front, text.size() - front - back), Tone::Bold);
  line.add(text.substr(text.size() - back));
}

void put_text_diff(Sheet& sheet, const Context& context, const FieldChange& f) {
  const auto text = [](bool there, const Value& v) { return there && v.is_string() ? v.as_string() : std::string_view(); };
  const std::size_t most = context.full() ? static_cast<std::size_t>(-1) : 40;
  const std::size_t room = sheet.width() - 10;
  std::size_t shown = 0;
  std::size_t hidden = 0;
  for (const LineEdit& e : line_diff(text(f.had, f.before), text(f.has, f.after), 1)) {
    if (shown >= most) {
      ++hidden;
      continue;
    }
    ++shown;
    if (e.mark == LineMark::Skip) {
      sheet.put("        ... " + counted(static_cast<std::int64_t>(e.skipped), "equal line", "equal lines"), Tone::Dim);
      continue;
    }
    const std::string line = visible(e.text);
    const Tone tone = e.mark == LineMark::Gone ? Tone::Red : e.mark == LineMark::New ? Tone::Green : Tone::Dim;
    Line lead = Line("        ").add(std::string(1, static_cast<char>(e.mark)) + " ", tone);
    sheet.chunks(std::move(lead), context.full() ? line : cut_middle(line, room), 10, tone);
  }
  if (hidden > 0) sheet.put("        ... " + counted(static_cast<std::int64_t>(hidden), "more line", "more lines") + "; all with --full", Tone::Dim);
}

void put_one(Sheet& sheet, const Context& context, const ChangeRow& row, const FoldedField& field, std::string_view path, std::size_t indent, std::size_t wide) {
  const FieldChange& f = *field.shown;
  const std::string right = right_of(row, field);
  if (is_text(f)) {
    put_path(sheet, path, indent, right);
    put_text_diff(sheet, context, f);
    return;
  }
  if (!f.had || !f.has) {
    const std::string sign = f.has ? "+ " : "- ";
    std::string value = value_text(f.has ? f.after : f.before, context.values);
    const Tone tone = f.has ? Tone::Green : Tone::Red;
    Line line = Line(std::string(indent - 2, ' ')).add(sign, tone).add(path).to(indent + wide + 2);
    if (line.columns() + columns(value) <= sheet.width()) {
      sheet.put(line.add(value), right);
      return;
    }
    put_path(sheet, path, indent, right, sign, tone);
    if (context.full()) sheet.chunks(Line(std::string(indent + 2, ' ')), value, indent + 2);
    else sheet.put(Line(std::string(indent + 2, ' ') + cut_middle(value, sheet.width() - indent - 2)));
    return;
  }
  bool before_secret = false;
  bool after_secret = false;
  fingerprint_of(f.before, before_secret);
  fingerprint_of(f.after, after_secret);
  auto [before, after] = pair_text(f.before, f.after, context.values);
  if (before_secret && after_secret && before.ends_with(")") && after.starts_with("(secret ")) {
    before.pop_back();
    after.erase(0, 8);
  }
  Line line = Line(std::string(indent, ' ')).add(path).to(indent + wide + 2);
  if (line.columns() + columns(before) + 4 + columns(after) <= sheet.width()) {
    line.add(before + " -> ");
    add_marked(line, after, before);
    sheet.put(line, right);
    return;
  }
  put_path(sheet, path, indent, right);
  const std::size_t room = sheet.width() - indent - 5;
  if (context.full()) {
    sheet.chunks(Line(std::string(indent + 5, ' ')), before, indent + 5);
    sheet.chunks(Line(std::string(indent + 2, ' ') + "-> "), after, indent + 5, Tone::Bold);
    return;
  }
  cut_pair(before, after, room);
  sheet.put(Line(std::string(indent + 5, ' ') + before));
  Line second(std::string(indent + 2, ' ') + "-> ");
  add_marked(second, after, before);
  sheet.put(second);
}

/// "aws-1 6 -> 10, azr-1 4 -> 6": members with equal numbers together.
void put_replicas(Sheet& sheet, const Context& context, const ChangeRow& row) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const Change* c : row.changes)
    for (const FieldChange& f : c->fields) {
      if (f.path != replicas_path) continue;
      const std::string text = f.had && f.has ? value_text(f.before, context.values) + " -> " + value_text(f.after, context.values)
                                              : f.has ? "-> " + value_text(f.after, context.values) : "given up";
      const auto at = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == text; });
      if (at == groups.end()) groups.push_back({text, {member_of(context, c)}});
      else at->second.push_back(member_of(context, c));
    }
  if (groups.empty()) return;
  const Line lead = Line(std::string(field_indent, ' ')).add(replicas_path).add("  ");
  if (groups.size() == 1 && groups.front().second.size() == row.changes.size()) {
    sheet.put(Line(lead).add(groups.front().first));
    return;
  }
  std::string text;
  for (const auto& [numbers, names] : groups) text += (text.empty() ? "" : "; ") + visible(names_text(names, context.members)) + " " + numbers;
  sheet.wrap(lead, text, lead.columns());
}

void put_others(Sheet& sheet, const Context& context, const FoldedField& field, bool several) {
  for (const auto& [change, names] : field.others) {
    std::string text = names.size() == 1 ? " comes from " : " come from ";
    const Line lead(std::string(field_indent, ' ') + visible(names_text(names, context.members)));
    const std::string value = change->had ? pair_text(change->before, field.shown->had ? field.shown->before : Value(), context.values).first : "nothing";
    if (several) text = (names.size() == 1 ? " has " : " have ") + field.path + " from ";
    const Line all = Line(lead).add(text);
    if (all.columns() + columns(value) <= sheet.width()) sheet.put(Line(all).add(value));
    else {
      sheet.put(all);
      sheet.put(Line(std::string(field_indent + 5, ' ') + cut_middle(value, sheet.width() - field_indent - 5)));
    }
  }
}

}  // namespace

void put_path(Sheet& sheet, std::string_view path, std::size_t indent, std::string_view right, std::string_view sign, Tone tone) {
  Line line(std::string(indent - columns(sign), ' '));
  line.add(sign, tone);
  while (line.columns() + columns(path) > sheet.width()) {
    const std::string_view fits = head(path, sheet.width() - line.columns());
    std::size_t cut = fits.find_last_of(".[");
    if (cut == std::string_view::npos || cut == 0) cut = fits.size();
    sheet.put(Line(line).add(path.substr(0, cut)));
    path.remove_prefix(cut);
    line = Line(std::string(indent + 2, ' '));
  }
  sheet.put(line.add(path), right);
}

void put_fields(Sheet& sheet, const Context& context, const ChangeRow& row) {
  if (row.changes.empty()) return;
  if (!row.without_replicas) put_replicas(sheet, context, row);
  const std::vector<FoldedField> fields = folded(context, row);
  for (std::size_t i = 0; i < fields.size();) {
    // Neighbours below one long path have it printed once.
    const std::string_view parent = parent_of(fields[i].path);
    std::size_t end = i + 1;
    while (end < fields.size() && !parent.empty() && parent_of(fields[end].path) == parent) ++end;
    const bool shared = end - i >= 2 && columns(parent) >= 12;
    if (!shared) end = i + 1;
    if (shared) put_path(sheet, parent, field_indent);
    const std::size_t indent = shared ? field_indent + 4 : field_indent;
    const auto shown = [&](std::size_t k) {
      std::string_view path = fields[k].path;
      if (shared) path.remove_prefix(parent.size());
      return path;
    };
    std::size_t wide = 0;
    for (std::size_t k = i; k < end; ++k)
      if (columns(shown(k)) <= 32) wide = std::max(wide, columns(shown(k)));
    for (; i < end; ++i) put_one(sheet, context, row, fields[i], shown(i), indent, std::max(wide, columns(shown(i))));
  }
  for (const FoldedField& field : fields) put_others(sheet, context, field, fields.size() > 1);
}

}  // namespace mcp::view
