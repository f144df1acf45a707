// Statements, blocks and types.
#include <algorithm>

#include "lang/base/diagnostic_text.hpp"
#include "lang/syntax/parser.hpp"

namespace mcp {

Span Parser::line_end_before() const {
  const std::uint32_t end = at_ > 0 ? tokens_[at_ - 1].end : base_;
  return {end, end + 1};
}

std::string Parser::shown(const Token& t) const {
  switch (t.kind) {
    case Tok::End: return "the end of the file";
    case Tok::String:
    case Tok::LongString:
    case Tok::Raw:
    case Tok::LongRaw: return "a string";
    case Tok::CloseBrace:
      if (t.inserted) return "the end of the block";
      [[fallthrough]];
    default: {
      std::string text = visible(text_of(t).substr(0, 40));
      return "`" + text + "`";
    }
  }
}

void Parser::fail(std::string code, Span span, std::string message, std::string label, std::string help) {
  faulty = true;
  if (!is(Tok::Bad)) {  // a bad token is reported by the lexer already
    auto& d = out_.add(error(std::move(code), span, std::move(message), std::move(label)));
    if (!help.empty()) d.help.push_back(std::move(help));
  }
  throw Broken{};
}

void Parser::expected(std::string_view what, std::string_view help) {
  const Token& t = peek();
  const std::string message = "expected " + std::string(what) + ", found " + (t.newline && t.kind != Tok::End ? "the end of the line" : shown(t));
  fail("E0105", t.newline || t.kind == Tok::End ? line_end_before() : span_of(t), message, {}, std::string(help));
}

void Parser::expect(Tok kind, std::string_view what, Span opener) {
  if (take(kind)) return;
  const Token& t = peek();
  faulty = true;
  if (!is(Tok::Bad)) {
    const bool line = t.newline && t.kind != Tok::End;
    auto& d = out_.add(error("E0105", line || t.kind == Tok::End ? line_end_before() : span_of(t),
                             "expected " + std::string(what) + ", found " + (line ? "the end of the line" : shown(t))));
    if (opener.known()) d.labels.push_back({opener, "opened here"});
  }
  throw Broken{};
}

/// Skips to where the next statement may start: after a line end or before a `}` outside of brackets that the statement
/// opened, or at a line that starts a word at or left of the statement's own column.
void Parser::recover(const Token& head, std::size_t head_at) {
  const auto column = [&](const Token& t) {
    const std::size_t local = t.begin - base_;
    const auto line = local == 0 ? std::string_view::npos : text_.rfind('\n', local - 1);
    return line == std::string_view::npos ? local : local - line - 1;
  };
  const std::size_t own = column(head);
  // Depth at the point of failure: brackets the statement opened before it.
  int depth = 0;
  for (std::size_t i = head_at; i < at_; ++i) {
    const Tok k = tokens_[i].kind;
    if (k == Tok::OpenBrace || k == Tok::OpenBracket || k == Tok::OpenParen) ++depth;
    if (k == Tok::CloseBrace || k == Tok::CloseBracket || k == Tok::CloseParen) --depth;
  }
  bool first = at_ == head_at;
  for (; !is(Tok::End); next(), first = false) {
    const Token& t = peek();
    if (!first && t.newline && t.kind == Tok::Name && column(t) <= own) return;
    // A line that starts with a bracket starts no statement: it belongs to what was given up.
    const bool opens = t.kind == Tok::OpenBrace || t.kind == Tok::OpenBracket || t.kind == Tok::OpenParen;
    if (!first && t.newline && depth <= 0 && t.kind != Tok::CloseBrace && !opens) return;
    if (t.kind == Tok::CloseBrace && depth <= 0) return;
    if (t.kind == Tok::CloseBrace && t.newline && column(t) < own) return;  // closes the block around
    if (t.kind == Tok::OpenBrace || t.kind == Tok::OpenBracket || t.kind == Tok::OpenParen) ++depth;
    if (t.kind == Tok::CloseBrace || t.kind == Tok::CloseBracket || t.kind == Tok::CloseParen) --depth;
  }
}

std::span<const ast::Stmt*> Parser::file() {
  std::vector<const ast::Stmt*> out;
  statements(out, false);
  return arena_.copy(out);
}

void Parser::statements(std::vector<const ast::Stmt*>& to, bool in_block) {
  for (;;) {
    if (out_.errors() > most_errors_) at_ = tokens_.size() - 1;
    if (is(Tok::End)) return;
    if (is(Tok::CloseBrace)) {
      if (in_block) return;
      faulty = true;
      if (peek().inserted) {   // its `{` was reported, and belongs to a statement that was given up
        next();
        continue;
      }
      auto& d = out_.add(error("E0106", span_of(peek()), "this `}` closes nothing"));
      d.help.push_back("remove it, or look for a `{` that is missing above");
      next();
      continue;
    }
    const Token head = peek();
    const std::size_t head_at = at_;
    const unsigned depth = depth_;
    try {
      const ast::Stmt* stmt = statement();
      to.push_back(stmt);
      end_of_statement();
    } catch (const Broken&) {
      depth_ = depth;
      faulty = true;
      if (too_deep_) at_ = tokens_.size() - 1;
      else recover(head, head_at);
      if (at_ == head_at && !too_deep_) next();
    }
  }
}

void Parser::end_of_statement() {
  if (take(Tok::Comma) || is(Tok::End) || is(Tok::CloseBrace) || peek().newline) return;
  const Token& t = peek();
  if (t.kind == Tok::FatArrow) fail("E0107", span_of(t), "there are no functions as values here", {}, "declare one: `fn NAME(x: int) -> int = x + 1`");
  if (t.kind == Tok::Assign) fail("E0107", span_of(t), "`=` does not continue a statement", {}, "compare with `==`; assign once, `name = value`");
  if (t.kind == Tok::Question) fail("E0107", span_of(t), "there is no `?` operator", {}, "write `if condition then a else b`");
  fail("E0107", span_of(t), "expected the end of the statement, found " + shown(t), {}, "a statement ends with its line, or with a comma");
}

std::string_view Parser::doc(const Token& first) {
  std::size_t end = first.comments;
  std::size_t begin = end;
  while (begin > 0 && comments_[begin - 1].kind == ast::Comment::Kind::Doc) {
    // Only those since the token before.
    const std::size_t index = static_cast<std::size_t>(&first - tokens_.data());
    if (index > 0 && index < tokens_.size() && comments_[begin - 1].span.begin < tokens_[index - 1].end) break;
    --begin;
  }
  if (begin == end) return {};
  std::string out;
  for (std::size_t i = begin; i < end; ++i) {
    std::string_view line = text_.substr(comments_[i].span.begin - base_ + 3, comments_[i].span.end - comments_[i].span.begin - 3);
    if (line.starts_with(' ')) line.remove_prefix(1);
    while (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r')) line.remove_suffix(1);
    if (i > begin) out += '\n';
    out += line;
  }
  return arena_.text(out);
}

const ast::Stmt* Parser::statement() {
  const Token& first = peek();
  if (!is(Tok::Name)) {
    if (is(Tok::Assign)) expected("a name before `=`");
    fail("E0105", span_of(first), "expected a statement, found " + shown(first), {}, "a statement starts with a word: `let`, `workload`, an attribute");
  }
  const std::string_view doc_text = doc(first);
  const std::string_view word = text_of(first);
  const Tok second = peek(1).kind;
  const bool assigns = second == Tok::Assign || second == Tok::Append || (second == Tok::Dot && !peek(1).blank);
  const ast::Stmt* out = nullptr;
  if (is_reserved(word)) {
    fail("E0104", span_of(first), "`" + std::string(word) + "` starts no statement", {},
         word == "else" ? "`else` follows the `}` of a `when`" : word == "if" ? "between statements write `when condition { .. }`" : "it is a reserved word");
  } else if (assigns) {
    out = assign_or_block();
  } else if (word == "import") {
    out = import();
  } else if (word == "let") {
    out = let(ast::StmtKind::Let);
  } else if (word == "out") {
    out = let(ast::StmtKind::Out);
  } else if (word == "param") {
    out = param(ast::StmtKind::Param);
  } else if (word == "label") {
    out = param(ast::StmtKind::Label);
  } else if (word == "type") {
    out = type_decl();
  } else if (word == "fn") {
    out = fn();
  } else if (word == "component") {
    out = component();
  } else if (word == "for") {
    out = for_stmt();
  } else if (word == "when") {
    out = when_stmt();
  } else if (word == "check") {
    out = check();
  } else if (word == "deny" || word == "warn") {
    out = effect();
  } else if (word == "expect") {
    out = expect_stmt();
  } else if (word == "override") {
    out = override_stmt();
  } else {
    out = block();
  }
  const_cast<ast::Stmt*>(out)->doc = doc_text;
  return out;
}

ast::Ident Parser::ident(std::string_view what) {
  const Token& t = peek();
  if (!is(Tok::Name) || t.newline) expected(what);
  if (is_reserved(text_of(t)))
    fail("E0104", span_of(t), "`" + std::string(text_of(t)) + "` is a reserved word", {}, "choose another name; reserved are true false null if then else where in not");
  next();
  return {names_.intern(text_of(t)), span_of(t)};
}

std::span<ast::Ident> Parser::path() {
  std::vector<ast::Ident> out;
  const Token& first = next();
  out.push_back({names_.intern(text_of(first)), span_of(first)});
  while (is(Tok::Dot) && !peek().blank && is(Tok::Name, 1) && !peek(1).blank) {
    next();
    const Token& t = next();
    out.push_back({names_.intern(text_of(t)), span_of(t)});
    if (out.size() > 32) fail("E0109", span_of(t), "a path of more than 32 names");
  }
  return arena_.copy(out);
}

const ast::Expr* Parser::assigned_value() {
  const Token& t = peek();
  if (t.newline || is(Tok::End) || is(Tok::CloseBrace) || is(Tok::Comma)) {
    fail("E0105", t.newline || is(Tok::End) ? line_end_before() : span_of(t), "expected a value after `=`", {}, "a value starts on the line of its `=`");
  }
  return expr();
}

const ast::Stmt* Parser::assign_or_block() {
  const Token first = peek();
  const std::size_t start = at_;
  const auto names = path();
  if (is(Tok::Assign) || is(Tok::Append)) {
    if (peek().newline) expected("`=` on the same line");
    auto* out = make<ast::Assign>(ast::StmtKind::Assign, first);
    out->path = names;
    out->append = next().kind == Tok::Append;
    out->value = assigned_value();
    out->span = from(first);
    return out;
  }
  at_ = start;
  return block();
}

const ast::Stmt* Parser::import() {
  const Token first = next();
  if (!is(Tok::String) && !is(Tok::Raw)) expected("the file to import, in quotes");
  auto* out = make<ast::Import>(ast::StmtKind::Import, first);
  out->path = string();
  if (!peek().newline && take_word("as")) out->alias = ident("a name after `as`");
  out->span = from(first);
  return out;
}

const ast::Stmt* Parser::let(ast::StmtKind kind) {
  const Token first = next();
  auto* out = make<ast::Let>(kind, first);
  out->name = ident("a name");
  if (take(Tok::Colon)) out->type = type();
  if (!is(Tok::Assign) || peek().newline) expected("`=` and a value");
  next();
  out->value = assigned_value();
  out->span = from(first);
  return out;
}

const ast::Stmt* Parser::param(ast::StmtKind kind) {
  const Token first = next();
  auto* out = make<ast::Param>(kind, first);
  out->name = ident("a name");
  if (!take(Tok::Colon))
    expected("`:` and a type", kind == ast::StmtKind::Label ? "such as `label tier: \"gold\" | \"silver\"`" : "such as `param size: int = 3`");
  out->type = type();
  if (is(Tok::Assign) && !peek().newline) {
    next();
    out->value = assigned_value();
  }
  out->span = from(first);
  return out;
}

const ast::Stmt* Parser::type_decl() {
  const Token first = next();
  auto* out = make<ast::TypeDecl>(ast::StmtKind::Type, first);
  out->name = ident("a name");
  expect(Tok::Assign, "`=` and a type");
  out->type = type();
  out->span = from(first);
  return out;
}

const ast::Stmt* Parser::fn() {
  const Token first = next();
  auto* out = make<ast::Fn>(ast::StmtKind::Fn, first);
  out->name = ident("a name");
  const Span opener = span_of(peek());
  expect(Tok::OpenParen, "`(` and the parameters");
  std::vector<ast::FnParam> params;
  while (!is(Tok::CloseParen)) {
    ast::FnParam param{};
    if (!is(Tok::Name)) expected("a parameter or `)`");
    const Token& t = next();
    param.name = {names_.intern(text_of(t)), span_of(t)};
    if (is_reserved(text_of(t))) fail("E0104", span_of(t), "`" + std::string(text_of(t)) + "` is a reserved word", {}, "choose another name");
    if (!take(Tok::Colon)) expected("`:` and a type");
    param.type = type();
    params.push_back(param);
    if (!take(Tok::Comma)) break;
  }
  expect(Tok::CloseParen, "`,` or `)`", opener);
  out->params = arena_.copy(params);
  expect(Tok::Arrow, "`->` and the type of the result");
  out->result = type();
  if (!is(Tok::Assign)) expected("`=` and an expression");
  next();
  out->value = assigned_value();
  out->span = from(first);
  return out;
}

ast::Body Parser::braces(Span head) {
  (void)head;
  if (!is(Tok::OpenBrace) || peek().newline) expected("`{`", peek().newline && is(Tok::OpenBrace) ? "the `{` stands on the line of its head" : "");
  Deeper deeper(*this);
  ast::Body out{};
  out.open = span_of(next());
  std::vector<const ast::Stmt*> stmts;
  statements(stmts, true);
  out.stmts = arena_.copy(stmts);
  if (is(Tok::CloseBrace)) {
    const Token& t = next();
    if (!t.inserted) out.close = span_of(t);
  } else {
    // Balanced braces were made before; only a broken statement that swallowed one leads here.
    if (!faulty) out_.add(error("E0102", out.open, "this `{` is never closed", "opened here"));
    faulty = true;
  }
  return out;
}

const ast::Stmt* Parser::component() {
  const Token first = next();
  auto* out = make<ast::Component>(ast::StmtKind::Component, first);
  out->name = ident("a name");
  out->body = braces(span_of(first));
  out->span = from(first);
  return out;
}

const ast::Stmt* Parser::for_stmt() {
  const Token first = next();
  auto* out = make<ast::For>(ast::StmtKind::For, first);
  out->head.first = ident("a variable");
  if (take(Tok::Comma)) out->head.second = ident("a second variable");
  if (!take_word("in")) expected("`in` and a collection");
  if (peek().newline) expected("a collection after `in`");
  out->head.in = expr();
  out->body = braces(span_of(first));
  out->span = from(first);
  return out;
}

const ast::Stmt* Parser::when_stmt() {
  Deeper deeper(*this);
  const Token first = next();
  auto* out = make<ast::When>(ast::StmtKind::When, first);
  out->condition = expr();
  out->body = braces(span_of(first));
  if (is_word("else")) {
    next();
    if (is_word("when")) {
      out->else_when = static_cast<const ast::When*>(when_stmt());
    } else {
      auto* body = arena_.make<ast::Body>();
      *body = braces(span_of(first));
      out->else_body = body;
    }
  }
  out->span = from(first);
  return out;
}

const ast::Stmt* Parser::check() {
  const Token first = next();
  auto* out = make<ast::Check>(ast::StmtKind::Check, first);
  out->condition = expr();
  expect(Tok::Comma, "`,` and a message");
  out->message = expr();
  out->span = from(first);
  return out;
}

const ast::Stmt* Parser::effect() {
  const Token first = next();
  auto* out = make<ast::Effect>(ast::StmtKind::Effect, first);
  out->deny = text_of(first) == "deny";
  if (is_word("unless")) out->unless = true;
  else if (!is_word("when")) expected("`when` or `unless`");
  next();
  out->condition = expr();
  expect(Tok::Comma, "`,` and a message");
  out->message = expr();
  out->span = from(first);
  return out;
}

ast::Ref Parser::ref() {
  const Token first = peek();
  if (!is(Tok::Name) || first.newline) expected("an object, such as `workload.web`");
  ast::Ref out{};
  out.path = path();
  if (is(Tok::OpenBracket) && !peek().blank) {
    const Span opener = span_of(next());
    out.index = expr();
    expect(Tok::CloseBracket, "`]`", opener);
  }
  out.span = from(first);
  return out;
}

const ast::Stmt* Parser::expect_stmt() {
  const Token first = next();
  auto* out = make<ast::Expect>(ast::StmtKind::Expect, first);
  const auto body_here = [&] {
    if (!is(Tok::OpenBrace) || peek().newline) return;
    auto* body = arena_.make<ast::Body>();
    *body = braces(span_of(first));
    out->body = body;
  };
  if ((is_word("deny") || is_word("warn")) && is(Tok::Name, 1)) {
    out->what = is_word("deny") ? ast::ExpectKind::Deny : ast::ExpectKind::Warn;
    next();
    out->ref = ref();
    body_here();
  } else if (is_word("error") && is(Tok::Name, 1)) {
    out->what = ast::ExpectKind::Error;
    next();
    out->code = ident("a code");
    body_here();
  } else {
    out->what = ast::ExpectKind::Value;
    out->value = expr();
    if (is(Tok::Comma) && (is(Tok::String, 1) || is(Tok::Raw, 1))) {
      next();
      out->message = string();
    }
  }
  out->span = from(first);
  return out;
}

const ast::Stmt* Parser::override_stmt() {
  const Token first = next();
  auto* out = make<ast::Override>(ast::StmtKind::Override, first);
  if (is(Tok::Name) && !is_word("where") && !peek().newline) {
    auto* target = arena_.make<ast::Ref>();
    *target = ref();
    out->ref = target;
  }
  if (take_word("where")) out->where = expr();
  out->body = braces(span_of(first));
  out->span = from(first);
  return out;
}

const ast::Stmt* Parser::block() {
  const Token first = peek();
  auto* out = make<ast::Block>(ast::StmtKind::Block, first);
  out->path = path();
  if (is(Tok::Assign)) expected("a block", "");
  if (!peek().newline) {
    if (is(Tok::Name) && !is_reserved(text_of(peek()))) {
      const Token& t = next();
      out->name = {names_.intern(text_of(t)), span_of(t)};
    } else if (is(Tok::String) || is(Tok::Raw)) {
      out->name_text = string();
    }
    if (is_word("in") && !peek().newline) {
      next();
      if (is(Tok::String) || is(Tok::Raw)) out->in_text = string();
      else out->in_name = ident("a namespace after `in`");
    }
    if (is_word("where") && !peek().newline) {
      next();
      out->where = binary(2);
    }
  }
  out->head = from(first);
  if (!is(Tok::OpenBrace) || peek().newline) {
    if (is(Tok::OpenBrace)) expected("`{`", "the `{` stands on the line of its head");
    const bool alone = out->path.size() == 1 && out->name.symbol == Symbol::None && out->name_text == nullptr;
    if (alone && (peek().newline || is(Tok::End) || is(Tok::CloseBrace)))
      fail("E0105", line_end_before(), "expected `=` or `{` after `" + std::string(text_of(first)) + "`");
    if (is(Tok::Assign) && out->path.size() == 1 && out->name.symbol != Symbol::None)
      fail("E0104", span_of(first), "`" + std::string(text_of(first)) + "` starts no statement", {}, "a value is declared by `let " + std::string(names_.text(out->name.symbol)) + " = ..`");
    expected("`{`");
  }
  out->body = braces(out->head);
  out->span = from(first);
  return out;
}

// ---- types

const ast::TypeExpr* Parser::type() {
  const Token first = peek();
  std::vector<const ast::TypeExpr*> parts{type_part()};
  while (is(Tok::Bar)) {
    next();
    parts.push_back(type_part());
    if (parts.size() > 1000) fail("E0109", span_of(peek()), "a type of more than 1000 parts");
  }
  if (parts.size() == 1) return parts.front();
  auto* out = arena_.make<ast::TypeExpr>();
  out->kind = ast::TypeKind::Union;
  out->args = arena_.copy(parts);
  out->span = from(first);
  return out;
}

const ast::TypeExpr* Parser::type_part() {
  Deeper deeper(*this);
  const Token first = peek();
  auto* out = arena_.make<ast::TypeExpr>();
  if (is(Tok::String)) {
    const ast::StringLit* text = string();
    if (!text->plain()) fail("E0105", text->span, "a type holds no `${}`");
    out->kind = ast::TypeKind::Literal;
    out->text = text->text();
  } else if (is(Tok::OpenBrace)) {
    const Span opener = span_of(next());
    out->kind = ast::TypeKind::Record;
    std::vector<ast::TypeField> fields;
    while (!is(Tok::CloseBrace)) {
      if (!is(Tok::Name)) expected("a field or `}`");
      const Token& t = next();
      ast::TypeField field{{names_.intern(text_of(t)), span_of(t)}, nullptr};
      expect(Tok::Colon, "`:` and a type");
      field.type = type();
      fields.push_back(field);
      if (!take(Tok::Comma) && !peek().newline && !is(Tok::CloseBrace)) break;
    }
    expect(Tok::CloseBrace, "`,` or `}`", opener);
    out->fields = arena_.copy(fields);
  } else if (is(Tok::OpenParen)) {
    const Span opener = span_of(next());
    const ast::TypeExpr* inner = type();
    expect(Tok::CloseParen, "`)`", opener);
    *out = *inner;
  } else if (is(Tok::Name)) {
    out->kind = ast::TypeKind::Named;
    out->path = path();
    if (is(Tok::OpenParen) && !peek().blank) {
      const Span opener = span_of(next());
      std::vector<const ast::TypeExpr*> args;
      do args.push_back(type());
      while (take(Tok::Comma));
      expect(Tok::CloseParen, "`,` or `)`", opener);
      out->args = arena_.copy(args);
    }
  } else {
    expected("a type");
  }
  if (is(Tok::Question) && !peek().newline) {
    next();
    out->optional = true;
  }
  out->span = from(first);
  return out;
}

}  // namespace mcp
