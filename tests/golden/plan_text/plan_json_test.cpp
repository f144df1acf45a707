#include "cli/view/plan_json.hpp"

#include "lang/value/json.hpp"
#include "tests/golden/plan_text/builder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

using namespace mcp;

TEST_CASE("a plan's records are canonical, in a stable order and as agreed") {
  for (const auto& [name, plan] : {std::pair{"drain", test::drain_plan()}, std::pair{"drift", test::drift_plan()}, std::pair{"mixed", test::mixed_plan()}, std::pair{"blocked", test::blocked_plan()}}) {
    std::string text;
    for (const std::string& line : plan_records(plan, {"8c1f20d94b7a", "41d0c2a97e35"})) {
      const auto value = parse_json(line);
      REQUIRE(value.has_value());
      CHECK(to_json(*value) == line);
      CHECK(value->find("type") != nullptr);
      text += line + "\n";
    }
    test::golden("golden/plan_text/" + std::string(name) + ".json.txt", text);
  }
}
