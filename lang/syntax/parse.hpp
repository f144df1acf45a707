#pragma once
// Text to AST with recovery per statement: every faulty statement is reported once (E01xx), the rest is kept. PEGTL
// makes the tokens (grammar.hpp, tokens.cpp); statements are parsed from them by recursive descent (parser.hpp).
#include "lang/base/arena.hpp"
#include "lang/base/diagnostic.hpp"
#include "lang/syntax/ast.hpp"

namespace mcp {

/// Parses one file. Nodes go to `arena`, names to `names`, findings to `out`.
/// Never throws; deep nesting (over 128), NUL bytes and bad UTF-8 are diagnostics.
ast::File parse(const SourceFile& source, Arena& arena, Interner& names, Diagnostics& out);

/// One expression, as `--set NAME=EXPR` gives it; null if it is faulty (reported).
const ast::Expr* parse_expression(const SourceFile& source, Arena& arena, Interner& names, Diagnostics& out);

}  // namespace mcp
