#include "cli/view/line.hpp"

#include <algorithm>
#include <array>

namespace mcp::view {

namespace {

constexpr std::array<std::string_view, 9> escapes = {"",           "\x1b[1m",  "\x1b[2m",  "\x1b[32m",  "\x1b[33m",
                                                     "\x1b[31m", "\x1b[34m", "\x1b[36m", "\x1b[1;31m"};

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text)
    if (!continues(c)) ++n;
  return n;
}

std::string_view head(std::string_view text, std::size_t count) {
  std::size_t i = 0;
  while (i < text.size() && (count > 0 || continues(text[i]))) {
    if (!continues(text[i])) --count;
    ++i;
  }
  return text.substr(0, i);
}

std::string_view tail(std::string_view text, std::size_t count) {
  std::size_t i = text.size();
  while (i > 0 && count > 0) {
    --i;
    if (!continues(text[i])) --count;
  }
  return text.substr(i);
}

std::string cut_middle(std::string_view text, std::size_t room) {
  if (columns(text) <= room) return std::string(text);
  if (room <= 3) return std::string(head(text, room));
  const std::size_t front = (room - 3 + 1) / 2;
  return std::string(head(text, front)) + "..." + std::string(tail(text, room - 3 - front));
}

std::string unbroken(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), ' ', hard_blank);
  return out;
}

Line& Line::add(std::string_view text, Tone tone) {
  if (text.empty()) return *this;
  columns_ += view::columns(text);
  if (!pieces_.empty() && pieces_.back().tone == tone) pieces_.back().text += text;
  else pieces_.push_back({tone, std::string(text)});
  return *this;
}

Line& Line::to(std::size_t column) {
  if (columns_ < column) add(std::string(column - columns_, ' '));
  return *this;
}

Line& Line::ending(std::size_t column, std::string_view text, Tone tone) {
  const std::size_t n = view::columns(text);
  if (n < column) to(column - n);
  return add(text, tone);
}

Line& Line::add(const Line& other) {
  for (const Piece& piece : other.pieces_) add(piece.text, piece.tone);
  return *this;
}

std::string Line::text(Colour colour) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    const std::string_view escape = escapes[static_cast<std::size_t>(piece.tone)];
    if (colour == Colour::No || escape.empty()) out += piece.text;
    else out.append(escape).append(piece.text).append("\x1b[0m");
  }
  std::replace(out.begin(), out.end(), hard_blank, ' ');
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

void Sheet::put(const Line& line) {
  out_ += line.text(colour_);
  out_ += '\n';
}

void Sheet::put(Line line, std::string_view right, Tone tone) {
  if (!right.empty() && line.columns() + 2 + columns(right) <= width_) line.ending(width_, right, tone);
  put(line);
}

void Sheet::wrap(const Line& lead, std::string_view text, std::size_t indent, std::string_view right, Tone tone) {
  Line line = lead;
  bool first_line = true;
  bool first_word = true;
  // The text on the right is part of the first line only when a fair part of the words still fits beside it.
  const std::size_t beside = right.empty() ? 0 : columns(right) + 2;
  if (beside > 0 && lead.columns() + beside + 16 > width_) right = {};
  std::size_t limit = width_ - (right.empty() ? 0 : beside);
  const auto flush = [&] {
    if (first_line && !right.empty()) put(line, right);
    else put(line);
    first_line = false;
    limit = width_;
  };
  for (std::size_t i = 0; i <= text.size();) {
    const std::size_t end = std::min(text.find(' ', i), text.size());
    const std::string_view word = text.substr(i, end - i);
    if (!first_word && line.columns() + 1 + columns(word) > limit) {
      flush();
      line = Line(std::string(indent, ' '));
      first_word = true;
    }
    if (!first_word) line.add(" ");
    line.add(word, tone);
    first_word = false;
    i = end + 1;
  }
  flush();
}

void Sheet::chunks(Line lead, std::string_view text, std::size_t indent, Tone tone) {
  for (;;) {
    const std::string_view part = head(text, width_ - lead.columns());
    text.remove_prefix(part.size());
    put(lead.add(part, tone));
    if (text.empty()) return;
    lead = Line(std::string(indent, ' '));
  }
}

void Sheet::section() {
  if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
}

std::string counted(std::int64_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

}  // namespace mcp::view
