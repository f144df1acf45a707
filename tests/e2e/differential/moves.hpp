#pragma once
// What is done to an API server and to its simulation alike: from a seed, a sequence of requests over a few names of the
// kinds that mcp writes. A move knows no server: which uid or version it expects is said by what it was, not by its text.
#include <array>

#include "executor/fleet/fleet.hpp"
#include "tests/support/random_policy.hpp"

namespace mcp::test {

/// Which identity a request expects of its object.
enum class Whose : std::uint8_t { Anyone, Present, Former, Foreign };

struct Move {
  Operation op;                    // of no member yet, and without preconditions
  Whose uid = Whose::Anyone;
  Whose version = Whose::Anyone;
  const ObjectRef& ref() const;
  /// What it does, for people.
  std::string text() const;
};

/// `count` moves and a few that make the namespaces first; `prefix` begins the names of those.
std::vector<Move> moves_of(std::uint64_t seed, std::size_t count, const std::string& prefix);
/// The namespaces that moves_of() uses, and what ends whatever may hold them.
std::array<std::string, 2> namespaces_of(const std::string& prefix);
std::vector<Move> clearing_of(const std::string& prefix);

/// The kinds whose objects nobody changes but who writes them: their versions can be told in advance.
bool quiet(const std::string& kind);

/// In moves a secret value stands for itself: its fingerprint is this text and the value.
inline constexpr std::string_view print_of_secret = "print of ";

}  // namespace mcp::test
