#include "tests/golden/plan_text/builder.hpp"

namespace mcp::test {

namespace {

Value named(const std::string& ns, const std::string& name, Value data) {
  return MapBuilder()
      .set("metadata", MapBuilder().set("name", std::string_view(name)).set("namespace", std::string_view(ns)).build())
      .set("data", std::move(data))
      .build();
}

std::string fourteen_lines() {
  std::string out;
  for (int i = 1; i <= 14; ++i) out += "line-" + std::to_string(i) + ": value of some length\n";
  return out;
}

}  // namespace

Plan first_plan() {
  PlanBuilder b("shop", 0);
  b.member("aws-use1", "aws", 400, false).member("azr-weu", "azure", 200, false).member("gcp-euw1", "gcp", 200, false);
  const std::string digest_web = "9f2c41d0" + std::string(56, '1');
  const std::string digest_checkout = "11aa8e52" + std::string(56, '2');
  const std::vector<std::pair<std::string, std::pair<int, int>>> counts = {{"aws-use1", {4, 6}}, {"azr-weu", {3, 4}}, {"gcp-euw1", {2, 2}}};
  const Value conf = named("shop", "web-conf", MapBuilder().set("application.yaml", std::string_view(fourteen_lines())).build());
  const std::string print = "3f9c" + std::string(28, '0');
  const Value db = named("shop", "db", MapBuilder().set("password", MapBuilder().set("$secret", std::string_view(print)).build()).build());
  for (const auto& [m, n] : counts) b.change(Action::Join, "cluster." + m, Reason::New, 3);
  for (const auto& [m, n] : counts) b.change(Action::Create, "namespace.shop@" + m, Reason::New, 7, {}, "Namespace");
  for (const auto& [m, n] : counts) b.change(Action::Create, "namespace.shop/isolation@" + m, Reason::New, 7, {}, "NetworkPolicy");
  for (const auto& [m, n] : counts) b.change(Action::Create, "config.shop/web-conf@" + m, Reason::New, 8, conf, "ConfigMap");
  for (const auto& [m, n] : counts) b.change(Action::Create, "secret.shop/db@" + m, Reason::New, 9, db, "Secret");
  const Value checkout_service = service_body("shop", "checkout", 80, 8080);
  const Value web_service = service_body("shop", "web", 80, 8080);
  for (const auto& [m, n] : counts) b.change(Action::Create, "service.shop/checkout@" + m, Reason::New, 28, checkout_service, "Service");
  for (const auto& [m, n] : counts) b.change(Action::Create, "service.shop/web@" + m, Reason::New, 28, web_service, "Service");
  for (const auto& [m, n] : counts)
    b.change(Action::Create, "workload.shop/checkout@" + m, Reason::New, 19,
             deployment_body("shop", "checkout", "registry.example/pay/checkout:7.1.0@sha256:" + digest_checkout, n.first), "Deployment");
  for (const auto& [m, n] : counts)
    b.change(Action::Create, "workload.shop/web@" + m, Reason::New, 10,
             deployment_body("shop", "web", "registry.example/shop/web:2.4.1@sha256:" + digest_web, n.second), "Deployment");
  b.placement("workload.shop/checkout", {{"aws-use1", 0, 4}, {"azr-weu", 0, 3}, {"gcp-euw1", 0, 2}});
  b.placement("workload.shop/web", {{"aws-use1", 0, 6}, {"azr-weu", 0, 4}, {"gcp-euw1", 0, 2}});
  for (const auto& [m, n] : counts) {
    const std::vector<std::string> order = {"cluster." + m, "namespace.shop@" + m, "namespace.shop/isolation@" + m, "config.shop/web-conf@" + m, "service.shop/web@" + m, "workload.shop/web@" + m};
    for (std::size_t i = 1; i < order.size(); ++i) b.edge(order[i - 1], order[i]);
    b.edge("namespace.shop/isolation@" + m, "secret.shop/db@" + m);
    b.edge("secret.shop/db@" + m, "service.shop/checkout@" + m);
    b.edge("service.shop/checkout@" + m, "workload.shop/checkout@" + m);
  }
  SecretSource source;
  source.address = Address::parse("secret.shop/db").value();
  source.key = "password";
  source.fingerprint = print;
  source.parts = Value::list({MapBuilder().set("env", "SHOP_DB_PASSWORD").build()});
  b.plan.secrets.push_back(std::move(source));
  b.plan.risks.push_back({RiskLevel::Low, "MCP-R062", "21 objects checked by schema only: their namespace is new", {}});
  b.plan.risks.push_back({RiskLevel::Low, "MCP-R065", "3 clusters join", {}});
  b.plan.objects = 24;
  return std::move(b.plan);
}

}  // namespace mcp::test
