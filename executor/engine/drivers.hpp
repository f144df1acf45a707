#pragma once
// The drivers by name: the one place that knows which there are.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "executor/engine/project.hpp"
#include "executor/fleet/fleet.hpp"
#include "lang/base/result.hpp"

namespace mcp {

struct FleetOptions {
  std::string driver;                    // "sim", "kubernetes"
  Connection connection;
  std::map<std::string, std::string> contexts;             // kubeconfig context by member, where it is not its name
  std::string mcp_cluster;               // kubeconfig context of the MCP cluster; empty: there is none
  std::string state_dir;
  std::string project;
  std::map<std::string, std::optional<std::int64_t>> capacity;   // Pods, of simulated members
};

/// Takes from a cluster's row what reaching it needs: context, capacity of a simulated one.
void add_member(FleetOptions& options, const std::string& name, const Value& row);

/// Errors: kubeconfig files that are none; the simulator's file cannot be read.
Result<std::unique_ptr<Fleet>> make_fleet(const FleetOptions& options);

class SimFleet;
/// The simulator itself, for the commands that play with it.
Result<std::unique_ptr<SimFleet>> make_sim(const FleetOptions& options);

}  // namespace mcp
