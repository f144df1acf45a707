// Prints the shape of a file. What stands on one line stays there if it fits; brackets that break put each of their
// items on a line of its own; all other line ends inside of an expression are kept, one level deeper.
#include "lang/syntax/format.hpp"

#include <algorithm>

#include "lang/base/check.hpp"
#include "lang/syntax/format_align.hpp"
#include "lang/syntax/format_shape.hpp"

namespace mcp {

namespace {

using namespace layout;

class Printer {
 public:
  explicit Printer(const Shape& shape) : s_(shape) {}

  std::string print() {
    items(s_.groups[0], 0, none);
    std::string out;
    for (const Line& line : lines_) {
      if (line.blank_before) out += '\n';
      out.append(line.indent, ' ').append(line.text);
      if (!line.comment.empty()) out.append(line.text.empty() ? "" : "  ").append(line.comment);
      out += '\n';
    }
    return out;
  }

 private:
  /// Of the item whose line is being printed.
  struct Context {
    std::size_t indent = 0;
    std::uint32_t last = 0;      // its last piece
    std::size_t extra = 0;       // columns that will follow it
    bool flat = false;           // nothing in here may break
  };
  struct Before {
    std::string prefix;          // comments that stand on the line of what follows
    bool blank = false;
  };

  void start_line(std::size_t indent, bool blank = false) {
    lines_.push_back({indent, blank, {}, {}});
    column_ = indent;
  }

  void put(std::string_view text) {
    lines_.back().text += text;
    const auto line_end = text.rfind('\n');
    column_ = line_end == std::string_view::npos ? column_ + width_of(text) : width_of(text.substr(line_end + 1));
  }

  /// Prints the comments between the piece `prev` (or none, at the start of the file) and `next`, which will start a
  /// line: those on the line of `prev` there, those on the line of `next` are returned, others get lines of their own.
  Before comments(std::uint32_t prev, std::uint32_t next, std::uint32_t comma, std::size_t indent, bool first, bool closing) {
    Before out;
    std::uint32_t line = prev == none ? 0 : s_.pieces[prev].last_line;
    bool at_start = prev == none;
    const auto far = [&](std::uint32_t from) { return !first && from >= line + 2; };
    const std::uint32_t begin = prev == none ? 0 : s_.pieces[prev].comments;
    const std::uint32_t end = s_.pieces[next].comments;
    for (std::uint32_t i = begin; i < end; ++i) {
      const Comment& c = s_.comments[i];
      const bool before_comma = comma != none && c.begin < s_.pieces[comma].begin;
      const bool leads = !closing && !before_comma && c.kind == ast::Comment::Kind::Block && c.last_line == s_.pieces[next].first_line;
      // Without the comma between them it would come to document the next statement.
      const bool demoted = before_comma && c.kind == ast::Comment::Kind::Doc && s_.pieces[next].mark.item;
      const std::string text = demoted ? "//" + c.text.substr(3) : c.text;
      if (leads) {
        if (out.prefix.empty()) out.blank = far(c.first_line);
        out.prefix += text + " ";
      } else if (!at_start && c.first_line == line) {
        std::string& to = lines_.back().comment;
        to += (to.empty() ? "" : " ") + text;
      } else {
        start_line(indent, far(c.first_line));
        lines_.back().comment = text;
        first = false;
      }
      at_start = false;
      if (!leads) line = c.last_line;
    }
    if (out.prefix.empty()) out.blank = far(s_.pieces[next].first_line);
    return out;
  }

  /// The items of `g`, each on a line of its own, and the comments around them.
  void items(const Group& g, std::size_t indent, std::uint32_t prev) {
    std::vector<Row> rows;
    std::uint32_t comma = none;
    for (const Item& item : g.items) {
      const bool first = &item == &g.items.front();
      const bool last = &item == &g.items.back();
      const Before before = comments(prev, item.first, comma, indent, first, false);
      start_line(indent, before.blank);
      put(before.prefix);
      const bool wants_comma = g.kind == GroupKind::List || g.kind == GroupKind::Call || (g.kind == GroupKind::Params && !last);
      const Mark& mark = s_.pieces[item.first].mark;
      Row row;
      row.kind = before.prefix.empty() ? mark.item_kind : ItemKind::Other;
      row.path = mark.item_path;
      row.first = lines_.size() - 1;
      row.solid = s_.stop[item.first + 1] > item.last;
      pieces(item.first, item.last, {indent, item.last, wants_comma ? 1U : 0U, false}, &row);
      if (wants_comma) put(",");
      row.last = lines_.size() - 1;
      rows.push_back(std::move(row));
      prev = item.last;
      comma = item.comma;
    }
    comments(prev, g.close, comma, indent, g.items.empty(), true);
    align(lines_, rows);
  }

  void pieces(std::uint32_t first, std::uint32_t last, const Context& in, Row* row) {
    for (std::uint32_t i = first; i <= last; ++i) {
      if (i > first) between(i, in);
      const Piece& p = s_.pieces[i];
      if (row != nullptr && (lines_.size() - 1 != row->first || row->pad != std::string::npos)) row = nullptr;
      if (p.group != 0) {
        const Group& g = s_.groups[p.group];
        group(g, in, p.mark.body ? row : nullptr);
        i = g.close;
        continue;
      }
      const bool assigns = p.kind == Tok::Assign || p.kind == Tok::Append;
      if (row != nullptr && assigns && (row->kind == ItemKind::Assign || row->kind == ItemKind::Entry)) {
        row->pad = lines_.back().text.size();
        row->operator_size = p.text.size();
      }
      put(p.text);
      if (row != nullptr && p.kind == Tok::Colon && (row->kind == ItemKind::Param || row->kind == ItemKind::Label))
        row->pad = lines_.back().text.size();
    }
  }

  /// What stands before piece `i`, inside of an item.
  void between(std::uint32_t i, const Context& in) {
    const Piece& p = s_.pieces[i];
    if (!p.breaks) return put(s_.gap(i));
    const bool alternative = s_.pieces[i - 1].ends_body && p.text == "else";
    const std::size_t indent = in.indent + (alternative ? 0 : 2);
    const Before before = comments(i - 1, i, none, indent, true, false);
    start_line(indent);
    put(before.prefix);
  }

  void group(const Group& g, const Context& in, Row* row) {
    const Piece& open = s_.pieces[g.open];
    const Piece& close = s_.pieces[g.close];
    const std::size_t indent = lines_.back().indent;
    if (g.items.empty() ? close.breaks : breaks(g, in)) {
      put(open.text);
      items(g, indent + 2, g.open);
      start_line(indent);
      put(close.text);
      return;
    }
    if (row != nullptr) row->pad = lines_.back().text.size();
    put(open.text);
    Context inner = in;
    inner.flat = in.flat || g.kind == GroupKind::Braces;
    for (const Item& item : g.items) {
      put(s_.gap(item.first));
      const std::size_t at = lines_.back().text.size();
      pieces(item.first, item.last, inner, nullptr);
      if (row != nullptr) {
        const std::string cell = lines_.back().text.substr(at);
        row->cells.push_back({at, cell.substr(0, cell.find_first_of("={"))});
      }
      if (item.comma == none) continue;
      put(s_.gap(item.comma));
      if (&item != &g.items.back()) put(",");
    }
    put(s_.gap(g.close));
    put(close.text);
  }

  /// Whether the items of `g` (it has some) get lines of their own, if it opens at the present column.
  bool breaks(const Group& g, const Context& in) const {
    const bool spans = s_.spans_lines(g.open, g.close);
    switch (g.kind) {
      case GroupKind::File: return true;
      case GroupKind::Braces: return spans || (!in.flat && !fits(g, in));
      case GroupKind::List:
      case GroupKind::Params: return broken_by_hand(g) || (!spans && !in.flat && !fits(g, in));
      case GroupKind::Wrap:
        if (broken_by_hand(g)) return true;
        return s_.pieces[g.open].mark.loop && !spans && !in.flat && !fits(g, in);
      case GroupKind::Call:
        if (broken_by_hand(g)) return true;
        if (spans || in.flat || column_ + s_.width(g.open, g.close) <= line_width || last_may_break(g)) return false;
        // A single long argument is broken out only if that is enough.
        return g.items.size() > 1 || lines_.back().indent + 3 + s_.width(g.items[0].first, g.items[0].last) <= line_width;
    }
    return false;
  }

  /// Whether the source has a line end beside an item of `g`.
  bool broken_by_hand(const Group& g) const {
    if (s_.pieces[g.close].breaks) return true;
    return std::any_of(g.items.begin(), g.items.end(), [&](const Item& item) {
      return s_.pieces[item.first].breaks || (item.comma != none && s_.pieces[item.comma].breaks);
    });
  }

  /// Whether the last argument is a bracket that can break instead of the call.
  bool last_may_break(const Group& g) const {
    const std::uint32_t ended = s_.pieces[g.items.back().last].ended_group;
    if (ended == 0) return false;
    const Group& last = s_.groups[ended];
    return last.kind != GroupKind::Wrap && last.kind != GroupKind::Params && !last.items.empty() &&
           column_ + s_.width(g.open, last.open) <= line_width;
  }

  bool fits(const Group& g, const Context& in) const {
    const std::size_t end = column_ + s_.width(g.open, g.close);
    if (end > line_width) return false;
    const std::size_t more = tail(g.close, in);
    // If what follows is too long in any case, breaking here helps nobody.
    return end + more <= line_width || lines_.back().indent + 1 + more > line_width;
  }

  /// Columns after piece `i` up to where its line may end.
  std::size_t tail(std::uint32_t i, const Context& in) const {
    if (i >= in.last) return in.extra;
    const std::uint32_t stop = s_.stop[i + 1];
    if (stop > in.last) return s_.end_at[in.last] - s_.end_at[i] + in.extra;
    return s_.end_at[s_.pieces[stop].breaks ? stop - 1 : stop] - s_.end_at[i];
  }

  const Shape& s_;
  std::vector<Line> lines_;
  std::size_t column_ = 0;
};

}  // namespace

std::string format(const ast::File& file, const Interner& names) {
  MCP_CHECK(!file.faulty, "formatting a file with errors");
  const Shape shape = shape_of(file, names);
  return Printer(shape).print();
}

}  // namespace mcp
