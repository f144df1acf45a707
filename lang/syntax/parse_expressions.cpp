// Expressions: operators by precedence, postfix, primaries; and the parts of strings.
#include <algorithm>
#include <utility>

#include "lang/base/utf8.hpp"
#include "lang/syntax/parser.hpp"

namespace mcp {

namespace {
// Loosest first: where 1, ?? 2, || 3, && 4, comparisons 5, + - 6, * / 7.
constexpr int comparison_level = 5;
}  // namespace

const ast::Expr* Parser::lone_expression(unsigned depth) {
  depth_ = depth;
  try {
    const ast::Expr* out = expr();
    if (!is(Tok::End)) fail("E0107", span_of(peek()), "expected the end of the expression, found " + shown(peek()));
    return out;
  } catch (const Broken&) {
    faulty = true;
    return nullptr;
  }
}

const ast::Expr* Parser::expr() {
  Deeper deeper(*this);
  // An inner expression counts by its height; those beside it by the tallest of them.
  const unsigned beside = std::exchange(height_, 0);
  const ast::Expr* out = binary(1);
  height_ = std::max(beside, height_ + 1);
  return out;
}

/// One node more stands on the rest. A chain of operators nests without brackets, and what walks over it recurses.
void Parser::grow(Span at) {
  if (++height_ > max_height) fail("E0109", at, "operators and brackets nest more than 1,200 deep", {}, "name parts of it with `let`");
}

bool Parser::binary_op(ast::BinaryOp& op, int& level, std::size_t& width) const {
  width = 1;
  const auto set = [&](ast::BinaryOp o, int l) {
    op = o;
    level = l;
    return true;
  };
  switch (peek().kind) {
    case Tok::Coalesce: return set(ast::BinaryOp::Coalesce, 2);
    case Tok::Or: return set(ast::BinaryOp::Or, 3);
    case Tok::And: return set(ast::BinaryOp::And, 4);
    case Tok::Equal: return set(ast::BinaryOp::Eq, comparison_level);
    case Tok::NotEqual: return set(ast::BinaryOp::Ne, comparison_level);
    case Tok::Less: return set(ast::BinaryOp::Lt, comparison_level);
    case Tok::LessEqual: return set(ast::BinaryOp::Le, comparison_level);
    case Tok::Greater: return set(ast::BinaryOp::Gt, comparison_level);
    case Tok::GreaterEqual: return set(ast::BinaryOp::Ge, comparison_level);
    case Tok::Plus: return set(ast::BinaryOp::Add, 6);
    case Tok::Minus: return set(ast::BinaryOp::Sub, 6);
    case Tok::Times: return set(ast::BinaryOp::Mul, 7);
    case Tok::Divide: return set(ast::BinaryOp::Div, 7);
    case Tok::Name: {
      const std::string_view word = text_of(peek());
      if (word == "where") return set(ast::BinaryOp::Where, 1);
      if (word == "in") return set(ast::BinaryOp::In, comparison_level);
      if (word == "not" && is_word("in", 1)) {
        width = 2;
        return set(ast::BinaryOp::NotIn, comparison_level);
      }
      return false;
    }
    default: return false;
  }
}

const ast::Expr* Parser::binary(int floor) {
  const ast::Expr* left = unary();
  unsigned chain = 0;
  bool compared = false;
  for (;;) {
    ast::BinaryOp op{};
    int level = 0;
    std::size_t width = 1;
    if (!binary_op(op, level, width) || level < floor) return left;
    // A line that starts with `-` and a value right after it would be read as a subtraction; that is the rule.
    if (++chain > max_chain) fail("E0109", span_of(peek()), "an expression of more than 1000 operators");
    const Span op_span{peek().begin, peek(width - 1).end};
    if (level == comparison_level) {
      if (compared) {
        fail("E0110", op_span, "comparisons do not chain", {}, "write `a < b && b < c`");
      }
      compared = true;
    } else if (level < comparison_level) {
      compared = false;
    }
    for (std::size_t i = 0; i < width; ++i) next();
    if (is(Tok::End) || is(Tok::CloseBrace) || is(Tok::CloseParen) || is(Tok::CloseBracket) || is(Tok::Comma))
      fail("E0105", op_span, "expected a value after `" + std::string(ast::spelling(op)) + "`");
    const unsigned beside = std::exchange(height_, 0);
    const ast::Expr* right = binary(level + 1);
    height_ = std::max(beside, height_);
    grow(op_span);
    if (level == comparison_level) {
      ast::BinaryOp more{};
      int more_level = 0;
      if (binary_op(more, more_level, width) && more_level == comparison_level)
        fail("E0110", span_of(peek()), "comparisons do not chain", {}, "write `a < b && b < c`");
    }
    auto* out = make<ast::Binary>(ast::ExprKind::Binary, join(left->span, right->span));
    out->op = op;
    out->op_span = op_span;
    out->left = left;
    out->right = right;
    left = out;
  }
}

const ast::Expr* Parser::unary() {
  if (!is(Tok::Not) && !is(Tok::Minus)) return postfix();
  Deeper deeper(*this);
  const Token first = next();
  if (peek().newline || is(Tok::End)) expected("a value");
  const ast::Expr* operand = unary();
  grow(span_of(first));
  auto* out = make<ast::Unary>(ast::ExprKind::Unary, from(first));
  out->op = first.kind == Tok::Not ? ast::UnaryOp::Not : ast::UnaryOp::Negate;
  out->op_span = span_of(first);
  out->operand = operand;
  return out;
}

const ast::Expr* Parser::postfix() {
  const Token first = peek();
  const ast::Expr* out = primary();
  for (unsigned chain = 0; !peek().blank; ++chain) {
    if (chain > 100) fail("E0109", span_of(peek()), "more than 100 fields, items and calls in a row");
    if (is(Tok::Dot) || is(Tok::OptionalDot) || is(Tok::OpenBracket) || is(Tok::OpenParen)) grow(span_of(peek()));
    if (is(Tok::Dot) || is(Tok::OptionalDot)) {
      const bool optional = next().kind == Tok::OptionalDot;
      if (!is(Tok::Name) || peek().blank) expected("a field after `.`");
      const Token& t = next();
      auto* member = make<ast::Member>(ast::ExprKind::Member, from(first));
      member->base = out;
      member->name = {names_.intern(text_of(t)), span_of(t)};
      member->optional = optional;
      out = member;
    } else if (is(Tok::OpenBracket)) {
      const Span opener = span_of(next());
      if (is(Tok::CloseBracket)) expected("an index");
      const ast::Expr* at = expr();
      expect(Tok::CloseBracket, "`]`", opener);
      auto* index = make<ast::Index>(ast::ExprKind::Index, from(first));
      index->base = out;
      index->index = at;
      out = index;
    } else if (is(Tok::OpenParen)) {
      const auto args = arguments();
      auto* call = make<ast::Call>(ast::ExprKind::Call, from(first));
      call->callee = out;
      call->args = args;
      out = call;
    } else {
      break;
    }
  }
  return out;
}

std::span<ast::Arg> Parser::arguments() {
  const Span opener = span_of(next());
  std::vector<ast::Arg> out;
  while (!is(Tok::CloseParen)) {
    ast::Arg arg{};
    if (is(Tok::Name) && is(Tok::Assign, 1)) {
      const Token& t = next();
      arg.name = {names_.intern(text_of(t)), span_of(t)};
      next();
    }
    arg.value = expr();
    out.push_back(arg);
    if (!take(Tok::Comma)) break;
  }
  expect(Tok::CloseParen, "`,` or `)`", opener);
  return arena_.copy(out);
}

const ast::Expr* Parser::number() {
  const Token& t = next();
  const std::string_view text = text_of(t);
  std::int64_t value = 0;
  bool overflow = false;
  std::size_t i = 0;
  for (; i < text.size() && (text[i] == '_' || (text[i] >= '0' && text[i] <= '9')); ++i)
    if (text[i] != '_') overflow = overflow || __builtin_mul_overflow(value, std::int64_t{10}, &value) || __builtin_add_overflow(value, std::int64_t{text[i] - '0'}, &value);
  ast::Unit unit = ast::Unit::None;
  if (!unit_of(text.substr(i), unit)) {
    const std::string_view word = text.substr(i);
    std::string help = "units are ms s min h d, m (CPU), Ki Mi Gi Ti B kB MB GB TB, %";
    if (word == "K" || word == "M" || word == "G" || word == "T") help = "did you mean `" + std::string(word) + "i`?";
    if (word == "KiB" || word == "MiB" || word == "GiB" || word == "TiB") help = "did you mean `" + std::string(word.substr(0, 2)) + "`?";
    if (word == "sec" || word == "seconds" || word == "second") help = "did you mean `s`?";
    if (word == "e" || word == "E" || (word.size() > 1 && (word[0] == 'e' || word[0] == 'x'))) help = "numbers are written in decimal digits";
    fail("E0112", {t.begin + static_cast<std::uint32_t>(i), t.end}, "`" + std::string(word) + "` is no unit", {}, help);
  }
  if (is(Tok::Dot) && !peek().blank && is(Tok::Number, 1) && !peek(1).blank)
    fail("E0112", {t.begin, peek(1).end}, "there are no fractions", {}, "use a smaller unit: `500m` for half a CPU, `1500ms`, `512Mi`");
  if (overflow) fail("E0402", span_of(t), "the number has more than 64 bits", {}, "numbers end at 9,223,372,036,854,775,807");
  auto* out = make<ast::NumberLit>(ast::ExprKind::Number, span_of(t));
  out->value = value;
  out->unit = unit;
  return out;
}

const ast::Expr* Parser::if_expr() {
  const Token first = next();
  auto* out = make<ast::If>(ast::ExprKind::If, span_of(first));
  out->condition = expr();
  if (!take_word("then")) expected("`then` and a value");
  out->then = expr();
  if (!take_word("else")) expected("`else` and a value", "an `if` that is a value has both branches");
  out->otherwise = expr();
  out->span = from(first);
  return out;
}

ast::ForHead Parser::for_head() {
  next();
  ast::ForHead out{};
  if (!is(Tok::Name)) expected("a variable");
  out.first = ident("a variable");
  if (take(Tok::Comma)) out.second = ident("a second variable");
  if (!take_word("in")) expected("`in` and a collection");
  out.in = expr();
  expect(Tok::Colon, "`:` and the item");
  return out;
}

const ast::Expr* Parser::list() {
  const Token first = next();
  if (is_word("for")) {
    auto* out = make<ast::ListFor>(ast::ExprKind::ListFor, span_of(first));
    out->head = for_head();
    out->item = expr();
    if (take_word("if")) out->condition = expr();
    expect(Tok::CloseBracket, "`]`", span_of(first));
    out->span = from(first);
    return out;
  }
  std::vector<const ast::Expr*> items;
  while (!is(Tok::CloseBracket)) {
    items.push_back(expr());
    if (!take(Tok::Comma)) break;
  }
  expect(Tok::CloseBracket, "`,` or `]`", span_of(first));
  auto* out = make<ast::List>(ast::ExprKind::List, from(first));
  out->items = arena_.copy(items);
  return out;
}

const ast::Expr* Parser::object() {
  const Token first = next();
  if (is_word("for") && is(Tok::Name, 1)) {
    auto* out = make<ast::ObjectFor>(ast::ExprKind::ObjectFor, span_of(first));
    out->head = for_head();
    out->key = expr();
    expect(Tok::FatArrow, "`=>` and the value");
    out->value = expr();
    if (take_word("if")) out->condition = expr();
    expect(Tok::CloseBrace, "`}`", span_of(first));
    out->span = from(first);
    return out;
  }
  std::vector<ast::Entry> entries;
  while (!is(Tok::CloseBrace)) {
    const Token head = peek();
    ast::Entry entry{};
    if (is(Tok::Name)) {
      // Unquoted, `in = 1` on a line of its own would continue the value of the line above.
      if (is_reserved(text_of(head)))
        fail("E0104", span_of(head), "`" + std::string(text_of(head)) + "` is a reserved word", {}, "as a key it stands in quotes: `\"" + std::string(text_of(head)) + "\"`");
      entry.name = {names_.intern(text_of(head)), span_of(head)};
      next();
    } else if (is(Tok::String) || is(Tok::Raw) || is(Tok::LongString) || is(Tok::LongRaw)) {
      entry.key = string();
    } else if (is(Tok::OpenParen)) {
      const Span opener = span_of(next());
      entry.key = expr();
      entry.computed = true;
      expect(Tok::CloseParen, "`)`", opener);
    } else {
      expected("a key or `}`");
    }
    if (!is(Tok::Assign) || peek().newline) {
      if (is(Tok::Colon)) expected("`=` after the key", "entries are written `key = value`");
      if (is(Tok::CloseBrace) || is(Tok::Comma)) {
        const std::string key(text_.substr(head.begin - base_, std::min<std::uint32_t>(head.end - head.begin, 40)));
        fail("E0105", span_of(head), "the key `" + key + "` has no value", {}, "write `" + key + " = ..`");
      }
      expected("`=` after the key");
    }
    next();
    entry.value = assigned_value();
    entry.span = from(head);
    entries.push_back(entry);
    if (!take(Tok::Comma) && !is(Tok::CloseBrace) && !peek().newline) break;
  }
  expect(Tok::CloseBrace, "`,` or `}`", span_of(first));
  auto* out = make<ast::Object>(ast::ExprKind::Object, from(first));
  out->entries = arena_.copy(entries);
  return out;
}

const ast::Expr* Parser::primary() {
  const Token& t = peek();
  switch (t.kind) {
    case Tok::Number: return number();
    case Tok::String:
    case Tok::LongString:
    case Tok::Raw:
    case Tok::LongRaw: return string();
    case Tok::Name: {
      const std::string_view word = text_of(t);
      if (word == "true" || word == "false") {
        next();
        auto* out = make<ast::BoolLit>(ast::ExprKind::Bool, span_of(t));
        out->value = word == "true";
        return out;
      }
      if (word == "null") {
        next();
        return make<ast::NullLit>(ast::ExprKind::Null, span_of(t));
      }
      if (word == "if") {
        Deeper deeper(*this);
        return if_expr();
      }
      if (is_reserved(word)) fail("E0104", span_of(t), "expected a value, found the reserved word `" + std::string(word) + "`", {}, word == "not" ? "negation is written `!x`" : "");
      next();
      auto* out = make<ast::Name>(ast::ExprKind::Name, span_of(t));
      out->symbol = names_.intern(word);
      return out;
    }
    case Tok::Dot: {
      next();
      if (!is(Tok::Name) || peek().blank) expected("a field after `.`");
      const Token& field = next();
      auto* out = make<ast::RowField>(ast::ExprKind::RowField, {t.begin, field.end});
      out->field = {names_.intern(text_of(field)), span_of(field)};
      return out;
    }
    case Tok::OpenParen: {
      const Span opener = span_of(next());
      const ast::Expr* inner = expr();
      expect(Tok::CloseParen, "`)`", opener);
      return inner;
    }
    case Tok::OpenBracket: return list();
    case Tok::OpenBrace: return object();
    default: expected("a value");
  }
}

// ---- strings

std::string Parser::unescape(std::string_view body, std::uint32_t at, std::size_t& i) {
  const std::size_t start = i;
  const auto bad = [&](std::size_t length, std::string message) {
    fail("E0111", {at + static_cast<std::uint32_t>(start), at + static_cast<std::uint32_t>(start + length)}, std::move(message), {},
         "escapes are \\n \\t \\r \\\" \\\\ \\$ \\u{1F600}; r\"..\" has none");
  };
  ++i;
  if (i >= body.size()) bad(1, "a lone `\\`");
  switch (body[i++]) {
    case 'n': return "\n";
    case 't': return "\t";
    case 'r': return "\r";
    case '"': return "\"";
    case '\\': return "\\";
    case '$': return "$";
    case 'u': {
      std::uint32_t code = 0;
      std::size_t digits = 0;
      const bool open = i < body.size() && body[i] == '{';
      if (open) ++i;
      for (; open && i < body.size() && digits < 7; ++i, ++digits) {
        const char c = body[i];
        const int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (v < 0) break;
        code = code * 16 + static_cast<std::uint32_t>(v);
      }
      if (!open || digits == 0 || digits > 6 || i >= body.size() || body[i] != '}') bad(i - start, "a code point is written `\\u{20AC}`");
      ++i;
      if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) bad(i - start, "there is no such code point");
      std::string out;
      if (code < 0x80) {
        out += static_cast<char>(code);
      } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        out += static_cast<char>(0x80U | (code & 0x3FU));
      } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
      } else {
        out += static_cast<char>(0xF0U | (code >> 18U));
        out += static_cast<char>(0x80U | ((code >> 12U) & 0x3FU));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
      }
      return out;
    }
    default: {
      std::size_t length = 2;
      while (start + length < body.size() && (static_cast<unsigned char>(body[start + length]) & 0xC0U) == 0x80U) ++length;
      bad(length, "unknown escape");
    }
  }
  return {};
}

const ast::StringLit* Parser::string() {
  const Token token = next();
  const std::string_view all = text_of(token);
  const bool raw = token.kind == Tok::Raw || token.kind == Tok::LongRaw;
  const bool long_form = token.kind == Tok::LongString || token.kind == Tok::LongRaw;
  auto* out = make<ast::StringLit>(ast::ExprKind::String, span_of(token));
  out->form = raw ? (long_form ? ast::StringForm::RawLong : ast::StringForm::Raw) : long_form ? ast::StringForm::Long : ast::StringForm::Short;
  std::vector<ast::StringPart> parts;
  const std::size_t quotes = (raw ? 1U : 0U) + (long_form ? 3U : 1U);
  const std::size_t close = long_form ? 3U : 1U;
  const std::string_view body = all.substr(quotes, all.size() - quotes - close);
  const auto body_at = token.begin + static_cast<std::uint32_t>(quotes);
  if (!long_form && (raw || (body.find('\\') == std::string_view::npos && body.find('$') == std::string_view::npos))) {
    if (!body.empty()) parts.push_back({body, nullptr, {body_at, body_at + static_cast<std::uint32_t>(body.size())}});
  } else {
    string_parts(token, body, body_at, raw, long_form, parts);
  }
  out->parts = arena_.copy(parts);
  return out;
}

void Parser::string_parts(const Token& token, std::string_view body, std::uint32_t body_at, bool raw, bool long_form, std::vector<ast::StringPart>& to) {
  std::string_view indent;
  std::size_t i = 0;
  if (long_form) {
    const auto first = body.find_first_not_of(" \t");
    if (first == std::string_view::npos || body[first] != '\n')
      fail("E0113", {token.begin, token.begin + (raw ? 4U : 3U)}, "the text starts on the line after `\"\"\"`");
    i = first + 1;
    const auto last = body.rfind('\n');
    const std::string_view tail = body.substr(last + 1);
    if (tail.find_first_not_of(" \t") != std::string_view::npos)
      fail("E0113", {token.end - 3, token.end}, "the closing `\"\"\"` stands on a line of its own");
    indent = tail;
    body = body.substr(0, last + 1);   // the last line end stays
    if (i > body.size()) i = body.size();
  }
  std::string text;
  std::size_t text_from = i;
  const auto flush = [&](std::size_t upto) {
    if (!text.empty()) to.push_back({arena_.text(text), nullptr, {body_at + static_cast<std::uint32_t>(text_from), body_at + static_cast<std::uint32_t>(upto)}});
    text.clear();
  };
  bool line_start = long_form;
  while (i < body.size()) {
    if (line_start) {
      line_start = false;
      const std::string_view rest = body.substr(i);
      if (rest.starts_with(indent)) {
        i += indent.size();
      } else {
        const auto ink = rest.find_first_not_of(" \t");
        if (ink != std::string_view::npos && rest[ink] != '\n')
          fail("E0113", {body_at + static_cast<std::uint32_t>(i), body_at + static_cast<std::uint32_t>(i + ink) + 1}, "this line is indented less than the closing `\"\"\"`", {},
               "indent it as deep, or move the closing quotes left");
        i += ink == std::string_view::npos ? rest.size() : ink;
      }
      continue;
    }
    const char c = body[i];
    if (!raw && c == '\\') {
      if (long_form && i + 1 < body.size() && body[i + 1] == '\n') {
        i += 2;
        line_start = true;
        continue;
      }
      text += unescape(body, body_at, i);
    } else if (!raw && c == '$' && i + 1 < body.size() && body[i + 1] == '{') {
      flush(i);
      // The inner text ends at the brace that closes it; strings inside may hold braces.
      const std::size_t end = i + 2;
      const std::size_t after = interpolation_end(body, end);
      const Span open{body_at + static_cast<std::uint32_t>(i), body_at + static_cast<std::uint32_t>(i) + 2};
      if (after == 0) fail("E0103", open, "this `${` is never closed", "opened here", "close it with `}`; a plain `${` is written `\\${`");
      const std::string_view inside = body.substr(end, after - 1 - end);
      if (inside.find_first_not_of(" \t\n") == std::string_view::npos) fail("E0105", open, "expected a value in `${}`");
      Tokens own = tokenize(inside, body_at + static_cast<std::uint32_t>(end), out_, false);
      if (own.faulty) {
        faulty = true;
        throw Broken{};
      }
      Deeper deeper(*this);
      Parser part(text_.substr(body_at - base_ + end, inside.size()), body_at + static_cast<std::uint32_t>(end), arena_, names_, out_, own);
      const ast::Expr* value = part.lone_expression(depth_);
      height_ = std::max(height_, part.height_);
      if (value == nullptr) {
        faulty = true;
        throw Broken{};
      }
      i = after;
      to.push_back({{}, value, {open.begin, body_at + static_cast<std::uint32_t>(i)}});
      text_from = i;
    } else {
      text += c;
      ++i;
      if (long_form && c == '\n') line_start = true;
    }
  }
  flush(i);
}

}  // namespace mcp
