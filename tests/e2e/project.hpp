#pragma once
// A copy of an example in a folder of its own, and the binary run in it with an environment that the test states in full.
// Nothing of the caller's environment gets in but PATH; nothing outside of the folder is written.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/golden.hpp"
#include "tests/support/temp_dir.hpp"

namespace mcp::test {

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

inline std::string both(const Ran& ran) { return ran.out + ran.err; }

class Project {
 public:
  Project() = default;
  explicit Project(const std::string& example) {
    std::filesystem::copy(std::filesystem::path(MCP_EXAMPLES) / example, folder(), std::filesystem::copy_options::recursive);
    std::filesystem::remove_all(folder() + "/expected");
    std::filesystem::remove(folder() + "/README.md");
  }

  std::map<std::string, std::string> environment = {{"SHOP_DB_PASSWORD", "only-for-tests"}, {"USER", "tester"}};
  ::mode_t mask = 022;

  std::string folder() const { return dir_.path() + "/project"; }
  std::string file(const std::string& name) const { return folder() + "/" + name; }
  std::string read(const std::string& name) const { return read_golden(file(name)); }
  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories(std::filesystem::path(file(name)).parent_path());
    std::ofstream(file(name), std::ios::binary) << text;
  }

  /// Replaces the one place of `file` that reads `from`.
  void edit(const std::string& name, std::string_view from, std::string_view to) const {
    std::string text = read(name);
    const auto at = text.find(from);
    INFO(name << " holds `" << from << "`");
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    write(name, text);
  }

  /// Runs `mcp ARGUMENTS` in the folder, with no terminal.
  Ran mcp(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), MCP_BINARY);
    return start(arguments, false);
  }
  /// Runs a line of shell in which `mcp` is the binary; both streams in `out`, as a terminal would show them.
  Ran shell(const std::string& line) const { return start({"/bin/bash", "-c", line}, true); }

  /// Requires: `mcp ARGUMENTS` ends with `code`. Returns what it printed.
  Ran expect(int code, const std::vector<std::string>& arguments) const {
    Ran ran = mcp(arguments);
    std::string line = "mcp";
    for (const std::string& argument : arguments) line += " " + argument;
    INFO(line << "\n" << ran.out << "\n" << ran.err);
    REQUIRE(ran.code == code);
    return ran;
  }
  Ran ok(const std::vector<std::string>& arguments) const { return expect(0, arguments); }

 private:
  Ran start(const std::vector<std::string>& words, bool joined) const {
    const std::string out = dir_.file("stdout");
    const std::string err = dir_.file("stderr");
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) run_child(words, out, joined ? "" : err);
    int status = 0;
    ::waitpid(child, &status, 0);
    Ran ran;
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ran.out = read_golden(out);
    if (!joined) ran.err = read_golden(err);
    return ran;
  }

  [[noreturn]] void run_child(const std::vector<std::string>& words, const std::string& out, const std::string& err) const {
    const auto redirect = [](int target, const char* path, int flags) {
      const int fd = ::open(path, flags, 0600);
      if (fd < 0 || ::dup2(fd, target) < 0) ::_exit(126);
      ::close(fd);
    };
    redirect(0, "/dev/null", O_RDONLY);
    redirect(1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
    if (err.empty()) ::dup2(1, 2);
    else redirect(2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
    std::filesystem::create_directories(folder());
    if (::chdir(folder().c_str()) != 0) ::_exit(126);
    ::umask(mask);
    std::vector<std::string> settings;
    settings.push_back("PATH=" + std::filesystem::path(MCP_BINARY).parent_path().string() + ":/usr/local/bin:/usr/bin:/bin");
    for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    std::vector<char*> envp;
    for (const std::string& setting : settings) envp.push_back(const_cast<char*>(setting.c_str()));
    envp.push_back(nullptr);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }

  TempDir dir_;
};

}  // namespace mcp::test
