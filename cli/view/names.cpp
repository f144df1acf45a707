#include "cli/view/names.hpp"

#include <algorithm>

#include "cli/view/line.hpp"

namespace mcp::view {

namespace {

/// "azr-" of "azr-09"; empty without digits at the end.
std::string_view stem(std::string_view name) {
  std::size_t end = name.size();
  while (end > 0 && name[end - 1] >= '0' && name[end - 1] <= '9') --end;
  return end == name.size() ? std::string_view() : name.substr(0, end);
}

std::string joined(std::span<const std::string> names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::vector<std::string> without(std::span<const std::string> all, std::span<const std::string> names) {
  std::vector<std::string> out;
  std::set_difference(all.begin(), all.end(), names.begin(), names.end(), std::back_inserter(out));
  return out;
}

}  // namespace

std::string ranges(std::span<const std::string> names, std::span<const std::string> all) {
  std::string out;
  for (std::size_t i = 0; i < names.size();) {
    // A run goes on while the next name is the next of all clusters and differs in its number only.
    std::size_t end = i + 1;
    auto at = std::lower_bound(all.begin(), all.end(), names[i]);
    while (end < names.size() && at != all.end() && ++at != all.end() && *at == names[end] && !stem(names[i]).empty() &&
           stem(names[end]) == stem(names[i]))
      ++end;
    if (!out.empty()) out += ", ";
    if (end - i >= 3) {
      out += names[i] + " to " + names[end - 1];
      i = end;
    } else {
      out += names[i++];
    }
  }
  return out;
}

std::string names_text(std::span<const std::string> names, std::span<const std::string> all, std::size_t room) {
  if (names.size() <= 3) return joined(names);
  if (names.size() == all.size()) return counted(static_cast<std::int64_t>(names.size()), "cluster", "clusters");
  const std::vector<std::string> rest = without(all, names);
  if (rest.size() <= 2 && all.size() >= 5) return "all but " + joined(rest);
  std::string text = ranges(names, all);
  if (columns(text) <= room) return text;
  return std::to_string(names.size()) + " of " + counted(static_cast<std::int64_t>(all.size()), "cluster", "clusters");
}

std::string clusters_text(std::span<const std::string> names, std::span<const std::string> all, std::size_t room) {
  if (names.size() == all.size() && names.size() > 1) return counted(static_cast<std::int64_t>(names.size()), "cluster", "clusters");
  return names_text(names, all, room);
}

}  // namespace mcp::view
