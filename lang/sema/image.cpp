#include "lang/sema/image.hpp"

namespace mcp {

namespace {

bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool digit(char c) { return c >= '0' && c <= '9'; }

/// Lower-case words with `.`, `_`, `__` or dashes between.
bool path_part(std::string_view text) {
  if (text.empty() || !lower_or_digit(text.front()) || !lower_or_digit(text.back())) return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (lower_or_digit(c) || c == '-') continue;
    if (c != '.' && c != '_') return false;
    if (text[i - 1] == '.' || (text[i - 1] == '_' && (c == '.' || (i > 1 && text[i - 2] == '_')))) return false;
    if (text[i - 1] == '-') return false;
  }
  return true;
}

bool registry(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view number = text.substr(colon + 1);
    if (number.empty() || number.size() > 5) return false;
    for (const char c : number)
      if (!digit(c)) return false;
  }
  if (host.empty() || host.front() == '.' || host.back() == '.' || host.front() == '-') return false;
  for (const char c : host)
    if (!letter(c) && !digit(c) && c != '.' && c != '-') return false;
  return true;
}

}  // namespace

std::string image_problem(std::string_view text) {
  if (text.empty()) return "an image needs a name";
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F)
      return "an image holds no blank or special character";
  std::string_view rest = text;
  if (const auto at = rest.find('@'); at != std::string_view::npos) {
    const std::string_view digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (!digest.starts_with("sha256:") || digest.size() != 71) return "a digest is `sha256:` and 64 hex digits";
    for (const char c : digest.substr(7))
      if (!digit(c) && !(c >= 'a' && c <= 'f')) return "a digest is `sha256:` and 64 hex digits in lower case";
  }
  const auto slash = rest.rfind('/');
  const auto colon = rest.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    const std::string_view tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (tag.empty() || tag.size() > 128) return "a tag has 1 to 128 characters";
    for (std::size_t i = 0; i < tag.size(); ++i) {
      const char c = tag[i];
      if (!letter(c) && !digit(c) && c != '_' && (i == 0 || (c != '.' && c != '-')))
        return "a tag holds letters, digits, `_`, `.` and `-`";
    }
  }
  std::size_t part = 0;
  for (std::string_view left = rest;; ++part) {
    const auto cut = left.find('/');
    const std::string_view one = left.substr(0, cut);
    const bool host = part == 0 && cut != std::string_view::npos &&
                      (one.find_first_of(".:") != std::string_view::npos || one == "localhost");
    if (host ? !registry(one) : !path_part(one))
      return host ? "`" + std::string(one) + "` is no registry" : "a repository is written in lower case: `" + std::string(one) + "`";
    if (cut == std::string_view::npos) break;
    left = left.substr(cut + 1);
  }
  return {};
}

}  // namespace mcp
