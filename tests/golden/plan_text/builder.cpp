#include "tests/golden/plan_text/builder.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

namespace mcp::test {

PlanBuilder::PlanBuilder(std::string project, std::int64_t serial) {
  plan.project = std::move(project);
  plan.driver = "sim";
  plan.base_serial = serial;
}

PlanBuilder& PlanBuilder::member(const std::string& name, const std::string& cloud, std::int64_t capacity, bool joined) {
  PlanMember m;
  m.name = name;
  m.cloud = cloud;
  if (capacity > 0) m.capacity = capacity;
  m.joined = joined;
  plan.members.push_back(std::move(m));
  std::sort(plan.members.begin(), plan.members.end(), [](const PlanMember& a, const PlanMember& b) { return a.name < b.name; });
  return *this;
}

PlanMember& PlanBuilder::at(const std::string& name) {
  return *std::find_if(plan.members.begin(), plan.members.end(), [&](const PlanMember& m) { return m.name == name; });
}

Change& PlanBuilder::change(Action action, const std::string& address, Reason reason, std::uint32_t line, Value body, const std::string& kind) {
  Step s;
  s.action = action;
  s.address = Address::parse(address).value();
  s.ref.kind = kind;
  s.ref.member = s.address.member;
  s.ref.ns = s.address.ns;
  s.ref.name = s.address.name;
  s.body = std::move(body);
  Change c;
  c.reason = reason;
  if (line > 0) c.origin = {"shop.mcp", line, 1};
  c.step = static_cast<std::uint32_t>(plan.steps.size());
  plan.steps.push_back(std::move(s));
  plan.changes.push_back(std::move(c));
  return plan.changes.back();
}

PlanBuilder& PlanBuilder::field(const std::string& path, Value before, Value after) {
  Change& c = plan.changes.back();
  FieldChange f;
  f.path = path;
  f.had = !before.is_null();
  f.has = !after.is_null();
  f.before = std::move(before);
  f.after = std::move(after);
  f.origin = c.origin;
  c.fields.push_back(std::move(f));
  return *this;
}

PlanBuilder& PlanBuilder::placement(const std::string& address, std::vector<PlacementRow::Share> shares, std::int64_t moved) {
  PlacementRow row;
  row.address = Address::parse(address).value();
  row.shares = std::move(shares);
  row.moved = moved;
  plan.placement.push_back(std::move(row));
  return *this;
}

std::uint32_t PlanBuilder::number(const std::string& address) const {
  const Address a = Address::parse(address).value();
  const auto it = std::find_if(plan.steps.begin(), plan.steps.end(), [&](const Step& s) { return s.address == a; });
  REQUIRE(it != plan.steps.end());
  return static_cast<std::uint32_t>(it - plan.steps.begin());
}

PlanBuilder& PlanBuilder::edge(const std::string& from, const std::string& to, EdgeReason reason) {
  plan.edges.push_back({number(from), number(to), reason});
  REQUIRE(plan.edges.back().from < plan.edges.back().to);
  std::sort(plan.edges.begin(), plan.edges.end());
  return *this;
}

Step& PlanBuilder::step(const std::string& address) { return plan.steps[number(address)]; }

Value deployment_body(const std::string& ns, const std::string& name, const std::string& image, std::int64_t replicas) {
  const Value container = MapBuilder().set("image", std::string_view(image)).set("name", std::string_view(name)).build();
  const Value pod = MapBuilder().set("containers", Value::list({container})).build();
  return MapBuilder()
      .set("metadata", MapBuilder().set("name", std::string_view(name)).set("namespace", std::string_view(ns)).build())
      .set("spec", MapBuilder().set("replicas", replicas).set("template", MapBuilder().set("spec", pod).build()).build())
      .build();
}

Value service_body(const std::string& ns, const std::string& name, int port, int to) {
  const Value each = MapBuilder().set("name", "http").set("port", port).set("protocol", "TCP").set("targetPort", to).build();
  return MapBuilder()
      .set("metadata", MapBuilder().set("name", std::string_view(name)).set("namespace", std::string_view(ns)).build())
      .set("spec", MapBuilder().set("ports", Value::list({each})).set("type", "ClusterIP").build())
      .build();
}

}  // namespace mcp::test
