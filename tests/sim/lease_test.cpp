// The lease of an MCP cluster, over random schedules: holders that stop for minutes and wake again, that die, that give it
// back; answers that are lost. Time is the simulator's.
#include <deque>
#include <map>
#include <random>

#include "executor/run/lease.hpp"
#include "executor/sim/sim_fleet.hpp"
#include "tests/sim/run_world.hpp"
#include "tests/support/catch.hpp"

using namespace mcp;

namespace {

constexpr std::int64_t noon = 1'795'000'000'000;   // of the wall clock that people read

struct Contender {
  std::string place;
  Lease lease;
  bool asleep = false;
  bool dead = false;
  bool held = false;                 // when last looked at
  std::deque<Completion> mail;       // that came while it slept
};

class Race {
 public:
  Race(std::uint32_t seed, std::size_t contenders, double faults) : random_(seed) {
    SimOptions options;
    options.path = ":memory:";
    options.project = "shop";
    options.inject = [this, faults](const MemberName&, std::uint64_t, const Operation&) {
      if (!chance(faults)) return SimFault::None;
      constexpr SimFault each[] = {SimFault::LostReply, SimFault::LostRequest, SimFault::ErrorAfter, SimFault::Error, SimFault::Throttle, SimFault::Refuse};
      return each[below(6)];
    };
    fleet = *SimFleet::open(std::move(options));
    // Machines of one image: all call themselves the same.
    for (std::size_t i = 0; i < contenders; ++i) all.push_back(contender(seed % 2 == 0 ? "same" : std::to_string(i)));
  }

  Contender contender(const std::string& place, std::int64_t dead = 0) {
    return {place, Lease("shop", {"ana on ci (process 1)", "place " + place, std::to_string(++made_), 0, dead}, [this] { return noon + fleet->now().count(); }), false, false, false, {}};
  }
  std::uint32_t below(std::uint32_t n) { return std::uniform_int_distribution<std::uint32_t>(0, n - 1)(random_); }
  bool chance(double p) { return std::bernoulli_distribution(p)(random_); }

  /// Everybody awake does what is due; then time goes on by at most `by`.
  void turn(Duration by) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      Contender& c = all[i];
      if (c.asleep || c.dead) continue;
      for (; !c.mail.empty(); c.mail.pop_front()) REQUIRE(c.lease.answer(c.mail.front().outcome, fleet->now()));
      if (auto op = c.lease.due(fleet->now())) {
        const OpId id{++ops_};
        whose_.emplace(id, std::pair(i, &c.lease));
        fleet->submit(id, *std::move(op));
      }
      look(c);
    }
    std::vector<Completion> done;
    fleet->wait(fleet->now() + by, done);
    for (Completion& one : done) {
      const auto [i, lease] = whose_.extract(one.id).mapped();
      if (!all[i].dead) all[i].mail.push_back(std::move(one));
    }
  }
  std::size_t writers() const {
    std::size_t n = 0;
    for (const Contender& c : all)
      if (!c.dead && c.lease.holds(fleet->now())) ++n;
    return n;
  }

  std::unique_ptr<SimFleet> fleet;
  std::vector<Contender> all;
  std::int64_t highest = 0;          // token of any holder so far
  std::size_t holders = 0;

 private:
  void look(Contender& c) {
    const bool holds = c.lease.holds(fleet->now());
    if (holds && !c.held) {
      CHECK(c.lease.token() > highest);
      highest = c.lease.token();
      ++holders;
    }
    c.held = c.held || holds;
  }
  std::mt19937 random_;
  std::uint64_t ops_ = 0;
  int made_ = 0;
  std::map<OpId, std::pair<std::size_t, Lease*>> whose_;
};

}  // namespace

TEST_CASE("P06 of two appliers exactly one proceeds") {
  std::size_t holders = 0;
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    Race race(seed, 2 + seed % 3, 0.15);
    for (int turn = 0; turn < 400; ++turn) {
      race.turn(Duration{1 + race.below(4'000)});
      // A holder that sleeps counts: it may wake at any instant, and write at once.
      REQUIRE(race.writers() <= 1);
      Contender& c = race.all[race.below(static_cast<std::uint32_t>(race.all.size()))];
      if (!c.asleep && race.chance(0.02)) c.asleep = true;
      else if (c.asleep && race.chance(0.05)) c.asleep = false;
      else if (c.lease.holds(race.fleet->now()) && race.chance(0.03)) c.lease.leave();
    }
    holders += race.holders;
  }
  CHECK(holders > 300);   // they do take turns
}

TEST_CASE("P07 a dead holder's lock is free after one lease") {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    Race race(seed, 2, 0);
    const auto holder = [&]() -> Contender* {
      for (Contender& c : race.all)
        if (c.lease.holds(race.fleet->now())) return &c;
      return nullptr;
    };
    for (std::uint32_t turns = 5 + race.below(60); turns > 0 || holder() == nullptr; turns -= turns > 0) race.turn(Duration{1 + race.below(3'000)});
    Contender& dead = *holder();
    dead.dead = true;
    const Instant died = race.fleet->now();
    while (holder() == nullptr || holder() == &dead) race.turn(Duration{500});
    // Its last renewal, and how often the other looks, are on top.
    const Duration took = race.fleet->now() - died;
    CHECK(took >= Duration{48'000});
    CHECK(took <= Duration{75'000});
  }
}

TEST_CASE("a dead holder of the same place, known to be dead, is followed at once") {
  Race race(1, 1, 0);
  while (race.writers() == 0) race.turn(Duration{500});
  race.all[0].dead = true;
  race.all.push_back(race.contender("0", race.all[0].lease.token()));
  const Instant began = race.fleet->now();
  while (!race.all[1].lease.holds(race.fleet->now())) race.turn(Duration{500});
  CHECK(race.fleet->now() - began < Duration{5'000});
  CHECK(race.all[1].lease.token() > race.all[0].lease.token());
}

TEST_CASE("a lease that is given back is free at once, and its token stays the highest") {
  Race race(1, 1, 0);
  while (race.writers() == 0) race.turn(Duration{500});
  race.all[0].lease.leave();
  while (!race.all[0].lease.left()) race.turn(Duration{500});
  const Value object = race.fleet->show(lease_ref("shop"));
  CHECK(read_lease(object).holder.empty());
  CHECK(read_lease(object).token == race.all[0].lease.token());
  race.all.push_back(race.contender("1"));
  while (!race.all[1].lease.holds(race.fleet->now())) race.turn(Duration{500});
  CHECK(race.all[1].lease.token() == race.all[0].lease.token() + 1);
}

TEST_CASE("a holder whose lease was broken stops at its next renewal") {
  Race race(1, 1, 0);
  while (race.writers() == 0) race.turn(Duration{500});
  REQUIRE(race.fleet->erase(lease_ref("shop")));
  const Instant broken = race.fleet->now();
  while (!race.all[0].lease.lost()) race.turn(Duration{500});
  CHECK(race.fleet->now() - broken < Duration{12'000});
  CHECK(race.writers() == 0);
}

TEST_CASE("a lease is written with six digits of a second, and reads as it was written") {
  CHECK(micro_time(1'763'812'800'042) == "2025-11-22T12:00:00.042000Z");
  LeaseView view;
  view.holder = "ana on ci-7 (process 4711)";
  view.place = "0123456789abcdef";
  view.nonce = "fedcba9876543210";
  view.token = 7;
  view.since = view.renewed = micro_time(noon);
  const Value body = lease_body("shop.staging", view);
  CHECK(body.at("metadata", "name")->as_string() == "mcp.lock.shop.staging");
  LeaseView read = read_lease(body);
  CHECK(read.present);
  read.present = false;
  CHECK(read == view);
}

TEST_CASE("an apply whose lock is taken stops before it sends anything more, and whoever took it finishes") {
  using namespace mcp::test;
  World whole;
  const Plan plan = first_plan(whole.journal);
  REQUIRE(whole.run(plan));
  const std::string undisturbed = whole.print();
  const std::size_t events = whole.heard.size();
  int stopped = 0;
  const LeasePace quick{Duration{1'200}, Duration{200}, Duration{400}, Duration{40}};   // the whole apply takes seconds only
  for (std::size_t k = 1; k <= events; ++k) {
    INFO("taken at event " << k);
    World world;
    const auto clock = [&] { return noon + world.fleet->now().count(); };
    const auto held = [&](const std::string& name) {
      Lease lease("shop", {name, name, name, 0, 0}, clock, quick);
      std::uint64_t id = 1'000'000 * (static_cast<std::uint64_t>(world.token) + 1);
      while (!lease.holds(world.fleet->now())) {
        if (auto op = lease.due(world.fleet->now())) world.fleet->submit(OpId{++id}, *std::move(op));
        std::vector<Completion> done;
        world.fleet->wait(std::min(lease.next(), world.fleet->now() + Duration{60'000}), done);
        for (const Completion& one : done)
          if (static_cast<std::uint64_t>(one.id) == id) REQUIRE(lease.answer(one.outcome, world.fleet->now()));
      }
      return lease;
    };
    Lease first = held("first");
    std::size_t seen = 0;
    Instant taken{0};
    Instant last_write{0};
    world.on_event = [&](Instant at, const Event&) {
      if (++seen != k) return;
      taken = at;
      REQUIRE(world.fleet->erase(lease_ref("shop")));
    };
    world.inject = [&](const MemberName& member, std::uint64_t, const Operation& op) {
      if (member != mcp_cluster && (std::holds_alternative<Write>(op.request) || std::holds_alternative<Remove>(op.request))) last_write = world.fleet->now();
      return SimFault::None;
    };
    RunInput input = world.input(plan);
    input.lease = &first;
    const auto ran = run_plan(input);
    if (first.lost()) {
      ++stopped;
      REQUIRE_FALSE(ran);
      CHECK(ran.error().exit_code == 6);
      CHECK(last_write <= taken + Duration{400});
      world.on_event = nullptr;
      Lease second = held("second");
      RunInput again = world.input(plan, world.open_run());
      again.lease = &second;
      const auto finished = run_plan(again);
      INFO(told(finished));
      REQUIRE(finished);
      CHECK(std::holds_alternative<Applied>(finished->ending));
    } else {
      REQUIRE(ran);   // it was over before the next renewal
    }
    CHECK(world.print() == undisturbed);
    CHECK(world.uids_agree());
  }
  CHECK(stopped > 0);
}
