#pragma once
// What stands already where the policy wants something that is not recorded: objects of others, of another project, or
// ours whose record was lost. They are looked for by name before a plan calls them new.
#include <map>
#include <string>
#include <vector>

#include "executor/fleet/fleet.hpp"
#include "planner/diff/rows.hpp"
#include "planner/model/desired.hpp"

namespace mcp {

struct Existing {
  std::vector<ObservedRow> rows;                 // in the order of `observed` rows
  std::map<std::string, std::string> unclear;    // why, by member: it did not say of all of them
};

/// Rows for those that are there. Only members of `answering` (sorted) are asked; what
/// lies in a namespace that is not there is not asked for. `rows`: what is recorded, in row order.
Existing find_existing(Fleet& fleet, const std::string& project, const Desired& desired, const std::vector<RecordedRow>& rows,
                                       const std::vector<std::string>& answering);

}  // namespace mcp
