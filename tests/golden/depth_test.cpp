// Small files that nest as deep as they can: one finding at most, and never the end of the stack.
#include <pthread.h>

#include <functional>
#include <string>

#include "lang/base/diagnostic_text.hpp"
#include "lang/program/formatting.hpp"
#include "lang/program/stages.hpp"
#include "planner/pipeline/evaluate.hpp"
#include "tests/support/catch.hpp"

namespace mcp {
namespace {

constexpr const char* fleet =
    "mcp x { driver = \"sim\" }\n"
    "cluster a { cloud = \"aws\", region = \"r\" }\n"
    "namespace n {}\n";

std::string repeated(std::string_view part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

std::string lines(int count, const std::function<std::string(int)>& line) {
  std::string out;
  for (int i = 0; i < count; ++i) out += line(i) + "\n";
  return out;
}

std::string number(int i) { return std::to_string(i); }

/// Runs `work` on the stack of a process, or on one as much larger as sanitizers make each frame.
void on_a_stack(const std::function<void()>& work) {
#if defined(__SANITIZE_ADDRESS__)
  pthread_attr_t attributes;
  REQUIRE(::pthread_attr_init(&attributes) == 0);
  REQUIRE(::pthread_attr_setstacksize(&attributes, std::size_t{128} << 20U) == 0);
  pthread_t thread{};
  const auto run = [](void* argument) -> void* {
    (*static_cast<const std::function<void()>*>(argument))();
    return nullptr;
  };
  REQUIRE(::pthread_create(&thread, &attributes, run, const_cast<std::function<void()>*>(&work)) == 0);
  REQUIRE(::pthread_join(thread, nullptr) == 0);
  ::pthread_attr_destroy(&attributes);
#else
  work();
#endif
}

/// Codes of all findings; what walks over the tree otherwise walks, too.
std::string codes_here(const std::string& source) {
  const auto tree = memory_tree({{"main.mcp", fleet + source}}, "project");
  Loaded loaded = load(*tree, {});
  if (loaded.ok()) evaluate(loaded, {}, {});
  std::string out;
  for (const Diagnostic& d : loaded.diagnostics.all()) out += (out.empty() ? "" : " ") + d.code;
  print_stages(*tree, "");
  format_source("main.mcp", fleet + source, Colour::No);
  return out;
}

std::string codes(const std::string& source) {
  std::string out;
  on_a_stack([&] { out = codes_here(source); });
  return out;
}

/// A config that reads `value`, an int, before any `let` is evaluated on its own.
std::string reads(const std::string& value) { return "config c in n {\n  on   = clusters\n  data = { k = \"${" + value + "}\" }\n}\n"; }

struct Deep {
  const char* name;
  std::string source;
  const char* codes;
};

TEST_CASE("what nests deep is evaluated, or has one finding") {
  const auto chain = [](const std::string& first, int count, const std::function<std::string(const std::string&)>& of) {
    return lines(count, [&](int i) { return "let a" + number(i) + " = " + (i == 0 ? first : of("a" + number(i - 1))); });
  };
  const Deep cases[] = {
      {"one long sum", reads("1" + repeated(" + 1", 1000)), ""},
      {"one sum too long", reads("1" + repeated(" + 1", 1001)), "E0109"},
      {"sums inside each other",
       [] {
         std::string sum = "1";
         for (int i = 0; i < 100; ++i) sum = "(" + sum + ")" + repeated(" + 1", 900);
         return "let a = " + sum + "\n";
       }(),
       "E0109"},
      {"a wide list of sums", "let a = [" + repeated("1 + 1 * 2 + 3 * 4, ", 3000) + "]\n", ""},
      {"many products in one sum", "let a = 1" + repeated(" + 2 * 3", 900) + "\n", ""},
      {"long sums of each other", chain("1", 10, [](const std::string& a) { return a + repeated(" + 1", 900); }) + reads("a9"), "E0109"},
      {"long sums of each other, the last first",
       lines(10, [](int i) { return "let a" + number(i) + " = " + (i == 9 ? "1" : "a" + number(i + 1)) + repeated(" + 1", 900); }), "E0109"},
      {"signs", chain("1", 60, [](const std::string& a) { return repeated("-", 120) + a; }) + reads("a59"), "E0109"},
      {"a short chain of values", chain("1", 300, [](const std::string& a) { return a + " + 1"; }) + reads("a299"), ""},
      {"natives", chain("1", 60, [](const std::string& a) { return repeated("max([", 60) + a + repeated("])", 60); }) + reads("a59"), "E0109"},
      {"natives, the last first", lines(60, [](int i) { return "let a" + number(i) + " = " + repeated("max([", 60) + (i == 59 ? "1" : "a" + number(i + 1)) + repeated("])", 60); }), "E0109"},
      {"records, the last first",
       lines(60, [](int i) { return "let a" + number(i) + " = " + repeated("len({ k = ", 60) + (i == 59 ? "1" : "a" + number(i + 1)) + repeated(" })", 60); }), "E0109"},
      {"items, the last first", lines(60, [](int i) { return "let a" + number(i) + " = [" + repeated("[0][[", 50) + (i == 59 ? "0" : "a" + number(i + 1)) + repeated("][0]]", 50) + "][0]"; }), "E0109"},
      {"conditions", chain("1", 60, [](const std::string& a) { return repeated("if true then ", 120) + a + repeated(" else 0", 120); }) + reads("a59"), "E0109"},
      {"comprehensions", chain("1", 60, [](const std::string& a) { return repeated("sum([for x" + a + " in [1] : ", 1) + repeated("sum([", 59) + a + repeated("])", 60); }) + reads("a59"), "E0109"},
      {"lists of lists",
       chain("1", 4, [](const std::string& a) { return repeated("[", 120) + a + repeated("]", 120); }) + reads("len(a3)"), ""},
      {"lists of lists, too deep for a type",
       chain("1", 8, [](const std::string& a) { return repeated("[", 120) + a + repeated("]", 120); }) + reads("len(a7)"), "E0109"},
      {"json without an end",
       lines(3000, [](int i) { return "let a" + number(i) + ": json = " + (i == 0 ? "1" : repeated("[", 120) + "a" + number(i - 1) + repeated("]", 120)); }),
       ""},
      {"records of json", lines(60, [](int i) { return "let a" + number(i) + ": json = " + (i == 0 ? "1" : repeated("{ k = ", 120) + "a" + number(i - 1) + repeated(" }", 120)); }) +
           reads("to_json(a59)"), "E0109"},
      {"functions that call on",
       lines(190, [](int i) { return "fn f" + number(i) + "(x: int) -> int = " + (i == 0 ? "x" : "f" + number(i - 1) + "(x)"); }) + reads("f189(1)"), ""},
      {"too many functions that call on",
       lines(300, [](int i) { return "fn f" + number(i) + "(x: int) -> int = " + (i == 0 ? "x" : "f" + number(i - 1) + "(x)"); }) + reads("f299(1)"), "E0405"},
      {"functions of long sums",
       lines(150, [](int i) { return "fn f" + number(i) + "(x: int) -> int = " + (i == 0 ? "x" : "f" + number(i - 1) + "(x)" + repeated(" + 1", 900)); }) + reads("f149(1)"),
       "E0109"},
      {"arguments inside each other",
       lines(150, [](int i) { return "fn f" + number(i) + "(x: int) -> int = " + (i == 0 ? "x" : "f" + number(i - 1) + "(" + repeated("max([", 60) + "x" + repeated("])", 60) + ")"); }) +
           reads("f149(1)"),
       ""},
      {"functions that nobody calls, each before the next",
       lines(5000, [](int i) { return "fn f" + number(i) + "(x: int) -> int = " + (i == 4999 ? "x" : "f" + number(i + 1) + "(x)"); }), ""},
      {"a circle of many functions", lines(5000, [](int i) { return "fn f" + number(i) + "(x: int) -> int = f" + number((i + 1) % 5000) + "(x)"; }), "E0209"},
      {"values inside a block",
       "config c in n {\n  on = clusters\n" + lines(60, [](int i) { return "  let a" + number(i) + " = " + (i == 59 ? "1" : repeated("-", 120) + "a" + number(i + 1)); }) +
           "  data = { k = \"${a0}\" }\n}\n",
       "E0109"},
      {"types of types", lines(5000, [](int i) { return "type T" + number(i) + " = " + (i == 4999 ? "int" : "list(T" + number(i + 1) + ")"); }), "E0401"},
      {"values with types, each before the next", lines(5000, [](int i) { return "let a" + number(i) + ": int = " + (i == 4999 ? "1" : "a" + number(i + 1)); }), "E0401"},
      {"values without types, each before the next", lines(5000, [](int i) { return "let a" + number(i) + " = " + (i == 4999 ? "1" : "a" + number(i + 1)); }), "E0401"},
      {"texts inside texts", "let a = " + repeated("\"${", 140) + "1" + repeated("}\"", 140) + "\n", "E0109"},
      {"whens", "config c in n {\n  on = clusters\n  when true {}" + repeated(" else when true {}", 5000) + "\n}\n", "E0109"},
      {"fields", "let a = from_json(\"{}\")" + repeated(".a", 99) + "\n", "E0404"},
      {"conjunctions", "let a = true" + repeated(" && true", 1000) + "\nlet b = if a" + repeated(" && a", 1000) + " then 1 else 2\n", ""},
  };
  for (const Deep& deep : cases) {
    INFO(deep.name);
    CHECK(codes(deep.source) == deep.codes);
  }
}

TEST_CASE("variables of a block or function may be many, and none takes the place of another") {
  const auto block = [](int count) {
    return "config c in n {\n  on = clusters\n" + lines(count, [](int i) { return "  let a" + number(i) + " = " + number(i); }) + "  data = { k = \"${a0} ${a" + number(count - 1) + "}\" }\n}\n";
  };
  CHECK(codes(block(9'000)) == "");
  CHECK(codes(block(70'000)) == "E0109");
  std::string params;
  for (int i = 0; i < 70'000; ++i) params += (i == 0 ? "a" : ", a") + number(i) + ": int";
  CHECK(codes("fn f(" + params + ") -> int = a0\n") == "E0109");
}

TEST_CASE("labels may be many") {
  const std::string labels = lines(300, [](int i) { return "label l" + number(i) + ": int = " + number(i); });
  const std::string fields = lines(300, [](int i) { return "  l" + number(i) + " = " + number(1000 + i); });
  const auto tree = memory_tree({{"main.mcp", "mcp x { driver = \"sim\" }\n" + labels + "cluster a {\n  cloud = \"aws\"\n  region = \"r\"\n" + fields + "}\n"}}, "project");
  const Loaded loaded = load(*tree, {});
  REQUIRE(loaded.ok());
  const Value& row = loaded.topology.clusters.at(0).row;
  for (int i = 0; i < 300; ++i) CHECK(row.int_or("l" + number(i), 0) == 1000 + i);
  CHECK(row.text_or("cloud", "") == "aws");
  CHECK(codes(lines(10'001, [](int i) { return "label l" + number(i) + ": int = 1"; })) == "E0407");
}

}  // namespace
}  // namespace mcp
