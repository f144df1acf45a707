#include "lang/eval/builtins/natives.hpp"

#include "lang/base/check.hpp"
#include "lang/sema/functions.hpp"

namespace mcp {

std::span<const Native> natives() {
  static const std::vector<Native> table = [] {
    std::vector<Native> out(native_functions().size(), nullptr);
    for (const auto part : {list_natives(), number_natives(), string_natives(), encoding_natives(), source_natives()})
      for (const NativeEntry& entry : part) {
        const int at = native_index(entry.name);
        MCP_CHECK(at >= 0, "a native function without a signature");
        out[static_cast<std::size_t>(at)] = entry.run;
      }
    for (const Native each : out) MCP_CHECK(each != nullptr, "a signature without its native function");
    return out;
  }();
  return table;
}

}  // namespace mcp
