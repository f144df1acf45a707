#pragma once
// The fields of a change: `path  before -> after` on a line where it fits, else two lines with the arrow aligned; texts
// as a line diff; the replicas of all clusters together. Internal to the view.
#include "cli/view/fold.hpp"
#include "cli/view/parts.hpp"

namespace mcp::view {

/// A path on a line of its own, broken after a dot or bracket where it is wider than the line.
void put_path(Sheet& sheet, std::string_view path, std::size_t indent, std::string_view right = {}, std::string_view sign = {}, Tone tone = Tone::Plain);

/// All fields of the row's changes, and the members whose value before was another.
void put_fields(Sheet& sheet, const Context& context, const ChangeRow& row);

}  // namespace mcp::view
