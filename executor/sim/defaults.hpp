#pragma once
// What a Kubernetes server adds to an object when it is left out, and how it spells quantities. A pure function of the
// content. Source: Kubernetes API reference (defaults of apps/v1, core/v1).
#include <string_view>

#include "lang/value/value.hpp"

namespace mcp {

/// `content` with canonical quantities and defaults. Idempotent.
Value with_defaults(std::string_view api, std::string_view kind, const Value& content);

}  // namespace mcp
