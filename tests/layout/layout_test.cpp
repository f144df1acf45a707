// Reads the includes of all sources and compares them with layers.txt: who may see whom, and where a library may show.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace {

namespace fs = std::filesystem;
const fs::path root = MCP_SOURCE;

struct Rules {
  std::map<std::string, std::set<std::string>> folders;
  std::map<std::string, std::set<std::string>> headers;   // by prefix
};

Rules rules() {
  Rules out;
  std::ifstream in(root / "tests/layout/layers.txt");
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (line.starts_with('#') || colon == std::string::npos) continue;
    std::istringstream words(line.substr(colon + 1));
    auto& allowed = line.starts_with('<') ? out.headers[line.substr(1, colon - 1)] : out.folders[line.substr(0, colon)];
    for (std::string word; words >> word;) allowed.insert(word);
  }
  return out;
}

/// "lang/base/result.hpp" and "lang/eval/builtins/list.cpp" stand in lang/base and lang/eval, "cli/main.cpp" in cli.
std::string folder_of(const std::string& path) {
  const auto first = path.find('/');
  const auto second = path.find('/', first + 1);
  return path.substr(0, second == std::string::npos ? first : second);
}

std::vector<std::string> sources() {
  std::vector<std::string> out;
  for (const char* top : {"lang", "planner", "executor", "cli"})
    for (const auto& entry : fs::recursive_directory_iterator(root / top))
      if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp") out.push_back(entry.path().lexically_relative(root).generic_string());
  std::sort(out.begin(), out.end());
  return out;
}

/// The quoted ones as they are, those in angles with a `<` before them.
std::vector<std::string> includes(const std::string& path) {
  std::vector<std::string> out;
  std::ifstream in(root / path);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("#include")) continue;
    const auto open = line.find_first_of("\"<");
    const auto close = line.find_first_of("\">", open + 1);
    if (open == std::string::npos || close == std::string::npos) continue;
    out.push_back((line[open] == '<' ? "<" : "") + line.substr(open + 1, close - open - 1));
  }
  return out;
}

}  // namespace

TEST_CASE("a layer includes only what stands below it") {
  const Rules all = rules();
  std::vector<std::string> wrong;
  for (const std::string& path : sources()) {
    const std::string own = folder_of(path);
    const auto row = all.folders.find(own);
    if (row == all.folders.end()) {
      wrong.push_back(path + ": layers.txt has no line for " + own);
      continue;
    }
    for (const std::string& header : includes(path)) {
      if (header.starts_with('<') || header.find('/') == std::string::npos) continue;
      const std::string other = folder_of(header);
      if (other != own && !row->second.contains(other)) wrong.push_back(path + " includes " + header);
    }
  }
  CHECK(wrong == std::vector<std::string>());
}

TEST_CASE("a library shows in one place only") {
  const Rules all = rules();
  std::vector<std::string> wrong;
  for (const std::string& path : sources())
    for (const std::string& header : includes(path))
      for (const auto& [prefix, files] : all.headers)
        if (header.starts_with("<" + prefix) && !files.contains(path)) wrong.push_back(path + " includes " + header.substr(1));
  for (const std::string& path : sources())
    if (path.ends_with(".hpp"))
      for (const std::string& header : includes(path))
        if (header.starts_with("<fmt/")) wrong.push_back(path + " includes " + header.substr(1) + " in a header");
  CHECK(wrong == std::vector<std::string>());
}
