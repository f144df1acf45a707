#include "lang/base/permute.hpp"

#include <string>

#include "tests/support/catch.hpp"

using namespace mcp;

TEST_CASE("items are put into another order in place") {
  std::vector<std::string> items = {"a", "b", "c", "d", "e"};
  SECTION("in circles and alone") {
    permute(items, {2, 0, 1, 3, 4});
    CHECK(items == std::vector<std::string>{"c", "a", "b", "d", "e"});
  }
  SECTION("all turned around") {
    permute(items, {4, 3, 2, 1, 0});
    CHECK(items == std::vector<std::string>{"e", "d", "c", "b", "a"});
  }
  SECTION("as they are") {
    permute(items, {0, 1, 2, 3, 4});
    CHECK(items == std::vector<std::string>{"a", "b", "c", "d", "e"});
  }
  SECTION("nothing") {
    items.clear();
    permute(items, {});
    CHECK(items.empty());
  }
}
