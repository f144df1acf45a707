#pragma once
// Result<T>: a value, or an Error of the world (file, SQLite, a member). The user's mistakes are Diagnostics instead,
// and our own are MCP_CHECKs. MCP_TRY passes an Error on; context() says what was being tried.
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace mcp {

/// What went wrong outside of the program. `message` is one sentence in lower case without a final stop; `help` says
/// what to do next; `exit_code` is that of design README section 3 (1 unless something more exact is known).
struct Error {
  std::string message;
  std::string help;
  int exit_code = 1;
  std::vector<std::string> context;  // outermost last: "reading plan.mcpplan"

  /// "while reading plan.mcpplan: cannot open it: Permission denied"
  std::string text() const;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

inline tl::unexpected<Error> fail(std::string message, std::string help = {}, int exit_code = 1) {
  return tl::unexpected<Error>(Error{std::move(message), std::move(help), exit_code, {}});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

/// The same result; its Error, if any, also says what was tried.
template <class T>
Result<T> context(Result<T> result, std::string tried) {
  if (!result) result.error().context.push_back(std::move(tried));
  return result;
}

}  // namespace mcp

#define MCP_CONCAT_(a, b) a##b
#define MCP_CONCAT(a, b) MCP_CONCAT_(a, b)
#define MCP_TRY_IMPL(name, expression)                                 \
  ({                                                                   \
    auto name = (expression);                                          \
    if (!name) return ::mcp::fail(std::move(name).error());            \
    ::mcp::detail::unwrap(std::move(name));                            \
  })
/// The value of a Result, or a return of its Error from this function. A statement expression, so it nests.
#define MCP_TRY(expression) MCP_TRY_IMPL(MCP_CONCAT(mcp_try_, __COUNTER__), expression)

namespace mcp::detail {
template <class T>
T unwrap(Result<T>&& result) {
  return *std::move(result);
}
inline void unwrap(Result<void>&&) {}
}  // namespace mcp::detail
