#include "cli/view/plan_text.hpp"

#include <string>

#include "cli/view/line.hpp"
#include "cli/view/line_diff.hpp"
#include "cli/view/names.hpp"
#include "cli/view/value_text.hpp"
#include "tests/golden/plan_text/builder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

using namespace mcp;

namespace {

struct Case {
  const char* name;
  Plan (*plan)();
};
constexpr Case cases[] = {{"first", test::first_plan},     {"image", test::image_plan},     {"drain", test::drain_plan}, {"drift", test::drift_plan},
                          {"blocked", test::blocked_plan}, {"nothing", test::nothing_plan}, {"mixed", test::mixed_plan}};

PlanTextOptions options_of(std::size_t width, Colour colour, PlanDetail detail = PlanDetail::Normal) {
  PlanTextOptions out;
  out.width = width;
  out.colour = colour;
  out.detail = detail;
  return out;
}

std::string without_escapes(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      while (text[i] != 'm') ++i;
      continue;
    }
    out += text[i];
  }
  return out;
}

}  // namespace

TEST_CASE("a plan reads as agreed at 80 and 100 columns") {
  for (const Case& c : cases)
    for (const std::size_t width : {80U, 100U})
      test::golden("golden/plan_text/" + std::string(c.name) + "." + std::to_string(width) + ".txt", plan_text(c.plan(), options_of(width, Colour::No)));
}

TEST_CASE("colours stand where they are agreed") {
  for (const Case& c : cases)
    test::golden("golden/plan_text/" + std::string(c.name) + ".colour.txt", plan_text(c.plan(), options_of(80, Colour::Yes)));
}

TEST_CASE("brief and full plans read as agreed") {
  test::golden("golden/plan_text/mixed.brief.txt", plan_text(test::mixed_plan(), options_of(80, Colour::No, PlanDetail::Brief)));
  test::golden("golden/plan_text/mixed.full.txt", plan_text(test::mixed_plan(), options_of(80, Colour::No, PlanDetail::Full)));
}

TEST_CASE("a saved plan names its file, its digests and what to type next") {
  PlanTextOptions options = options_of(80, Colour::No);
  options.saved = SavedPlan{"first.mcpplan", "8c1f20d94b7a99999999", "41d0c2a97e3588888888"};
  options.next = "mcp apply first.mcpplan";
  const std::string text = plan_text(test::first_plan(), options);
  CHECK(text.ends_with("Plan: 3 join, 24 create, 0 delete on 3 clusters; replicas 0 -> 21.\n"
                       "Saved first.mcpplan  plan 8c1f20d94b7a  changes 41d0c2a97e35\n"
                       "Next: mcp apply first.mcpplan\n"));
}

TEST_CASE("a blocked plan never tells to apply it") {
  CHECK(plan_text(test::blocked_plan(), options_of(80, Colour::No)).find("Next:") == std::string::npos);
}

TEST_CASE("colour adds escapes and changes no other byte, at every width") {
  for (const Case& c : cases)
    for (std::size_t width = 60; width <= 100; width += 4)
      for (const PlanDetail detail : {PlanDetail::Brief, PlanDetail::Normal, PlanDetail::Full}) {
        INFO(c.name << " at " << width);
        CHECK(without_escapes(plan_text(c.plan(), options_of(width, Colour::Yes, detail))) == plan_text(c.plan(), options_of(width, Colour::No, detail)));
      }
}

TEST_CASE("no line is wider than asked, but for addresses that do not fit, and none ends in a blank") {
  for (const Case& c : cases)
    for (std::size_t width = 60; width <= 100; ++width)
      for (const PlanDetail detail : {PlanDetail::Brief, PlanDetail::Normal, PlanDetail::Full}) {
        const std::string text = plan_text(c.plan(), options_of(width, Colour::No, detail));
        for (const std::string_view line : view::lines_of(text)) {
          INFO(c.name << " at " << width << ": " << line);
          const bool address = line.find("a-config-with-a-name-of-nearly-fifty") != std::string_view::npos || line.starts_with("Left to its owner:");
          if (view::columns(line) > width && !address) FAIL_CHECK("wider: " << view::columns(line));
          if (line.ends_with(' ')) FAIL_CHECK("a blank at the end");
        }
      }
}

TEST_CASE("the summary names every count above zero, and deletes always") {
  CHECK(plan_summary(test::first_plan()) == "Plan: 3 join, 24 create, 0 delete on 3 clusters; replicas 0 -> 21.");
  CHECK(plan_summary(test::image_plan()) == "Plan: 40 update, 0 delete on 40 clusters; 216 unchanged. No risks.");
  CHECK(plan_summary(test::drain_plan()) == "Plan: 4 update, 6 delete on 3 clusters; 4 replicas move; 14 unchanged.");
  CHECK(plan_summary(test::drift_plan()) == "Plan: 1 create, 1 update, 0 delete on 2 clusters; 22 unchanged.");
}

TEST_CASE("sets of clusters are told in few words") {
  std::vector<std::string> all;
  for (int i = 1; i <= 12; ++i) all.push_back("azr-" + std::string(i < 10 ? "0" : "") + std::to_string(i));
  all.push_back("gcp");
  const auto some = [&](std::vector<int> which) {
    std::vector<std::string> out;
    for (const int i : which) out.push_back(all[static_cast<std::size_t>(i)]);
    return out;
  };
  CHECK(view::clusters_text(all, all) == "13 clusters");
  CHECK(view::clusters_text(some({0}), all) == "azr-01");
  CHECK(view::clusters_text(some({0, 5, 12}), all) == "azr-01, azr-06, gcp");
  CHECK(view::clusters_text(some({0, 1, 2, 3}), all) == "azr-01 to azr-04");
  CHECK(view::clusters_text(some({0, 3, 4, 5, 12}), all) == "azr-01, azr-04 to azr-06, gcp");
  CHECK(view::clusters_text(some({0, 2, 4, 6, 8, 10}), all) == "6 of 13 clusters");
  CHECK(view::clusters_text(some({0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), all) == "all but azr-03");
  CHECK(view::names_text(std::vector<std::string>{"a", "b"}, std::vector<std::string>{"a", "b"}) == "a, b");
}

TEST_CASE("values that differ never look alike") {
  const std::string same(8, 'a');
  const Value a = Value::string("img@sha256:" + same + std::string(56, '1'));
  const Value b = Value::string("img@sha256:" + same + std::string(56, '2'));
  const auto [x, y] = view::pair_text(a, b, {});
  CHECK(x == "img@sha256:" + same + std::string(8, '1'));
  CHECK(y == "img@sha256:" + same + std::string(8, '2'));
  CHECK(view::value_text(Value::string("5"), {}) == "\"5\"");
  CHECK(view::value_text(Value::integer(5), {}) == "5");
  CHECK(view::value_text(Value::string(""), {}) == "\"\"");
  CHECK(view::value_text(Value::string("a\x1b[31m"), {}) == "a\\u{1b}[31m");
  CHECK(view::value_text(MapBuilder().set("$secret", "").build(), {}) == "(secret ?)");
  CHECK(view::value_text(MapBuilder().set("x", MapBuilder().set("$secret", "3f9c0000000000000000000000000000").build()).build(), {}) == "{\"x\":\"(secret 3f9c)\"}");
  std::string before = std::string(60, 'x') + "1" + std::string(60, 'x');
  std::string after = std::string(60, 'x') + "2" + std::string(60, 'x');
  view::cut_pair(before, after, 40);
  CHECK(before != after);
  CHECK(view::columns(before) <= 40);
}

TEST_CASE("texts differ line by line, with one line around") {
  const auto edits = view::line_diff("a\nb\nc\nd\ne\nf\ng\n", "a\nb\nC\nd\ne\nf\nG\n", 1);
  std::string out;
  for (const auto& e : edits) out += std::string(1, static_cast<char>(e.mark)) + std::string(e.text) + (e.skipped > 0 ? std::to_string(e.skipped) : "") + "|";
  CHECK(out == " b|-c|+C| d|~1| f|-g|+G|");
  CHECK(view::line_diff("", "x\n", 1).size() == 1);
  CHECK(view::line_diff("same\n", "same\n", 1).empty());
  std::string big_before;
  std::string big_after;
  for (int i = 0; i < 3000; ++i) {
    big_before += "old " + std::to_string(i) + "\n";
    big_after += "new " + std::to_string(i) + "\n";
  }
  CHECK(view::line_diff(big_before, big_after, 1).size() == 6000);
}
