#include "executor/fleet/asking.hpp"

namespace mcp {

// Runs count from 1; a fleet sees both.
OpId next_question() {
  static std::uint64_t last = 1'000'000'000;
  return OpId{++last};
}

}  // namespace mcp
