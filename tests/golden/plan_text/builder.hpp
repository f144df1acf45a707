#pragma once
// Plans for the views, built step by step as a planner would leave them; and the plans that the goldens are about.
#include <string>
#include <vector>

#include "planner/plan/plan.hpp"

namespace mcp::test {

class PlanBuilder {
 public:
  PlanBuilder(std::string project, std::int64_t serial);
  PlanBuilder& member(const std::string& name, const std::string& cloud, std::int64_t capacity, bool joined = true);
  PlanMember& at(const std::string& name);

  /// One step and its change; edges follow by edge() and edges_by_rank().
  Change& change(Action action, const std::string& address, Reason reason, std::uint32_t line = 0, Value body = {}, const std::string& kind = {});
  PlanBuilder& field(const std::string& path, Value before, Value after);
  PlanBuilder& placement(const std::string& address, std::vector<PlacementRow::Share> shares, std::int64_t moved = 0);
  PlanBuilder& edge(const std::string& from, const std::string& to, EdgeReason reason = EdgeReason::Order);
  Step& step(const std::string& address);
  Plan plan;

 private:
  std::uint32_t number(const std::string& address) const;
};

/// Kubernetes bodies as short as the views need them.
Value deployment_body(const std::string& ns, const std::string& name, const std::string& image, std::int64_t replicas);
Value service_body(const std::string& ns, const std::string& name, int port, int to);

Plan first_plan();          // three clusters join, two workloads
Plan image_plan();          // one line changed, forty clusters
Plan drain_plan();          // replicas leave one cluster
Plan drift_plan();          // others changed things
Plan blocked_plan();        // a limit, a guard, a protection
Plan nothing_plan();        // all is as stated
Plan mixed_plan();          // scaling, texts, secrets, replace, adopt, forget, deferred, hostile text

}  // namespace mcp::test
