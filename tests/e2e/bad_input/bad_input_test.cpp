// Bad input as a user meets it: each *.txt of this folder is a transcript. Lines `$ ...` are shell lines, run one after the
// other in a copy of base/, with no terminal; under each stands all that it prints, and `[exit N]` where N is not 0.
// MCP_ACCEPT=1 rewrites what was printed. `mcp` is the binary under test; nothing of the caller's environment gets in.
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace mcp {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

/// Runs one shell line in `folder`; its output ends in a newline, and in the exit code where that is not 0.
std::string run(const std::string& line, const test::TempDir& dir) {
  const std::string script = dir.file("line.sh");
  const std::string output = dir.file("output");
  std::ofstream(script) << "cd " << dir.file("project") << "\n" << slurp(fs::path(MCP_CASES) / "prelude.sh") << line << "\n";
  const std::string command = "env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=" + dir.path() + " USER=tester TMPDIR=" + dir.path() + " MCP=" + MCP_BINARY +
                              " SHOP_DB_PASSWORD=sentinel-value bash " + script + " > " + output + " 2>&1 < /dev/null";
  const int status = std::system(command.c_str());
  std::string text = slurp(output);
  replace_all(text, dir.path(), "/tmp/folder");
  if (!text.empty() && text.back() != '\n') text += '\n';
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (code != 0) text += "[exit " + std::to_string(code) + "]\n";
  return text;
}

std::string transcript(const std::string& text) {
  test::TempDir dir;
  fs::permissions(dir.path(), fs::perms::all & ~(fs::perms::group_write | fs::perms::others_write));
  fs::copy(fs::path(MCP_CASES) / "base", dir.file("project"), fs::copy_options::recursive);
  std::string out;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with("# ")) out += line + "\n";
    if (!line.starts_with("$ ")) continue;
    out += line + "\n" + run(line.substr(2), dir);
  }
  return out;
}

TEST_CASE("bad input gets a clear error and the right exit code, and nothing is lost") {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(MCP_CASES))
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") cases.push_back(entry.path());
  std::sort(cases.begin(), cases.end());
  REQUIRE(!cases.empty());
  for (const fs::path& path : cases) {
    const std::string expected = slurp(path);
    const std::string found = transcript(expected);
    if (std::getenv("MCP_ACCEPT") != nullptr) {
      std::ofstream(path, std::ios::binary) << found;
      continue;
    }
    INFO(path.filename().string());
    CHECK(found == expected);
    CHECK(found.find("sentinel-value") == std::string::npos);
  }
}

}  // namespace
}  // namespace mcp
