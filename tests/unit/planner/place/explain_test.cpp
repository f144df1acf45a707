#include "planner/place/explain.hpp"

#include "lang/value/json.hpp"
#include "tests/unit/planner/place/world.hpp"

namespace mcp::test {

namespace {

/// 18 replicas grow to 23 over three clouds; others fill most of aws-euw1; lab-1 is cordoned.
struct Shop {
  SourceMap sources;
  Inventory inventory;
  std::vector<PlaceRequest> requests;

  Shop() {
    const SourceFile& file = sources.add("shop.mcp", "replicas = 23\non = gold\n# a line\nby = .cloud\nweight = 5\ncordon = true\n");
    const auto at = [&](std::string_view text) {
      const auto offset = static_cast<std::uint32_t>(file.text.find(text));
      return Origin{{file.base + offset, file.base + offset + static_cast<std::uint32_t>(text.size())}, 0, Level::ProjectBlock};
    };
    inventory = members(5);
    std::size_t next = 0;
    for (const char* name : {"aws-euw1", "aws-use1", "azr-weu", "gcp-euw1", "lab-1"}) inventory.members[next++].name = name;
    for (const std::size_t m : {0U, 3U}) inventory.members[m].capacity.pods = 60;
    inventory.members[4].cordon = true;
    inventory.members[4].cordon_origin = at("true");
    Wanted web{.name = "web", .replicas = 23, .weight = {5, 5, 4, 3, 3}, .by = {{"aws", "aws", "azure", "gcp", "gcp"}}, .previous = {4, 3, 6, 5, 0}};
    requests.push_back(request(inventory, {.name = "other", .replicas = 58, .previous = {56, 0, 0, 2, 0}}));
    requests.push_back(request(inventory, web));
    auto rules = std::make_shared<PlaceRules>(*requests[1].rules);
    rules->on_origin = at("gold");
    rules->by_origin = at(".cloud");
    rules->weight_origin = at("5");
    requests[1].rules = rules;
  }
  std::string why(std::uint32_t member) const { return to_text(explain(inventory, requests, 1, member), sources); }
};

}  // namespace

TEST_CASE("a share is explained by the line in which each cloud stood") {
  CHECK(Shop().why(3) ==
        R"(workload.shop/web@gcp-euw1  6 replicas, 5 before: takes its share
  state     open: answers, selected, no taint, no cordon  shop.mcp:2
  bounds    min 0, max none, room 58 of 60 pods declared: at most 58
  kept 5, added 1 of 5
  by .cloud                                               shop.mcp:4
    weight         aws 5       azure 4         gcp 3
    before             7             6             5
    19      * 5/15 .3333    4/13 .3076    3/11 .2727
    20        5/17 .2941  * 4/13 .3076    3/11 .2727
    21      * 5/17 .2941    4/15 .2666    3/11 .2727
    22        5/19 .2631    4/15 .2666  * 3/11 .2727
    23        5/19 .2631  * 4/15 .2666    3/13 .2307
  stop      next in line at 3/13
  one more  with replicas = 27
)");
}

TEST_CASE("a full member says who uses its room and what one more would take") {
  CHECK(Shop().why(0) ==
        R"(workload.shop/web@aws-euw1  4 replicas, 4 before: full (room)
  state     open: answers, selected, no taint, no cordon  shop.mcp:2
  bounds    min 0, max none, room 4 of 60 pods declared: at most 4
  kept 4, added 0 of 5
  by .cloud                                               shop.mcp:4
    weight         aws 5       azure 4         gcp 3
    before             7             6             5
    19      * 5/15 .3333    4/13 .3076    3/11 .2727
    20        5/17 .2941  * 4/13 .3076    3/11 .2727
    21      * 5/17 .2941    4/15 .2666    3/11 .2727
    22        5/19 .2631    4/15 .2666  * 3/11 .2727
    23        5/19 .2631  * 4/15 .2666    3/13 .2307
  in aws
    weight    aws-euw1 5    aws-use1 5
    before             4             3
    8               full   * 5/7 .7142
    9               full   * 5/9 .5555
  stop      room: other workloads use 56 of 60 pods
  one more  with room 5: 5 here, aws-use1 4
)");
}

TEST_CASE("a refusal names its rule, its line and what lifting it would do") {
  CHECK(Shop().why(4) == R"(workload.shop/web@lab-1  0 replicas, 0 before: refused (cordon)
  state     hold: cordoned  shop.mcp:6
  stop      state
  one more  without cordon: 1 here, gcp-euw1 5
)");
}

TEST_CASE("what is not asked for is explained too") {
  Inventory three = members(3);
  three.members[1].reach = Reach::Unreachable;
  three.members[1].failing_ms = 42'000;
  three.members[1].failures = 2;
  const SourceMap none_;
  const std::vector<PlaceRequest> web = {request(three, {.replicas = 6, .max = {none, none, 2}, .previous = {0, 2, 0}, .on = {1, 2}})};
  CHECK(to_text(explain(three, web, 0, 0), none_) == R"(workload.shop/web@a  0 replicas, 0 before: refused (on)
  state     leave: not selected by `on`
  stop      state
  one more  chosen by `on`: 2 here
)");
  CHECK(to_text(explain(three, web, 0, 1), none_) == R"(workload.shop/web@b  2 replicas, 2 before: frozen (unreachable)
  state     frozen: unreachable for 42 s; lost after 300 s, if most members answer
  stop      state
  one more  when it answers: 4 here
)");
  CHECK(to_text(explain(three, web, 0, 2), none_) == R"(workload.shop/web@c  2 replicas, 0 before: full (max)
  state     open: answers, selected, no taint, no cordon
  bounds    min 0, max 2, no capacity stated: at most 2
  kept 0, added 2 of 2
  stop      max: at most 2 here
  one more  with max = 3: 3 here
)");
}

TEST_CASE("the record of an explanation is JSON") {
  const Shop shop;
  const Value record = to_value(explain(shop.inventory, shop.requests, 1, 0), shop.sources);
  CHECK(record.text_or("stop", "") == "room");
  CHECK(record.int_or("after", -1) == 4);
  CHECK(to_json(*record.at("room")) == R"({"capacity":60,"dimension":"pods","observed":false,"others":56,"replicas":4})");
}

}  // namespace mcp::test
