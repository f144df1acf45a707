#pragma once
// The recorded state as pieces of text, a JSON object a line, and back: members, divisions, ended applies with their
// history, objects with their bodies. What is a cache or this machine's own (observations, locks, the journal) stays out.
#include <cstdint>
#include <vector>

#include "executor/shared/pieces.hpp"
#include "planner/store/store.hpp"

namespace mcp {

/// In an order that depends on nothing but the content. docs/state-format.md describes the lines.
Result<std::vector<Piece>> state_pieces(Store& store);

/// Makes the store say what `fresh` says where it said what `stale` says. Requires: a transaction is open; pieces that
/// stay as they are stand in neither. Errors: a line that cannot be read; nothing may be committed then.
Result<void> replace_pieces(Store& store, const std::vector<Piece>& stale, const std::vector<Piece>& fresh);

/// An apply as a JSON object, and back. Nullopt: it is none.
Value run_value(const RunRow& run);
std::optional<RunRow> run_of(const Value& value);

}  // namespace mcp
