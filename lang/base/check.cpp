#include "lang/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace mcp {

void check_failed(const char* file, int line, const char* condition, std::string_view message) {
  std::fprintf(stderr, "mcp: internal error at %s:%d: MCP_CHECK(%s): %.*s\n", file, line, condition,
               static_cast<int>(message.size()), message.data());
  std::fprintf(stderr, "This is a fault of mcp, not of your files. Nothing unfinished was recorded as done.\n");
  std::abort();
}

}  // namespace mcp
