#include "tests/golden/plan_text/builder.hpp"

namespace mcp::test {

namespace {

constexpr const char* image_path = "spec.template.spec.containers[name=web].image";

std::string numbered(const std::string& stem, int n) { return stem + (n < 10 ? "0" : "") + std::to_string(n); }

std::vector<std::string> forty() {
  std::vector<std::string> out;
  for (int i = 1; i <= 20; ++i) out.push_back(numbered("aws-", i));
  for (int i = 1; i <= 12; ++i) out.push_back(numbered("azr-", i));
  for (int i = 1; i <= 8; ++i) out.push_back(numbered("gcp-", i));
  return out;
}

Value image(const std::string& tag, const std::string& digest) {
  return Value::string("registry.example/shop/web:" + tag + "@sha256:" + digest + std::string(64 - digest.size(), '0'));
}

PlanBuilder three(std::int64_t serial) {
  PlanBuilder b("shop", serial);
  b.member("aws-use1", "aws", 400).member("azr-weu", "azure", 200).member("gcp-euw1", "gcp", 200);
  return b;
}

Value print(const std::string& digits) {
  const std::string whole = digits + std::string(32 - digits.size(), '0');
  return MapBuilder().set("$secret", std::string_view(whole)).build();
}

}  // namespace

Plan image_plan() {
  PlanBuilder b("shop", 41);
  std::vector<PlacementRow::Share> shares;
  for (const std::string& m : forty()) {
    b.member(m, m.substr(0, 3), 20);
    shares.push_back({m, 7, 7});
  }
  b.placement("workload.shop/web", shares);
  for (const std::string& m : forty()) {
    b.change(Action::Update, "workload.shop/web@" + m, Reason::Changed, 52, {}, "Deployment");
    b.field(image_path, m == "azr-09" ? image("2.4.0", "77d10b4e") : image("2.4.1", "9f2c41d0"), image("2.4.2", "c07be913"));
  }
  b.plan.unchanged = 216;
  b.plan.objects = 256;
  return std::move(b.plan);
}

Plan drain_plan() {
  PlanBuilder b = three(7);
  b.at("gcp-euw1").drains = true;
  b.placement("workload.shop/checkout", {{"aws-use1", 4, 5}, {"azr-weu", 3, 4}, {"gcp-euw1", 2, 0}}, 2);
  b.placement("workload.shop/web", {{"aws-use1", 6, 7}, {"azr-weu", 4, 5}, {"gcp-euw1", 2, 0}}, 2);
  for (const std::string w : {"checkout", "web"}) {
    for (const std::string m : {"aws-use1", "azr-weu"}) {
      b.change(Action::Update, "workload.shop/" + w + "@" + m, Reason::Drain, 10, {}, "Deployment");
      const std::int64_t before = w == "web" ? (m == "aws-use1" ? 6 : 4) : (m == "aws-use1" ? 4 : 3);
      b.field("spec.replicas", Value::integer(before), Value::integer(before + 1));
    }
  }
  for (const std::string w : {"checkout", "web"}) b.change(Action::Delete, "workload.shop/" + w + "@gcp-euw1", Reason::Drain, 0, {}, "Deployment").why = "the cluster drains";
  for (const std::string w : {"checkout", "web"}) b.change(Action::Delete, "service.shop/" + w + "@gcp-euw1", Reason::Follows, 0, {}, "Service").why = "its target has left";
  b.change(Action::Delete, "config.shop/web-conf@gcp-euw1", Reason::Follows, 0, {}, "ConfigMap").why = "no longer used here";
  b.change(Action::Delete, "secret.shop/db@gcp-euw1", Reason::Follows, 0, {}, "Secret").why = "no longer used here";
  for (const std::string w : {"checkout", "web"}) {
    for (const std::string m : {"aws-use1", "azr-weu"}) b.edge("workload.shop/" + w + "@" + m, "workload.shop/" + w + "@gcp-euw1", EdgeReason::Move);
    b.edge("workload.shop/" + w + "@gcp-euw1", "service.shop/" + w + "@gcp-euw1", EdgeReason::Reverse);
  }
  b.edge("service.shop/web@gcp-euw1", "config.shop/web-conf@gcp-euw1", EdgeReason::Reverse);
  b.edge("service.shop/web@gcp-euw1", "secret.shop/db@gcp-euw1", EdgeReason::Reverse);
  b.plan.risks.push_back({RiskLevel::Medium, "MCP-R015", "4 of 21 replicas move (20 %, limit 30 %)", {}});
  b.plan.unchanged = 14;
  return std::move(b.plan);
}

Plan drift_plan() {
  PlanBuilder b = three(7);
  b.placement("workload.shop/web", {{"aws-use1", 6, 6}, {"azr-weu", 4, 4}, {"gcp-euw1", 2, 2}});
  const auto address = [](const char* text) { return Address::parse(text).value(); };
  DriftRow web;
  web.address = address("workload.shop/web@gcp-euw1");
  web.manager = "kubectl-edit";
  web.time = "2026-11-20T14:02:11Z";
  web.fields.push_back({"spec.replicas", Value::integer(2), Value::integer(5), true, true, "put back"});
  web.fields.push_back({image_path, image("2.4.1", "9f2c41d0"), image("2.4.1-fix1", "b81e0c55"), true, true, "put back"});
  DriftRow conf;
  conf.address = address("config.shop/web-conf@azr-weu");
  conf.gone = true;
  conf.verdict = "create again";
  DriftRow checkout;
  checkout.address = address("workload.shop/checkout@aws-use1");
  checkout.manager = "HorizontalPodAutoscaler checkout";
  checkout.fields.push_back({"spec.replicas", Value::integer(4), Value::integer(6), true, true, "left to its owner"});
  b.plan.drift = {web, conf, checkout};
  b.change(Action::Create, "config.shop/web-conf@azr-weu", Reason::Drift, 8, {}, "ConfigMap").why = "it is gone";
  b.change(Action::Update, "workload.shop/web@gcp-euw1", Reason::Drift, 10, {}, "Deployment");
  b.field("spec.replicas", Value::integer(5), Value::integer(2)).field(image_path, image("2.4.1-fix1", "b81e0c55"), image("2.4.1", "9f2c41d0"));
  b.plan.risks.push_back({RiskLevel::Medium, "MCP-R032", "2 fields put back, 1 object created again", {}});
  b.plan.unchanged = 22;
  return std::move(b.plan);
}

Plan blocked_plan() {
  PlanBuilder b = three(7);
  b.placement("workload.shop/web", {{"aws-use1", 6, 10}, {"azr-weu", 4, 4}, {"gcp-euw1", 7, 3}}, 4);
  b.plan.blocked.push_back({BlockedBy::Limit, "max_moved: 7 of 21 replicas move (34 %), limit 30 %", "once: mcp plan --allow max_moved=34%", {"shop.mcp", 1, 1}});
  b.plan.blocked.push_back({BlockedBy::Guard, "pinned-images: image of workload.shop/web has no digest", "pin it by digest, or waive the guard with a reason and an end date", {"shop.mcp", 13, 3}});
  for (const std::string m : {"aws-use1", "azr-weu", "gcp-euw1"}) {
    b.change(Action::Delete, "service.shop/checkout@" + m, Reason::Removed, 0, {}, "Service").why = "no longer stated";
    b.plan.blocked.push_back({BlockedBy::Protect, "service.shop/checkout@" + m + " is protected and would be deleted", "apply `protect = false` first, then remove the block", {}});
  }
  b.plan.unchanged = 18;
  return std::move(b.plan);
}

Plan nothing_plan() {
  PlanBuilder b = three(7);
  b.placement("workload.shop/web", {{"aws-use1", 6, 6}, {"azr-weu", 4, 4}, {"gcp-euw1", 2, 2}});
  DriftRow checkout;
  checkout.address = Address::parse("workload.shop/checkout@aws-use1").value();
  checkout.fields.push_back({"spec.replicas", Value::integer(4), Value::integer(6), true, true, "left to its owner"});
  b.plan.drift.push_back(checkout);
  b.plan.unchanged = 24;
  return std::move(b.plan);
}

Plan mixed_plan() {
  PlanBuilder b("shop.staging", 12);
  std::vector<PlacementRow::Share> shares;
  for (const std::string& m : forty()) {
    b.member(m, m.substr(0, 3), 20, m != "gcp-08");
    const std::int64_t before = m.starts_with("azr") ? 6 : m == "gcp-08" ? 0 : 7;
    shares.push_back({m, before, m == "azr-03" ? 0 : m.starts_with("azr") ? 7 : m == "gcp-08" ? 2 : 7});
  }
  b.at("aws-17").answered = false;
  b.placement("workload.shop/web", shares, 6);
  b.plan.placement.back().unplaced = 3;
  b.change(Action::Join, "cluster.gcp-08", Reason::New, 4);
  b.change(Action::Create, "workload.shop/web@gcp-08", Reason::Placed, 10, deployment_body("shop", "web", "registry.example/shop/web:2.4.1", 2), "Deployment");
  for (const auto& share : shares) {
    if (share.before == share.after || share.member == "gcp-08") continue;
    b.change(share.after == 0 ? Action::Delete : Action::Update, "workload.shop/web@" + share.member, Reason::Placed, share.after == 0 ? 0 : 10, {}, "Deployment");
    if (share.after > 0) b.field("spec.replicas", Value::integer(share.before), Value::integer(share.after));
  }
  b.edge("cluster.gcp-08", "workload.shop/web@gcp-08");
  b.edge("workload.shop/web@azr-02", "workload.shop/web@azr-03", EdgeReason::Move);
  for (const std::string m : {"aws-01", "aws-02"}) {
    b.change(Action::Update, "config.shop/web-conf@" + m, Reason::Changed, 20, {}, "ConfigMap");
    b.field("data[application.yaml]", Value::string("server:\n  idle: 60s\n  timeout: 2s\n  retries: 3\nlogging: info\n"),
            Value::string("server:\n  idle: 60s\n  timeout: 5s\n  retries: 3\nlogging: info\n"));
  }
  b.change(Action::Update, "secret.payments/db@aws-01", Reason::Changed, 80, {}, "Secret");
  b.field("data[password]", print("3f9c11"), print("3f9c22"));
  for (const std::string m : {"aws-01", "aws-02", "azr-01"}) {
    b.change(Action::Update, "workload.shop/search@" + m, Reason::Changed, 97, {}, "Deployment");
    b.field("metadata.labels[team]", {}, Value::string("search \xE2\x80\xAE" "ecin"));
    b.field("spec.replicas", Value::integer(m == "azr-01" ? 4 : 2), Value::integer(m == "azr-01" ? 6 : 3));
    b.field("spec.template.spec.containers[name=search].resources.limits.cpu", Value::string("2"), Value::string("500m"));
    b.field("spec.template.spec.containers[name=search].resources.limits.memory", Value::string("512Mi"), Value::string("256Mi"));
    b.field("spec.template.spec.priorityClassName", Value::string("high"), {});
  }
  b.step("workload.shop/search@aws-01").takeovers.push_back({"spec.template.spec.priorityClassName", "kubectl"});
  b.change(Action::Replace, "workload.shop/legacy@aws-03", Reason::Immutable, 120, {}, "Deployment").why = "spec.selector cannot be changed in place";
  b.field("spec.selector.matchLabels.app", Value::string("old"), Value::string("legacy"));
  b.change(Action::Adopt, "namespace.legacy@aws-03", Reason::New, 118, {}, "Namespace").why = "exists already";
  b.change(Action::Forget, "config.shop/a-config-with-a-name-of-nearly-fifty-characters-in-all@aws-05", Reason::Removed, 0, {}, "ConfigMap").why = "forgotten, the object stays";
  b.change(Action::Delete, "manifest.shop/extras/Ingress/front@aws-01", Reason::Removed, 0, {}, "Ingress").why = "no longer in the manifest";
  b.change(Action::Leave, "cluster.gcp-07", Reason::Removed, 0);
  b.plan.deferred.push_back({"aws-17", "unreachable", 2});
  b.plan.notes.push_back("isolation acts where a cluster's network plug-in enforces NetworkPolicy");
  b.plan.risks.push_back({RiskLevel::Critical, "MCP-R001", "1 namespace is deleted, with all that is in it", {}});
  b.plan.risks.push_back({RiskLevel::High, "MCP-R005", "workload.shop/legacy@aws-03 is replaced: spec.selector cannot be changed in place, so its Pods end", {"shop.mcp", 120, 1}});
  b.plan.unchanged = 100;
  return std::move(b.plan);
}

}  // namespace mcp::test
