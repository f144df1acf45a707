#include "tests/support/policy_text.hpp"

#include <vector>

#include "lang/base/diagnostic_text.hpp"
#include "lang/syntax/dump.hpp"
#include "lang/syntax/format.hpp"
#include "lang/syntax/parse.hpp"

namespace mcp::test {

namespace {

struct Read {
  explicit Read(std::string_view text) : file(parse(sources.add("x.mcp", std::string(text)), arena, names, found)) {}
  SourceMap sources;
  Arena arena;
  Interner names;
  Diagnostics found;
  ast::File file;
};

std::string_view without_indent(std::string_view line) { return line.substr(std::min(line.find_first_not_of(' '), line.size())); }

bool is_name(std::string_view text) {
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) return false;
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && text[0] != '-' && text.back() != '-';
}

std::size_t depth_of(const std::string& line) { return line.size() - without_indent(line).size(); }

/// Writes `entry`, `string`, `text "a"` on three lines as `entry a`, likewise for blocks.
std::string without_needless_quotes(const std::string& dump) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < dump.size();) {
    const std::size_t end = dump.find('\n', i);
    lines.push_back(dump.substr(i, end - i));
    i = end + 1;
  }
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string line = lines[i];
    const std::string word(without_indent(line));   // `line` grows below
    std::string space;
    if (const auto in = line.find(" in "); word.starts_with("block ") && in != std::string::npos) {
      space = line.substr(in);
      line.resize(in);
    }
    while ((word == "entry" || word.starts_with("block ")) && i + 2 < lines.size() && without_indent(lines[i + 1]) == "string") {
      const std::string_view text = without_indent(lines[i + 2]);
      const bool alone = i + 3 == lines.size() || depth_of(lines[i + 3]) <= depth_of(lines[i + 1]);
      if (!alone || !text.starts_with("text \"") || !is_name(text.substr(6, text.size() - 7))) break;
      line.append(" ").append(text.substr(6, text.size() - 7));
      i += 2;
      if (without_indent(line).starts_with("entry")) break;
    }
    out += line + space + "\n";
  }
  return out;
}

}  // namespace

bool parses(std::string_view text) { return !Read(text).file.faulty; }

std::string tree_of(std::string_view text) {
  const Read read(text);
  return without_needless_quotes(dump(read.file, read.names, DumpSpans::No));
}

std::string findings_of(std::string_view text) {
  const Read read(text);
  return to_text(read.found, read.sources, Colour::No);
}

std::string codes_of(std::string_view text) {
  const Read read(text);
  std::string out;
  for (const Diagnostic& d : read.found.sorted()) {
    const Place place = read.sources.locate(d.span.begin);
    out += d.code + " " + std::to_string(place.line) + ":" + std::to_string(place.column) + "\n";
  }
  return out;
}

std::string formatted(std::string_view text) {
  const Read read(text);
  return format(read.file, read.names);
}

std::string formatting_fault(std::string_view text) {
  const std::string once = formatted(text);
  const std::string all = "\n---- source\n" + std::string(text) + "\n---- once\n" + once;
  if (!parses(once)) return "no longer parses:\n" + findings_of(once) + all;
  if (tree_of(once) != tree_of(text)) return "another tree" + all;
  const std::string twice = formatted(once);
  if (twice != once) return "changes again" + all + "---- twice\n" + twice;
  return {};
}

}  // namespace mcp::test
