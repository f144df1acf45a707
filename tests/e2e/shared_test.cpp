// Two machines that share an MCP cluster, as whole commands. The machines are two state folders; the members, and the MCP
// cluster with them, are one simulated world.
#include <filesystem>
#include <string>

#include "tests/e2e/project.hpp"
#include "tests/support/catch.hpp"

namespace mcp::test {
namespace {

constexpr char policy[] = R"(mcp shop { driver = "sim", cluster = "hub" }
cluster aws { cloud = "aws",   region = "us-east-1" }
cluster gcp { cloud = "gcp",   region = "europe-west1" }
namespace shop {}
config conf in shop { data = { LEVEL = "info" } }
secret pass in shop { data = { PW = from_env("SHOP_DB_PASSWORD") } }
workload web in shop {
  replicas = 4
  container app {
    image = "registry.example/web:1.0"
    env   = { PW = secret.pass["PW"], LEVEL = config.conf["LEVEL"] }
  }
}
)";

class Machines {
 public:
  Project project;
  Machines() {
    project.write("shop.mcp", policy);
    std::filesystem::create_directories(project.file("one"));
    std::filesystem::create_directories(project.file("two"));
    std::filesystem::create_symlink("../one/sim.db", project.file("two/sim.db"));
  }
  /// `mcp ARGUMENTS` on machine "one" or "two".
  Ran on(const std::string& machine, const std::vector<std::string>& arguments, int code = 0) {
    project.environment["MCP_STATE_DIR"] = project.file(machine);
    return project.expect(code, arguments);
  }
  bool unchanged(const std::string& machine) { return on(machine, {"plan", "--detailed-exitcode"}).out.starts_with("No changes:"); }
};

}  // namespace

TEST_CASE("what one machine applied is no change for another, secrets included") {
  Machines m;
  m.on("one", {"apply", "--yes"});
  CHECK(m.unchanged("two"));
  CHECK(m.on("two", {"history"}).out.starts_with("#1 "));
  CHECK(m.on("two", {"state", "list"}).out == m.on("one", {"state", "list"}).out);
  CHECK(m.project.read("one/secret.key") == m.project.read("two/secret.key"));

  m.project.edit("shop.mcp", "replicas = 4", "replicas = 7");
  m.on("two", {"apply", "--yes"});
  CHECK(m.unchanged("one"));
  CHECK(m.on("one", {"history"}).out.starts_with("#2 "));

  SECTION("drift that one sees, the other sees") {
    m.on("one", {"sim", "edit", "workload.shop/web@gcp:spec.replicas", "9"});
    CHECK(m.on("one", {"drift"}).out.find("spec.replicas") != std::string::npos);
    CHECK(m.on("two", {"drift"}).out.find("spec.replicas") != std::string::npos);
    m.on("two", {"apply", "--yes"});
    CHECK(m.unchanged("one"));
  }
  SECTION("a machine that lost its disk, and one that is new") {
    std::filesystem::remove(m.project.file("one/shop.db"));
    std::filesystem::remove(m.project.file("one/secret.key"));
    CHECK(m.unchanged("one"));
    CHECK(m.on("one", {"history"}).out.starts_with("#2 "));
  }
  SECTION("what one destroyed is gone for both") {
    m.on("one", {"destroy", "--yes"});
    CHECK(m.on("two", {"destroy", "--yes"}).out == "Nothing to destroy: nothing is recorded.\n");
    CHECK(m.on("two", {"state", "list"}).out.find("shop") == std::string::npos);
  }
  SECTION("a plan that was saved on one is applied on the other, without the policy") {
    m.project.edit("shop.mcp", "replicas = 7", "replicas = 5");
    m.on("one", {"plan", "--out", "p.mcpplan"});
    const std::string text = m.project.read("shop.mcp");
    std::filesystem::create_directories(m.project.file("empty"));
    m.on("two", {"apply", "-C", "empty", "--yes", "p.mcpplan"});
    CHECK(m.unchanged("one"));
    // And on a machine that knows nothing, not even the key of the secrets in it.
    std::filesystem::create_directories(m.project.file("three"));
    std::filesystem::create_symlink("../one/sim.db", m.project.file("three/sim.db"));
    m.project.edit("shop.mcp", "secret pass in shop { data = {", "secret pass in shop { data = { TOKEN = \"t-${from_env(\"SHOP_DB_PASSWORD\")}\",");
    m.on("one", {"plan", "--out", "q.mcpplan"});
    m.on("three", {"apply", "--yes", "q.mcpplan"});
    CHECK(m.unchanged("one"));
  }
}

TEST_CASE("while the MCP cluster is silent a plan goes on and says so, and an apply is not begun") {
  Machines m;
  m.on("one", {"apply", "--yes"});
  m.on("one", {"sim", "lose", "the MCP cluster"});
  const Ran plan = m.on("one", {"plan"});
  CHECK(plan.err.find("Planned on the state of this machine: the MCP cluster does not answer") != std::string::npos);
  CHECK(plan.out.starts_with("No changes:"));
  m.project.edit("shop.mcp", "replicas = 4", "replicas = 5");
  const Ran apply = m.on("one", {"apply", "--yes"}, 1);
  CHECK(apply.err.find("the MCP cluster does not answer") != std::string::npos);
  CHECK(m.on("two", {"plan"}, 1).err.find("the MCP cluster does not answer") != std::string::npos);   // knows nothing
  m.on("one", {"sim", "restore", "the MCP cluster"});
  m.on("two", {"apply", "--yes"});
  CHECK(m.unchanged("one"));
}

TEST_CASE("a project that comes to name an MCP cluster brings its state along, and no other takes its place") {
  Machines m;
  m.project.edit("shop.mcp", ", cluster = \"hub\"", "");
  m.on("one", {"apply", "--yes"});
  m.project.edit("shop.mcp", "replicas = 4", "replicas = 5");
  m.on("one", {"apply", "--yes"});
  const std::string rows = m.on("one", {"state", "list"}).out;
  m.project.edit("shop.mcp", "driver = \"sim\"", "driver = \"sim\", cluster = \"hub\"");

  // A machine that knows nothing comes first: it is refused, and leaves nothing behind.
  CHECK(m.on("two", {"plan"}, 1).err.find("mcp state rebuild") != std::string::npos);
  m.on("two", {"apply", "--yes"}, 1);
  CHECK(m.on("one", {"state", "list"}).out == rows);
  CHECK(m.on("one", {"history"}).out.starts_with("#2 "));

  SECTION("the next apply puts it there, even if there is nothing to change") {
    CHECK(m.on("one", {"apply", "--yes"}).err.find("The MCP cluster holds the state now.") != std::string::npos);
    CHECK(m.unchanged("two"));
    CHECK(m.on("two", {"state", "list"}).out == rows);
    CHECK(m.on("two", {"history"}).out == m.on("one", {"history"}).out);
  }
  SECTION("where the other made a state anew, the first one is told") {
    m.on("two", {"state", "rebuild", "--yes"});
    m.project.edit("shop.mcp", "replicas = 5", "replicas = 6");
    m.on("two", {"apply", "--yes"});
    CHECK(m.on("one", {"plan"}, 1).err.find("is no part of") != std::string::npos);
    CHECK(m.on("one", {"apply", "--yes"}, 1).err.find("move") != std::string::npos);
    std::filesystem::rename(m.project.file("one/shop.db"), m.project.file("moved.db"));
    CHECK(m.unchanged("one"));
  }
}

TEST_CASE("a project that gives its MCP cluster up goes on, and coming back is told of what it missed") {
  Machines m;
  m.on("one", {"apply", "--yes"});
  m.project.edit("shop.mcp", "replicas = 4", "replicas = 5");
  m.on("two", {"apply", "--yes"});
  m.project.edit("shop.mcp", "replicas = 5", "replicas = 6");
  m.on("one", {"apply", "--yes"});
  m.project.edit("shop.mcp", ", cluster = \"hub\"", "");
  m.project.edit("shop.mcp", "replicas = 6", "replicas = 7");
  m.on("one", {"apply", "--yes"});
  CHECK(m.on("two", {"apply", "--yes"}, 6).err.find("the state here is behind") != std::string::npos);
  m.project.edit("shop.mcp", "driver = \"sim\"", "driver = \"sim\", cluster = \"hub\"");
  CHECK(m.unchanged("one"));
  CHECK(m.on("one", {"apply", "--yes"}).err.find("The MCP cluster holds the state now.") != std::string::npos);
  CHECK(m.unchanged("two"));
  CHECK(m.on("two", {"history"}).out.starts_with("#4 "));
}

TEST_CASE("an MCP cluster without a name is no MCP cluster") {
  Machines m;
  m.project.edit("shop.mcp", "\"hub\"", "\"\"");
  const Ran check = m.on("one", {"check"}, 1);
  CHECK(check.err.find("`cluster` of the mcp block is no name of a kubeconfig context") != std::string::npos);
  m.project.edit("shop.mcp", "cluster = \"\"", "cluster = null");
  m.on("one", {"check"});
}

TEST_CASE("another environment is not the unnamed one") {
  Machines m;
  m.on("one", {"apply", "--yes"});
  for (const char* verb : {"resume", "history", "plan"}) CHECK(m.on("one", {verb, "-e", "prod"}, 1).err.find("there is no env `prod`") != std::string::npos);
  CHECK(m.on("one", {"state", "list", "-e", "prod"}, 1).err.find("there is no env `prod`") != std::string::npos);
}

TEST_CASE("a lock that nobody holds") {
  Machines m;
  CHECK(m.on("one", {"lock"}).out == "Nobody holds the lock.\n");
  m.on("one", {"apply", "--yes"});
  CHECK(m.on("two", {"lock", "ls"}).out == "Nobody holds the lock.\n");
  CHECK(m.on("two", {"lock", "break", "--yes"}).err == "Nobody holds the lock.\n");
  m.on("one", {"lock", "brake"}, 64);
  m.on("one", {"lock", "ls", "--force"}, 64);
}

}  // namespace mcp::test
