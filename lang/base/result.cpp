#include "lang/base/result.hpp"

namespace mcp {

std::string Error::text() const {
  std::string out;
  for (auto it = context.rbegin(); it != context.rend(); ++it) out += *it + ": ";
  return out + message;
}

}  // namespace mcp
