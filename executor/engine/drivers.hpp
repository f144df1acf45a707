#pragma once
// The drivers by name: the one place that knows which there are.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "executor/fleet/fleet.hpp"
#include "lang/base/result.hpp"

namespace mcp {

struct FleetOptions {
  std::string driver;                    // "sim", "kubernetes"
  std::string state_dir;
  std::string project;
  std::map<std::string, std::optional<std::int64_t>> capacity;   // Pods, of simulated members
};

/// Errors: a driver that is not there yet; the simulator's file cannot be read.
Result<std::unique_ptr<Fleet>> make_fleet(const FleetOptions& options);

class SimFleet;
/// The simulator itself, for the commands that play with it.
Result<std::unique_ptr<SimFleet>> make_sim(const FleetOptions& options);

}  // namespace mcp
