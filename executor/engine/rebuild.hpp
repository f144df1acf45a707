#pragma once
// Making a lost state again from what the members hold: objects of the project by label, their bodies from the fields
// that mcp owns, addresses and protection from their annotations. Writes the state, no member.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "executor/engine/project.hpp"

namespace mcp {

struct Rebuilt {
  std::size_t objects = 0;
  std::vector<std::string> members;      // that answered and hold our marker
  std::vector<std::string> silent;       // that could not be read: their objects are not recorded
};

/// `now_ms`: wall clock, for people.
/// Errors: there is a state with rows already; a member's list did not complete; the driver.
Result<Rebuilt> rebuild(const Project& project, std::int64_t now_ms);

}  // namespace mcp
