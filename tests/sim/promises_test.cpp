// The promises about carrying a plan out, each under its number, over every point at which it could be broken.
#include <algorithm>
#include <set>

#include "tests/sim/run_world.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

using MakePlan = Plan (*)(MemoryJournal&);

struct Undisturbed {
  std::string print;
  std::map<std::string, std::int64_t> versions;
  std::uint64_t hits = 0;
  std::int64_t writes = 0;
  std::uint64_t requests = 0;
  std::size_t events = 0;
};

void prepare(World& world, MakePlan make) {
  if (make == &second_plan) world.set_up();
}

Undisturbed undisturbed(MakePlan make) {
  World world;
  prepare(world, make);
  const Plan plan = make(world.journal);
  world.failpoints.arm("run.", 0);
  const std::int64_t before = world.journal.writes;
  Undisturbed out;
  world.inject = [&](const MemberName&, std::uint64_t, const Operation&) {
    ++out.requests;
    return SimFault::None;
  };
  const auto done = world.run(plan);
  INFO(told(done));
  REQUIRE(done);
  REQUIRE(std::holds_alternative<Applied>(done->ending));
  out.print = world.print();
  out.versions = {{"a", world.newest_version("a")}, {"b", world.newest_version("b")}};
  out.hits = world.failpoints.hits();
  out.writes = world.journal.writes - before;
  out.events = world.heard.size();
  CHECK(world.uids_agree());
  return out;
}

/// Goes on with whatever is open; a run that had not begun is begun.
Result<RunResult> go_on(World& world, const Plan& plan) { return world.run(plan, world.open_run()); }

void check_no_step_told_twice(const World& world) {
  std::vector<std::uint32_t> told_done = world.acknowledged();
  std::sort(told_done.begin(), told_done.end());
  CHECK(std::adjacent_find(told_done.begin(), told_done.end()) == told_done.end());
}

}  // namespace

TEST_CASE("P01 no acknowledged step is lost") {
  for (const MakePlan make : {&first_plan, &second_plan}) {
    const Undisturbed want = undisturbed(make);
    for (std::int64_t k = 1; k <= want.writes; ++k) {
      INFO("journal write " << k);
      World world;
      prepare(world, make);
      const Plan plan = make(world.journal);
      world.journal.fail_at = world.journal.writes + k;
      const auto broken = world.run(plan);
      CHECK_FALSE(broken);
      for (const std::uint32_t n : world.acknowledged()) CHECK(world.journal.journal[world.journal.runs.rbegin()->first][n].state == StepRecord::Done);
      world.crash(true);
      world.journal.fail_at = 0;
      const auto done = go_on(world, plan);
      INFO(told(done));
      REQUIRE(done);
      CHECK(std::holds_alternative<Applied>(done->ending));
      CHECK(difference(world.print(), want.print) == "");
      CHECK(world.uids_agree());
      check_no_step_told_twice(world);
    }
  }
}

TEST_CASE("P02 no step has effect twice") {
  for (const MakePlan make : {&first_plan, &second_plan}) {
    const Undisturbed want = undisturbed(make);
    for (const SimFault fault : {SimFault::LostReply, SimFault::ErrorAfter, SimFault::LostRequest, SimFault::Error}) {
      for (std::uint64_t k = 1; k <= want.requests; ++k) {
        INFO("fault " << to_string(fault) << " at request " << k);
        World world;
        prepare(world, make);
        const Plan plan = make(world.journal);
        std::uint64_t seen = 0;
        world.inject = [&](const MemberName&, std::uint64_t, const Operation&) { return ++seen == k ? fault : SimFault::None; };
        const auto done = world.run(plan);
        INFO(told(done));
        REQUIRE(done);
        CHECK(std::holds_alternative<Applied>(done->ending));
        CHECK(difference(world.print(), want.print) == "");
        CHECK(world.uids_agree());
        CHECK(world.newest_version("a") == want.versions.at("a"));
        CHECK(world.newest_version("b") == want.versions.at("b"));
      }
    }
  }
}

TEST_CASE("P03 killed anywhere, resume ends as if undisturbed") {
  for (const MakePlan make : {&first_plan, &second_plan}) {
    const Undisturbed want = undisturbed(make);
    REQUIRE(want.hits > 10);
    for (const bool lands : {true, false}) {
      for (const bool forgets : {false, true}) {
        for (std::uint64_t k = 1; k <= want.hits; ++k) {
          INFO("failpoint " << k << (lands ? ", requests land" : ", requests are lost") << (forgets ? ", journal of steps lost" : ""));
          World world;
          prepare(world, make);
          const Plan plan = make(world.journal);
          world.failpoints.arm("run.", k);
          const auto broken = world.run(plan);
          REQUIRE_FALSE(broken);
          REQUIRE(world.failpoints.fired());
          world.failpoints.arm("run.", 0);
          world.crash(lands);
          world.journal.forgets_steps = forgets;
          const auto done = go_on(world, plan);
          INFO(told(done));
          REQUIRE(done);
          CHECK(std::holds_alternative<Applied>(done->ending));
          CHECK(difference(world.print(), want.print) == "");
          CHECK(world.uids_agree());
          if (!forgets) check_no_step_told_twice(world);
        }
      }
    }
  }
}

TEST_CASE("P05 interrupts are prompt and resumable") {
  for (const MakePlan make : {&first_plan, &second_plan}) {
    const Undisturbed want = undisturbed(make);
    for (const int level : {1, 2}) {
      for (std::size_t k = 1; k < want.events; ++k) {
        INFO("signal " << level << " at event " << k);
        World world;
        prepare(world, make);
        const Plan plan = make(world.journal);
        std::size_t seen = 0;
        Instant asked{0};
        bool late = false;
        world.on_event = [&](Instant at, const Event&) {
          if (++seen != k) return;
          asked = at;
          for (int i = 0; i < level; ++i) world.interrupt.ask();
        };
        world.inject = [&](const MemberName&, std::uint64_t, const Operation&) {
          // A request takes a few milliseconds to arrive.
          if (seen >= k && world.fleet->now() > asked + Duration{110}) late = true;
          return SimFault::None;
        };
        const auto first = world.run(plan);
        INFO(told(first));
        REQUIRE(first);
        CHECK_FALSE(late);
        world.on_event = {};
        if (std::holds_alternative<Interrupted>(first->ending)) {
          CHECK(exit_code(first->ending) == 130);
          if (level == 2) CHECK(world.fleet->now() <= asked + Duration{1000});
          const std::size_t before = world.heard.size();
          std::vector<std::uint32_t> early = world.acknowledged();
          world.crash(true);
          new (&world.interrupt) Interrupt();
          seen = 0;
          world.inject = {};
          const auto done = go_on(world, plan);
          INFO(told(done));
          REQUIRE(done);
          CHECK(std::holds_alternative<Applied>(done->ending));
          CHECK(world.heard.size() > before);
          check_no_step_told_twice(world);
        }
        CHECK(difference(world.print(), want.print) == "");
      }
    }
  }
}

TEST_CASE("P11 a dead member delays no other") {
  const auto finish = [](const char* how) {
    World world;
    world.set_up();
    PlanMaker maker(world.journal);
    for (const char* m : {"a", "b"}) {
      const auto conf = maker.object(Action::Update, config_ref(m, "conf"), config_body("conf", "2"));
      const auto web = maker.object(Action::Update, deployment_ref(m, "web"), deployment_body("web", 3));
      maker.edge(conf, web);
    }
    bool begun = false;
    if (std::string(how) == "lost before") REQUIRE(world.fleet->lose("b"));
    world.on_event = [&](Instant, const Event& event) {
      if (std::holds_alternative<PlanStarted>(event)) begun = true;
      if (begun && std::string(how) == "lost meanwhile") (void)world.fleet->lose("b");
    };
    world.inject = [&](const MemberName& m, std::uint64_t, const Operation&) {
      if (m != "b" || std::string(how) == "alive") return SimFault::None;
      if (std::string(how) == "refuses") return SimFault::Refuse;
      if (std::string(how) == "hangs") return SimFault::LostRequest;
      return SimFault::None;
    };
    const auto done = world.run(maker.plan);
    REQUIRE(done);
    INFO(how << " " << told(done));
    if (std::string(how) == "alive") {
      CHECK(std::holds_alternative<Applied>(done->ending));
    } else {
      CHECK(exit_code(done->ending) == 4);
      CHECK(done->counts.done == 2);
      CHECK(done->counts.failed + done->counts.deferred == 2);
    }
    std::map<std::uint32_t, Duration> times;
    Instant start{0};
    for (const Heard& h : world.heard) {
      if (std::holds_alternative<PlanStarted>(h.event)) start = h.at;
      if (const auto* step = std::get_if<StepDone>(&h.event); step != nullptr && step->step < 2)
        times[step->step] = h.at - start;
    }
    return times;
  };
  auto alive = finish("alive");
  REQUIRE(alive.size() == 2);
  for (const char* how : {"lost before", "lost meanwhile", "refuses", "hangs"}) {
    INFO(how);
    auto times = finish(how);
    REQUIRE(times.size() == 2);
    // Answers that come within 5 ms of each other are taken together, so that other answers shift an end by as much a round.
    for (const std::uint32_t n : {0U, 1U}) CHECK(times[n] <= alive[n] + Duration{20});
  }
}

TEST_CASE("P12 throttling is obeyed, retries end") {
  for (const int count : {1, 3, 7, 100'000}) {
    INFO(count << " times 429");
    World world;
    const Plan plan = first_plan(world.journal);
    std::map<MemberName, Instant> pause;
    int left = count;
    std::uint64_t requests = 0;
    bool early = false;
    world.inject = [&](const MemberName& m, std::uint64_t, const Operation& op) {
      if (m != "a") return SimFault::None;
      ++requests;
      // What was sent before the answer came does not count: allow for its way.
      if (pause.contains(m) && world.fleet->now() > pause[m] - Duration{1000} + Duration{40} && world.fleet->now() < pause[m]) early = true;
      if (left == 0 || !std::holds_alternative<Write>(op.request)) return SimFault::None;
      --left;
      pause[m] = world.fleet->now() + Duration{1000};
      return SimFault::Throttle;
    };
    const auto done = world.run(plan);
    INFO(told(done));
    REQUIRE(done);
    CHECK_FALSE(early);
    if (count <= 7) {
      CHECK(std::holds_alternative<Applied>(done->ending));
    } else {
      CHECK(exit_code(done->ending) == 4);
      CHECK(done->counts.failed == 1);
      CHECK(done->counts.skipped == 4);
      CHECK(done->counts.done == 5);
      CHECK(requests < 60);
    }
  }
}

TEST_CASE("faults of every sort, with and without a kill, do not change where a plan ends") {
  for (const MakePlan make : {&first_plan, &second_plan}) {
    const Undisturbed want = undisturbed(make);
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      INFO("seed " << seed);
      World world;
      prepare(world, make);
      const Plan plan = make(world.journal);
      for (const char* m : {"a", "b"}) REQUIRE(world.fleet->fault(m, "random=20, seed=" + std::to_string(seed)));
      world.retry = {.attempts = 30, .silence = Duration{3'600'000}};   // nobody is given up
      world.failpoints.arm("run.", seed % 2 == 0 ? seed / 2 : 0);
      auto done = world.run(plan);
      if (!done) {
        REQUIRE(world.failpoints.fired());
        world.failpoints.arm("run.", 0);
        world.crash(seed % 4 == 0);
        done = go_on(world, plan);
      }
      INFO(told(done));
      REQUIRE(done);
      CHECK(std::holds_alternative<Applied>(done->ending));
      CHECK(difference(world.print(), want.print) == "");
      CHECK(world.uids_agree());
      check_no_step_told_twice(world);
    }
  }
}
