#pragma once
// Lists of short texts kept as one text, an item a line: one allocation where a vector of strings takes many.
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

std::string joined_lines(const std::vector<std::string>& lines);
std::vector<std::string> split_lines(std::string_view text);

/// The same as joining again with `line` at the end.
void add_line(std::string& text, std::string_view line);

}  // namespace mcp
