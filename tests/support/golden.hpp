#pragma once
// Expected texts as files: golden("golden/plan_text/first.80.txt", text) compares with that file below tests/ and shows the
// difference line by line; with MCP_ACCEPT=1 in the environment it writes the file instead. Accepting means reading it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.hpp"

namespace mcp::test {

inline std::string read_golden(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Lines that differ, `-` expected and `+` found, with their numbers; escapes are spelled out.
inline std::string golden_difference(std::string_view expected, std::string_view found) {
  const auto lines = [](std::string_view text) {
    std::vector<std::string> out(1);
    for (const char c : text) {
      if (c == '\n') out.emplace_back();
      else if (c == '\x1b') out.back() += "\\e";
      else out.back() += c;
    }
    return out;
  };
  const auto a = lines(expected);
  const auto b = lines(found);
  std::size_t front = 0;
  while (front < a.size() && front < b.size() && a[front] == b[front]) ++front;
  std::size_t back = 0;
  while (back < a.size() - front && back < b.size() - front && a[a.size() - 1 - back] == b[b.size() - 1 - back]) ++back;
  std::string out;
  for (std::size_t i = front; i < a.size() - back; ++i) out += std::to_string(i + 1) + " -|" + a[i] + "|\n";
  for (std::size_t i = front; i < b.size() - back; ++i) out += std::to_string(i + 1) + " +|" + b[i] + "|\n";
  return out;
}

/// Fails the running test when `found` is not what the file below tests/ holds.
inline void golden(const std::string& file, const std::string& found) {
  const std::filesystem::path path = std::filesystem::path(MCP_TESTS_DIR) / file;
  if (std::getenv("MCP_ACCEPT") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << found;
    return;
  }
  INFO("tests/" << file << " (MCP_ACCEPT=1 rewrites it)");
  const std::string expected = read_golden(path);
  if (expected == found) {
    SUCCEED();
    return;
  }
  INFO(golden_difference(expected, found));
  CHECK(std::string_view("as expected") == std::string_view("different"));
}

}  // namespace mcp::test
