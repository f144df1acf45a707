#pragma once
// The abstract syntax of .mcp files: plain data in an arena, each node with its span. Names are symbols; nothing here
// knows kinds, types or values. Comments lie beside the tree, by offset (File::comments), so that formatting loses none.
#include <optional>
#include <span>
#include <string_view>

#include "lang/base/arena.hpp"
#include "lang/base/source.hpp"
#include "lang/base/symbol.hpp"

namespace mcp::ast {

struct Ident {
  Symbol symbol = Symbol::None;
  Span span;
};

// ---- expressions

enum class ExprKind : std::uint8_t {
  Null, Bool, Number, String, Name, RowField, Member, Index, Call, Unary, Binary, If, List, Object, ListFor, ObjectFor,
  Error,  // stands where a faulty expression was skipped; already reported
};

struct Expr {
  ExprKind kind;
  Span span;
};

struct NullLit : Expr {};
struct BoolLit : Expr { bool value; };

enum class Unit : std::uint8_t { None, Ms, S, Min, H, D, M, Ki, Mi, Gi, Ti, B, KB, MB, GB, TB, Percent };
struct NumberLit : Expr {
  std::int64_t value;  // digits without '_'; a literal above 2^63-1 is an error of the parser (E0402)
  Unit unit;
};

/// Text or an interpolated expression; `text` is unescaped (and unindented in the long form).
struct StringPart {
  std::string_view text;  // when expr is null
  const Expr* expr;       // else `${expr}`
  Span span;
};
enum class StringForm : std::uint8_t { Short, Long, Raw, RawLong };
struct StringLit : Expr {
  StringForm form;
  std::span<StringPart> parts;  // adjacent texts are merged; empty for ""
  bool plain() const { return parts.empty() || (parts.size() == 1 && parts[0].expr == nullptr); }
  std::string_view text() const { return parts.empty() ? std::string_view() : parts[0].text; }  // Requires: plain()
};

struct Name : Expr { Symbol symbol; };
struct RowField : Expr { Ident field; };  // `.tier`
struct Member : Expr {                    // `a.b`, `a?.b`
  const Expr* base;
  Ident name;
  bool optional;
};
struct Index : Expr { const Expr* base; const Expr* index; };
struct Arg {
  Ident name;  // Symbol::None: positional
  const Expr* value;
};
struct Call : Expr { const Expr* callee; std::span<Arg> args; };

enum class UnaryOp : std::uint8_t { Not, Negate };
struct Unary : Expr { UnaryOp op; Span op_span; const Expr* operand; };

/// Loosest first is where, ??, ||, &&, comparisons, + -, * /.
enum class BinaryOp : std::uint8_t { Where, Coalesce, Or, And, Eq, Ne, Lt, Le, Gt, Ge, In, NotIn, Add, Sub, Mul, Div };
struct Binary : Expr { BinaryOp op; Span op_span; const Expr* left; const Expr* right; };
std::string_view spelling(BinaryOp op);
std::string_view spelling(Unit unit);

struct If : Expr { const Expr* condition; const Expr* then; const Expr* otherwise; };
struct List : Expr { std::span<const Expr*> items; };

/// `name = v`, `"text" = v`, `(expr) = v`.
struct Entry {
  Ident name;             // set for a bare name
  const Expr* key;        // set otherwise; a StringLit or any expression in parentheses
  bool computed;          // written as (expr)
  const Expr* value;
  Span span;
};
struct Object : Expr { std::span<Entry> entries; };

/// `for a in e :` or `for a, b in e :`
struct ForHead {
  Ident first;
  Ident second;  // Symbol::None if absent
  const Expr* in;
};
struct ListFor : Expr { ForHead head; const Expr* item; const Expr* condition; };                     // condition may be null
struct ObjectFor : Expr { ForHead head; const Expr* key; const Expr* value; const Expr* condition; };

// ---- types

enum class TypeKind : std::uint8_t { Literal, Record, Named, Union };
struct TypeExpr;
struct TypeField { Ident name; const TypeExpr* type; };
struct TypeExpr {
  TypeKind kind;
  bool optional = false;                  // `T?`
  Span span;
  std::string_view text;                  // Literal: a string of a union
  std::span<Ident> path;                  // Named: `list`, `std.x`
  std::span<const TypeExpr*> args;        // Named: arguments; Union: members
  std::span<TypeField> fields;            // Record
};

// ---- statements

enum class StmtKind : std::uint8_t {
  Assign, Import, Let, Out, Param, Label, Type, Fn, Component, For, When, Check, Effect, Expect, Override, Block,
};

struct Stmt {
  StmtKind kind;
  Span span;                    // whole statement
  std::string_view doc = {};    // text of its /// lines, joined by LF
};

struct Body {
  std::span<const Stmt*> stmts;
  Span open;    // the `{`; unknown for a file
  Span close;   // the `}`; unknown if it was missing (reported)
};

struct Assign : Stmt {
  std::span<Ident> path;
  bool append;                  // `+=`
  const Expr* value;
};
struct Import : Stmt { const StringLit* path; Ident alias; };   // alias: as written, or None
struct Let : Stmt { Ident name; const TypeExpr* type; const Expr* value; };       // Let, Out; type may be null
struct Param : Stmt { Ident name; const TypeExpr* type; const Expr* value; };     // Param, Label; value may be null
struct TypeDecl : Stmt { Ident name; const TypeExpr* type; };
struct FnParam { Ident name; const TypeExpr* type; };
struct Fn : Stmt { Ident name; std::span<FnParam> params; const TypeExpr* result; const Expr* value; };
struct Component : Stmt { Ident name; Body body; };
struct For : Stmt { ForHead head; Body body; };
struct When : Stmt {
  const Expr* condition;
  Body body;
  const When* else_when;        // at most one of these two
  const Body* else_body;
};
struct Check : Stmt { const Expr* condition; const Expr* message; };
struct Effect : Stmt { bool deny; bool unless; const Expr* condition; const Expr* message; };
struct Ref { std::span<Ident> path; const Expr* index; Span span; };   // index may be null
enum class ExpectKind : std::uint8_t { Deny, Warn, Error, Value };
struct Expect : Stmt {
  ExpectKind what;
  Ref ref;                      // Deny, Warn
  Ident code;                   // Error
  const Expr* value;            // Value
  const StringLit* message;     // Value; may be null
  const Body* body;             // may be null
};
struct Override : Stmt {
  const Ref* ref;               // null: the enclosing block
  const Expr* where;            // may be null
  Body body;
};
/// `kind name in ns where predicate { ... }`; the kind is a path (`workload`, `spring.app`, `container.nginx`).
struct Block : Stmt {
  std::span<Ident> path;
  Ident name;                   // bare name: literal
  const StringLit* name_text;   // quoted name, may interpolate; null if bare or absent
  Ident in_name;                // `in shop`
  const StringLit* in_text;     // `in "${x}"`
  const Expr* where;            // may be null
  Body body;
  Span head;                    // from the kind to just before `{`
};

struct Comment {
  enum class Kind : std::uint8_t { Line, Doc, Block } kind;
  Span span;                    // with its markers, without the line end
};

/// One parsed file. Owns nothing: nodes lie in the arena, the text in the SourceMap.
struct File {
  const SourceFile* source = nullptr;
  std::span<const Stmt*> stmts;
  std::span<Comment> comments;  // in order of offset
  bool faulty = false;          // errors were reported; statements that could be saved are there
};

}  // namespace mcp::ast
