#pragma once
// The AST as indented text, for `mcp debug ast` and for comparing trees in tests (spans can be left out).
#include <string>

#include "lang/base/symbol.hpp"
#include "lang/syntax/ast.hpp"

namespace mcp {

enum class DumpSpans : bool { No, Yes };
std::string dump(const ast::File& file, const Interner& names, DumpSpans spans);

}  // namespace mcp
