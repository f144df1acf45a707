#pragma once
// Faults of a simulated member: a script of what goes wrong next, read from text and written back as it is used up.
// Pure: chance is an argument.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lang/base/result.hpp"

namespace mcp {

enum class SimFault : std::uint8_t {
  None,
  Throttle,     // 429, nothing happened
  Conflict,     // 409 without a cause, nothing happened
  Error,        // 500, nothing happened, which the caller cannot know
  ErrorAfter,   // 500, but it took effect
  LostRequest,  // no answer, nothing happened
  LostReply,    // no answer, but it took effect
  Refuse,       // connection refused
};
std::string_view to_string(SimFault fault);

/// "429*3, lost-reply, image=web:bad, random=5, seed=7": the next three writes are throttled, the reply of the one after
/// is lost, images that contain web:bad are never pulled, and of all requests 5 % fail in some way.
struct SimScript {
  std::vector<std::pair<SimFault, int>> next;
  std::vector<std::string> images;
  int random_percent = 0;
  std::uint64_t seed = 1;

  static Result<SimScript> parse(std::string_view text);
  std::string text() const;
  bool empty() const { return next.empty() && images.empty() && random_percent == 0; }
  /// The fault of request number `number`, `write` or not; takes it off the script.
  SimFault take(std::uint64_t number, bool write);
};

}  // namespace mcp
