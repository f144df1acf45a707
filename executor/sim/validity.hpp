#pragma once
// What an API server says of a complete object besides its form: names, ranges, fields that are required or exclude each
// other. Rows by type and field. Only whether it is refused is as real; the texts are ours. Pure.
#include <string>
#include <string_view>

#include "lang/value/value.hpp"

namespace mcp {

/// The first field at fault and what is wrong; empty: all is well.
std::string invalid(std::string_view api, std::string_view kind, const Value& object);

/// Likewise of what cannot be read at all: quantities, base64.
std::string unreadable(std::string_view api, std::string_view kind, const Value& object);

}  // namespace mcp
