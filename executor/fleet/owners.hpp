#pragma once
// Who holds which field of an object, read from metadata.managedFields as servers write it. Pure; knows no request.
#include <string>
#include <string_view>
#include <vector>

#include "planner/diff/rows.hpp"

namespace mcp {

/// Fields of `stated` (a body) that managers other than "mcp" hold in `live`, by path, then manager.
std::vector<FieldOwner> other_owners(std::string_view kind, const Value& stated, const Value& live);

/// True if "mcp" holds anything in `live` by server-side apply.
bool held_by_us(const Value& live);

}  // namespace mcp
