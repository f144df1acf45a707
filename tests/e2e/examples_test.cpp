// The three examples do what their READMEs and expected/ say, and the tour gets to its end.
#include <string>
#include <vector>

#include "tests/e2e/project.hpp"
#include "tests/e2e/steady.hpp"
#include "tests/support/catch.hpp"

namespace mcp::test {
namespace {

struct Example {
  std::string name;
  std::string cluster;             // whose manifests are compared
  std::string file, from, to;      // the edit after the first apply
};

const std::vector<Example>& examples() {
  static const std::vector<Example> all = {
      {"web", "gcp-euw1", "web.mcp", "nginx-unprivileged:1.27.3", "nginx-unprivileged:1.27.4"},
      {"shop", "azr-weu", "orders.mcp", "replicas = 8", "replicas = 10"},
      {"boutique", "gcp-euw1", "boutique.mcp", "v0.10.2", "v0.10.3"},
  };
  return all;
}

void compare(const Example& example, const std::string& file, const std::string& found) {
  golden("../examples/" + example.name + "/expected/" + file, steady(found));
}

/// Runs the `$` lines of each ```text block and compares what follows them; returns the file with outputs that differ replaced.
std::string run_readme(const Project& project, const std::string& readme, std::string& differences) {
  std::string out, expected, found;
  bool inside = false, runs = false;
  const auto settle = [&] {
    const bool same = same_output(expected, found);
    out += same ? expected : found;
    if (!same) differences += golden_difference(steady(expected), steady(found));
    expected.clear();
    found.clear();
  };
  for (const std::string& line : lines_of(readme)) {
    const bool fence = line.starts_with("```");
    if (inside && fence) settle();
    if (fence) {
      runs = !inside && line == "```text";
      inside = !inside;
    }
    if (inside && runs && !fence && line.starts_with("$ ")) {
      settle();
      found = project.shell(line.substr(2)).out;
      out += line + "\n";
    } else if (inside && runs && !fence) {
      expected += line + "\n";
    } else {
      out += line + "\n";
    }
  }
  return out;
}

}  // namespace

TEST_CASE("an example plans, applies, plans empty and destroys to nothing") {
  for (const Example& example : examples()) {
    DYNAMIC_SECTION(example.name) {
      const Project project(example.name);
      CHECK(project.ok({"check"}).out.empty());
      compare(example, "first-plan.txt", project.ok({"plan"}).out);
      compare(example, example.cluster + ".yaml", project.ok({"render", "--cluster", example.cluster}).out);
      project.ok({"apply", "--yes"});
      CHECK(project.ok({"plan", "--detailed-exitcode"}).out.starts_with("No changes:"));
      CHECK(project.ok({"drift", "--detailed-exitcode"}).out.starts_with("No drift"));
      compare(example, "status.txt", project.ok({"status"}).out);

      project.edit(example.file, example.from, example.to);
      compare(example, "one-edit.txt", project.expect(2, {"plan", "--detailed-exitcode"}).out);
      project.ok({"apply", "--yes"});
      project.ok({"plan", "--detailed-exitcode"});

      compare(example, "destroy.txt", project.ok({"destroy", "--yes"}).out);
      CHECK(project.ok({"state", "list"}).out.empty());
      const Ran nothing_left = project.ok({"destroy", "--yes"});
      CHECK(both(nothing_left).find("delete ") == std::string::npos);
    }
  }
}

TEST_CASE("a README of an example shows what the commands print") {
  for (const Example& example : examples()) {
    DYNAMIC_SECTION(example.name) {
      const Project project(example.name);
      const std::string path = std::string(MCP_EXAMPLES) + "/" + example.name + "/README.md";
      const std::string readme = read_golden(path);
      REQUIRE_FALSE(readme.empty());
      std::string differences;
      const std::string renewed = run_readme(project, readme, differences);
      if (std::getenv("MCP_ACCEPT") != nullptr) std::ofstream(path, std::ios::binary) << renewed;
      else {
        INFO("examples/" << example.name << "/README.md (MCP_ACCEPT=1 rewrites it)\n" << differences);
        CHECK(differences.empty());
      }
    }
  }
}

TEST_CASE("an example is formatted") {
  for (const Example& example : examples()) {
    DYNAMIC_SECTION(example.name) { CHECK(Project(example.name).ok({"fmt", "--check"}).out.empty()); }
  }
}

TEST_CASE("the tour gets to its end and leaves no folder behind") {
  const Project project;
  const Ran ran = project.shell("TMPDIR=$PWD " MCP_EXAMPLES "/tour.sh " MCP_BINARY);
  INFO(ran.out);
  CHECK(ran.code == 0);
  CHECK(ran.out.find("That was the tour.") != std::string::npos);
  CHECK(std::filesystem::is_empty(project.folder()));
}

TEST_CASE("the tour stops at the first command that fails") {
  const Project project;
  const Ran ran = project.shell("TMPDIR=$PWD " MCP_EXAMPLES "/tour.sh /bin/false");
  CHECK(ran.code == 1);
  CHECK(ran.out.find("ended with exit code 1") != std::string::npos);
  CHECK(std::filesystem::is_empty(project.folder()));
}

}  // namespace mcp::test
