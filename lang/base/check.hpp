#pragma once
// MCP_CHECK: we are wrong. Aborts with the condition, its place and a message, in release builds too.
#include <string_view>

namespace mcp {
[[noreturn]] void check_failed(const char* file, int line, const char* condition, std::string_view message);
}

#define MCP_CHECK(condition, message)                                               \
  do {                                                                              \
    if (!(condition)) [[unlikely]]                                                  \
      ::mcp::check_failed(__FILE__, __LINE__, #condition, message);                 \
  } while (false)
