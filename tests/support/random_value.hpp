#pragma once
// Random values: awkward strings and keys, numbers at their limits, nesting. For round trips through texts.
#include <array>
#include <limits>
#include <string>

#include "lang/value/value.hpp"
#include "tests/support/random_policy.hpp"

namespace mcp::test {

inline std::string random_text(Dice& dice) {
  static constexpr std::array<std::string_view, 48> texts = {
      "", " ", "a", "web", "true", "True", "no", "Off", "y", "null", "~", "NULL", "123", "-5", "0755", "0x1F", "1e3", ".5", "1_000", "12:30:45",
      "2024-01-31", "=", "<<", "- a", "-", "? b", "a: b", "a:b", "a #b", "#c", "'q'", "\"q\"", "{a}", "[b]", "*c", "&d", "!e", "%f", "@g", "`h`",
      "line\nline\n", "\n", "  indented\n more", "tab\tend ", "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80", "back\\slash", "\x01\x7F", "a,b"};
  std::string out(texts[dice.below(texts.size())]);
  if (dice.one_in(4)) out += texts[dice.below(texts.size())];
  if (dice.one_in(20)) out += std::string(100, 'x');
  return out;
}

inline Value random_value(Dice& dice, std::size_t depth) {
  switch (dice.below(depth == 0 ? 5 : 8)) {
    case 0: return Value();
    case 1: return Value::boolean(dice.one_in(2));
    case 2: {
      static constexpr std::array<std::int64_t, 6> numbers = {0, 1, -1, 8080, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
      return Value::integer(numbers[dice.below(numbers.size())]);
    }
    case 3:
    case 4: return Value::string(random_text(dice));
    case 5: {
      std::vector<Value> items;
      for (std::size_t n = dice.below(4); n > 0; --n) items.push_back(random_value(dice, depth - 1));
      return Value::list(std::move(items));
    }
    default: {
      MapBuilder map;
      for (std::size_t n = dice.below(4); n > 0; --n) map.set(random_text(dice), random_value(dice, depth - 1));
      return map.build();
    }
  }
}

}  // namespace mcp::test
