#include "lang/tree/source_tree.hpp"

namespace mcp {

std::optional<std::string> normal_path(std::string_view base_dir, std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) return std::nullopt;
  std::vector<std::string_view> parts;
  const auto add = [&parts](std::string_view text) {
    while (!text.empty()) {
      const auto cut = text.find('/');
      const std::string_view part = text.substr(0, cut);
      text = cut == std::string_view::npos ? std::string_view() : text.substr(cut + 1);
      if (part.empty() || part == ".") continue;
      if (part == "..") {
        if (parts.empty()) return false;
        parts.pop_back();
      } else {
        parts.push_back(part);
      }
    }
    return true;
  };
  if (!add(base_dir) || !add(path)) return std::nullopt;
  std::string out;
  for (const auto part : parts) out.append(out.empty() ? "" : "/").append(part);
  return out;
}

std::string directory_of(std::string_view path) {
  const auto cut = path.rfind('/');
  return cut == std::string_view::npos ? std::string() : std::string(path.substr(0, cut));
}

}  // namespace mcp
