#pragma once
// Bodies in the one form in which they are compared and digested: quantities canonical, nothing that means "unset", no
// fields that servers keep. And the part of a member's object that the policy states.
#include <string_view>

#include "lang/value/value.hpp"

namespace mcp {

/// `body` as a server would take it from us: without nulls, `status` and what servers own in `metadata`; where the fields
/// are those of a built-in kind, with canonical quantities (as strings) and without empty maps that mean nothing.
/// Idempotent. The order of lists is kept.
Value normalize(std::string_view kind, const Value& body);

/// `live`, cut to the fields that `stated` holds: maps key by key, keyed lists item by item (in the order of `stated`),
/// all else whole. A stated field that `live` lacks is left out. Quantities come canonical, so that equal is equal.
Value owned_fields(std::string_view kind, const Value& stated, const Value& live);

}  // namespace mcp
