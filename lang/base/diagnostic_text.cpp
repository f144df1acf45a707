#include "lang/base/diagnostic_text.hpp"

#include <algorithm>
#include <array>

namespace mcp {

namespace {

struct Point {
  std::uint32_t code = 0;
  std::size_t size = 1;   // bytes
  bool good = false;
};

/// The code point that starts at `text[i]`.
Point decode(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  const unsigned b = byte(i);
  if (b < 0x80) return {b, 1, true};
  const std::size_t n = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
  if (b < 0xC2 || b > 0xF4) return {b, 1, false};
  std::uint32_t code = b & (0xFFU >> (n + 1));
  for (std::size_t k = 1; k < n; ++k) {
    if ((byte(i + k) & 0xC0U) != 0x80U) return {b, 1, false};
    code = (code << 6U) | (byte(i + k) & 0x3FU);
  }
  if ((n == 3 && code < 0x800) || (n == 4 && code < 0x10000) || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {b, 1, false};
  return {code, n, true};
}

/// Control, bidirectional, zero-width and line separators: what could fool a reader.
bool invisible(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

std::string hex(std::uint32_t value) {
  std::string out;
  do out.insert(out.begin(), "0123456789abcdef"[value & 0xFU]);
  while ((value >>= 4U) != 0);
  return out;
}

constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view red = "\x1b[1;31m";
constexpr std::string_view yellow = "\x1b[1;33m";
constexpr std::string_view blue = "\x1b[1;34m";
constexpr std::string_view reset = "\x1b[0m";

struct Paint {
  Colour colour;
  std::string operator()(std::string_view code, std::string_view text) const {
    if (colour == Colour::No || text.empty()) return std::string(text);
    return std::string(code) + std::string(text) + std::string(reset);
  }
};

/// Columns of a code point on a terminal: two for wide East Asian characters and pictures, none for what is combined with
/// the one before.
std::size_t width_of(std::uint32_t c) {
  struct Range {
    std::uint32_t from, to;
  };
  constexpr Range wide[] = {{0x1100, 0x115F}, {0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x2614, 0x2615}, {0x26A1, 0x26A1}, {0x2705, 0x2705},
                            {0x2728, 0x2728}, {0x274C, 0x274C}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xA960, 0xA97C}, {0xAC00, 0xD7A3},
                            {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
                            {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}};
  constexpr Range combined[] = {{0x300, 0x36F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
  const auto within = [c](const Range& r) { return c >= r.from && c <= r.to; };
  if (c < 0x300) return 1;
  if (std::any_of(std::begin(combined), std::end(combined), within)) return 0;
  return std::any_of(std::begin(wide), std::end(wide), within) ? 2 : 1;
}

std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Point p = decode(text, i);
    n += width_of(p.code);
    i += p.size;
  }
  return n;
}

std::size_t characters(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text)
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++n;
  return n;
}

/// A source line as shown: tabs become blanks, what is invisible is spelled out; `at` is mapped to its column there.
std::string shown_line(std::string_view line, std::size_t at, std::size_t& shown_at, std::size_t until, std::size_t& shown_until) {
  std::string out;
  shown_at = shown_until = std::string::npos;
  for (std::size_t i = 0; i <= line.size();) {
    if (i >= at && shown_at == std::string::npos) shown_at = columns(out);
    if (i >= until && shown_until == std::string::npos) shown_until = columns(out);
    if (i == line.size()) break;
    const Point p = decode(line, i);
    if (p.code == '\t' && p.good) out += "  ";
    else append_visible(out, line.substr(i, p.size));
    i += p.size;
  }
  if (shown_at == std::string::npos) shown_at = columns(out);
  if (shown_until == std::string::npos) shown_until = columns(out);
  return out;
}

/// `count` columns from `from`; half of a wide character is a blank.
std::string cut(std::string_view text, std::size_t from, std::size_t count) {
  std::size_t at = 0;
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Point p = decode(text, i);
    const std::size_t wide = width_of(p.code);
    if (at >= from && at + wide <= from + count) out += text.substr(i, p.size);
    else if (wide == 2 && (at + 1 == from || at + 1 == from + count)) out += ' ';
    at += wide;
    i += p.size;
  }
  return out;
}

void wrap_into(std::string& out, std::string_view lead, std::string_view text, std::size_t indent) {
  constexpr std::size_t width = 80;
  std::string line(lead);
  std::size_t used = columns(line);
  bool first = true;
  std::size_t i = 0;
  while (i < text.size()) {
    auto end = text.find(' ', i);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view word = text.substr(i, end - i);
    if (!first && used + 1 + columns(word) > width && columns(word) < width - indent) {
      out += line;
      out += '\n';
      line.assign(indent, ' ');
      used = indent;
      first = true;
    }
    if (!first) {
      line += ' ';
      ++used;
    }
    line += word;
    used += columns(word);
    first = false;
    i = end + 1;
  }
  out += line;
  out += '\n';
}

struct Mark {
  Span span;
  std::string text;
  bool primary;
};

void put_mark(std::string& out, const SourceMap& sources, const Mark& mark, std::size_t gutter, const Paint& paint) {
  const SourceFile& file = *sources.file_at(mark.span.begin);
  const Place place = sources.locate(mark.span.begin);
  const std::string_view line = sources.line(file, place.line);
  const std::size_t line_begin = static_cast<std::size_t>(line.data() - file.text.data());
  const std::size_t at = mark.span.begin - file.base - line_begin;
  const std::size_t until = std::min<std::size_t>(line.size(), at + (mark.span.end - mark.span.begin));
  std::size_t column = 0;
  std::size_t end = 0;
  std::string text = shown_line(line, at, column, std::max(until, at), end);
  const std::size_t room = 80 - gutter - 3;
  // A long line is cut around the mark.
  if (columns(text) > room) {
    const std::size_t total = columns(text);
    std::size_t from = column > room / 3 ? column - room / 3 : 0;
    if (from + room > total) from = total - room;
    const bool left = from > 0;
    const bool right = from + room < total;
    std::string part = cut(text, from + (left ? 3U : 0U), room - (left ? 3U : 0U) - (right ? 3U : 0U));
    text = (left ? "..." : "") + part + (right ? "..." : "");
    column -= from;
    end = std::min(end - from, room);
  }
  const std::string number = std::to_string(place.line);
  out += paint(blue, std::string(gutter > number.size() ? gutter - number.size() : 0, ' ') + number + " |") + " " + text + "\n";
  const std::size_t width = std::max<std::size_t>(1, end > column ? end - column : 1);
  const std::string carets(width, mark.primary ? '^' : '-');
  std::string under = paint(blue, std::string(gutter, ' ') + " |") + " " + std::string(column, ' ') + paint(mark.primary ? red : blue, carets);
  if (!mark.text.empty()) {
    const std::size_t used = gutter + 3 + column + width + 1;
    if (used + columns(mark.text) <= 80) {
      under += " " + paint(mark.primary ? red : blue, mark.text);
      out += under + "\n";
    } else {
      out += under + "\n";
      const std::size_t indent = std::min(gutter + 3 + column, 80 - std::min<std::size_t>(80 - gutter - 3, std::max<std::size_t>(columns(mark.text), 20)));
      wrap_into(out, paint(blue, std::string(gutter, ' ') + " |") + std::string(indent > gutter + 2 ? indent - gutter - 2 : 1, ' '), mark.text, gutter + 3);
    }
  } else {
    out += under + "\n";
  }
}

/// Several marks of one line under that line printed once: all carets in a row, the last text beside them, the others
/// below, each under its own mark. False if the line is too long for that, or marks overlap.
bool put_line(std::string& out, const SourceMap& sources, const Mark* marks, std::size_t count, std::size_t gutter, const Paint& paint) {
  const SourceFile& file = *sources.file_at(marks[0].span.begin);
  const Place place = sources.locate(marks[0].span.begin);
  const std::string_view line = sources.line(file, place.line);
  const std::size_t line_begin = static_cast<std::size_t>(line.data() - file.text.data());
  struct Under {
    std::size_t column, end;
  };
  std::vector<Under> at;
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = marks[i].span.begin - file.base - line_begin;
    const std::size_t until = std::min<std::size_t>(line.size(), begin + (marks[i].span.end - marks[i].span.begin));
    std::size_t column = 0;
    std::size_t end = 0;
    text = shown_line(line, begin, column, std::max(until, begin), end);
    if (!at.empty() && column < at.back().end) return false;
    at.push_back({column, std::max(end, column + 1)});
    if (gutter + 3 + (i + 1 < count ? column : at.back().end + 1) + columns(marks[i].text) > 80) return false;
  }
  if (columns(text) > 80 - gutter - 3) return false;
  const std::string number = std::to_string(place.line);
  const std::string lead = paint(blue, std::string(gutter, ' ') + " |") + " ";
  out += paint(blue, std::string(gutter > number.size() ? gutter - number.size() : 0, ' ') + number + " |") + " " + text + "\n";
  const auto ink = [&](std::size_t i, const std::string& words) { return paint(marks[i].primary ? red : blue, words); };
  out += lead;
  std::size_t column = 0;
  for (std::size_t i = 0; i < count; ++i) {
    out += std::string(at[i].column - column, ' ') + ink(i, std::string(at[i].end - at[i].column, marks[i].primary ? '^' : '-'));
    column = at[i].end;
  }
  out += (marks[count - 1].text.empty() ? "" : " " + ink(count - 1, marks[count - 1].text)) + "\n";
  for (std::size_t i = count - 1; i-- > 0;)
    if (!marks[i].text.empty()) out += lead + std::string(at[i].column, ' ') + ink(i, marks[i].text) + "\n";
  return true;
}

void json_text(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const Point p = decode(text, i);
    if (!p.good) {
      out += "\xEF\xBF\xBD";
    } else if (p.code == '"' || p.code == '\\') {
      out += '\\';
      out += static_cast<char>(p.code);
    } else if (p.code == '\n') {
      out += "\\n";
    } else if (p.code < 0x20 || invisible(p.code)) {
      if (p.code > 0xFFFF) {
        out += "\xEF\xBF\xBD";
      } else {
        const std::string digits = hex(p.code);
        out += "\\u" + std::string(4 - digits.size(), '0') + digits;
      }
    } else {
      out += text.substr(i, p.size);
    }
    i += p.size;
  }
  out += '"';
}

void json_span(std::string& out, Span span, const SourceMap& sources) {
  if (!span.known() || sources.file_at(span.begin) == nullptr) {
    out += "null";
    return;
  }
  const SourceFile& file = *sources.file_at(span.begin);
  const Place from = sources.locate(span.begin);
  const Place to = sources.locate(std::min<std::uint32_t>(std::max(span.end, span.begin), file.base + static_cast<std::uint32_t>(file.text.size())));
  out += "{\"column\":" + std::to_string(from.column) + ",\"end_column\":" + std::to_string(to.column) + ",\"end_line\":" + std::to_string(to.line) + ",\"file\":";
  json_text(out, from.file);
  const std::size_t length = characters(sources.text({span.begin, std::max(span.end, span.begin)}));
  out += ",\"length\":" + std::to_string(length) + ",\"line\":" + std::to_string(from.line) + ",\"offset\":" + std::to_string(from.offset) + "}";
}

void json_list(std::string& out, const char* name, const std::vector<std::string>& list) {
  if (list.empty()) return;
  out += ",\"" + std::string(name) + "\":[";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ',';
    json_text(out, list[i]);
  }
  out += ']';
}

}  // namespace

void append_visible(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Point p = decode(text, i);
    if (!p.good) {
      out += "\\x{" + hex(p.code) + "}";
    } else if (invisible(p.code)) {
      out += "\\u{" + hex(p.code) + "}";
    } else {
      out += text.substr(i, p.size);
    }
    i += p.size;
  }
}

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_visible(out, text);
  return out;
}

std::string to_text(const Diagnostic& d, const SourceMap& sources, Colour colour) {
  const Paint paint{colour};
  const bool is_error = d.severity == Severity::Error;
  std::string out = paint(is_error ? red : yellow, std::string(is_error ? "error[" : "warning[") + d.code + "]") + paint(bold, ": " + visible(d.message)) + "\n";
  std::vector<Mark> marks;
  const auto placed = [&](Span span) { return span.known() && sources.file_at(span.begin) != nullptr; };
  if (placed(d.span)) marks.push_back({d.span, visible(d.label), true});
  for (const Label& label : d.labels)
    if (placed(label.span)) marks.push_back({label.span, visible(label.text), false});
  std::size_t gutter = 2;
  for (const Mark& mark : marks) gutter = std::max(gutter, std::to_string(sources.locate(mark.span.begin).line).size());
  if (placed(d.span)) {
    const Place place = sources.locate(d.span.begin);
    out += std::string(gutter, ' ') + paint(blue, "-->") + " " + visible(place.file) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + "\n";
    out += paint(blue, std::string(gutter, ' ') + " |") + "\n";
    // Marks of the primary file in line order; then those of other files, each under its own name.
    const SourceFile* own = sources.file_at(d.span.begin);
    std::stable_sort(marks.begin(), marks.end(), [&](const Mark& a, const Mark& b) {
      const bool own_a = sources.file_at(a.span.begin) == own;
      const bool own_b = sources.file_at(b.span.begin) == own;
      return own_a != own_b ? own_a : a.span.begin < b.span.begin;
    });
    std::uint32_t shown_lines = 0;
    const auto same_line = [&](const Mark& a, const Mark& b) {
      return sources.file_at(a.span.begin) == sources.file_at(b.span.begin) && sources.locate(a.span.begin).line == sources.locate(b.span.begin).line;
    };
    for (std::size_t i = 0; i < marks.size(); ++i) {
      const Mark& mark = marks[i];
      if (!mark.primary && ++shown_lines > 6) continue;   // the primary one may still come
      std::size_t together = 1;
      while (i + together < marks.size() && same_line(mark, marks[i + together])) ++together;
      if (together > 1 && sources.file_at(mark.span.begin) == own && put_line(out, sources, &marks[i], together, gutter, paint)) {
        i += together - 1;
        continue;
      }
      if (sources.file_at(mark.span.begin) != own) {
        const Place other = sources.locate(mark.span.begin);
        out += std::string(gutter, ' ') + paint(blue, ":::") + " " + visible(other.file) + ":" + std::to_string(other.line) + ":" + std::to_string(other.column) + "\n";
      }
      put_mark(out, sources, mark, gutter, paint);
    }
  } else if (d.span.known() == false && !d.label.empty()) {
    wrap_into(out, "   ", visible(d.label), 3);
  }
  const std::string lead = std::string(gutter, ' ') + " ";
  const auto lines = [&](const char* name, const std::vector<std::string>& list) {
    for (const std::string& each : list) wrap_into(out, lead + paint(blue, "=") + " " + name + ": ", visible(each), lead.size() + 2 + std::char_traits<char>::length(name) + 2);
  };
  lines("value", d.values);
  lines("note", d.notes);
  lines("in", d.stack);
  lines("help", d.help);
  return out;
}

std::string to_text(const Diagnostics& diagnostics, const SourceMap& sources, Colour colour) {
  constexpr std::size_t most = 20;
  std::string out;
  std::size_t errors = 0;
  std::size_t warnings = 0;
  const auto all = diagnostics.sorted();
  for (const Diagnostic& d : all) {
    std::size_t& count = d.severity == Severity::Error ? errors : warnings;
    if (++count > most) continue;
    if (!out.empty()) out += '\n';
    out += to_text(d, sources, colour);
  }
  const auto rest = [&](std::size_t count, const char* what) {
    if (count > most) out += "\n" + std::to_string(count - most) + " more " + what + (count == most + 1 ? "" : "s") + "; 20 are shown\n";
  };
  rest(errors, "error");
  rest(warnings, "warning");
  return out;
}

std::string to_json(const Diagnostic& d, const SourceMap& sources) {
  std::string out = "{\"type\":\"diagnostic\",\"severity\":\"";
  out += d.severity == Severity::Error ? "error" : "warning";
  out += "\",\"code\":";
  json_text(out, d.code);
  out += ",\"message\":";
  json_text(out, d.message);
  out += ",\"span\":";
  json_span(out, d.span, sources);
  if (!d.label.empty()) {
    out += ",\"label\":";
    json_text(out, d.label);
  }
  if (!d.labels.empty()) {
    out += ",\"labels\":[";
    for (std::size_t i = 0; i < d.labels.size(); ++i) {
      if (i > 0) out += ',';
      out += "{\"span\":";
      json_span(out, d.labels[i].span, sources);
      out += ",\"text\":";
      json_text(out, d.labels[i].text);
      out += '}';
    }
    out += ']';
  }
  json_list(out, "values", d.values);
  json_list(out, "notes", d.notes);
  json_list(out, "help", d.help);
  if (!d.fixes.empty()) {
    out += ",\"fixes\":[";
    for (std::size_t i = 0; i < d.fixes.size(); ++i) {
      if (i > 0) out += ',';
      out += "{\"safe\":";
      out += d.fixes[i].safe ? "true" : "false";
      out += ",\"span\":";
      json_span(out, d.fixes[i].span, sources);
      out += ",\"text\":";
      json_text(out, d.fixes[i].text);
      out += '}';
    }
    out += ']';
  }
  json_list(out, "stack", d.stack);
  out += '}';
  return out;
}

}  // namespace mcp
