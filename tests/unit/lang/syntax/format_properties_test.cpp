// Laws of the formatter over random files in every layout. Seeds count up from 0, so a failure repeats itself.
#include "tests/support/catch.hpp"
#include "tests/support/policy_text.hpp"
#include "tests/support/random_policy.hpp"

using namespace mcp::test;

namespace {

std::size_t occurrences(const std::string& text, const std::string& of) {
  std::size_t n = 0;
  for (auto at = text.find(of); at != std::string::npos; at = text.find(of, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("random policies have no syntax error, so the laws below speak of something") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::string text = random_policy(seed, 1 + seed % 12);
    INFO(findings_of(text) << text);
    REQUIRE(parses(text));
  }
}

TEST_CASE("formatting keeps the tree and is done after one go") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const std::string fault = formatting_fault(random_policy(seed, 1 + seed % 9));
    INFO("seed " << seed);
    REQUIRE(fault == "");
  }
}

TEST_CASE("formatted files end in one newline, and no blank line stands beside another") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::string once = formatted(random_policy(seed, 5));
    INFO("seed " << seed << "\n" << once);
    CHECK(once.ends_with('\n'));
    CHECK(!once.ends_with("\n\n"));
    CHECK(!once.starts_with('\n'));
    CHECK(once.find("\n\n\n") == std::string::npos);  // none of the random strings holds that
  }
}

TEST_CASE("no comment is lost and none is doubled") {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const std::string text = random_policy(seed, 6);
    const std::string once = formatted(text);
    for (const char* comment : {"// why", "# because", "/* note */", "// a comment", "# another", "documents", "/* one line */", "/* two"}) {
      INFO("seed " << seed << ", " << comment);
      REQUIRE(occurrences(text, comment) == occurrences(once, comment));
    }
  }
}
