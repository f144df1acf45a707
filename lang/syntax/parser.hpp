#pragma once
// The parser: tokens to AST by recursive descent, one function a construct. A faulty statement is reported once and
// skipped (recover), so the rest of the file is still there. Depth is bounded, whatever the input.
#include <string>
#include <vector>

#include "lang/syntax/ast.hpp"
#include "lang/syntax/tokens.hpp"

namespace mcp {

class Parser {
 public:
  Parser(std::string_view text, std::uint32_t base, Arena& arena, Interner& names, Diagnostics& out, Tokens& tokens)
      : text_(text), base_(base), arena_(arena), names_(names), out_(out), most_errors_(out.errors() + 1000), tokens_(tokens.tokens), comments_(tokens.comments) {}

  std::span<const ast::Stmt*> file();
  /// One expression that takes all tokens; null if it is faulty (reported).
  const ast::Expr* lone_expression(unsigned depth);
  bool faulty = false;

 private:
  struct Broken {};   // thrown at the first mistake of a statement, caught where statements are
  static constexpr unsigned max_depth = 128;
  static constexpr unsigned max_chain = 1000;
  static constexpr unsigned max_height = 1200;

  struct Deeper {
    explicit Deeper(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > max_depth) {
        --parser_.depth_;
        parser_.too_deep_ = true;
        parser_.fail("E0109", parser_.span_of(parser_.peek()), "nested more than 128 deep");
      }
    }
    ~Deeper() { --parser_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Parser& parser_;
  };

  // ---- tokens
  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  const Token& next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool is(Tok kind, std::size_t ahead = 0) const { return peek(ahead).kind == kind; }
  bool is_word(std::string_view word, std::size_t ahead = 0) const { return is(Tok::Name, ahead) && text_of(peek(ahead)) == word; }
  bool take(Tok kind) {
    if (!is(kind)) return false;
    next();
    return true;
  }
  bool take_word(std::string_view word) {
    if (!is_word(word)) return false;
    next();
    return true;
  }
  std::string_view text_of(const Token& t) const { return text_.substr(t.begin - base_, t.end - t.begin); }
  static Span span_of(const Token& t) { return {t.begin, t.end}; }
  Span from(const Token& first) const { return {first.begin, at_ > 0 ? tokens_[at_ - 1].end : first.end}; }
  /// The end of the line before the present token: where something is missing.
  Span line_end_before() const;
  std::string shown(const Token& t) const;

  // ---- mistakes
  [[noreturn]] void fail(std::string code, Span span, std::string message, std::string label = {}, std::string help = {});
  [[noreturn]] void expected(std::string_view what, std::string_view help = {});
  void expect(Tok kind, std::string_view what, Span opener = {});
  void recover(const Token& head, std::size_t head_at);

  // ---- statements
  void statements(std::vector<const ast::Stmt*>& to, bool in_block);
  const ast::Stmt* statement();
  const ast::Stmt* assign_or_block();
  const ast::Stmt* import();
  const ast::Stmt* let(ast::StmtKind kind);
  const ast::Stmt* param(ast::StmtKind kind);
  const ast::Stmt* type_decl();
  const ast::Stmt* fn();
  const ast::Stmt* component();
  const ast::Stmt* for_stmt();
  const ast::Stmt* when_stmt();
  const ast::Stmt* check();
  const ast::Stmt* effect();
  const ast::Stmt* expect_stmt();
  const ast::Stmt* override_stmt();
  const ast::Stmt* block();
  ast::Body braces(Span head);
  ast::Ref ref();
  std::span<ast::Ident> path();
  ast::Ident ident(std::string_view what);
  void end_of_statement();
  std::string_view doc(const Token& first);
  const ast::Expr* assigned_value();

  // ---- expressions
  const ast::Expr* expr();
  const ast::Expr* binary(int floor);
  const ast::Expr* unary();
  const ast::Expr* postfix();
  const ast::Expr* primary();
  const ast::Expr* number();
  const ast::Expr* if_expr();
  const ast::Expr* list();
  const ast::Expr* object();
  ast::ForHead for_head();
  std::span<ast::Arg> arguments();
  void grow(Span at);
  bool binary_op(ast::BinaryOp& op, int& level, std::size_t& width) const;

  // ---- strings (strings.cpp)
  const ast::StringLit* string();
  void string_parts(const Token& token, std::string_view body, std::uint32_t body_at, bool raw, bool long_form, std::vector<ast::StringPart>& to);
  std::string unescape(std::string_view body, std::uint32_t at, std::size_t& i);

  // ---- types
  const ast::TypeExpr* type();
  const ast::TypeExpr* type_part();

  template <class T>
  T* make(ast::StmtKind kind, const Token& first) {
    T* out = arena_.make<T>();
    out->kind = kind;
    out->span = span_of(first);
    return out;
  }
  template <class T>
  T* make(ast::ExprKind kind, Span span) {
    T* out = arena_.make<T>();
    out->kind = kind;
    out->span = span;
    return out;
  }

  std::string_view text_;
  std::uint32_t base_;
  Arena& arena_;
  Interner& names_;
  Diagnostics& out_;
  std::size_t most_errors_;   // then the rest of the file is given up
  std::vector<Token>& tokens_;
  std::vector<ast::Comment>& comments_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
  unsigned height_ = 0;     // at most so many nodes stand on each other in what the present expression holds so far
  bool too_deep_ = false;   // the rest of the file is given up: each line of it would say the same
};

bool is_reserved(std::string_view word);
/// The unit of this spelling; false if there is none.
bool unit_of(std::string_view text, ast::Unit& unit);

}  // namespace mcp
