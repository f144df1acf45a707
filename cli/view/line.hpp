#pragma once
// Lines of text with tones, laid out by columns. A tone becomes an escape only when colour is wanted and never changes a
// visible byte, so a pipe gets exactly what a terminal shows. Knows nothing of plans.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lang/base/diagnostic_text.hpp"

namespace mcp::view {

enum class Tone : std::uint8_t { Plain, Bold, Dim, Green, Yellow, Red, Blue, Cyan, BoldRed };

/// Code points of `text`, each taken as one column.
std::size_t columns(std::string_view text);
/// The first (last) `count` code points.
std::string_view head(std::string_view text, std::size_t count);
std::string_view tail(std::string_view text, std::size_t count);
/// `text` in at most `room` columns, "..." in place of its middle.
std::string cut_middle(std::string_view text, std::size_t room);

/// A blank at which a line is never broken, while it is laid out.
inline constexpr char hard_blank = '\x01';
/// `text` with every blank hard.
std::string unbroken(std::string_view text);

class Line {
 public:
  Line() = default;
  explicit Line(std::string_view text, Tone tone = Tone::Plain) { add(text, tone); }
  Line& add(std::string_view text, Tone tone = Tone::Plain);
  /// Blanks up to `column`; nothing when the line is there already.
  Line& to(std::size_t column);
  /// `text` so that it ends before `column`.
  Line& ending(std::size_t column, std::string_view text, Tone tone = Tone::Plain);
  Line& add(const Line& other);
  std::size_t columns() const { return columns_; }
  std::string text(Colour colour) const;

 private:
  struct Piece { Tone tone; std::string text; };
  std::vector<Piece> pieces_;
  std::size_t columns_ = 0;
};

/// The text so far: lines of one width. Sections are parted by one empty line.
class Sheet {
 public:
  Sheet(std::size_t width, Colour colour) : width_(width), colour_(colour) {}
  std::size_t width() const { return width_; }
  void put(const Line& line);
  void put(std::string_view text, Tone tone = Tone::Plain) { put(Line(text, tone)); }
  /// `line` with `right` at the right margin, or without it when two blanks do not fit between.
  void put(Line line, std::string_view right, Tone tone = Tone::Dim);
  /// Words of `text` after `lead`; further lines start at `indent`. `right` stands at the margin of the first line.
  void wrap(const Line& lead, std::string_view text, std::size_t indent, std::string_view right = {}, Tone tone = Tone::Plain);
  /// All of `text` after `lead`, broken wherever the width ends; further lines start at `indent`.
  void chunks(Line lead, std::string_view text, std::size_t indent, Tone tone = Tone::Plain);
  /// An empty line before the next section, unless nothing stands above.
  void section();
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  std::size_t width_;
  Colour colour_;
};

/// "3 clusters", "1 cluster".
std::string counted(std::int64_t n, std::string_view one, std::string_view many);

}  // namespace mcp::view
