#pragma once
// Bodies in tests are written as YAML of one document.
#include <string_view>

#include "lang/value/yaml.hpp"

namespace mcp::test {

inline Value yaml(std::string_view text) { return parse_yaml(text).value().front(); }

}  // namespace mcp::test
