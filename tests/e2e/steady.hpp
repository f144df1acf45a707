#pragma once
// What differs from run to run in printed output (dates, digests that hold them, fingerprints under a random key) made equal,
// with lengths kept so that columns stay; and comparison in which a line `...` stands for any lines.
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::test {

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

/// `text` fits `form` at its start: 9 is a digit, x a hexadecimal digit, everything else itself.
inline bool fits(std::string_view text, std::string_view form) {
  if (text.size() < form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (form[i] == '9' ? !std::isdigit(c) : form[i] == 'x' ? !std::isxdigit(c) || std::isupper(c) : text[i] != form[i]) return false;
  }
  return true;
}

inline std::string steady(std::string text) {
  const std::string_view forms[] = {"(secret xxxx)", "9999-99-99 99:99 UTC", "9999-99-99T99:99:99Z"};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    for (const std::string_view form : forms) {
      if (fits(rest, form)) text.replace(i, form.size(), form);
    }
    const bool starts = i == 0 || std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0;
    if (starts && fits(rest, "xxxxxxxxxxxx") && (rest.size() == 12 || std::isalnum(static_cast<unsigned char>(rest[12])) == 0))
      text.replace(i, 12, "xxxxxxxxxxxx");
    if (starts && rest.starts_with("by ") && i >= 5 && text.compare(i - 5, 5, "UTC, ") == 0) {  // whoever runs the test
      const auto end = text.find_first_of(".\n", i);
      text.replace(i, (end == std::string::npos ? text.size() : end) - i, "by you");
    }
  }
  return text;
}

inline bool same_lines(const std::vector<std::string>& expected, const std::vector<std::string>& found, std::size_t e = 0, std::size_t f = 0) {
  for (; e < expected.size(); ++e, ++f) {
    if (expected[e] == "...") {
      for (std::size_t rest = f; rest <= found.size(); ++rest) {
        if (same_lines(expected, found, e + 1, rest)) return true;
      }
      return false;
    }
    if (f >= found.size() || expected[e] != found[f]) return false;
  }
  return f == found.size();
}

inline bool same_output(std::string_view expected, std::string_view found) {
  return same_lines(lines_of(steady(std::string(expected))), lines_of(steady(std::string(found))));
}

}  // namespace mcp::test
