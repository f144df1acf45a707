// Mistakes in, findings out: one a statement, at the place to look at, and all else is still understood.
#include "tests/support/catch.hpp"
#include "tests/support/policy_text.hpp"

using namespace mcp::test;

namespace {

struct Mistake {
  const char* name;
  const char* source;
  const char* codes;
};

}  // namespace

TEST_CASE("each mistake is reported once, where it is") {
  const Mistake cases[] = {
      {"no value", "let a =\nlet b = 2\n", "E0105 1:8\n"},
      {"no key value", "let a = { one = 1, two }\n", "E0105 1:20\n"},
      {"colon for equals", "let a = { one: 1 }\n", "E0105 1:14\n"},
      {"a chain of comparisons", "let a = 1 < 2 < 3\n", "E0110 1:15\n"},
      {"equality chains no better", "let a = b == c != d\n", "E0110 1:16\n"},
      {"an unknown unit", "let a = 5lightyears\n", "E0112 1:10\n"},
      {"a fraction", "let a = 1.5\n", "E0112 1:9\n"},
      {"65 bits", "let a = 9223372036854775808\n", "E0402 1:9\n"},
      {"a reserved name", "let where = 3\n", "E0104 1:5\n"},
      {"a reserved key", "let a = { in = 3 }\n", "E0104 1:11\n"},
      {"a lonely else", "else { a = 1 }\n", "E0104 1:1\n"},
      {"a semicolon", "let a = 1;\nlet b = 2\n", "E0108 1:10\n"},
      {"single quotes", "let a = 'b'\n", "E0101 1:9\n"},
      {"an arrow", "let f = (x) => x\n", "E0107 1:13\n"},
      {"a ternary", "let f = a ? b : c\n", "E0107 1:11\n"},
      {"two assignments", "a = b = c\n", "E0107 1:7\n"},
      {"a string left open", "let a = \"b\nlet c = 1\n", "E0103 1:9\n"},
      {"a long string left open", "let a = \"\"\"\n  text\n", "E0103 1:9\n"},
      {"a comment left open", "a = 1\n/* b\n", "E0103 2:1\n"},
      {"an interpolation left open", "let a = \"${b\"\n", "E0103 1:9\n"},
      {"nothing to interpolate", "let a = \"${ }\"\n", "E0105 1:10\n"},
      {"a mistake in an interpolation", "let a = \"x${b +}\"\n", "E0105 1:15\n"},
      {"an unknown escape", "let a = \"\\q\"\n", "E0111 1:10\n"},
      {"half a surrogate", "let a = \"\\u{D800}\"\n", "E0111 1:10\n"},
      {"a text on the line of its quotes", "let a = \"\"\"b\n  \"\"\"\n", "E0113 1:9\n"},
      {"a text left of its end", "let a = \"\"\"\n b\n  \"\"\"\n", "E0113 2:1\n"},
      {"a brace that closes nothing", "a = 1\n}\nb = 2\n", "E0106 2:1\n"},
      {"a brace on the next line", "place\n{\n}\n", "E0105 1:6\n"},
      {"a bracket left open", "a = [1, 2\nb = 3\n", "E0105 1:10\n"},
      {"a call left open", "a = f(1\nb = 3\n", "E0105 1:8\n"},
      {"a param without type", "param a = 1\n", "E0105 1:9\n"},
      {"an effect without when", "deny a, \"b\"\n", "E0105 1:6\n"},
      {"a check without message", "check a\n", "E0105 1:8\n"},
      {"two statements on one line", "let a = 1 let b = 2\n", "E0107 1:11\n"},
      {"an operator at the end", "let a = 1 +\n", "E0105 1:11\n"},
  };
  for (const Mistake& each : cases) {
    INFO(each.name << "\n" << findings_of(each.source));
    CHECK(codes_of(each.source) == each.codes);
  }
  CHECK(codes_of(std::string("a = 1\0", 6)) == "E0101 1:6\n");
  CHECK(codes_of("a = \"\xC3\x28\"") == "E0101 1:6\n");
}

TEST_CASE("a faulty statement costs no other") {
  CHECK(tree_of("let a = 1\nlet b = = 2\nlet c = 3\n") == tree_of("let a = 1\nlet c = 3\n"));
  CHECK(tree_of("a {\n  b = 1\n  c = ]\n  d = 2\n}\ne = 3\n") == tree_of("a {\n  b = 1\n  d = 2\n}\ne = 3\n"));
  CHECK(codes_of("a = ]\nb = )\nc = 1\nd =\n") == "E0105 1:5\nE0105 2:5\nE0105 4:4\n");
}

TEST_CASE("a brace that stays open is found by its indentation") {
  CHECK(findings_of("workload web in shop {\n  container web {\n    image = \"a\"\n  place {\n    min = 1\n  }\n}\n") ==
        "error[E0102]: `{` of `container web` is never closed\n"
        "  --> x.mcp:2:17\n"
        "   |\n"
        " 2 |   container web {\n"
        "   |                 ^ opened here\n"
        " 4 |   place {\n"
        "   |   - by its indentation, the `}` is missing before this line\n");
  CHECK(codes_of("workload a in shop {\n  replicas = 1\nworkload b in shop {\n}\n") == "E0102 1:20\n");
  CHECK(codes_of("workload a in shop {\n  replicas = 1\n") == "E0102 1:20\n");
}

TEST_CASE("what is printed says what was found, what was expected, and what to do") {
  CHECK(findings_of("let a = { one: 1 }\n") ==
        "error[E0105]: expected `=` after the key, found `:`\n"
        "  --> x.mcp:1:14\n"
        "   |\n"
        " 1 | let a = { one: 1 }\n"
        "   |              ^\n"
        "   = help: entries are written `key = value`\n");
}
