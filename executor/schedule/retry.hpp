#pragma once
// When to send again after a request that did not get through: a function of its arguments, so that its test is a table.
// Never sleeps, draws no number.
#include <cstdint>
#include <optional>

#include "executor/fleet/fleet.hpp"

namespace mcp {

struct RetryRules {
  Duration first{500};       // bound of the first delay; doubles
  Duration most{30'000};
  int attempts = 8;          // requests in all
  Duration silence{60'000};  // a member that answers nothing for so long is given up
};

/// Delay before request number `sent + 1`. `told` (Retry-After) wins when it is longer; else a part of the doubling bound
/// chosen by `jitter` ("full jitter": any part, so that many clients do not come back together).
/// sent     1 ..: requests sent so far
/// jitter   0 .. 2^32 - 1, taken as a fraction
/// returns  nullopt when all attempts are used up
std::optional<Duration> retry_delay(const RetryRules& rules, int sent, std::uint32_t jitter, std::optional<Duration> told = {});

/// A number that is as good as random for jitter and the same in every run: of a step and its attempt.
std::uint32_t jitter_of(std::uint64_t seed, std::uint32_t step, int attempt);

}  // namespace mcp
