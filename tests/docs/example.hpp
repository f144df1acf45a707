#pragma once
// Runs the examples of the documentation with the command itself, each in a folder of its own. It judges nothing.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "tests/docs/blocks.hpp"

namespace mcp::test {

struct Ran {
  std::string output;   // stdout and stderr, in the order in which they came
  int exit = 0;
};

/// Runs one shell command in `folder` with `mcp` on its PATH. Clocks, and digests that hold a date, are
/// replaced by fixed ones, since a document shows one day only.
inline Ran run_shell(const std::string& folder, const std::string& command) {
  const std::string bin = std::filesystem::path(MCP_BINARY).parent_path().string();
  std::ofstream(folder + ".sh") << "exec 2>&1 < /dev/null\ncd '" << folder << "' || exit 99\nunset MCP_STATE_DIR KUBECONFIG COLUMNS\n"
                                << "export PATH='" << bin << "':\"$PATH\" SHOP_DB_PASSWORD=correct-horse USER=ada\n" << command << "\n";
  Ran ran;
  FILE* pipe = ::popen(("/bin/sh '" + folder + ".sh'").c_str(), "r");
  if (pipe == nullptr) return {"cannot run /bin/sh", 99};
  std::array<char, 65536> buffer{};
  while (const std::size_t n = ::fread(buffer.data(), 1, buffer.size(), pipe)) ran.output.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  ran.output = std::regex_replace(ran.output, std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC"), "2026-11-20 14:02 UTC");
  ran.output = std::regex_replace(ran.output, std::regex("plan [0-9a-f]{12}"), "plan 8c1f20d94b7a");
  ran.output = std::regex_replace(ran.output, std::regex("UTC  [0-9a-f]{12}"), "UTC  8c1f20d94b7a");
  return ran;
}

/// True if `found` is `expected`, where a line `...` stands for any lines.
inline bool output_matches(const std::vector<std::string>& expected, const std::vector<std::string>& found) {
  std::vector<std::vector<bool>> ok(expected.size() + 1, std::vector<bool>(found.size() + 1, false));
  ok[expected.size()][found.size()] = true;
  for (std::size_t i = expected.size() + 1; i-- > 0;)
    for (std::size_t j = found.size() + 1; j-- > 0;) {
      if (i == expected.size()) continue;
      if (expected[i] == "...") ok[i][j] = ok[i + 1][j] || (j < found.size() && ok[i][j + 1]);
      else ok[i][j] = j < found.size() && expected[i] == found[j] && ok[i + 1][j + 1];
    }
  return ok[0][0];
}

/// What to accept for `found`: all of it, or as many lines around `...` as stood there before.
inline std::vector<std::string> accepted(const std::vector<std::string>& expected, const std::vector<std::string>& found) {
  std::size_t front = 0;
  while (front < expected.size() && expected[front] != "...") ++front;
  if (front == expected.size() || found.size() < expected.size()) return found;
  std::size_t back = 0;
  while (expected[expected.size() - 1 - back] != "...") ++back;
  std::vector<std::string> out(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(front));
  out.emplace_back("...");
  out.insert(out.end(), found.end() - static_cast<std::ptrdiff_t>(back), found.end());
  return out;
}

inline void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// A whole project around a fragment: what it names and does not declare is declared before it. `part` says what the
/// fragment stands in: nothing (the top of a file), a workload, a container, its place block; or a list of expressions.
inline std::string whole_project(const std::string& fragment, const std::string& part) {
  const auto mentions = [&](const char* pattern) {
    return std::regex_search("\n" + fragment, std::regex(pattern));
  };
  std::string out;
  std::string body = fragment;
  if (part == "values") {
    std::string lets;
    int n = 0;
    for (const std::string& line : lines_of(fragment))
      if (!line.empty() && !line.starts_with("//")) lets += "let docs_" + std::to_string(++n) + " = [true][if " + line.substr(0, line.find("  //")) + " then 0 else 1]\n";
    body = lets;
  }
  const std::string tail = "  container app { image = \"registry.example/shop/app:1.0\" }\n";
  if (part == "workload") body = "workload docs in shop {\n" + fragment + (mentions("\n *container ") ? "" : tail) + "}\n";
  if (part == "container") body = "workload docs in shop {\n  container docs {\n" + std::string(mentions("\n *image ") ? "" : "image = \"registry.example/shop/app:1.0\"\n") + fragment + "  }\n}\n";
  if (part == "place") body = "workload docs in shop {\n  replicas = 12\n" + tail + "place {\n" + fragment + "}\n}\n";
  if (!mentions("\nmcp ")) out += "mcp docs { driver = \"sim\" }\n";
  if (!mentions("\nlabel tier") && !mentions("\ncluster ")) out += "label tier: \"gold\" | \"silver\" = \"gold\"\n";
  if (!mentions("\ncluster "))
    out += "cluster aws-use1 { cloud = \"aws\", region = \"us-east-1\", capacity = 400 }\n"
           "cluster azr-weu { cloud = \"azure\", region = \"westeurope\", capacity = 200 }\n"
           "cluster gcp-euw1 { cloud = \"gcp\", region = \"europe-west1\", capacity = 200, tier = \"silver\" }\n";
  if (!mentions("\nnamespace shop")) out += "namespace shop {}\n";
  if (!mentions("\nnamespace edge") && mentions("namespace.edge")) out += "namespace edge {}\n";
  if (!mentions("\nworkload web ") && mentions("workload\\.web"))
    out += "workload web in shop { container web { image = \"registry.example/shop/web:1.0\", ports = { http = 8080 } } }\n";
  if (!mentions("\nconfig web-conf ") && mentions("config\\.web-conf"))
    out += "config web-conf in shop { data = { \"web.conf\" = \"a\", LEVEL = \"info\", \"application.yaml\" = \"a: 1\" } }\n";
  if (!mentions("\nsecret db ") && mentions("secret\\.db"))
    out += "secret db in shop { data = { password = from_env(\"SHOP_DB_PASSWORD\") } }\n";
  return out + body;
}

/// Files that fragments may read.
inline void write_example_files(const std::filesystem::path& folder) {
  write_file(folder / "conf/web.conf", "listen 8080\n");
  write_file(folder / "conf/orders.yaml", "server:\n  port: 8080\n");
  write_file(folder / "secrets/ca.pem", "not a key\n");
  write_file(folder / "shared/regions.mcp", "let europe = [\"westeurope\", \"europe-west1\"]\n");
  write_file(folder / "k8s/web-svc.yaml",
             "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector:\n    app.kubernetes.io/name: web\n"
             "  ports:\n    - name: http\n      port: 80\n      targetPort: http\n");
}

}  // namespace mcp::test
