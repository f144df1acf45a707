#include "lang/value/yaml.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/random_value.hpp"

using namespace mcp;

namespace {

/// Documents as JSON, one a line; or "offset: message".
std::string as_json(std::string_view text) {
  const auto documents = parse_yaml(text);
  if (!documents) return std::to_string(documents.error().offset) + ": " + documents.error().message;
  std::string out;
  for (const Value& each : *documents) out += to_json(each) + "\n";
  return out;
}

}  // namespace

TEST_CASE("YAML scalars follow the core schema of 1.2") {
  const std::pair<const char*, const char*> cases[] = {
      {"yes", "\"yes\""}, {"off", "\"off\""},     {"y", "\"y\""},       {"true", "true"},   {"False", "false"}, {"null", "null"}, {"~", "null"},
      {"", "null"},       {"12", "12"},           {"-3", "-3"},         {"0755", "755"},    {"0o17", "15"},     {"0x1F", "31"},   {"1_000", "\"1_000\""},
      {"1.5", "1.5"},     {"12:30", "\"12:30\""}, {"'12'", "\"12\""},   {"\"no\"", "\"no\""}, {"2024-01-31", "\"2024-01-31\""}, {"a b", "\"a b\""},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(as_json("a: " + std::string(text)) == "{\"a\":" + std::string(expected) + "}\n");
  }
}

TEST_CASE("YAML of every style") {
  CHECK(as_json("a:\n  - b\n  - c: 1\n    d: [2, {e: 3}]\n") == "{\"a\":[\"b\",{\"c\":1,\"d\":[2,{\"e\":3}]}]}\n");
  CHECK(as_json("a: |\n  x\n   y\n\nb: >-\n  x\n  y\n") == "{\"a\":\"x\\n y\\n\",\"b\":\"x y\"}\n");
  CHECK(as_json("---\na: 1\n---\n---\nb: 2\n...\n") == "{\"a\":1}\n{\"b\":2}\n");
  CHECK(as_json("a: &x [1]\nb: *x\n") == "{\"a\":[1],\"b\":[1]}\n");
  CHECK(as_json("# nothing\n").empty());
  CHECK(as_json("").empty());
  CHECK(as_json("{\"a\": 1}\n{\"b\": 2}\n") == "{\"a\":1}\n{\"b\":2}\n");
  CHECK(as_json("{a: 1}\n") == "{\"a\":1}\n");
}

TEST_CASE("YAML that readers disagree about is refused") {
  for (const char* text : {"a: 1\na: 2\n", "1: a\n", "true: a\n", "a: !!python/object x\n", "a: !x [1]\n", "a: *nowhere\n", "a: [1\n", "\ta: 1\n"}) {
    INFO(text);
    CHECK(!parse_yaml(text));
  }
}

TEST_CASE("aliases cannot blow a file up") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) text += (k > 0 ? ", " : "") + before;
    text += "]\n";
  }
  const auto value = parse_yaml(text);
  REQUIRE(!value);
  CHECK(value.error().message.find("alias") != std::string::npos);
  CHECK(!parse_yaml(std::string(300, '[') + std::string(300, ']')));
  CHECK(!parse_yaml(std::string(100'000, '[')));
}

TEST_CASE("YAML is written in block style, sorted, quoted where a reader could err") {
  const auto value = parse_json(R"({"b":{"x":[],"y":{}},"a":[1,[2,3],{"k":"v","l":null}],"s":["no","12","web","a: b","","- x","x y","/etc/a:ro","=","line\n"]})");
  REQUIRE(value);
  CHECK(to_yaml(*value) ==
        "a:\n- 1\n- - 2\n  - 3\n- k: v\n  l: null\n"
        "b:\n  x: []\n  \"y\": {}\n"
        "s:\n- \"no\"\n- \"12\"\n- web\n- \"a: b\"\n- \"\"\n- \"- x\"\n- \"x y\"\n- /etc/a:ro\n- \"=\"\n- \"line\\n\"\n");
}

TEST_CASE("every value survives YAML") {
  test::Dice dice(3);
  for (int i = 0; i < 3000; ++i) {
    const Value value = test::random_value(dice, 4);
    if (value.is_null()) continue;  // an empty document is left out
    const std::string text = to_yaml(value);
    INFO(to_json(value) << "\n" << text);
    const auto back = parse_yaml(text);
    if (!back) FAIL(back.error().message);
    REQUIRE(back->size() == 1);
    REQUIRE(to_json(back->front()) == to_json(value));
  }
}

TEST_CASE("YAML with random changes never ends the program") {
  test::Dice dice(4);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = test::mutated(to_yaml(test::random_value(dice, 3)), dice, 1 + dice.below(3));
    INFO(text);
    const auto values = parse_yaml(text);
    if (!values) {
      REQUIRE(values.error().offset <= text.size());
      continue;
    }
    for (const Value& each : *values) to_yaml(each);
  }
}
