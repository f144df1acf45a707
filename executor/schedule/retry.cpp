#include "executor/schedule/retry.hpp"

#include <algorithm>

namespace mcp {

std::optional<Duration> retry_delay(const RetryRules& rules, int sent, std::uint32_t jitter, std::optional<Duration> told) {
  if (sent >= rules.attempts) return std::nullopt;
  Duration bound = rules.first;
  for (int i = 1; i < sent && bound < rules.most; ++i) bound *= 2;
  bound = std::min(bound, rules.most);
  // At least a millisecond, so that a retry is never in the same instant.
  const auto part = static_cast<std::uint64_t>(bound.count()) * (std::uint64_t{jitter} + 1) >> 32U;
  Duration delay{std::max<std::int64_t>(1, static_cast<std::int64_t>(part))};
  if (told) delay = std::max(delay, *told);
  return delay;
}

/// source: the finaliser of splitmix64 (Steele, Lea, Flood 2014).
std::uint32_t jitter_of(std::uint64_t seed, std::uint32_t step, int attempt) {
  std::uint64_t z = seed + 0x9e3779b97f4a7c15ULL * ((std::uint64_t{step} << 8U) + static_cast<std::uint64_t>(attempt) + 1);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return static_cast<std::uint32_t>((z ^ (z >> 31U)) >> 32U);
}

}  // namespace mcp
