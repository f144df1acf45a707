#pragma once
// Differences between two texts, line by line: Myers' shortest edit within a bound of work, else the changed middle whole.
#include <string>
#include <string_view>
#include <vector>

namespace mcp::view {

enum class LineMark : char { Same = ' ', Gone = '-', New = '+', Skip = '~' };

struct LineEdit {
  LineMark mark = LineMark::Same;
  std::string_view text;          // of Skip: empty
  std::size_t skipped = 0;        // lines that a Skip stands for
  bool operator==(const LineEdit&) const = default;
};

/// Lines of `after` and those of `before` that went, in order; equal lines further than `context` from a change are left
/// out, with a Skip between two groups. Deletions come before insertions.
std::vector<LineEdit> line_diff(std::string_view before, std::string_view after, std::size_t context);

std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace mcp::view
