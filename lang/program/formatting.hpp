#pragma once
// One source text to its one layout, for `mcp fmt`. Reads and writes no file.
#include <string>

#include "lang/base/diagnostic_text.hpp"

namespace mcp {

struct Formatted {
  bool ok = false;         // false: syntax errors, which `findings` tells; `text` is empty
  std::string text;
  std::string findings;
};

Formatted format_source(const std::string& name, std::string bytes, Colour colour);

}  // namespace mcp
