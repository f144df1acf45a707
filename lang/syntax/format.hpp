#pragma once
// The formatter: source text of a file without errors to its canonical layout (docs/language.md, "Formatting").
// Nothing is reordered, no comment and no string is touched; formatting twice changes nothing.
#include <string>

#include "lang/base/symbol.hpp"
#include "lang/syntax/ast.hpp"

namespace mcp {

/// Requires: !file.faulty. The result ends in exactly one newline (empty for an empty file).
std::string format(const ast::File& file, const Interner& names);

}  // namespace mcp
