#include "executor/engine/drivers.hpp"

#include "executor/sim/sim_fleet.hpp"

namespace mcp {

Result<std::unique_ptr<Fleet>> make_fleet(const FleetOptions& options) {
  if (options.driver != "sim")
    return fail("driver \"kubernetes\" is not there yet: this version works on simulated members only", "write `driver = \"sim\"` in the `mcp` block, or add `--driver sim`");
  auto fleet = MCP_TRY(make_sim(options));
  return std::unique_ptr<Fleet>(std::move(fleet));
}

Result<std::unique_ptr<SimFleet>> make_sim(const FleetOptions& options) {
  SimOptions sim;
  sim.path = options.state_dir + "/sim.db";
  sim.project = options.project;
  sim.capacity = options.capacity;
  return SimFleet::open(std::move(sim));
}

}  // namespace mcp
