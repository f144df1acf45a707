#pragma once
// Expander: from a Unit to a Topology. First it meets all declarations (loops and conditions run, names are known), then
// it evaluates their bodies, so that any object may refer to any other, in whatever order they stand.
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "lang/eval/interp.hpp"
#include "lang/topology/topology.hpp"

namespace mcp {

struct Expanded {
  Topology topology;
  std::vector<RowFailure> row_failures;
  std::uint64_t steps = 0;
};

/// `directory` names the project where no `mcp` block does. Reports to the reading's diagnostics.
Expanded expand(const Unit& unit, Reading& reading, const std::string& directory);

}  // namespace mcp
