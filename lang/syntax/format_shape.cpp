#include "lang/syntax/format_shape.hpp"

#include <algorithm>

#include "lang/base/check.hpp"
#include "lang/syntax/parser.hpp"

namespace mcp::layout {

namespace {

bool opens(Tok kind) { return kind == Tok::OpenBrace || kind == Tok::OpenBracket || kind == Tok::OpenParen; }
bool closes(Tok kind) { return kind == Tok::CloseBrace || kind == Tok::CloseBracket || kind == Tok::CloseParen; }

/// Number of line ends up to an offset, asked in rising order.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_(text) {}
  std::uint32_t at(std::size_t offset) {
    line_ += static_cast<std::uint32_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    at_ = offset;
    return line_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 0;
};

std::string without_trailing_blanks(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i <= text.size();) {
    const std::size_t end = std::min(text.find('\n', i), text.size());
    const std::string_view line = text.substr(i, end - i);
    const std::size_t ink = line.find_last_not_of(" \t\r");
    if (i > 0) out += '\n';
    out += line.substr(0, ink == std::string_view::npos ? 0 : ink + 1);
    i = end + 1;
  }
  return out;
}

class Builder {
 public:
  Builder(const ast::File& file, const Interner& names) : file_(file), names_(names) {}

  Shape build() {
    read_comments();
    read_tokens();
    find_groups();
    find_spaces();
    find_breaks();
    measure();
    return std::move(out_);
  }

 private:
  void read_comments() {
    const std::string_view text = file_.source->text;
    LineCounter lines(text);
    for (const ast::Comment& each : file_.comments) {
      const std::size_t begin = each.span.begin - file_.source->base;
      Comment c;
      c.kind = each.kind;
      c.begin = each.span.begin;
      c.text = without_trailing_blanks(text.substr(begin, each.span.end - each.span.begin));
      c.first_line = lines.at(begin);
      c.last_line = lines.at(each.span.end - file_.source->base);
      out_.comments.push_back(std::move(c));
    }
  }

  void read_tokens() {
    Diagnostics nothing;
    const std::string_view text = file_.source->text;
    const Tokens tokens = tokenize(text, file_.source->base, nothing, false);
    MCP_CHECK(!tokens.faulty, "formatting a file with errors");
    std::vector<Mark> marks = marks_of(file_, names_);
    LineCounter lines(text);
    std::size_t next = 0;
    for (const Token& t : tokens.tokens) {
      Piece p;
      while (next < marks.size() && marks[next].offset < t.begin) ++next;
      if (next < marks.size() && marks[next].offset == t.begin && t.kind != Tok::End) p.mark = std::move(marks[next]);
      p.kind = t.kind;
      p.blank = t.blank;
      p.begin = t.begin;
      p.end = t.end;
      p.comments = t.comments;
      p.text = text.substr(t.begin - file_.source->base, t.end - t.begin);
      if (p.mark.bare) p.text = p.text.substr(1, p.text.size() - 2);
      p.first_line = lines.at(t.begin - file_.source->base);
      p.last_line = lines.at(t.end - file_.source->base);
      // The parameters of a function follow its name, with or without a blank.
      const auto& before = out_.pieces;
      if (t.kind == Tok::OpenParen && before.size() >= 2 && before[before.size() - 2].mark.keyword && before[before.size() - 2].text == "fn")
        p.params = true;
      out_.pieces.push_back(std::move(p));
    }
  }

  /// Whether a value can end with this piece, so that what touches it belongs to it and a minus subtracts.
  bool ends_value(std::uint32_t i) const {
    const Piece& p = out_.pieces[i];
    switch (p.kind) {
      case Tok::Name: {
        if (p.mark.keyword) return false;
        // `when` and `unless` after `deny` or `warn`.
        if (i > 0 && out_.pieces[i - 1].mark.keyword && (out_.pieces[i - 1].text == "deny" || out_.pieces[i - 1].text == "warn")) return false;
        const bool field = i > 0 && !p.blank && (out_.pieces[i - 1].kind == Tok::Dot || out_.pieces[i - 1].kind == Tok::OptionalDot);
        return field || !is_reserved(p.text) || p.text == "true" || p.text == "false" || p.text == "null";
      }
      case Tok::Number:
      case Tok::String:
      case Tok::LongString:
      case Tok::Raw:
      case Tok::LongRaw:
      case Tok::Question: return true;
      default: return closes(p.kind);
    }
  }

  bool touches(std::uint32_t i) const { return i > 0 && !out_.pieces[i].blank && ends_value(i - 1); }

  GroupKind kind_of(std::uint32_t open) const {
    const Piece& p = out_.pieces[open];
    if (p.mark.loop || p.mark.type_args) return GroupKind::Wrap;
    if (p.kind == Tok::OpenBrace) return GroupKind::Braces;
    if (p.params) return GroupKind::Params;
    if (p.kind == Tok::OpenBracket) return touches(open) ? GroupKind::Wrap : GroupKind::List;
    return touches(open) ? GroupKind::Call : GroupKind::Wrap;
  }

  void find_groups() {
    auto& groups = out_.groups;
    groups.push_back({});
    std::vector<std::uint32_t> stack{0};
    const auto end = static_cast<std::uint32_t>(out_.pieces.size() - 1);
    for (std::uint32_t i = 0; i < end; ++i) {
      Piece& p = out_.pieces[i];
      if (closes(p.kind)) {
        MCP_CHECK(stack.size() > 1, "brackets that do not match in a file without errors");
        groups[stack.back()].close = i;
        p.ended_group = stack.back();
        p.ends_body = out_.pieces[groups[stack.back()].open].mark.body;
        stack.pop_back();
        extend(groups[stack.back()], i, false);
        continue;
      }
      Group& around = groups[stack.back()];
      const bool comma = p.kind == Tok::Comma && separates(around, i);
      if (comma) {
        if (!around.items.empty()) around.items.back().comma = i;
      } else {
        extend(around, i, starts_item(around, i));
      }
      if (p.kind == Tok::Colon && around.open != none && out_.pieces[around.open].mark.loop) p.spaced = true;
      if (opens(p.kind)) {
        p.group = static_cast<std::uint32_t>(groups.size());
        stack.push_back(p.group);
        groups.push_back({kind_of(i), i, none, {}});
      }
    }
    groups[0].close = end;
  }

  bool separates(const Group& around, std::uint32_t i) const {
    switch (around.kind) {
      case GroupKind::File:
      case GroupKind::Braces: {
        const Piece& next = out_.pieces[i + 1];
        return next.mark.item || next.kind == Tok::CloseBrace || next.kind == Tok::End;
      }
      case GroupKind::Wrap: return false;
      case GroupKind::List:
      case GroupKind::Call:
      case GroupKind::Params: return true;
    }
    return false;
  }

  bool starts_item(const Group& around, std::uint32_t i) const {
    if (around.kind == GroupKind::File || around.kind == GroupKind::Braces) return out_.pieces[i].mark.item;
    return around.items.empty() || around.items.back().comma != none;
  }

  static void extend(Group& group, std::uint32_t i, bool starts) {
    if (starts || group.items.empty()) group.items.push_back({i, i, none});
    group.items.back().last = i;
  }

  void find_spaces() {
    for (std::uint32_t i = 1; i < out_.pieces.size(); ++i) out_.pieces[i].space = space_before(i);
  }

  bool space_before(std::uint32_t i) const {
    const Piece& before = out_.pieces[i - 1];
    const Piece& p = out_.pieces[i];
    switch (before.kind) {
      case Tok::OpenParen:
      case Tok::OpenBracket:
      case Tok::Dot:
      case Tok::OptionalDot:
      case Tok::Not: return false;
      case Tok::Minus:
        if (i < 2 || !ends_value(i - 2)) return false;  // a sign
        break;
      default: break;
    }
    switch (p.kind) {
      case Tok::CloseParen:
      case Tok::CloseBracket:
      case Tok::Comma:
      case Tok::Question:
      case Tok::OptionalDot: return false;
      case Tok::Colon: return p.spaced;
      case Tok::Dot:
      case Tok::OpenBracket: return !touches(i);
      case Tok::OpenParen: return !touches(i) && !p.params;
      case Tok::CloseBrace: return before.group == 0 || out_.groups[before.group].close != i;
      default: return true;
    }
  }

  /// Line ends that matter: not those inside empty brackets, nor before the `else` of a `when`.
  void find_breaks() {
    for (std::uint32_t i = 1; i < out_.pieces.size(); ++i) {
      const Piece& before = out_.pieces[i - 1];
      Piece& p = out_.pieces[i];
      if (p.first_line == before.last_line) continue;
      const bool empty = before.group != 0 && out_.groups[before.group].close == i;
      const bool joins = empty || (p.kind == Tok::Name && p.text == "else" && before.ends_body);
      p.breaks = !joins || out_.has_comments(i);
    }
  }

  void measure() {
    auto& pieces = out_.pieces;
    const std::size_t n = pieces.size();
    out_.size.resize(n);
    out_.end_at.resize(n);
    out_.line_ends.resize(n);
    out_.stop.resize(n);
    skipped_.resize(n);
    for (const Group& g : out_.groups)
      if (!g.items.empty() && g.items.back().comma != none && g.kind != GroupKind::File) skipped_[g.items.back().comma] = true;
    std::size_t column = 0;
    std::uint32_t lines = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      const Piece& p = pieces[i];
      const bool long_text = p.last_line > p.first_line;
      out_.size[i] = skipped_[i] ? 0 : width_of(long_text ? p.text.substr(0, p.text.find('\n')) : p.text);
      column += (i > 0 ? width_of(out_.gap(i)) : 0) + out_.size[i];
      out_.end_at[i] = column;
      lines += (p.breaks ? 1U : 0U) + (long_text ? 1U : 0U);
      out_.line_ends[i] = lines;
    }
    out_.stop[n - 1] = static_cast<std::uint32_t>(n - 1);
    for (auto i = static_cast<std::uint32_t>(n - 1); i-- > 0;) {
      const Piece& p = pieces[i];
      const bool opener = p.group != 0 && (p.mark.loop || out_.groups[p.group].kind != GroupKind::Wrap) && !out_.groups[p.group].items.empty();
      out_.stop[i] = p.breaks || opener || p.last_line > p.first_line ? i : out_.stop[i + 1];
    }
  }

  const ast::File& file_;
  const Interner& names_;
  Shape out_;
  std::vector<bool> skipped_;
};

}  // namespace

std::size_t width_of(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text)
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++n;
  return n;
}

std::string Shape::gap(std::uint32_t i) const {
  const Piece& p = pieces[i];
  const auto [from, to] = comments_before(i);
  if (from == to) return p.space ? " " : "";
  const auto bare = [](Tok kind) { return kind == Tok::OpenParen || kind == Tok::OpenBracket; };
  std::string out;
  for (std::uint32_t c = from; c < to; ++c) {
    if (c > from || (i > 0 && !bare(pieces[i - 1].kind))) out += ' ';
    out += comments[c].text;
  }
  if (p.kind != Tok::CloseParen && p.kind != Tok::CloseBracket && p.kind != Tok::Comma) out += ' ';
  return out;
}

Shape shape_of(const ast::File& file, const Interner& names) { return Builder(file, names).build(); }

}  // namespace mcp::layout
