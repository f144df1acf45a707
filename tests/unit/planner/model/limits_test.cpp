#include "tests/unit/planner/model/rendered.hpp"

namespace mcp::test {

namespace {

struct Row {
  const char* name;
  std::string policy;
  const char* found;
};

std::string config(const std::string& rest) { return "config c in shop { on = clusters, " + rest + " }\n"; }

}  // namespace

TEST_CASE("what Kubernetes refuses is said at the line that states it") {
  const std::string mounts = "config conf in shop { data = { a = \"1\" }, on = clusters }\n";
  const Row rows[] = {
      {"capitals", "config Conf in shop { data = {}, on = clusters }\n", "E0901 1"},
      {"dot", "namespace \"a.b\" {}\n", "E0901 1"},
      {"workload of 48", "workload abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstu in shop { container c { image = \"registry.example/a/b:1\" } }\n", "W0912 1"},
      {"service with a digit", workload("ports = { http = 80 }") + "service 1web in shop { target = workload.web, ports = { http = 80 } }\n", ""},
      {"label value", config("data = {}, labels = { a = \"" + std::string(64, 'a') + "\" }"), "E0902 1"},
      {"label key", config("data = {}, labels = { \"a b\" = \"x\" }"), "E0902 1"},
      {"our label", config("data = {}, labels = { \"mcp.dev/x\" = \"x\" }"), "E0909 1"},
      {"our annotation", config("data = {}, annotations = { \"mcp.dev/x\" = \"x\" }"), "E0909 1"},
      {"key of a config", config("data = { \"a b\" = \"x\" }"), "E0914 1"},
      {"patched name", config("data = {}, k8s = { metadata = { name = \"b\" } }"), "E0908 1"},
      {"patched replicas", workload("", "k8s = { spec = { replicas = 3 } }"), "E0908 3"},
      {"port name", workload("ports = { \"a-port-name-of16\" = 80 }"), "E0915 6"},
      {"limit below request", workload("memory = 512Mi\n    memory_limit = 256Mi"), "E0917 7"},
      {"two probes in one", workload("ports = { http = 80 }\n    probe ready { http = \"/x\", tcp = true }"), "E0913 7"},
      {"probe without action", workload("ports = { http = 80 }\n    probe ready { every = 3s }"), "E0913 7"},
      {"probe of an unknown port", workload("ports = { a = 80, b = 81 }\n    probe ready { http = \"/x\" }"), "E0913 7"},
      {"half a second", workload("ports = { http = 80 }\n    probe ready { http = \"/x\", every = 500ms }"), "E0913 7"},
      {"relative mount", mounts + workload("mount \"x\" { from = config.conf }"), "E0916 7"},
      {"mode", mounts + workload("mount \"/x\" { from = config.conf, mode = \"999\" }"), "E0916 7"},
      {"unknown key", mounts + workload("mount \"/x\" { from = config.conf, key = \"b\" }"), "E0208 7"},
      {"file that is never refreshed", mounts + workload("mount \"/x\" { from = config.conf, key = \"a\" }", "restart_on_config = false"), "W0903 7"},
      {"unreadable file", mounts + workload("mount \"/x\" { from = config.conf, mode = \"0400\" }"), "W0904 7"},
      {"two mounts at one path", mounts + workload("mount \"/x\" { from = config.conf }\n    mount \"/x\" { from = scratch }"), "E0201 8"},
      {"nothing to replace with", workload("", "rollout { surge = 0, unavailable = 0 }"), "E0917 3"},
      {"port of no container", workload("ports = { http = 80 }") + "service web in shop { target = workload.web, ports = { grpc = 80 } }\n", "E0915 9"},
      {"field path", workload("", "ignore = [\"spec..replicas\"]"), "E0918 3"},
  };
  for (const Row& row : rows) {
    INFO(row.name << "\n" << row.policy.substr(0, 400));
    const Rendered r(row.policy);
    INFO(r.first_message());
    if (*row.found == '\0') CHECK(r.findings() != "");
    else CHECK(r.findings() == row.found);
  }
}

TEST_CASE("a config over 1 MiB is refused") {
  RenderOptions options;
  options.files["big.txt"] = std::string(1024 * 1024, 'x');
  CHECK(Rendered(config("data = { a = file(\"big.txt\") }"), options).findings() == "E0903 1");
  options.files["big.txt"].resize(1024 * 1024 - 1);
  CHECK(Rendered(config("data = { a = file(\"big.txt\") }"), options).findings().empty());
}

TEST_CASE("what Kubernetes takes is not complained about") {
  const Rendered r("config c in shop { data = { \"a.b-c_D\" = \"x\" }, labels = { \"example.org/a\" = \"A.b_c\", empty = \"\" }, on = clusters }\n" +
                   workload("ports = { http-1 = 80 }\n    cpu = 1\n    cpu_limit = 1\n    mount \"/tmp\" { from = scratch }\n    probe live { grpc = \"x\", port = 9000 }"));
  CHECK(r.findings().empty());
}

}  // namespace mcp::test
