#pragma once
// Defaults of attributes in their lowered form, read from the schema's own text, so that table and docs cannot disagree.
#include <vector>

#include "lang/topology/topology.hpp"

namespace mcp {

/// One cell per attribute of the kind, with its default (null where it has none). Defaults that depend on the object
/// (selector, context, memory_limit) or on the members (place.on) are set by the expander.
const std::vector<Cell>& default_cells(BlockKind kind);

}  // namespace mcp
