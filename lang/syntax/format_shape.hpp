#pragma once
// A file as the formatter sees it: its tokens with their lines, marked by what the syntax tree knows of them, and the
// brackets among them as groups of items. Decides nothing about layout; format.cpp and format_align.cpp do.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lang/base/symbol.hpp"
#include "lang/syntax/ast.hpp"
#include "lang/syntax/tokens.hpp"

namespace mcp::layout {

/// Code points, which is what columns count.
std::size_t width_of(std::string_view text);

/// What an item is for alignment.
enum class ItemKind : std::uint8_t { Assign, Entry, Param, Label, Block, Override, Other };

/// What the syntax tree knows of the token at an offset.
struct Mark {
  std::uint32_t offset = 0;
  bool keyword = false;                // the first word of a statement that is no assignment and no block
  bool body = false;                   // `{` of a statement
  bool loop = false;                   // opening bracket of a comprehension
  bool type_args = false;              // `(` of a type's arguments
  bool bare = false;                   // a string that says the same without quotes
  bool item = false;                   // a statement, an entry or a field of a record type starts here
  ItemKind item_kind = ItemKind::Other;
  std::string item_path = {};          // for blocks: their kind
};

/// All marks of a file, in order of offset, one an offset.
std::vector<Mark> marks_of(const ast::File& file, const Interner& names);

/// A token. Lines count from 0.
struct Piece {
  Tok kind = Tok::End;
  Mark mark;
  bool blank = false;                  // white space before it in the source
  bool params = false;                 // `(` of a function's parameters
  bool breaks = false;                 // a line end before it that the layout keeps
  bool spaced = false;                 // a colon of a comprehension
  bool ends_body = false;              // `}` of a statement
  bool space = false;                  // a blank before it where it does not start a line
  std::uint32_t begin = 0;             // in the virtual text
  std::uint32_t end = 0;
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
  std::uint32_t comments = 0;          // number of comments before it in the file
  std::uint32_t group = 0;             // of an opening bracket; 0: none
  std::uint32_t ended_group = 0;       // of a closing bracket; 0: none
  std::string_view text;               // as printed
};

struct Comment {
  ast::Comment::Kind kind;
  std::uint32_t begin = 0;
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
  std::string text;                    // without blanks at the ends of its lines
};

constexpr std::uint32_t none = 0xFFFF'FFFFU;

/// Pieces first..last (both included), and the comma after them.
struct Item {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::uint32_t comma = none;
};

enum class GroupKind : std::uint8_t {
  File,      // no brackets: the statements of the file
  Braces,    // statements, entries or fields: one a line without commas, or all on one line
  List,      // elements
  Call,      // arguments
  Params,    // of a function: a comma may not end them
  Wrap,      // `(x)`, `[index]`, arguments of types, comprehensions: one item, whatever its commas
};

struct Group {
  GroupKind kind = GroupKind::File;
  std::uint32_t open = none;
  std::uint32_t close = none;          // of the file: its End
  std::vector<Item> items;
};

struct Shape {
  std::vector<Piece> pieces;           // the last is End
  std::vector<Comment> comments;
  std::vector<Group> groups;           // the first is the file

  /// What stands before piece `i` if it follows the one before it on the same line: a blank or nothing, and comments.
  std::string gap(std::uint32_t i) const;
  /// Numbers of the comments between the pieces `i - 1` and `i`: from, to (excluded).
  std::pair<std::uint32_t, std::uint32_t> comments_before(std::uint32_t i) const {
    return {i > 0 ? pieces[i - 1].comments : 0, pieces[i].comments};
  }
  bool has_comments(std::uint32_t i) const { return comments_before(i).first < comments_before(i).second; }
  /// Columns from the start of piece `a` to the end of piece `b` if all stands on one line.
  std::size_t width(std::uint32_t a, std::uint32_t b) const { return end_at[b] - end_at[a] + size[a]; }
  /// Whether a piece after `a` up to `b` starts a line, or spans several.
  bool spans_lines(std::uint32_t a, std::uint32_t b) const { return line_ends[b] > line_ends[a]; }

  std::vector<std::size_t> size;           // per piece: columns (of its first line)
  std::vector<std::size_t> end_at;         // per piece: column of its end on one endless line
  std::vector<std::uint32_t> line_ends;    // per piece: line ends that the layout keeps, up to its end
  std::vector<std::uint32_t> stop;         // per piece i: the first at or after it where a line can end: a bracket that
                                           // may break, or a piece that begins or spans a line
};

/// Requires: !file.faulty.
Shape shape_of(const ast::File& file, const Interner& names);

}  // namespace mcp::layout
