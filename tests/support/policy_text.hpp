#pragma once
// Policy text in, printed text out: what tests of the syntax need, without its plumbing.
#include <string>
#include <string_view>

namespace mcp::test {

/// Whether the text has no syntax error.
bool parses(std::string_view text);
/// The tree without spans. A key or the name of a block reads the same with and without needless quotes.
std::string tree_of(std::string_view text);
/// What is reported, as people see it; the file is called x.mcp.
std::string findings_of(std::string_view text);
/// "E0105 3:7" for each finding, one a line.
std::string codes_of(std::string_view text);
/// Requires: parses(text).
std::string formatted(std::string_view text);
/// Empty if formatting `text` keeps its tree and is done after one go; else what is wrong, with all versions.
std::string formatting_fault(std::string_view text);

}  // namespace mcp::test
