// What mcp promises of whole commands, one test a promise, under its name.
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/project.hpp"
#include "tests/e2e/steady.hpp"
#include "tests/support/catch.hpp"

namespace mcp::test {
namespace {

using Words = std::vector<std::string>;

void plan_is_empty(const Project& project, const Words& more = {}) {
  Words words = {"plan", "--detailed-exitcode"};
  words.insert(words.end(), more.begin(), more.end());
  CHECK(project.ok(words).out.starts_with("No changes:"));
}

/// Names of the files below `folder` whose bytes hold one of `needles`.
std::vector<std::string> files_with(const std::string& folder, const Words& needles) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = read_golden(entry.path());
    for (const std::string& needle : needles) {
      if (bytes.find(needle) != std::string::npos) found.push_back(entry.path().filename().string());
    }
  }
  return found;
}

const std::string everywhere = "cluster aws-use1 { cloud = \"aws\",   region = \"us-east-1\" }\n"
                               "cluster azr-weu  { cloud = \"azure\", region = \"westeurope\" }\n"
                               "cluster gcp-euw1 { cloud = \"gcp\",   region = \"europe-west1\" }\n";

}  // namespace

TEST_CASE("a plan right after an apply is empty") {
  const Project project("shop");
  project.ok({"apply", "--yes"});
  plan_is_empty(project);

  SECTION("after edits of every kind") {
    project.edit("web.mcp", "replicas = 12", "replicas = 15");
    project.edit("web.mcp", "Disallow: /pay", "Disallow: /pay\\nDisallow: /cart");
    project.edit("namespaces.mcp", "pods = 100", "pods = 120");
    project.edit("payments.mcp", "refunds = 1", "chargebacks = 2");  // one worker goes, another comes
    project.edit("orders.mcp", "cpu     = 500m", "cpu     = 600m");
    project.ok({"apply", "--yes"});
    plan_is_empty(project);
  }
  SECTION("after drift is put back") {
    project.ok({"sim", "edit", "workload.edge/web@gcp-euw1:spec.replicas", "5"});
    project.ok({"sim", "edit", "config.shop/orders@azr-weu", "--delete"});
    project.expect(2, {"plan", "--detailed-exitcode"});
    project.ok({"apply", "--yes"});
    plan_is_empty(project);
  }
  SECTION("after another secret value") {
    Project other("shop");
    other.ok({"apply", "--yes"});
    other.environment["SHOP_DB_PASSWORD"] = "the-next-one";
    other.expect(2, {"plan", "--detailed-exitcode"});
    other.ok({"apply", "--yes"});
    plan_is_empty(other);
  }
  SECTION("after a cluster drains and leaves") {
    project.edit("clusters.mcp", "capacity = 40 }\ncluster gcp-usc1", "capacity = 40, drain = true }\ncluster gcp-usc1");
    project.ok({"apply", "--yes", "--allow", "max_deletes=100"});
    plan_is_empty(project);
  }
}

TEST_CASE("a plan right after the failover of a lost cluster is empty") {
  const Project project("shop");
  project.ok({"apply", "--yes"});
  project.ok({"sim", "lose", "aws-euw1"});
  project.ok({"plan", "--lost", "aws-euw1", "--out", "failover.mcpplan"});
  project.ok({"apply", "failover.mcpplan", "--yes"});
  plan_is_empty(project, {"--lost", "aws-euw1"});
  plan_is_empty(project);  // it stays lost until it answers: nothing is taken back from where it runs now

  project.ok({"sim", "restore", "aws-euw1"});
  project.ok({"apply", "--yes", "--allow", "max_deletes=100"});
  plan_is_empty(project);
}

TEST_CASE("same inputs, same bytes") {
  struct Printed {
    Words words;
    bool steady = false;  // holds dates of the run
  };
  const std::vector<Printed> commands = {
      {{"plan", "--out", "first.mcpplan"}}, {{"plan", "--json"}},
      {{"show", "first.mcpplan"}},          {{"show", "first.mcpplan", "--json"}},
      {{"render", "--cluster", "aws-use1"}}, {{"render", "--cluster", "aws-use1", "-o", "json"}},
      {{"apply", "first.mcpplan", "--yes"}}, {{"plan"}},
      {{"status"}, true},                    {{"state", "list", "--json"}},
      {{"state", "show", "workload.boutique/frontend@gcp-euw1", "--json"}},
      {{"why", "workload.boutique/frontend@gcp-euw1"}}, {{"sim", "show", "gcp-euw1"}},
      {{"debug", "placement"}},
  };
  const Project here("boutique");
  Project there("boutique");
  there.mask = 077;
  there.environment = {{"LC_ALL", "de_DE.UTF-8"}, {"LANG", "tr_TR.UTF-8"}, {"TZ", "Asia/Tokyo"}, {"COLUMNS", "200"}, {"TERM", "xterm-256color"}, {"USER", "tester"}};
  // Files are found in another order: one is made anew, under the same name.
  const std::string text = there.read("backends.mcp");
  std::filesystem::remove(there.file("backends.mcp"));
  there.write("backends.mcp", text);

  for (const Printed& command : commands) {
    const Ran a = here.mcp(command.words);
    const Ran b = there.mcp(command.words);
    CHECK(a.code == b.code);
    INFO("mcp " << command.words[0] << " " << (command.words.size() > 1 ? command.words[1] : ""));
    CHECK((command.steady ? steady(a.out) : a.out) == (command.steady ? steady(b.out) : b.out));
  }
  CHECK(here.read("first.mcpplan") == there.read("first.mcpplan"));
  CHECK(here.ok({"plan", "--json"}).out == here.ok({"plan", "--json"}).out);
}

TEST_CASE("no secret byte in any file, log or output") {
  // Long enough to be found in part; `+/=?` and the like would show up encoded, so plain forms are searched too.
  const std::string password = "Sentinel-Pa55word-7f3c";
  const std::string key = "Sentinel-K3y-b81d";
  const Words needles = {"Pa55word-7f3c", "K3y-b81d",
                         "U2VudGluZWwtUGE1NXdvcmQtN2YzY", "U2VudGluZWwtSzN5LWI4MW",   // base64 of each alone
                         "53656e74696e656c2d50613535", "53656e74696e656c2d4b33"};    // hexadecimal
  Project project("shop");
  project.environment["SHOP_DB_PASSWORD"] = password;
  project.write("secrets/gateway.key", key + "\n");

  std::string printed;
  const auto run = [&](const Words& words) { printed += both(project.mcp(words)); };
  for (const char* form : {"--color=never", "--json"}) {
    run({"check", form});
    run({"plan", form});
    run({"render", "--cluster", "azr-weu", form});
  }
  run({"plan", "--out", "first.mcpplan"});
  run({"show", "first.mcpplan"});
  run({"show", "first.mcpplan", "--json"});
  run({"show", "first.mcpplan", "-o", "html"});
  run({"apply", "first.mcpplan", "--yes", "--json"});
  run({"sim", "edit", "secret.shop/orders-db@azr-weu:data.password", "\"x\""});
  run({"sim", "edit", "secret.payments/gateway@gcp-euw1", "--delete"});
  run({"drift"});
  run({"drift", "--json"});
  run({"plan"});
  run({"plan", "--json"});
  run({"apply", "--yes"});
  for (const char* form : {"--color=never", "--json"}) {
    for (const char* address : {"secret.shop/orders-db@azr-weu", "secret.payments/gateway@gcp-euw1", "workload.shop/orders@azr-weu"}) {
      run({"state", "show", address, form});
      run({"why", address, form});
      run({"why", std::string(address) + ":data.password", form});
    }
    run({"sim", "show", "azr-weu", form});
    run({"show", form});
    run({"status", form});
    run({"state", "list", form});
    run({"history", form});
    run({"graph", form});
  }
  for (const char* stage : {"ast", "topology", "placement", "desired", "schedule"}) run({"debug", stage});

  SECTION("nor when the value changes, or a step fails") {
    project.environment["SHOP_DB_PASSWORD"] = password + "-2";
    run({"plan"});
    run({"sim", "slow", "azr-weu", "5s"});
    run({"sim", "lose", "gcp-euw1"});
    run({"apply", "--yes"});
    run({"history", "--json"});
    run({"resume", "--yes"});
  }
  SECTION("nor when everything is destroyed") { run({"destroy", "--yes", "--json"}); }

  CHECK(printed.find("SHOP_DB_PASSWORD") != std::string::npos);  // the source is named, the value never
  for (const std::string& needle : needles) CHECK(printed.find(needle) == std::string::npos);
  CHECK(files_with(project.folder(), needles) == Words{"gateway.key"});
}

TEST_CASE("a plan is refused only when an object it touches has changed") {
  const Project project("shop");
  project.ok({"apply", "--yes"});
  project.edit("web.mcp", "web:2.4.1", "web:2.5.0");
  project.ok({"plan", "--out", "image.mcpplan"});

  SECTION("another object has changed: it is applied") {
    project.ok({"sim", "edit", "config.shop/orders@azr-weu:data.LOG_LEVEL", "\"debug\""});
    project.ok({"sim", "edit", "workload.payments/payments@gcp-euw1", "--delete"});
    project.ok({"apply", "image.mcpplan", "--yes"});
    CHECK(project.ok({"sim", "show", "gcp-euw1"}).out.find("registry.example/shop/web:2.5.0") != std::string::npos);
  }
  SECTION("an object of the plan has changed: it is refused, and nothing is written") {
    project.ok({"sim", "edit", "workload.edge/web@gcp-euw1:spec.template.spec.containers[name=nginx].image", "\"registry.example/other:1\""});
    const std::string before = project.ok({"sim", "show", "aws-use1"}).out;
    const Ran refused = project.expect(3, {"apply", "image.mcpplan", "--yes"});
    CHECK(both(refused).find("workload.edge/web@gcp-euw1") != std::string::npos);
    CHECK(project.ok({"sim", "show", "aws-use1"}).out == before);
    project.ok({"apply", "--yes"});  // a new plan does
    plan_is_empty(project);
  }
  SECTION("an object of the plan is gone: it is refused") {
    project.ok({"sim", "edit", "workload.edge/web@gcp-euw1", "--delete"});
    project.expect(3, {"apply", "image.mcpplan", "--yes"});
  }
  SECTION("it is applied once") {
    project.ok({"apply", "image.mcpplan", "--yes"});
    const Ran again = project.mcp({"apply", "image.mcpplan", "--yes"});
    CHECK((again.code == 3 || again.code == 0));  // never anything half done
    plan_is_empty(project);
  }
}

TEST_CASE("every replica, every change and every refusal can be explained") {
  const Project project("shop");
  const std::string records = project.ok({"plan", "--json"}).out;
  const Words members = {"aws-euw1", "aws-use1", "azr-eus", "azr-weu", "gcp-euw1", "gcp-usc1"};
  const auto field = [](const std::string& record, const std::string& name) {
    const std::string head = "\"" + name + "\":\"";
    const auto at = record.find(head);
    if (at == std::string::npos) return std::string();
    return record.substr(at + head.size(), record.find('"', at + head.size()) - at - head.size());
  };
  std::size_t explained = 0;
  std::istringstream lines(records);
  for (std::string record; std::getline(lines, record);) {
    const std::string type = field(record, "type");
    const std::string address = field(record, "address");
    if (type == "placement") {
      for (const std::string& member : members) {   // where it stands, and where it was refused
        const std::string why = project.ok({"why", address + "@" + member}).out;
        INFO(why);
        CHECK(why.starts_with(address + "@" + member));
        CHECK(why.find("stop ") != std::string::npos);
        ++explained;
      }
    } else if (type == "change") {
      const std::string member = field(record, "member");
      CHECK_FALSE(project.ok({"why", member.empty() ? address : address + "@" + member}).out.empty());
      ++explained;
    }
  }
  CHECK(explained > 50);
}

TEST_CASE("policy files from a fork are safe to evaluate") {
  const Project project("web");
  const auto refused = [&](const std::string& text, const std::string& code) {
    project.write("fork.mcp", text + "\n");
    const Ran ran = project.expect(1, {"check"});
    INFO(ran.err);
    CHECK((ran.out + ran.err).find("error[" + code + "]") != std::string::npos);
  };
  refused("let a = file(\"/etc/hostname\")", "E0702");
  refused("let a = file(\"../outside.txt\")", "E0702");
  std::filesystem::create_symlink("/etc/hostname", project.file("link.txt"));
  refused("let a = file(\"link.txt\")", "E0702");
  for (const char* command : {"sh", "exec", "command", "http", "fetch"}) refused("let a = " + std::string(command) + "(\"x\")", "E0202");
}

TEST_CASE("empty or unreadable inventory never deletes") {
  const Project project("web");
  project.ok({"apply", "--yes"});
  const std::string objects = project.ok({"state", "list"}).out;
  const std::string policy = project.read("web.mcp");
  const auto nothing_is_deleted = [&] {
    project.write("web.mcp", policy);
    CHECK(project.ok({"state", "list"}).out == objects);
    const std::string member = project.ok({"sim", "show", "gcp-euw1"}).out;
    CHECK(member.find("kind: Deployment") != std::string::npos);
    CHECK(member.find("kind: Namespace") != std::string::npos);
  };

  SECTION("no cluster is left in the files") {
    project.edit("web.mcp", everywhere, "");
    CHECK(project.mcp({"plan"}).code != 0);
    CHECK(project.mcp({"apply", "--yes"}).code != 0);
    nothing_is_deleted();
  }
  SECTION("the file is empty") {
    project.write("web.mcp", "");
    CHECK(project.mcp({"plan"}).code == 5);
    CHECK(project.mcp({"apply", "--yes"}).code == 5);
    nothing_is_deleted();
  }
  SECTION("only the project's name is left") {
    project.write("web.mcp", "mcp web { driver = \"sim\" }\n");
    CHECK(project.mcp({"plan"}).code == 5);
    CHECK(project.mcp({"apply", "--yes"}).code == 5);
    nothing_is_deleted();
  }
  SECTION("the file is gone") {
    std::filesystem::remove(project.file("web.mcp"));
    CHECK(project.mcp({"plan"}).code != 0);
    CHECK(project.mcp({"apply", "--yes"}).code != 0);
    nothing_is_deleted();
  }
  SECTION("the file cannot be parsed") {
    project.edit("web.mcp", "workload web in web {", "workload web in web");
    CHECK(project.mcp({"apply", "--yes"}).code == 1);
    nothing_is_deleted();
  }
  SECTION("no cluster answers") {
    for (const char* cluster : {"aws-use1", "azr-weu", "gcp-euw1"}) project.ok({"sim", "lose", cluster});
    project.mcp({"apply", "--yes"});
    for (const char* cluster : {"aws-use1", "azr-weu", "gcp-euw1"}) project.ok({"sim", "restore", cluster});
    nothing_is_deleted();
    plan_is_empty(project);
  }
  SECTION("one cluster does not answer while its namespace is taken out of the files") {
    project.ok({"sim", "lose", "gcp-euw1"});
    project.write("web.mcp", "mcp web { driver = \"sim\" }\n" + everywhere);
    project.mcp({"apply", "--yes", "--allow", "max_deletes=100"});
    project.ok({"sim", "restore", "gcp-euw1"});
    // What it holds is still known, and goes only once it has been seen.
    CHECK(project.ok({"state", "list"}).out.find("workload.web/web@gcp-euw1") != std::string::npos);
  }
}

}  // namespace mcp::test
