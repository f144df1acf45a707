#include "lang/syntax/format_align.hpp"

#include <algorithm>
#include <map>

namespace mcp::layout {

namespace {

struct Pad {
  std::size_t at;        // offset into the text
  std::size_t blanks;
};

std::string_view first_line(const Line& line) {
  const std::string_view text = line.text;
  return text.substr(0, text.find('\n'));
}

bool one_line(const std::vector<Line>& lines, const Row& row) {
  return row.first == row.last && lines[row.first].text.find('\n') == std::string::npos;
}

bool is_table(const Row& row) { return row.kind == ItemKind::Block || row.kind == ItemKind::Override; }

/// Whether `next` continues a run that `row` is in: the line below, and of one sort.
bool continues(const std::vector<Line>& lines, const Row& row, const Row& next) {
  if (next.first != row.last + 1 || lines[next.first].blank_before || !one_line(lines, row)) return false;
  if (row.pad == std::string::npos || next.pad == std::string::npos) return false;
  if (is_table(next) && !one_line(lines, next)) return false;
  return row.kind == next.kind && row.path == next.path;
}

using Pads = std::vector<std::vector<Pad>>;   // per row of a run

/// Pads so that what is at `pad` ends in one column.
Pads heads(const std::vector<Line>& lines, std::span<const Row> run) {
  const auto end = [&](const Row& row) { return width_of(std::string_view(lines[row.first].text).substr(0, row.pad)) + row.operator_size; };
  std::size_t column = 0;
  for (const Row& row : run) column = std::max(column, end(row));
  Pads out;
  for (const Row& row : run) out.push_back({{row.pad, column - end(row)}});
  return out;
}

/// Adds the columns inside of bodies: a cell is as wide as the widest of its name, among rows that agree up to it.
void add_cells(Pads& pads, const std::vector<Line>& lines, std::span<const Row> run) {
  std::vector<std::vector<std::string_view>> names(run.size());
  std::size_t most = 0;
  for (const Row& row : run) most = std::max(most, row.cells.size());
  for (std::size_t k = 0; k + 1 < most; ++k) {
    const auto size = [&](const Row& row) {
      return width_of(std::string_view(lines[row.first].text).substr(row.cells[k].at, row.cells[k + 1].at - row.cells[k].at));
    };
    std::map<std::vector<std::string_view>, std::size_t> widest;
    for (std::size_t r = 0; r < run.size(); ++r) {
      if (k < run[r].cells.size()) names[r].push_back(run[r].cells[k].name);
      if (k + 1 >= run[r].cells.size()) continue;
      auto& w = widest[names[r]];
      w = std::max(w, size(run[r]));
    }
    for (std::size_t r = 0; r < run.size(); ++r)
      if (k + 1 < run[r].cells.size()) pads[r].push_back({run[r].cells[k + 1].at, widest[names[r]] - size(run[r])});
  }
}

/// Whether no line that fits without the pads is too long with them. A long string is no reason to give up a column.
bool fits(const Pads& pads, const std::vector<Line>& lines, std::span<const Row> run) {
  for (std::size_t r = 0; r < run.size(); ++r) {
    if (run[r].solid) continue;
    const Line& line = lines[run[r].first];
    const std::size_t width = line.indent + width_of(first_line(line));
    std::size_t blanks = 0;
    for (const Pad& pad : pads[r]) blanks += pad.blanks;
    if (blanks > 0 && width <= line_width && width + blanks > line_width) return false;
  }
  return true;
}

void apply(const Pads& pads, std::vector<Line>& lines, std::span<const Row> run) {
  for (std::size_t r = 0; r < run.size(); ++r)
    for (std::size_t k = pads[r].size(); k-- > 0;) lines[run[r].first].text.insert(pads[r][k].at, pads[r][k].blanks, ' ');
}

void align_run(std::vector<Line>& lines, std::span<const Row> run) {
  Pads pads = heads(lines, run);
  if (is_table(run.front())) {
    Pads table = pads;
    add_cells(table, lines, run);
    if (fits(table, lines, run)) return apply(table, lines, run);
  }
  if (fits(pads, lines, run)) apply(pads, lines, run);
}

}  // namespace

void align(std::vector<Line>& lines, std::span<const Row> rows) {
  for (std::size_t from = 0; from < rows.size();) {
    std::size_t to = from + 1;
    while (to < rows.size() && continues(lines, rows[to - 1], rows[to])) ++to;
    if (to - from > 1) align_run(lines, rows.subspan(from, to - from));
    from = to;
  }
}

}  // namespace mcp::layout
