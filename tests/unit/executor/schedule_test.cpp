#include "executor/schedule/schedule.hpp"

#include <functional>

#include "executor/schedule/retry.hpp"
#include "tests/support/property.hpp"

using namespace mcp;

namespace {

Step step(const std::string& member, const std::string& name) {
  Step s;
  s.address = *Address::parse("config.shop/" + name + "@" + member);
  s.ref = {member, "v1", "ConfigMap", "shop", name};
  return s;
}

Plan plan_of(std::vector<Step> steps, std::vector<Edge> edges) {
  Plan plan;
  plan.steps = std::move(steps);
  plan.edges = std::move(edges);
  return plan;
}

std::string listed(const std::vector<std::uint32_t>& steps) {
  std::string out;
  for (const std::uint32_t s : steps) out += (out.empty() ? "" : " ") + std::to_string(s);
  return out;
}

Limiter no_limit(const Schedule& s) { return Limiter({.per_member = 1000, .members = 1000}, s.members().size()); }

}  // namespace

TEST_CASE("the longest remaining chain goes first, then the lower number") {
  const Plan plan = plan_of({step("a", "x"), step("a", "y"), step("a", "z"), step("a", "w")}, {{1, 2, {}}, {2, 3, {}}});
  Schedule schedule(plan);
  Limiter one({.per_member = 1}, 1);
  CHECK(listed(schedule.take_ready(Instant{0}, one)) == "1");
  one.give_back(0);
  schedule.done(1);
  CHECK(listed(schedule.take_ready(Instant{0}, one)) == "2");
  one.give_back(0);
  schedule.done(2);
  CHECK(listed(schedule.take_ready(Instant{0}, one)) == "0");
}

TEST_CASE("a failure skips its dependants and nothing else") {
  const Plan plan = plan_of({step("a", "x"), step("b", "x"), step("a", "y"), step("b", "y"), step("a", "z")}, {{0, 2, {}}, {1, 3, {}}, {2, 4, {}}});
  Schedule schedule(plan);
  Limiter limiter = no_limit(schedule);
  CHECK(listed(schedule.take_ready(Instant{0}, limiter)) == "0 1");
  CHECK(listed(schedule.fail(0)) == "2 4");
  schedule.done(1);
  CHECK(listed(schedule.take_ready(Instant{0}, limiter)) == "3");
  schedule.done(3);
  CHECK(schedule.finished());
  CHECK(schedule.state(4) == StepState::Skipped);
  CHECK(schedule.state(3) == StepState::Done);
}

TEST_CASE("what depends on a deferred step is deferred on its member and skipped elsewhere") {
  const Plan plan = plan_of({step("a", "x"), step("a", "y"), step("b", "z")}, {{0, 1, {}}, {1, 2, {}}});
  Schedule schedule(plan);
  Limiter limiter = no_limit(schedule);
  schedule.take_ready(Instant{0}, limiter);
  CHECK(listed(schedule.defer(0)) == "1 2");
  CHECK(schedule.state(1) == StepState::Deferred);
  CHECK(schedule.state(2) == StepState::Skipped);
}

TEST_CASE("a step in backoff comes back when its time has come, and not after a stop") {
  const Plan plan = plan_of({step("a", "x")}, {});
  Schedule schedule(plan);
  Limiter limiter = no_limit(schedule);
  schedule.take_ready(Instant{0}, limiter);
  schedule.backoff(0, Instant{500});
  CHECK(schedule.next_timer(limiter, Instant{0}) == Instant{500});
  CHECK(schedule.take_ready(Instant{499}, limiter).empty());
  CHECK_FALSE(schedule.finished());
  SECTION("due") { CHECK(listed(schedule.take_ready(Instant{500}, limiter)) == "0"); }
  SECTION("stopped") {
    schedule.stop();
    CHECK(schedule.take_ready(Instant{500}, limiter).empty());
    CHECK(schedule.finished());
  }
}

TEST_CASE("every order of endings ends every step, and dependants never start early") {
  test::property("random graphs", [] {
    const auto n = *rc::gen::inRange<std::uint32_t>(1, 12);
    Plan plan;
    for (std::uint32_t i = 0; i < n; ++i) plan.steps.push_back(step(i % 2 == 0 ? "a" : "b", "s" + std::to_string(i)));
    for (std::uint32_t i = 1; i < n; ++i)
      for (std::uint32_t j = 0; j < i; ++j)
        if (*rc::gen::inRange(0, 3) == 0) plan.edges.push_back({j, i, {}});
    Schedule schedule(plan);
    Limiter limiter({.per_member = 2}, schedule.members().size());
    Instant now{0};
    while (!schedule.finished()) {
      for (const std::uint32_t s : schedule.take_ready(now, limiter)) {
        for (const Edge& e : plan.edges)
          if (e.to == s) RC_ASSERT(schedule.state(e.from) == StepState::Done);
        limiter.give_back(schedule.member(s));
        switch (*rc::gen::inRange(0, 6)) {
          case 0: schedule.fail(s); break;
          case 1: schedule.backoff(s, now + Duration{5}); break;
          case 2: schedule.settle(s, now + Duration{3}); break;
          case 3: schedule.defer(s); break;
          default: schedule.done(s);
        }
      }
      now += Duration{1};
      RC_ASSERT(now < Instant{10'000});
    }
    for (std::uint32_t i = 0; i < n; ++i) RC_ASSERT(ended(schedule.state(i)));
  });
}

TEST_CASE("delays double to a bound, jitter takes a part, Retry-After wins when longer") {
  struct Row { const char* name; int sent; std::uint32_t jitter; std::int64_t told; std::int64_t want; };
  constexpr std::uint32_t all = 0xffffffffU;
  const Row rows[] = {{"first, all of it", 1, all, 0, 500},  {"first, half", 1, 0x7fffffffU, 0, 250}, {"first, none", 1, 0, 0, 1},
                      {"third", 3, all, 0, 2000},            {"at the bound", 7, all, 0, 30'000},      {"told longer", 1, 0, 4000, 4000},
                      {"told shorter", 4, all, 1000, 4000}};
  for (const Row& row : rows) {
    INFO(row.name);
    const auto got = retry_delay({}, row.sent, row.jitter, row.told == 0 ? std::nullopt : std::optional<Duration>(row.told));
    REQUIRE(got.has_value());
    CHECK(got->count() == row.want);
  }
  CHECK_FALSE(retry_delay({}, 8, all).has_value());
  CHECK(jitter_of(1, 2, 3) == jitter_of(1, 2, 3));
  CHECK(jitter_of(1, 2, 3) != jitter_of(1, 2, 4));
}

TEST_CASE("a member that says 429 gets half, and one more every ten seconds") {
  Limiter limiter({}, 1);
  for (int i = 0; i < 16; ++i) CHECK(limiter.take(0, Instant{0}));
  CHECK_FALSE(limiter.take(0, Instant{0}));
  limiter.throttled(0, Instant{0}, Duration{1000});
  limiter.throttled(0, Instant{1}, Duration{1000});   // of the same burst
  CHECK(limiter.allowed(0, Instant{500}) == 0);
  CHECK(limiter.allowed(0, Instant{1001}) == 8);
  CHECK(limiter.allowed(0, Instant{11'001}) == 9);
  CHECK(limiter.allowed(0, Instant{1'000'000}) == 16);
}

TEST_CASE("at most so many members are asked at the same time") {
  Limiter limiter({.per_member = 16, .members = 2}, 3);
  CHECK(limiter.take(0, Instant{0}));
  CHECK(limiter.take(1, Instant{0}));
  CHECK_FALSE(limiter.take(2, Instant{0}));
  limiter.give_back(0);
  CHECK(limiter.take(2, Instant{0}));
}
