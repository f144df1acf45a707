#include "planner/model/trace.hpp"

#include "tests/unit/planner/model/rendered.hpp"

namespace mcp::test {

TEST_CASE("a rendered field leads back to the line that stated it, or to its rule") {
  const Rendered r(R"(config conf in shop {
  data = {
    a = "1"
    b = "2"
  }
}
workload web in shop {
  replicas = 2
  container app {
    image = "registry.example/a/b:1"
    env = {
      A = config.conf["a"]
      B = "x"
    }
    memory = 1Gi
    ports = { http = 80 }
    mount "/c" { from = config.conf }
    probe ready { http = "/x" }
  }
}
service web in shop { target = workload.web, ports = { http = 80 } }
)");
  struct Row { const char* address; const char* path; const char* expected; };
  const Row rows[] = {
      {"config.shop/conf", "data.b", "x.mcp:4"},
      {"workload.shop/web", "spec.replicas", "x.mcp:8"},
      {"workload.shop/web", "spec.template.spec.containers[name=app].image", "x.mcp:10"},
      {"workload.shop/web", "spec.template.spec.containers[name=app].env[name=B].value", "x.mcp:13"},
      {"workload.shop/web", "spec.template.spec.containers[name=app].resources.limits.memory", "x.mcp:15"},
      {"workload.shop/web", "spec.template.spec.containers[name=app].volumeMounts[mountPath=/c].name", "x.mcp:17"},
      {"workload.shop/web", "spec.template.spec.containers[name=app].readinessProbe.periodSeconds", "x.mcp:18"},
      {"service.shop/web", "spec.ports[port=80].port", "x.mcp:21"},
      {"workload.shop/web", "spec.template.spec.volumes[name=config-conf].configMap.name", "rule"},
      {"workload.shop/web", "spec.template.metadata.annotations[mcp.dev/config-hash]", "rule"},
      {"workload.shop/web", "metadata.labels[app.kubernetes.io/managed-by]", "rule"},
      {"namespace.shop/isolation", "spec.ingress", "rule"},
  };
  for (const Row& row : rows) {
    INFO(row.address << ":" << row.path);
    const auto path = FieldPath::parse(row.path);
    REQUIRE(path.has_value());
    const Traced traced = trace_field(r.loaded().topology, *Address::parse(row.address), *path);
    const std::string got = traced.origin.span.known() ? r.loaded().sources->brief(traced.origin.span) : traced.rule.empty() ? "nothing" : "rule";
    CHECK(got == row.expected);
  }
}

}  // namespace mcp::test
