// Text in, tree out.
#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/support/policy_text.hpp"

using namespace mcp::test;

namespace {

/// The tree of an expression.
std::string tree_of_expr(const std::string& text) {
  const std::string source = "x = " + text + "\n";
  if (!parses(source)) return findings_of(source);
  std::string tree = tree_of(source);
  std::string out;
  for (std::size_t i = tree.find('\n') + 1; i < tree.size();) {
    const std::size_t end = tree.find('\n', i);
    out += tree.substr(i + 2, end - i - 1);
    i = end + 1;
  }
  return out;
}

/// The tree as one line, nesting shown by brackets.
std::string brief(const std::string& tree) {
  std::string out;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < tree.size();) {
    const std::size_t end = tree.find('\n', i);
    const std::size_t ink = tree.find_first_not_of(' ', i);
    const std::size_t level = (ink - i) / 2;
    if (i > 0) {
      if (level > depth) out += " (";
      else out += std::string(depth - level, ')') + (out.empty() ? "" : ", ");
    }
    out += tree.substr(ink, end - ink);
    depth = level;
    i = end + 1;
  }
  return out + std::string(depth, ')');
}

struct Tree {
  const char* source;
  const char* tree;
};

void check_exprs(std::initializer_list<Tree> cases) {
  for (const Tree& each : cases) {
    INFO(each.source);
    CHECK(brief(tree_of_expr(each.source)) == each.tree);
  }
}

void check_stmts(std::initializer_list<Tree> cases) {
  for (const Tree& each : cases) {
    INFO(each.source << findings_of(each.source));
    CHECK(brief(tree_of(each.source)) == each.tree);
    CHECK(parses(each.source));
  }
}

}  // namespace

TEST_CASE("operators bind by their level, and to the left at one level") {
  check_exprs({
      {"1 + 2 * 3", "binary + (number 1, binary * (number 2, number 3))"},
      {"1 - 2 - 3", "binary - (binary - (number 1, number 2), number 3)"},
      {"8 / 4 * 2", "binary * (binary / (number 8, number 4), number 2)"},
      {"a ?? b || c && d", "binary ?? (name a, binary || (name b, binary && (name c, name d)))"},
      {"a == b + 1 && c", "binary && (binary == (name a, binary + (name b, number 1)), name c)"},
      {"l where .x ?? y", "binary where (name l, binary ?? (row .x, name y))"},
      {"l where .x where .y", "binary where (binary where (name l, row .x), row .y)"},
      {"a not in b || c in d", "binary || (binary not in (name a, name b), binary in (name c, name d))"},
      {"!a == b", "binary == (not (name a), name b)"},
      {"-a.b * 2", "binary * (negate (member .b (name a)), number 2)"},
      {"- -1", "negate (negate (number 1))"},
      {"(1 + 2) * 3", "binary * (binary + (number 1, number 2), number 3)"},
      {"a == b && c == d", "binary && (binary == (name a, name b), binary == (name c, name d))"},
      {"if a then b else c + 1", "if (name a, name b, binary + (name c, number 1))"},
      {"if a then b else if c then d else e", "if (name a, name b, if (name c, name d, name e))"},
  });
}

TEST_CASE("what touches a value belongs to it") {
  check_exprs({
      {"a.b?.c[1](2)", "call (index (member ?.c (member .b (name a)), number 1), number 2)"},
      {"f()", "call (name f)"},
      {"f(1, to = 2,)", "call (name f, number 1, argument to, number 2)"},
      {"{ a = 1 }[.x]", "index (object (entry a (number 1)), row .x)"},
      {"a-b", "name a-b"},
      {"a - b", "binary - (name a, name b)"},
      {"a -b", "binary - (name a, name b)"},
      {"1-2", "binary - (number 1, number 2)"},
      {"clusters where .a", "binary where (name clusters, row .a)"},
  });
}

TEST_CASE("numbers are whole and may have a unit") {
  check_exprs({
      {"50_000", "number 50000"}, {"250m", "number 250m"},   {"500ms", "number 500ms"}, {"15min", "number 15min"}, {"2h", "number 2h"},
      {"7d", "number 7d"},        {"256Mi", "number 256Mi"}, {"5GB", "number 5GB"},     {"30%", "number 30%"},     {"1_0kB", "number 10kB"},
      {"9223372036854775807", "number 9223372036854775807"},
  });
}

TEST_CASE("strings: escapes, interpolation, long and raw forms") {
  check_exprs({
      {R"("")", "string"},
      {R"("a\n\t\"\\\$\u{1F600}")", "string (text \"a\\u{a}\\u{9}\"\\$\xF0\x9F\x98\x80\")"},
      {R"("$5 and $")", "string (text \"$5 and $\")"},
      {R"("a${b}c${d}")", "string (text \"a\", name b, text \"c\", name d)"},
      {R"("${f("}")}")", "string (call (name f, string (text \"}\")))"},
      {R"("${{ a = "{" }["a"]}")", "string (index (object (entry a (string (text \"{\"))), string (text \"a\")))"},
      {R"(r"\n ${a}")", "string (text \"\\n ${a}\")"},
      {"\"\"\"\n    a\n      b\n    \"\"\"", "string (text \"a\\u{a}  b\\u{a}\")"},
      {"\"\"\"\n  a \\\n  b\n  \"\"\"", "string (text \"a b\\u{a}\")"},
      {"\"\"\"\n\n  a\n\n  \"\"\"", "string (text \"\\u{a}a\\u{a}\\u{a}\")"},
      {"\"\"\"\n  ${a}\n  \"\"\"", "string (name a, text \"\\u{a}\")"},
      {"r\"\"\"\n  \\n ${a}\n  \"\"\"", "string (text \"\\n ${a}\\u{a}\")"},
      {"\"\"\"\n  \"\"\"", "string"},
      {"\"\"\"\n  say \"\"hi\"\"\n  \"\"\"", "string (text \"say \"\"hi\"\"\\u{a}\")"},
  });
}

TEST_CASE("lists, objects and comprehensions") {
  check_exprs({
      {"[]", "list"},
      {"[1, [2],]", "list (number 1, list (number 2))"},
      {"{}", "object"},
      {"{ a = 1, \"b.c\" = 2, (d) = 3 }", "object (entry a (number 1), entry (string (text \"b.c\"), number 2), entry (name d, number 3))"},
      {"{\na = 1\n\nb = 2,\n}", "object (entry a (number 1), entry b (number 2))"},
      {"[for c in l : c.name if c.x]", "list for c (name l, member .name (name c), member .x (name c))"},
      {"{ for k, v in m : k => v }", "object for k, v (name m, name k, name v)"},
      {"{ for = 1 }", "object (entry for (number 1))"},
  });
}

TEST_CASE("a line end means nothing after an operator, in brackets, and before a line that goes on") {
  check_exprs({
      {"a &&\nb", "binary && (name a, name b)"},
      {"a\n&& b", "binary && (name a, name b)"},
      {"l\nwhere .x", "binary where (name l, row .x)"},
      {"a\nnot in b", "binary not in (name a, name b)"},
      {"[\n1,\n2\n]", "list (number 1, number 2)"},
      {"f(\n1\n)", "call (name f, number 1)"},
      {"(\na\n)", "name a"},
      {"if a\nthen b\nelse c", "if (name a, name b, name c)"},
      {"[for a in\nl :\na\nif b]", "list for a (name l, name a, name b)"},
  });
  CHECK(brief(tree_of("x = a\ny = b")) == "assign x (name a), assign y (name b)");
}

TEST_CASE("statements") {
  check_stmts({
      {"a.b += [1]", "append a.b (list (number 1))"},
      {"import \"std/a.mcp\" as b", "import as b (string (text \"std/a.mcp\"))"},
      {"let a: int? = 1", "let a (type int?, number 1)"},
      {"out a = b", "out a (name b)"},
      {"param a: list(string) = []", "param a (type list (type string), list)"},
      {"label tier: \"gold\" | \"silver\"", "label tier (type union (type \"gold\", type \"silver\"))"},
      {"type T = { a: int, b: map(string)? }", "type T (type record (field a (type int), field b (type map? (type string))))"},
      {"fn f(a: int, b: int) -> int = a", "fn f (parameter a (type int), parameter b (type int), type int, name a)"},
      {"component c { param a: int }", "component c (param a (type int))"},
      {"for k, v in m { a = k }", "for k, v (name m, assign a (name k))"},
      {"when a { b = 1 } else when c { d = 2 } else { e = 3 }",
       "when (name a, assign b (number 1)), else (when (name c, assign d (number 2)), else (assign e (number 3)))"},
      {"check a, \"b\"", "check (name a, string (text \"b\"))"},
      {"deny unless a, \"b\"", "deny unless (name a, string (text \"b\"))"},
      {"warn when a, b", "warn when (name a, name b)"},
      {"expect a == b, \"c\"", "expect value (binary == (name a, name b), string (text \"c\"))"},
      {"expect error E0501 { a = 1 }", "expect error E0501 (assign a (number 1))"},
      {"expect deny guard.g", "expect deny guard.g"},
      {"override { a = 1 }", "override (assign a (number 1))"},
      {"override workload[\"a/b\"] where .x { a = 1 }", "override workload (string (text \"a/b\"), row .x, assign a (number 1))"},
      {"place {}", "block place"},
      {"container.app { a = 1 }", "block container.app (assign a (number 1))"},
      {"workload web in shop {}", "block workload web in shop"},
      {"config \"a-${b}\" in \"${c}\" {}", "block config (string (text \"a-\", name b), string (name c))"},
      {"wave canary where .x == 1 { step = 10% }", "block wave canary (binary == (row .x, number 1), assign step (number 10%))"},
      {"a = 1, b { c = 2, d = 3 }, e = 4", "assign a (number 1), block b (assign c (number 2), assign d (number 3)), assign e (number 4)"},
  });
}

TEST_CASE("keywords are names wherever an assignment says so") {
  for (const char* word : {"import", "let", "out", "param", "label", "type", "fn", "component", "for", "when", "check", "deny", "warn", "expect", "override"}) {
    INFO(word);
    CHECK(brief(tree_of(std::string(word) + " = 1")) == "assign " + std::string(word) + " (number 1)");
    CHECK(brief(tree_of(std::string(word) + ".x = 1")) == "assign " + std::string(word) + ".x (number 1)");
  }
}

TEST_CASE("three slashes document the statement below") {
  CHECK(brief(tree_of("/// One.\n///  Two.\nlet a = 1")) == "/// One.\\u{a} Two., let a (number 1)");
  CHECK(brief(tree_of("/// Not this.\n// but\nlet a = 1")) == "let a (number 1)");
  CHECK(brief(tree_of("//// no documentation\nlet a = 1")) == "let a (number 1)");
  CHECK(brief(tree_of("/// One.\nlet a = 1\nlet b = 2")) == "/// One., let a (number 1), let b (number 2)");
}

TEST_CASE("a byte order mark and CRLF are none of the parser's business, blanks and comments are") {
  CHECK(brief(tree_of(" \t/* a */ let /* b */ a = /* c */ 1 // d\n/* d\n */\n# e")) == "let a (number 1)");
}

TEST_CASE("128 levels are fine, more are not") {
  const auto nested = [](int n) { return "x = " + std::string(static_cast<std::size_t>(n), '[') + std::string(static_cast<std::size_t>(n), ']'); };
  CHECK(parses(nested(100)));
  CHECK(codes_of(nested(200)).starts_with("E0109"));
}
