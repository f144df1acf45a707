#include "lang/value/json.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/random_value.hpp"

using namespace mcp;

namespace {

/// The value written again, or "offset: message".
std::string again(std::string_view text) {
  const auto value = parse_json(text);
  return value ? to_json(*value) : std::to_string(value.error().offset) + ": " + value.error().message;
}

}  // namespace

TEST_CASE("JSON is written in one way only") {
  const std::pair<const char*, const char*> cases[] = {
      {" { \"b\" : 1 , \"a\" : [ ] } ", R"({"a":[],"b":1})"},
      {R"("\u0041\/\n\u0001\u20ac\ud83d\ude00")", "\"A/\\n\\u0001\xE2\x82\xAC\xF0\x9F\x98\x80\""},
      {"[true,false,null,-0,12]", "[true,false,null,0,12]"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"1e3", "1000"},
      {"2.50", "2.5"},
      {"{\"\":{\"\":{}}}", "{\"\":{\"\":{}}}"},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(again(text) == expected);
  }
}

TEST_CASE("JSON that is none, or says two things, is refused with its place") {
  const std::pair<const char*, std::size_t> cases[] = {
      {"", 0},          {"{", 1},       {"[1,]", 3},        {"{\"a\":1,}", 7}, {"nul", 3}, {"1 2", 2},
      {"\"\\q\"", 2},   {"'a'", 0},     {"{a:1}", 1},       {"[1] // c", 4},
  };
  for (const auto& [text, offset] : cases) {
    INFO(text);
    const auto value = parse_json(text);
    REQUIRE(!value);
    CHECK(value.error().offset == offset);
    CHECK(!value.error().message.empty());
  }
  CHECK(again(R"({"a":1,"a":2})").ends_with("the key \"a\" stands twice"));
  CHECK(again("9223372036854775808").ends_with("a number of more than 64 bits"));
  CHECK(again("[99999999999999999999]").ends_with("a number of more than 64 bits"));
  CHECK(!parse_json("\"\xFF\""));
  CHECK(!parse_json(std::string(200, '[') + std::string(200, ']')));
  CHECK(parse_json(std::string(100, '[') + std::string(100, ']')));
  CHECK(!parse_json(std::string(1'000'000, '[')));
}

TEST_CASE("JSON texts one after another") {
  const auto values = parse_json_texts("{\"a\":1}\n\n[2] \"x\"\n");
  REQUIRE(values);
  REQUIRE(values->size() == 3);
  CHECK(to_json((*values)[1]) == "[2]");
  CHECK(parse_json_texts(" \n")->empty());
  CHECK(parse_json_texts("{} {").error().offset == 4);
}

TEST_CASE("every value survives JSON, compact and pretty") {
  test::Dice dice(1);
  for (int i = 0; i < 2000; ++i) {
    const Value value = test::random_value(dice, 4);
    const std::string text = to_json(value);
    INFO(text);
    const auto compact = parse_json(text);
    REQUIRE(compact);
    REQUIRE(*compact == value);
    REQUIRE(to_json(*compact) == text);
    const auto pretty = parse_json(to_json_pretty(value));
    REQUIRE(pretty);
    REQUIRE(*pretty == value);
  }
}

TEST_CASE("numbers that no double holds are refused") {
  CHECK(!parse_json("1e999"));
  CHECK(!parse_json("[-9223372036e854775808]"));
  CHECK(!parse_json("99999999999999999999"));
}

TEST_CASE("JSON with random changes never ends the program") {
  test::Dice dice(2);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = test::mutated(to_json(test::random_value(dice, 4)), dice, 1 + dice.below(3));
    const auto value = parse_json(text);
    INFO(text);
    if (value) REQUIRE(*parse_json(to_json(*value)) == *value);
    else REQUIRE(value.error().offset <= text.size());
  }
}

TEST_CASE("bytes that are no UTF-8 are written as the replacement character") {
  std::string out;
  append_json_string(out, "a\xFF\xC3");
  CHECK(out == "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
}
