// Single scenes of carrying a plan out against simulated members.
#include "executor/run/store_journal.hpp"
#include "tests/sim/run_world.hpp"

namespace mcp::test {
namespace {

FieldPath path(const char* text) { return *FieldPath::parse(text); }

Plan update_conf(World& world) {
  PlanMaker maker(world.journal);
  maker.object(Action::Update, config_ref("a", "conf"), config_body("conf", "2"));
  maker.object(Action::Update, deployment_ref("a", "web"), deployment_body("web", 3));
  return maker.plan;
}

std::int64_t count_writes(World& world, const std::function<void()>& during) {
  std::int64_t writes = 0;
  world.inject = [&](const MemberName&, std::uint64_t, const Operation& op) {
    if (std::holds_alternative<Write>(op.request) || std::holds_alternative<Remove>(op.request)) ++writes;
    return SimFault::None;
  };
  during();
  world.inject = {};
  return writes;
}

/// The same members by a clock that goes on while the loop thinks, as real ones do.
class TickingFleet final : public Fleet {
 public:
  TickingFleet(SimFleet& inner, unsigned seed) : inner_(inner), seed_(seed) {}
  Capabilities capabilities(const MemberName& m) const override { return inner_.capabilities(m); }
  void submit(OpId id, Operation op) override { inner_.submit(id, std::move(op)); }
  void cancel(OpId id) override { inner_.cancel(id); }
  void wait(Instant until, std::vector<Completion>& done) override { inner_.wait(std::max(inner_.now(), until - ahead_), done); }
  Instant now() const override {
    seed_ = seed_ * 1'103'515'245U + 12'345U;
    return inner_.now() + (ahead_ += Duration{(seed_ >> 16U) % 100});
  }

 private:
  SimFleet& inner_;
  mutable unsigned seed_;
  mutable Duration ahead_{0};
};

}  // namespace

TEST_CASE("time that passes while the loop thinks loses no timer") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    World world;
    const Plan plan = first_plan(world.journal);
    TickingFleet fleet(*world.fleet, seed);
    RunInput in = world.input(plan);
    in.fleet = &fleet;
    const auto done = run_plan(in);
    INFO("seed " << seed << ": " << told(done));
    REQUIRE(done);
    CHECK(std::holds_alternative<Applied>(done->ending));
  }
}

TEST_CASE("P13 an object that changed since makes the plan stale, and nothing is written") {
  World world;
  world.set_up();
  const Plan plan = update_conf(world);
  REQUIRE(world.fleet->edit(config_ref("a", "conf"), path("data.a"), Value::string("9")));
  const std::int64_t writes = count_writes(world, [&] {
    const auto done = world.run(plan);
    INFO(told(done));
    REQUIRE(done);
    const auto* stale = std::get_if<Stale>(&done->ending);
    REQUIRE(stale != nullptr);
    REQUIRE(stale->objects.size() == 1);
    CHECK(stale->objects[0].address.text() == "config.shop/conf@a");
    REQUIRE(stale->objects[0].fields.size() == 1);
    CHECK(stale->objects[0].fields[0].path == "data.a");
    CHECK(stale->objects[0].manager == "sim-edit");
    CHECK(exit_code(done->ending) == 3);
  });
  CHECK(writes == 0);
  CHECK(world.open_run() == 0);
}

TEST_CASE("P13 other objects and other fields do not make a plan stale") {
  World world;
  world.set_up();
  const Plan plan = update_conf(world);
  REQUIRE(world.fleet->edit(config_ref("b", "conf"), path("data.a"), Value::string("9")));
  REQUIRE(world.fleet->edit(config_ref("a", "conf"), path("data.theirs"), Value::string("9")));
  const auto done = world.run(plan);
  INFO(told(done));
  REQUIRE(done);
  CHECK(std::holds_alternative<Applied>(done->ending));
}

TEST_CASE("what is as the plan leaves it already is not written again") {
  World world;
  world.set_up();
  const Plan plan = update_conf(world);
  REQUIRE(world.run(plan));
  SECTION("as the same plan, it had been applied before") {
    RunInput in = world.input(plan);
    in.finished_as = 2;
    const auto done = run_plan(in);
    REQUIRE(done);
    REQUIRE(std::holds_alternative<AlreadyApplied>(done->ending));
    CHECK(std::get<AlreadyApplied>(done->ending).run == 2);
  }
  SECTION("as another plan, its steps are done") {
    const std::int64_t writes = count_writes(world, [&] {
      const auto done = world.run(plan);
      INFO(told(done));
      REQUIRE(done);
      CHECK(done->counts.already == 2);
    });
    CHECK(writes == 0);
  }
  SECTION("as the same plan, after everything went back") {
    world.journal.rows.clear();
    REQUIRE(world.fleet->edit(config_ref("a", "conf"), path("data.a"), Value::string("1")));
    RunInput in = world.input(plan);
    in.finished_as = 2;
    const auto done = run_plan(in);
    REQUIRE(done);
    CHECK(exit_code(done->ending) == 3);
  }
}

TEST_CASE("a failing image fails its step with the reason, and skips what needs it") {
  World world;
  world.set_up();
  PlanMaker maker(world.journal);
  REQUIRE(world.fleet->fault("a", "image=web:bad"));
  const auto web = maker.object(Action::Update, deployment_ref("a", "web"), deployment_body("web", 2, "registry.example/web:bad"));
  const auto old = maker.object(Action::Delete, config_ref("a", "old"));
  maker.object(Action::Update, config_ref("a", "conf"), config_body("conf", "2"));
  maker.edge(web, old);
  const auto done = world.run(maker.plan);
  INFO(told(done));
  REQUIRE(done);
  CHECK(exit_code(done->ending) == 4);
  CHECK(done->counts.done == 1);
  CHECK(done->counts.failed == 1);
  CHECK(done->counts.skipped == 1);
  CHECK(done->steps[web].why.find("ImagePullBackOff") != std::string::npos);
  CHECK(done->steps[old].why == "needs workload.shop/web@a");
  CHECK(world.journal.rows.contains(deployment_ref("a", "web")));
}

TEST_CASE("fields of others are taken as planned and not otherwise") {
  World world;
  world.set_up();
  REQUIRE(world.fleet->edit(config_ref("a", "conf"), path("data.a"), Value::string("9"), "kubectl-edit"));
  PlanMaker maker(world.journal);
  const auto n = maker.object(Action::Update, config_ref("a", "conf"), config_body("conf", "2"));
  Step& step = maker.plan.steps[n];
  step.before = config_body("conf", "9").digest();
  SECTION("as planned") {
    step.takeovers = {{"data.a", "kubectl-edit"}};
    const auto done = world.run(maker.plan);
    INFO(told(done));
    REQUIRE(done);
    CHECK(std::holds_alternative<Applied>(done->ending));
    CHECK(world.fleet->show(config_ref("a", "conf")).at("data", "a")->as_string() == "2");
  }
  SECTION("not in the plan") {
    const auto done = world.run(maker.plan);
    REQUIRE(done);
    CHECK(exit_code(done->ending) == 4);
    CHECK(done->steps[n].why == "data.a is held by kubectl-edit, and the plan does not take that over");
    CHECK(world.fleet->show(config_ref("a", "conf")).at("data", "a")->as_string() == "9");
  }
}

TEST_CASE("an object that appears between look and create is left as it was") {
  World world;
  world.set_up();
  PlanMaker maker(world.journal);
  const ObjectRef ref = config_ref("a", "extra");
  maker.object(Action::Create, ref, config_body("extra", "1"));
  world.on_event = [&](Instant, const Event& event) {
    if (!std::holds_alternative<PlanStarted>(event)) return;
    // Somebody else makes it, and holds other fields than we state.
    RunInput none;
    Operation op{"a", Write{.ref = ref, .body = yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: extra, namespace: shop}, data: {theirs: x}}"), .expect = {}, .manager = "kubectl", .secrets = {}}};
    std::vector<Completion> done;
    world.fleet->submit(OpId{1}, std::move(op));
    while (done.empty()) world.fleet->wait(world.fleet->now() + Duration{100}, done);
  };
  const auto done = world.run(maker.plan);
  INFO(told(done));
  REQUIRE(done);
  CHECK(exit_code(done->ending) == 4);
  CHECK(done->steps[0].why == "exists already: somebody else made it meanwhile");
  const Value left = world.fleet->show(ref);
  CHECK(left.at("data", "theirs") != nullptr);
  CHECK(left.at("data", "a") == nullptr);
  CHECK_FALSE(world.journal.rows.contains(ref));
}

TEST_CASE("a member that is another cluster now is not written to") {
  World world;
  world.set_up();
  Plan plan = update_conf(world);
  for (Step& step : plan.steps) step.identity = "another";
  const auto done = world.run(plan);
  REQUIRE(done);
  REQUIRE(std::holds_alternative<Stale>(done->ending));
  CHECK(std::get<Stale>(done->ending).objects[0].why == "another cluster answers as a");
}

TEST_CASE("a state older than its members writes nothing") {
  World world;
  world.set_up();
  REQUIRE(world.run(update_conf(world)));
  world.journal.runs.erase(2);
  PlanMaker maker(world.journal);
  maker.object(Action::Update, config_ref("a", "conf"), config_body("conf", "3"));
  const auto done = world.run(maker.plan);
  REQUIRE_FALSE(done);
  CHECK(done.error().help.find("state rebuild") != std::string::npos);
}

TEST_CASE("the marker goes with the last member's leave, and its namespace only if nothing else is in it") {
  World world;
  world.set_up();
  const bool another = GENERATE(false, true);
  if (another) {
    Operation op{"b", Write{.ref = {"b", "v1", "ConfigMap", "mcp-system", "mcp-other"}, .body = yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: mcp-other, namespace: mcp-system}, data: {serial: '1'}}"), .expect = {}, .secrets = {}}};
    std::vector<Completion> done;
    world.fleet->submit(OpId{1}, std::move(op));
    while (done.empty()) world.fleet->wait(world.fleet->now() + Duration{100}, done);
  }
  REQUIRE(world.run(second_plan(world.journal)));
  CHECK(world.fleet->show({"b", "v1", "ConfigMap", "mcp-system", "mcp-shop"}).is_null());
  CHECK(world.fleet->show(namespace_ref("b", "mcp-system")).is_null() == !another);
  CHECK_FALSE(world.journal.joined.contains("b"));
}

TEST_CASE("the journal in SQLite carries a run from begin to end, and through a crash") {
  World world;
  TempDir dir;
  auto opened = Store::open(dir.path(), "shop");
  REQUIRE(opened);
  Store& store = **opened;
  const Plan plan = first_plan(world.journal);
  RunNote note;
  note.plan_bytes = "plan";
  note.row.plan = sha256("plan");
  StoreJournal journal(store, note);
  RunInput in = world.input(plan);
  in.journal = &journal;
  SECTION("undisturbed") {
    const auto done = run_plan(in);
    INFO(told(done));
    REQUIRE(done);
    CHECK(std::holds_alternative<Applied>(done->ending));
  }
  SECTION("killed") {
    world.failpoints.arm("run.", 20);
    REQUIRE_FALSE(run_plan(in));
    world.failpoints.arm("run.", 0);
    world.crash(true);
    const auto open = store.open_runs();
    REQUIRE(open);
    REQUIRE(open->size() == 1);
    RunInput again = world.input(plan, open->front().id);
    again.journal = &journal;
    const auto done = run_plan(again);
    INFO(told(done));
    REQUIRE(done);
    CHECK(std::holds_alternative<Applied>(done->ending));
  }
  CHECK(store.recorded()->size() == 8);
  CHECK(store.members()->size() == 2);
  CHECK(store.open_runs()->empty());
  CHECK(store.runs()->front().state == RunState::Done);
  CHECK(store.history(1)->size() == 8);
}

TEST_CASE("the lock of somebody else stops the run before it writes anything more") {
  World world;
  TempDir dir;
  auto opened = Store::open(dir.path(), "shop");
  REQUIRE(opened);
  const Plan plan = first_plan(world.journal);
  RunNote note;
  note.lock = "L1";
  note.row.token = 7;
  StoreJournal journal(**opened, note);
  RunInput in = world.input(plan);
  in.journal = &journal;
  const std::int64_t writes = count_writes(world, [&] {
    const auto done = run_plan(in);
    REQUIRE_FALSE(done);
    CHECK(done.error().exit_code == 6);
  });
  CHECK(writes == 0);
}

}  // namespace mcp::test
