#pragma once
// An outcome, reduced to what must be the same on an API server and on its simulation, and the difference of two of them.
// What is left out here is all that may differ: the list stands in docs/testing.md.
#include "executor/fleet/fleet.hpp"

namespace mcp::test {

/// The outcome as a value: its kind, codes, conflicts, and objects without what each server chooses for itself.
Value comparable(const Outcome& outcome);

/// The object alone.
Value comparable_object(const Value& object);

/// Lines `- path: value` of what only `first` says and `+ path: value` of what only `second` does; empty: equal.
std::string difference(const Value& first, const Value& second);

}  // namespace mcp::test
