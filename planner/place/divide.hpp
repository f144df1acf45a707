#pragma once
// The arithmetic of a division by Webster's method (Sainte-Lague): counts rise or fall along one line in which a part of
// weight w with c replicas stands at w / (2c + 1). Exact integers; knows neither members nor rules.
#include <cstdint>
#include <span>

namespace mcp {

/// One part of a division; parts stand in the order of their names, which decides the last ties.
struct Part {
  std::int64_t weight = 0;   // 0 .. 10^9
  std::int64_t count = 0;    // 0 .. 10^7
  std::int64_t limit = 0;    // give: most; take: least
};

/// Is the next replica of a part (weight `wx`, count `cx`) due before that of another? Equal parts: neither is.
constexpr bool due_before(std::int64_t wx, std::int64_t cx, std::int64_t wy, std::int64_t cy) {
  const std::int64_t x = wx * (2 * cy + 1);   // below 2^51
  const std::int64_t y = wy * (2 * cx + 1);
  return x != y ? x > y : cx < cy;
}

/// Raises counts of parts with a weight, no count above its limit, by `total` in all or as far as limits permit: each
/// replica to the part that is due first. Returns what was left over. The result is that of one replica at a time; for
/// large numbers it is found by a cut through the line.
/// cost: O(k log k + 60 k) for k parts, whatever `total` is
std::int64_t give(std::span<Part> parts, std::int64_t total);

/// Lowers counts, none below its limit, by `total` in all: each time the part whose last replica was due last. Parts of
/// weight 0 are last of all. Returns what could not be taken.
std::int64_t take(std::span<Part> parts, std::int64_t total);

namespace detail {
/// The definitions, one replica at a time: what give() and take() must equal.
std::int64_t give_one_by_one(std::span<Part> parts, std::int64_t total);
std::int64_t take_one_by_one(std::span<Part> parts, std::int64_t total);
}  // namespace detail

}  // namespace mcp
