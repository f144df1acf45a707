#pragma once
// Text to AST with recovery per statement: every faulty statement is reported once (E01xx), the rest is kept. PEGTL
// lives in parse.cpp and grammar.hpp only.
#include "lang/base/arena.hpp"
#include "lang/base/diagnostic.hpp"
#include "lang/syntax/ast.hpp"

namespace mcp {

/// Parses one file. Nodes go to `arena`, names to `names`, findings to `out`.
/// Never throws; deep nesting (over 128), NUL bytes and bad UTF-8 are diagnostics.
ast::File parse(const SourceFile& source, Arena& arena, Interner& names, Diagnostics& out);

}  // namespace mcp
