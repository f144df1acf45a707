#pragma once
// Lines as the formatter prints them, and the padding that makes columns of them. Padding comes last and never moves
// a line end: whether something fits is decided without it, so formatting twice agrees with formatting once.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lang/syntax/format_shape.hpp"

namespace mcp::layout {

constexpr std::size_t line_width = 120;

struct Line {
  std::size_t indent = 0;
  bool blank_before = false;
  std::string text;           // may hold line ends, inside of long strings and comments
  std::string comment;        // at its end
};

/// An item that has lines of its own, and the places where it may be padded (offsets into the text of its first line).
struct Row {
  struct Cell {
    std::size_t at = 0;       // where the cell starts
    std::string name;         // cells of one name form a column
  };
  ItemKind kind = ItemKind::Other;
  std::string_view path;      // of a block: its kind
  std::size_t first = 0;      // lines
  std::size_t last = 0;
  std::size_t pad = std::string::npos;   // before the `=`, after the colon, before the `{` of a body on one line
  std::size_t operator_size = 0;         // of what is padded: `=`, `+=`
  bool solid = false;                    // nothing in it could break, so it may be too long
  std::vector<Cell> cells;               // of a body on one line
};

/// Pads runs of rows: assignments and entries at `=`, params and labels at their types, blocks as tables.
void align(std::vector<Line>& lines, std::span<const Row> rows);

}  // namespace mcp::layout
