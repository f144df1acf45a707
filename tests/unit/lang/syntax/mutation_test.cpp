// Whatever bytes come in: the parser ends, says where it stopped, and the formatter only sees what it understands.
#include "tests/support/catch.hpp"
#include "tests/support/policy_text.hpp"
#include "tests/support/random_policy.hpp"

using namespace mcp::test;

TEST_CASE("a policy with random changes is either understood and kept, or refused with a place") {
  Dice dice(20240601);
  std::size_t understood = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const std::string text = mutated(random_policy(seed, 1 + seed % 5), dice, 1 + dice.below(4));
    INFO("seed " << seed);
    if (!parses(text)) {
      REQUIRE(!codes_of(text).empty());
      REQUIRE(!findings_of(text).empty());
      continue;
    }
    ++understood;
    REQUIRE(formatting_fault(text) == "");
  }
  CHECK(understood > 300);  // else this says nothing of the formatter
}

TEST_CASE("bytes of any sort are refused, not followed") {
  Dice dice(7);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::size_t n = dice.below(200); n > 0; --n) text += static_cast<char>(dice.below(256));
    if (!parses(text)) REQUIRE(!codes_of(text).empty());
  }
}

TEST_CASE("brackets without end are refused before the stack is") {
  for (const char* open : {"[", "(", "{ a = ", "a { ", "f(", "a[", "-", "!", "if ", "\"${", "[for a in ", "when a {} else "}) {
    std::string text = "x = ";
    if (std::string(open) == "a { " || std::string(open).starts_with("when")) text.clear();
    for (int i = 0; i < 20'000; ++i) text += open;
    INFO(open);
    CHECK(!parses(text));
    CHECK(!codes_of(text).empty());
  }
}
