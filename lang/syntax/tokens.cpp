#include "lang/syntax/tokens.hpp"

#include <algorithm>

#include "lang/base/diagnostic_text.hpp"
#include "lang/syntax/grammar.hpp"

namespace mcp {

namespace {

namespace pegtl = tao::pegtl;
using Input = pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf>;

struct Level { bool interpolation; bool long_form; int braces; };

/// Where the innermost level of `stack` that was there at the start ends: one past its closing quotes or brace; 0 if it
/// stays open, then `stop` is where it was given up. Depth of `${..}` costs no stack.
std::size_t scan_levels(std::string_view text, std::size_t from, std::vector<Level> stack, std::size_t& stop) {
  std::size_t i = from;
  const auto open = [&] {
    const bool long_form = text.substr(i, 3) == "\"\"\"";
    stack.push_back({false, long_form, 0});
    i += long_form ? 3 : 1;
  };
  if (stack.empty()) open();
  while (i < text.size()) {
    Level& top = stack.back();
    const char c = text[i];
    if (top.interpolation) {
      if (c == '"') {
        if (stack.size() > 300) {   // nobody means that: the line is given up
          i = text.find('\n', i);
          break;
        }
        open();
      } else if (c == '{') {
        ++top.braces;
        ++i;
      } else if (c == '}') {
        ++i;
        if (top.braces-- == 0) {
          stack.pop_back();
          if (stack.empty()) return i;
        }
      } else if (c == '\n' && stack.front().interpolation == false && !std::any_of(stack.begin(), stack.end(), [](const Level& l) { return l.long_form; })) {
        break;
      } else {
        ++i;
      }
      continue;
    }
    if (c == '\\') {
      if (!top.long_form && i + 1 < text.size() && text[i + 1] == '\n') break;
      i += 2;
    } else if (c == '$' && i + 1 < text.size() && text[i + 1] == '{') {
      stack.push_back({true, false, 0});
      i += 2;
    } else if (c == '"' && (!top.long_form || text.substr(i, 3) == "\"\"\"")) {
      i += top.long_form ? 3 : 1;
      stack.pop_back();
      if (stack.empty()) return i;
    } else if (c == '\n' && !top.long_form) {
      break;
    } else {
      ++i;
    }
  }
  stop = std::min(i, text.size());
  return 0;
}

std::size_t string_end(std::string_view text, std::size_t from, std::size_t& stop) { return scan_levels(text, from, {}, stop); }

struct Lexer {
  Lexer(std::string_view text_, std::uint32_t base_, Diagnostics& out_) : text(text_), base(base_), out(out_) {}

  std::string_view text;
  std::uint32_t base;
  Diagnostics& out;
  Tokens result;
  bool newline = true;
  bool blank = true;
  bool swallowed = false;   // an open text took the rest of the file, its braces too

  Span span(std::size_t from, std::size_t to) const {
    return {base + static_cast<std::uint32_t>(from), base + static_cast<std::uint32_t>(to)};
  }
  void token(Tok kind, std::size_t from, std::size_t to) {
    Token t;
    t.kind = kind;
    t.newline = newline;
    t.blank = blank;
    t.begin = base + static_cast<std::uint32_t>(from);
    t.end = base + static_cast<std::uint32_t>(to);
    t.comments = static_cast<std::uint32_t>(result.comments.size());
    result.tokens.push_back(t);
    newline = false;
    blank = false;
  }
  Diagnostic& report(const char* code, std::size_t from, std::size_t to, std::string message) {
    result.faulty = true;
    return out.add(error(code, span(from, to), std::move(message)));
  }
};

template <typename Rule>
struct Emit {
  static constexpr Tok kind = Tok::Bad;
};
#define MCP_TOKEN(rule, tok) \
  template <>                \
  struct Emit<grammar::rule> { static constexpr Tok kind = Tok::tok; }
MCP_TOKEN(op_fat_arrow, FatArrow);
MCP_TOKEN(op_equal, Equal);
MCP_TOKEN(op_assign, Assign);
MCP_TOKEN(op_append, Append);
MCP_TOKEN(op_plus, Plus);
MCP_TOKEN(op_arrow, Arrow);
MCP_TOKEN(op_minus, Minus);
MCP_TOKEN(op_times, Times);
MCP_TOKEN(op_divide, Divide);
MCP_TOKEN(op_less_equal, LessEqual);
MCP_TOKEN(op_less, Less);
MCP_TOKEN(op_greater_equal, GreaterEqual);
MCP_TOKEN(op_greater, Greater);
MCP_TOKEN(op_not_equal, NotEqual);
MCP_TOKEN(op_not, Not);
MCP_TOKEN(op_and, And);
MCP_TOKEN(op_or, Or);
MCP_TOKEN(op_bar, Bar);
MCP_TOKEN(op_coalesce, Coalesce);
MCP_TOKEN(op_optional_dot, OptionalDot);
MCP_TOKEN(op_question, Question);
MCP_TOKEN(op_dot, Dot);
MCP_TOKEN(op_comma, Comma);
MCP_TOKEN(op_colon, Colon);
MCP_TOKEN(open_paren, OpenParen);
MCP_TOKEN(close_paren, CloseParen);
MCP_TOKEN(open_bracket, OpenBracket);
MCP_TOKEN(close_bracket, CloseBracket);
MCP_TOKEN(open_brace, OpenBrace);
MCP_TOKEN(close_brace, CloseBrace);
#undef MCP_TOKEN

/// Actions of the operators: the rule that matched says which token it is.
template <typename Rule>
struct OperatorAction : pegtl::nothing<Rule> {};
#define MCP_ACT(rule) \
  template <>         \
  struct OperatorAction<grammar::rule> { static void apply0(Tok& to) { to = Emit<grammar::rule>::kind; } }
MCP_ACT(op_fat_arrow);
MCP_ACT(op_equal);
MCP_ACT(op_assign);
MCP_ACT(op_append);
MCP_ACT(op_plus);
MCP_ACT(op_arrow);
MCP_ACT(op_minus);
MCP_ACT(op_times);
MCP_ACT(op_divide);
MCP_ACT(op_less_equal);
MCP_ACT(op_less);
MCP_ACT(op_greater_equal);
MCP_ACT(op_greater);
MCP_ACT(op_not_equal);
MCP_ACT(op_not);
MCP_ACT(op_and);
MCP_ACT(op_or);
MCP_ACT(op_bar);
MCP_ACT(op_coalesce);
MCP_ACT(op_optional_dot);
MCP_ACT(op_question);
MCP_ACT(op_dot);
MCP_ACT(op_comma);
MCP_ACT(op_colon);
MCP_ACT(open_paren);
MCP_ACT(close_paren);
MCP_ACT(open_bracket);
MCP_ACT(close_bracket);
MCP_ACT(open_brace);
MCP_ACT(close_brace);
#undef MCP_ACT

template <typename Rule>
bool match(Input& in) {
  return pegtl::parse<Rule>(in);
}

void lex_strings(Lexer& lex, Input& in, std::size_t from) {
  std::size_t stop = 0;
  const std::size_t end = string_end(lex.text, from, stop);
  const bool long_form = lex.text.substr(from, 3) == "\"\"\"";
  if (end == 0) {
    auto& d = lex.report("E0103", from, from + (long_form ? 3 : 1), long_form ? "this text is never closed" : "this string is never closed");
    d.label = "opened here";
    d.help.push_back(long_form ? "close it with `\"\"\"` on a line of its own" : "close it with `\"` on the same line; a text of several lines stands between `\"\"\"`");
    lex.swallowed = stop == lex.text.size();
    lex.token(Tok::Bad, from, stop);
    in.bump(stop - from);
    return;
  }
  lex.token(long_form ? Tok::LongString : Tok::String, from, end);
  in.bump(end - from);
}

/// End of a string in the quotes of another language or of a word processor that begins at `from`; 0: it is none.
std::size_t foreign_string(std::string_view text, std::size_t from) {
  struct Pair {
    std::string_view open, close;
  };
  constexpr Pair pairs[] = {{"'", "'"}, {"`", "`"}, {"\xE2\x80\x9C", "\xE2\x80\x9D"}, {"\xE2\x80\x9D", "\xE2\x80\x9D"},
                            {"\xE2\x80\x98", "\xE2\x80\x99"}, {"\xE2\x80\x99", "\xE2\x80\x99"}, {"\xC2\xAB", "\xC2\xBB"}};
  for (const auto& [open, close] : pairs) {
    if (text.substr(from, open.size()) != open) continue;
    const std::size_t line_end = std::min(text.find('\n', from), text.size());
    const std::size_t at = text.substr(0, line_end).find(close, from + open.size());
    return at == std::string_view::npos ? from + open.size() : at + close.size();
  }
  return 0;
}

void lex_bad(Lexer& lex, Input& in, std::size_t from) {
  const auto c = static_cast<unsigned char>(lex.text[from]);
  const std::size_t length = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
  std::size_t end = std::min(lex.text.size(), from + length);
  const std::string shown = visible(lex.text.substr(from, end - from));
  if (c == ';') {
    lex.report("E0108", from, end, "`;` does not end a statement").help.push_back("a statement ends with its line, or with a comma");
  } else if (const std::size_t quoted = foreign_string(lex.text, from); quoted != 0) {
    // The whole of it is one mistake; what stands between the quotes is nobody's token.
    end = quoted;
    lex.report("E0101", from, end, "strings stand in double quotes").help.push_back("write `\"..\"`");
  } else {
    lex.report("E0101", from, end, "`" + shown + "` means nothing here");
  }
  lex.token(Tok::Bad, from, end);
  in.bump(end - from);
}

void lex_all(Lexer& lex) {
  Input in(lex.text.data(), lex.text.data() + lex.text.size(), "");
  const char* const start = lex.text.data();
  const auto here = [&] { return static_cast<std::size_t>(in.current() - start); };
  const std::size_t most_errors = lex.out.errors() + 1000;   // then the rest of the file is given up
  while (!in.empty() && lex.out.errors() <= most_errors) {
    const std::size_t from = here();
    const char c = in.peek_char();
    switch (c) {
      case '\n':
        in.bump(1);
        lex.newline = true;
        lex.blank = true;
        continue;
      case ' ':
      case '\t':
      case '\r':
        match<grammar::blanks>(in);
        lex.blank = true;
        continue;
      case '#':
      case '/': {
        ast::Comment comment{};
        if (match<grammar::doc_comment>(in)) {
          comment.kind = ast::Comment::Kind::Doc;
        } else if (match<grammar::line_comment>(in)) {
          comment.kind = ast::Comment::Kind::Line;
        } else if (match<grammar::block_comment>(in)) {
          comment.kind = ast::Comment::Kind::Block;
          if (lex.text.substr(from, here() - from).find('\n') != std::string_view::npos) lex.newline = true;
        } else if (match<grammar::open_comment>(in)) {
          lex.swallowed = true;
          auto& d = lex.report("E0103", from, from + 2, "this comment is never closed");
          d.help.push_back("close it with `*/`");
          comment.kind = ast::Comment::Kind::Block;
        } else {
          break;  // a division
        }
        comment.span = lex.span(from, here());
        lex.result.comments.push_back(comment);
        lex.blank = true;
        continue;
      }
      case '"': lex_strings(lex, in, from); continue;
      case 'r':
        if (lex.text.substr(from, 4) == "r\"\"\"") {
          if (match<grammar::long_raw>(in)) {
            lex.token(Tok::LongRaw, from, here());
            continue;
          }
          lex.swallowed = true;
          lex.report("E0103", from, from + 4, "this text is never closed").help.push_back("close it with `\"\"\"` on a line of its own");
          lex.token(Tok::Bad, from, lex.text.size());
          in.bump(lex.text.size() - from);
          continue;
        }
        if (match<grammar::short_raw>(in)) {
          lex.token(Tok::Raw, from, here());
          continue;
        }
        if (match<grammar::open_raw>(in)) {
          lex.report("E0103", from, from + 2, "this string is never closed").help.push_back("close it with `\"` on the same line");
          lex.token(Tok::Bad, from, here());
          continue;
        }
        break;
      default: break;
    }
    if (match<grammar::name>(in)) {
      lex.token(Tok::Name, from, here());
    } else if (match<grammar::number>(in)) {
      lex.token(Tok::Number, from, here());
    } else {
      Tok kind = Tok::Bad;
      if (pegtl::parse<grammar::operators, OperatorAction>(in, kind)) lex.token(kind, from, here());
      else lex_bad(lex, in, from);
    }
  }
  lex.newline = true;
  lex.token(Tok::End, lex.text.size(), lex.text.size());
}

/// Finds braces that stay open, says so, and closes them where a line stands at or left of their own.
void close_braces(Lexer& lex) {
  auto& tokens = lex.result.tokens;
  long open = 0;
  bool below = false;
  for (const Token& t : tokens) {
    if (t.kind == Tok::OpenBrace) ++open;
    if (t.kind == Tok::CloseBrace) --open;
    below = below || open < 0;
  }
  if (open <= 0 || below) return;
  const auto column = [&](std::uint32_t at) {
    const std::size_t local = at - lex.base;
    const auto line = lex.text.rfind('\n', local == 0 ? 0 : local - 1);
    return line == std::string_view::npos || line >= local ? local : local - line - 1;
  };
  struct Opener { std::size_t token; std::size_t column; std::size_t head; };
  for (int round = 0; open > 0 && round < 20; ++round, --open) {
    std::vector<Opener> stack;
    std::size_t line_head = 0;
    std::size_t suspect = tokens.size();   // token before which the `}` is missing
    Opener culprit{};
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const Token& t = tokens[i];
      if (t.newline) {
        line_head = i;
        if (!stack.empty() && t.kind != Tok::CloseBrace && t.kind != Tok::CloseBracket && t.kind != Tok::CloseParen && t.kind != Tok::End &&
            column(t.begin) <= stack.back().column && stack.back().head != i) {
          suspect = i;
          culprit = stack.back();
          break;
        }
      }
      if (t.kind == Tok::OpenBrace) stack.push_back({i, column(tokens[line_head].begin), line_head});
      if (t.kind == Tok::CloseBrace && !stack.empty()) {
        // A brace that closes a line further left than its own line belongs to an outer block.
        if (t.newline && !t.inserted && column(t.begin) < stack.back().column) {
          suspect = i;
          culprit = stack.back();
          break;
        }
        stack.pop_back();
      }
    }
    if (suspect == tokens.size()) {
      if (stack.empty()) return;
      suspect = tokens.size() - 1;
      culprit = stack.back();
    }
    const Token opener = tokens[culprit.token];
    std::string head(lex.text.substr(tokens[culprit.head].begin - lex.base, opener.begin - tokens[culprit.head].begin));
    while (!head.empty() && head.back() == ' ') head.pop_back();
    if (head.size() > 60) head = head.substr(0, 57) + "...";
    Diagnostic d = error("E0102", {opener.begin, opener.end}, head.empty() ? "this `{` is never closed" : "`{` of `" + head + "` is never closed", "opened here");
    const bool explained = lex.swallowed && tokens[suspect].kind == Tok::End;
    if (tokens[suspect].kind != Tok::End) {
      d.labels.push_back({{tokens[suspect].begin, tokens[suspect].begin + 1}, "by its indentation, the `}` is missing before this line"});
    } else {
      d.notes.push_back("the file ends before its `}`");
    }
    lex.result.faulty = true;
    if (!explained) lex.out.add(std::move(d));
    Token close = tokens[suspect];
    close.kind = Tok::CloseBrace;
    close.inserted = true;
    close.newline = true;
    close.blank = true;
    close.end = close.begin;
    tokens.insert(tokens.begin() + static_cast<std::ptrdiff_t>(suspect), close);
  }
}

}  // namespace

std::size_t interpolation_end(std::string_view text, std::size_t from) {
  std::size_t stop = 0;
  return scan_levels(text, from, {{true, false, 0}}, stop);
}

Tokens tokenize(std::string_view text, std::uint32_t base, Diagnostics& out, bool whole_file) {
  Lexer lex(text, base, out);
  lex.result.tokens.reserve(text.size() / 5 + 8);
  lex_all(lex);
  if (whole_file) close_braces(lex);
  return std::move(lex.result);
}

}  // namespace mcp
