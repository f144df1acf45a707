#pragma once
// Diagnostics for people (carets, 80 columns) and for machines (one JSON object each). Forms: docs/language.md.
#include <string>

#include "lang/base/diagnostic.hpp"
#include "lang/base/source.hpp"

namespace mcp {

enum class Colour : bool { No, Yes };

/// Appends `text` with control, bidirectional and zero-width characters as \u{202e}; bytes that are no UTF-8 as \x{ff}.
void append_visible(std::string& out, std::string_view text);
std::string visible(std::string_view text);

/// One finding as in docs/language.md section "Diagnostics", ending in a newline; long source lines are cut around the caret.
std::string to_text(const Diagnostic& diagnostic, const SourceMap& sources, Colour colour);
/// All of them in order; after 20 errors only a count.
std::string to_text(const Diagnostics& diagnostics, const SourceMap& sources, Colour colour);
/// One line of JSON without the newline: {"type":"diagnostic","severity":...,"span":{"file","line",...}}.
std::string to_json(const Diagnostic& diagnostic, const SourceMap& sources);

}  // namespace mcp
