#include "cli/view/progress.hpp"
#include "cli/view/remainder.hpp"

#include "cli/view/line.hpp"
#include "cli/view/line_diff.hpp"
#include "lang/value/json.hpp"
#include "tests/golden/plan_text/builder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

using namespace mcp;

namespace {

Instant at(std::int64_t seconds) { return Instant(seconds * 1000); }

/// Forty updates: some done, some at work, one failed, the rest waiting.
ProgressState half_way(const Plan& plan) {
  ProgressState state = progress_of(plan);
  const auto send = [&](std::int64_t seconds, const Event& event) { advance(state, plan, at(seconds), event); };
  send(0, PlanStarted{42, plan.steps.size(), {}, false});
  for (std::uint32_t s = 0; s < 7; ++s) {
    send(1, StepStarted{s, 1});
    send(60, StepDone{s, false});
  }
  send(60, StepStarted{7, 1});
  send(65, StepFailed{7, "ImagePullBackOff"});
  send(1096, StepStarted{8, 1});
  send(1100, StepProgress{8, 5, 7, ""});
  send(1118, StepStarted{9, 1});
  send(1119, StepProgress{9, 1, 7, ""});
  send(1075, StepStarted{10, 1});
  send(1119, Retrying{10, 3, Duration(8000), "unreachable"});
  send(1125, StepStarted{11, 1});
  send(1125, StepDeferred{12, "aws-13", "unreachable"});
  return state;
}

}  // namespace

TEST_CASE("the live table reads as agreed") {
  const Plan plan = test::image_plan();
  const ProgressState state = half_way(plan);
  ProgressOptions options;
  options.digest = "9b07c1de55a2ffff";
  test::golden("golden/plan_text/progress.80.txt", progress_table(state, plan, at(1127), options));
  options.colour = Colour::Yes;
  options.bar = BarStyle::Blocks;
  options.rows = 2;
  options.width = 100;
  test::golden("golden/plan_text/progress.colour.txt", progress_table(state, plan, at(1127), options));
}

TEST_CASE("the live table is never wider than the terminal") {
  const Plan plan = test::image_plan();
  const ProgressState state = half_way(plan);
  for (std::size_t width = 60; width <= 100; ++width) {
    ProgressOptions options;
    options.width = width;
    const std::string text = progress_table(state, plan, at(100'000), options);
    for (const std::string_view line : view::lines_of(text)) CHECK(view::columns(line) <= width);
  }
}

TEST_CASE("a step that ends is one line, and every event with a record is one object") {
  const Plan plan = test::image_plan();
  ProgressState state = progress_of(plan);
  const Event done = StepDone{0, true};
  advance(state, plan, at(1), done);
  CHECK(progress_line(state, plan, done, 80) == "   1/40  update workload.shop/web@aws-01  already there\n");
  const Event failed = StepFailed{1, "bad \x1b[31m"};
  advance(state, plan, at(1), failed);
  CHECK(progress_line(state, plan, failed, 80) == "   2/40  FAILED update workload.shop/web@aws-02: bad \\u{1b}[31m\n");
  CHECK(progress_line(state, plan, Event(StepStarted{2, 1}), 80).empty());
  CHECK(event_record(plan, 3, at(2), done) ==
        R"({"action":"update","address":"workload.shop/web@aws-01","already":true,"at_ms":2000,"member":"aws-01","seq":3,"type":"step_done"})");
  CHECK(event_record(plan, 4, at(2), Event(Stopping{})).empty());
  const Event warned = Warned{2, "v1 Endpoints is deprecated"};
  CHECK(progress_line(state, plan, warned, 80) == "   2/40  warning update workload.shop/web@aws-03: v1 Endpoints is deprecated\n");
  CHECK(event_record(plan, 5, at(2), warned) ==
        R"({"action":"update","address":"workload.shop/web@aws-03","at_ms":2000,"member":"aws-03","seq":5,"text":"v1 Endpoints is deprecated","type":"warning"})");
}

TEST_CASE("what is left undone is told once for all clusters it is true of, in lines of the terminal's width") {
  const Plan plan = test::image_plan();
  const std::string pull = "container web: ImagePullBackOff: Back-off pulling image \"registry.example/shop/web:2.4.2\"; is `image` right, and may the cluster pull it?";
  std::vector<StepReport> steps;
  for (std::uint32_t s = 0; s < 40; ++s) {
    if (s % 4 == 0) steps.push_back({s, StepState::Failed, false, pull});
    else if (s % 4 == 1) steps.push_back({s, StepState::Deferred, false, "unreachable: no route to host"});
    else if (s == 2) steps.push_back({s, StepState::Skipped, false, "waits for config.shop/web-conf, which failed"});
    else steps.push_back({s, StepState::Done, false, ""});
  }
  test::golden("golden/plan_text/remainder.80.txt", remainder_text(plan, steps, 80, Colour::No));
  CHECK(remainder_text(plan, {}, 80, Colour::No).empty());
  CHECK(progress_line(progress_of(plan), plan, StepFailed{1, pull}, 80) ==
        "   0/40  FAILED update workload.shop/web@aws-02: container web: ImagePullBack...\n");
}
