#include "lang/topology/cells.hpp"

#include "tests/support/catch.hpp"

using namespace mcp;

namespace {

std::vector<Cell> defaults(std::size_t count) {
  std::vector<Cell> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i].value = Value::integer(static_cast<std::int64_t>(i));
  return out;
}

}  // namespace

TEST_CASE("a block shares the cells that are not its own") {
  const std::vector<Cell> shared = defaults(32);
  Cells cells(shared);
  CHECK(cells.size() == 32);
  CHECK(cells.own().empty());
  CHECK(&cells[7] == &shared[7]);

  SECTION("an own cell begins as the default and stands where its attribute does") {
    CHECK(cells.own(31).value == Value::integer(31));
    cells.own(31).value = Value::string("last");
    cells.own(0).value = Value::string("first");
    cells.own(12).value = Value::string("between");
    CHECK(cells[0].value == Value::string("first"));
    CHECK(cells[12].value == Value::string("between"));
    CHECK(cells[31].value == Value::string("last"));
    CHECK(&cells[13] == &shared[13]);
    REQUIRE(cells.own().size() == 3);
    CHECK(cells.own()[1].value == Value::string("between"));
    CHECK(shared[12].value == Value::integer(12));
  }
  SECTION("a copy has its own") {
    cells.own(3).value = Value::string("a");
    Cells copy = cells;
    copy.own(3).value = Value::string("b");
    CHECK(cells[3].value == Value::string("a"));
    CHECK(copy[3].value == Value::string("b"));
  }
}
