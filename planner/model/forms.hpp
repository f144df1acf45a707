#pragma once
// Forms of names and keys as Kubernetes validates them (apimachinery, pkg/util/validation). Internal to planner/model.
#include <algorithm>
#include <string_view>

namespace mcp::model {

inline bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
inline bool letter_or_digit(char c) { return lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

inline bool dns_label(std::string_view text) {
  if (text.empty() || text.size() > 63 || !lower_or_digit(text.front()) || !lower_or_digit(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return lower_or_digit(c) || c == '-'; });
}

inline bool dns_subdomain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (std::size_t from = 0; from <= text.size();) {
    const auto dot = std::min(text.find('.', from), text.size());
    if (!dns_label(text.substr(from, dot - from))) return false;
    from = dot + 1;
  }
  return true;
}

inline bool label_name(std::string_view text) {
  if (text.empty() || text.size() > 63 || !letter_or_digit(text.front()) || !letter_or_digit(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
}

/// "team", "example.org/team".
inline bool label_key(std::string_view key) {
  const auto slash = key.find('/');
  if (slash == std::string_view::npos) return label_name(key);
  return dns_subdomain(key.substr(0, slash)) && label_name(key.substr(slash + 1));
}

}  // namespace mcp::model
