#pragma once
// Making a plan: refresh, place, model, compare. The one way from a project folder to a Plan, for plan, apply, destroy,
// drift, graph and status.
#include <functional>
#include <optional>
#include <string>

#include "executor/engine/drivers.hpp"
#include "executor/engine/project.hpp"
#include "executor/run/secrets.hpp"
#include "planner/pipeline/assemble.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

enum class Refresh : std::uint8_t { Changed, All, None };

struct PlanRequest {
  PlanOptions options;
  Refresh refresh = Refresh::Changed;
  bool may_write = true;          // keep what was learnt in the cache, make the key of fingerprints
  std::int64_t now_ms = 0;        // wall clock
  std::string mcp_version;
};

struct PlannedMember {
  std::string name;
  Reach reach = Reach::Answered;
  std::string identity;
  std::string version;
  std::string detail;             // why it does not answer
};

struct Planned {
  bool valid = false;             // false: the project's diagnostics say why
  Plan plan;
  std::vector<PlannedMember> members;
  std::string shared_problem;     // why the MCP cluster could not be asked; empty: it was, or there is none
  std::int64_t open_apply = 0;    // number of an apply that was interrupted and is to be resumed first; 0: none
  Evaluated evaluated;
  Recorded recorded;
  std::map<std::string, double> seconds;   // phases, for --stats
};

/// The fleet of the project's members, and of those that are `recorded` and no longer stated.
FleetOptions fleet_options(const Project& project, const std::vector<RecordedMember>& recorded = {});

/// Environment and files of the project folder, as sources of secrets.
SecretWorld secret_world(const std::string& dir);

/// Plans `project`. Findings of placing and modelling go to its diagnostics.
/// Errors: the state, a driver that is not there yet, a clash of projects (exit 5).
Result<Planned> make_plan(Project& project, const PlanRequest& request);

/// Ready Pods as the members say, by (workload address, member); members that do not answer are left out.
Result<std::map<std::pair<std::string, std::string>, std::int64_t>> ready_replicas(const Project& project);

}  // namespace mcp
