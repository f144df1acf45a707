// What others do to a project's objects, and what commands make of it: namesakes, fields held together, rollouts that
// never end, objects that are on their way out.
#include <string>

#include "tests/e2e/project.hpp"
#include "tests/support/catch.hpp"

namespace mcp::test {
namespace {

const std::string policy = "mcp own { driver = \"sim\" }\n"
                           "cluster a { cloud = \"aws\",   region = \"us-east-1\" }\n"
                           "cluster b { cloud = \"azure\", region = \"westeurope\" }\n"
                           "namespace n {}\n"
                           "param replicas: int = 4\n"
                           "param version: string = \"1\"\n"
                           "param drained: bool = false\n"
                           "workload w in n {\n"
                           "  replicas = replicas\n"
                           "  container c { image = \"registry.example/a:${version}\" }\n"
                           "  place { on = if drained then clusters where .name != \"b\" else clusters }\n"
                           "}\n";

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

void plan_is_empty(const Project& project) { CHECK(has(project.ok({"plan", "--detailed-exitcode"}).out, "No changes:")); }

}  // namespace

TEST_CASE("a field that somebody else holds with the same value is taken over when it changes") {
  Project project;
  project.write("main.mcp", policy);
  project.ok({"apply", "--yes"});
  project.ok({"sim", "edit", "workload.n/w@a:spec.replicas", "2"});
  CHECK(has(project.ok({"drift"}).out, "No drift"));
  project.ok({"apply", "--yes", "--set", "replicas=8"});
  CHECK(has(project.ok({"plan", "--detailed-exitcode", "--set", "replicas=8"}).out, "No changes:"));
}

TEST_CASE("what exists already blocks the plan until it is adopted") {
  Project project;
  project.write("main.mcp", policy);
  project.ok({"apply", "--yes"});
  project.write("more.mcp", "manifest sa in n {\n  on = clusters\n  source = \"\"\"\n    apiVersion: v1\n    kind: ServiceAccount\n"
                            "    metadata:\n      name: default\n    automountServiceAccountToken: false\n    \"\"\"\n}\n");
  const Ran blocked = project.expect(5, {"plan"});
  CHECK(has(blocked.out, "manifest.n/sa/ServiceAccount/default exists already"));
  CHECK(has(blocked.out, "mcp plan --adopt manifest.n/sa/ServiceAccount/default"));
  project.expect(5, {"apply", "--yes"});
  const Ran adopting = project.ok({"plan", "--adopt", "manifest.n/sa/ServiceAccount/default"});
  CHECK(has(adopting.out, "2 adopt"));
  CHECK(has(adopting.out, "Next: mcp apply --adopt manifest.n/sa/ServiceAccount/default"));
  project.ok({"apply", "--yes", "--adopt", "manifest.n/sa/ServiceAccount/default"});
  plan_is_empty(project);
}

TEST_CASE("a project under another name sees what the first one holds") {
  Project project;
  project.write("main.mcp", policy);
  project.ok({"apply", "--yes"});
  project.edit("main.mcp", "mcp own", "mcp renamed");
  CHECK(has(project.expect(5, {"plan"}).out, "namespace.n exists already, and is not this"));
  project.ok({"apply", "--yes", "--adopt", "all"});
  plan_is_empty(project);
}

TEST_CASE("a rollout that did not become ready stays to be done") {
  Project project;
  project.write("main.mcp", policy);
  project.ok({"apply", "--yes"});
  project.ok({"sim", "fault", "b", "image=a:9"});
  project.expect(4, {"apply", "--yes", "--set", "version=\"9\""});
  const Ran plan = project.expect(2, {"plan", "--detailed-exitcode", "--set", "version=\"9\""});
  CHECK(has(plan.out, "workload.n/w@b"));
  CHECK(has(plan.out, "not ready when it was applied"));
  project.expect(4, {"apply", "--yes", "--set", "version=\"9\""});
  project.ok({"apply", "--yes"});   // the version before
  plan_is_empty(project);
}

TEST_CASE("replicas left to an autoscaler move with their cluster all the same") {
  Project project;
  project.write("main.mcp", policy);
  project.edit("main.mcp", "  replicas = replicas\n", "  replicas = replicas\n  ignore = [\"spec.replicas\"]\n");
  project.ok({"apply", "--yes"});
  project.ok({"sim", "edit", "workload.n/w@a:spec.replicas", "3", "--as", "autoscaler"});
  plan_is_empty(project);
  CHECK(has(project.ok({"drift"}).out, "left to its owner"));
  const Ran drained = project.ok({"apply", "--yes", "--set", "drained=true", "--allow", "max_moved=100%"});
  CHECK(has(drained.out, "2 of 4 leave b: a +2"));
  CHECK(has(project.ok({"sim", "show", "a", "-o", "json"}).out, "\"replicas\": 4"));
  CHECK(has(project.ok({"plan", "--set", "drained=true"}).out, "No changes:"));
}

TEST_CASE("an object that is being deleted is made again once it has gone") {
  Project project;
  project.write("main.mcp", policy);
  project.ok({"apply", "--yes"});
  project.ok({"sim", "edit", "namespace.n@b", "--delete"});
  const Ran plan = project.expect(2, {"plan", "--detailed-exitcode"});
  CHECK(has(plan.out, "namespace.n@b"));
  project.ok({"apply", "--yes"});
  plan_is_empty(project);
}

TEST_CASE("an apply that is not the expected plan is refused") {
  Project project;
  project.write("main.mcp", policy);
  CHECK(has(both(project.expect(3, {"apply", "--yes", "--expect", "0123456789abcdef"})), "this is not the plan that is expected"));
  CHECK(has(both(project.expect(1, {"apply", "--yes", "--expect", ""})), "--expect is empty"));
  CHECK(has(project.ok({"status"}).out, "CLUSTERS"));
}

TEST_CASE("a state made again from the members can be planned and applied on") {
  Project project;
  project.write("main.mcp", policy);
  project.ok({"apply", "--yes"});
  project.ok({"apply", "--yes", "--set", "replicas=6"});
  std::filesystem::rename(project.file(".mcp/own.db"), project.file("moved.db"));
  CHECK(has(both(project.expect(1, {"plan"})), "mcp state rebuild"));
  project.ok({"state", "rebuild", "--yes"});
  CHECK(has(project.ok({"plan", "--set", "replicas=6"}).out, "No changes:"));
  project.ok({"apply", "--yes", "--set", "replicas=8"});
  CHECK(has(project.ok({"plan", "--set", "replicas=8"}).out, "No changes:"));
}

TEST_CASE("an address in the state that cannot be read is an error with a way out") {
  Project project;
  project.write("main.mcp", policy);
  project.ok({"apply", "--yes"});
  std::string bytes = project.read(".mcp/own.db");
  const std::string address = "workload.n/w";
  REQUIRE(bytes.find(address) != std::string::npos);
  for (std::size_t at = bytes.find(address); at != std::string::npos; at = bytes.find(address, at)) bytes.replace(at, address.size(), "workload?n?w");
  project.write(".mcp/own.db", bytes);
  const Ran ran = project.expect(1, {"plan"});
  CHECK(has(ran.err, "the state is damaged: Deployment w on a has an address that cannot be read"));
  CHECK(has(ran.err, "mcp state rebuild"));
}

TEST_CASE("an apply that waits for another plans on what that one has left") {
  Project project;
  std::string many = policy;
  for (int i = 0; i < 200; ++i) many += "config c" + std::to_string(i) + " in n { data = { a = \"${replicas}\" }, on = clusters }\n";
  project.write("main.mcp", many);
  project.ok({"apply", "--yes"});
  // The second begins once the first is seen at work, or, should nobody see it, long after it has ended.
  const Ran both_ran = project.shell("mcp apply --yes --set replicas=6 >/dev/null 2>&1 & for i in {1..300}; do mcp status 2>/dev/null | grep -q ^Locked && break; done; mcp apply -q --yes --lock-timeout 60s --set replicas=8 >/dev/null; echo \"exit $?\"; wait");
  INFO(both_ran.out);
  CHECK(has(both_ran.out, "exit 0"));
  CHECK(has(project.ok({"plan", "--set", "replicas=8"}).out, "No changes:"));
}

}  // namespace mcp::test
