#pragma once
// Short printed forms of outcomes, for messages and tests.
#include <string>

#include "executor/fleet/fleet.hpp"

namespace mcp {

/// "done", "mismatch: ...", "429, again in 1000 ms": never a secret, never an object.
std::string to_string(const Outcome& outcome);

}  // namespace mcp
