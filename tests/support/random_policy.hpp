#pragma once
// Random policy text that the parser accepts, in every layout the language allows: odd blanks, line ends wherever one
// may stand, comments, trailing commas, one-line and broken blocks. The names mean nothing, so only the syntax is valid.
#include <cstdint>
#include <string>

namespace mcp::test {

/// A small deterministic generator of numbers (splitmix64), the same on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// 0 .. n-1. Requires: n > 0.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

/// About `statements` statements at the top.
std::string random_policy(std::uint64_t seed, std::size_t statements);

/// `text` with `count` random changes: bytes and pieces removed, doubled, moved, replaced by what means something.
std::string mutated(std::string text, Dice& dice, std::size_t count);

}  // namespace mcp::test
