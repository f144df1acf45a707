#pragma once
// A small world for tests of the loop: two simulated members, a journal, a first plan that creates, a second one that
// updates, replaces, deletes and lets a member leave. Everything is printed to compare ends.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "executor/run/apply.hpp"
#include "executor/sim/sim_fleet.hpp"
#include "lang/value/json.hpp"
#include "planner/kinds/kinds.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/memory_journal.hpp"
#include "tests/support/temp_dir.hpp"

namespace mcp::test {

inline Address address_of(const ObjectRef& ref) {
  const std::string_view kind = ref.kind == "Namespace" ? "namespace." : ref.kind == "Deployment" ? "workload.shop/" : "config.shop/";
  return *Address::parse(std::string(kind) + ref.name + "@" + ref.member);
}

class PlanMaker {
 public:
  explicit PlanMaker(MemoryJournal& journal) : journal_(journal) { plan.project = "shop"; }
  Plan plan;

  std::uint32_t member(Action action, const std::string& name) {
    Step step;
    step.action = action;
    step.address.kind = AddressKind::Cluster;
    step.address.name = name;
    if (action == Action::Leave) step.identity = journal_.joined[name].identity;
    PlanMember m;
    m.name = name;
    m.row = MapBuilder().set("cloud", "sim").build();
    m.leaving = action == Action::Leave;
    plan.members.push_back(m);
    return add(step);
  }
  std::uint32_t object(Action action, const ObjectRef& ref, Value body = {}) {
    Step step;
    step.action = action;
    step.ref = ref;
    step.address = address_of(ref);
    step.identity = journal_.joined.contains(ref.member) ? journal_.joined[ref.member].identity : std::string();
    if (action != Action::Create) {
      step.uid = journal_.rows[ref].uid;
      step.before = journal_.rows[ref].owned;
    }
    if (!body.is_null()) step.after = body.digest();
    step.wait_ready = !body.is_null() && ref.kind == "Deployment";
    if (step.wait_ready) step.replicas = body.find("spec")->int_or("replicas", 1);
    step.body = std::move(body);
    step.origin = "shop.mcp:1:1";
    return add(step);
  }
  void edge(std::uint32_t from, std::uint32_t to) { plan.edges.push_back({from, to, EdgeReason::Order}); }

 private:
  std::uint32_t add(Step step) {
    Change change;
    change.step = static_cast<std::uint32_t>(plan.steps.size());
    plan.changes.push_back(change);
    plan.steps.push_back(std::move(step));
    return static_cast<std::uint32_t>(plan.steps.size()) - 1;
  }
  MemoryJournal& journal_;
};

inline Plan first_plan(MemoryJournal& journal) {
  PlanMaker maker(journal);
  for (const char* m : {"a", "b"}) {
    const auto join = maker.member(Action::Join, m);
    const auto ns = maker.object(Action::Create, namespace_ref(m, "shop"), namespace_body("shop"));
    const auto conf = maker.object(Action::Create, config_ref(m, "conf"), config_body("conf", "1"));
    const auto old = maker.object(Action::Create, config_ref(m, "old"), config_body("old", "1"));
    const auto web = maker.object(Action::Create, deployment_ref(m, "web"), deployment_body("web", 2));
    maker.edge(join, ns);
    maker.edge(ns, conf);
    maker.edge(ns, old);
    maker.edge(conf, web);
  }
  return maker.plan;
}

/// Member a: an update each of config and workload, a replace, a delete. Member b leaves.
inline Plan second_plan(MemoryJournal& journal) {
  PlanMaker maker(journal);
  const auto conf = maker.object(Action::Update, config_ref("a", "conf"), config_body("conf", "2"));
  const auto web = maker.object(Action::Update, deployment_ref("a", "web"), deployment_body("web", 3));
  maker.edge(conf, web);
  maker.object(Action::Replace, config_ref("a", "old"), config_body("old", "2"));
  const auto b_web = maker.object(Action::Delete, deployment_ref("b", "web"));
  const auto b_conf = maker.object(Action::Delete, config_ref("b", "conf"));
  const auto b_old = maker.object(Action::Delete, config_ref("b", "old"));
  const auto b_ns = maker.object(Action::Delete, namespace_ref("b", "shop"));
  const auto leave = maker.member(Action::Leave, "b");
  maker.edge(web, b_web);
  maker.edge(b_web, b_conf);
  maker.edge(b_conf, b_ns);
  maker.edge(b_old, b_ns);
  maker.edge(b_ns, leave);
  return maker.plan;
}

struct Heard { Instant at; Event event; };

class World {
 public:
  MemoryJournal journal;
  std::unique_ptr<SimFleet> fleet;
  std::vector<Heard> heard;
  std::function<SimFault(const MemberName&, std::uint64_t, const Operation&)> inject;
  Failpoints failpoints;
  Interrupt interrupt;
  std::function<void(Instant, const Event&)> on_event;
  std::int64_t token = 0;
  RetryRules retry;

  World() { open(); }
  void open() {
    SimOptions options;
    options.path = dir_.file("sim.db");
    options.project = "shop";
    options.inject = [this](const MemberName& m, std::uint64_t n, const Operation& op) { return inject ? inject(m, n, op) : SimFault::None; };
    auto opened = SimFleet::open(std::move(options));
    REQUIRE(opened);
    fleet = *std::move(opened);
  }
  /// As after SIGKILL: requests on their way land if `lands`; the members' file is opened anew.
  void crash(bool lands) {
    fleet->crash([lands](OpId) { return lands; });
    fleet.reset();
    open();
  }
  RunInput input(const Plan& plan, std::int64_t resume = 0) {
    RunInput in;
    in.plan = &plan;
    in.fleet = fleet.get();
    in.journal = &journal;
    in.token = ++token;
    in.resume = resume;
    in.interrupt = &interrupt;
    in.failpoints = &failpoints;
    in.retry = retry;
    in.observer = [this](Instant at, const Event& event) {
      heard.push_back({at, event});
      if (on_event) on_event(at, event);
    };
    return in;
  }
  Result<RunResult> run(const Plan& plan, std::int64_t resume = 0) { return run_plan(input(plan, resume)); }
  std::int64_t open_run() const {
    for (const auto& [run, state] : journal.runs)
      if (state == RunState::Open) return run;
    return 0;
  }
  /// The world after the first plan.
  void set_up() {
    const Plan plan = first_plan(journal);
    const auto done = run(plan);
    REQUIRE(done);
    REQUIRE(std::holds_alternative<Applied>(done->ending));
    heard.clear();
  }

  /// What members and state hold, without times, versions and tokens.
  std::string print() {
    std::string out;
    for (const char* m : {"a", "b"})
      for (const Value& object : fleet->show(m)) {
        const Value* metadata = object.find("metadata");
        MapBuilder kept;
        for (const char* key : {"name", "namespace", "labels", "annotations"})
          if (const Value* v = metadata->find(key)) kept.set(key, *v);
        MapBuilder line;
        line.set("kind", object.text_or("kind", "")).set("metadata", kept.build());
        if (const Value* v = object.find("spec")) line.set("spec", *v);
        if (const Value* v = object.find("data")) line.set("data", v->without("token"));
        std::string managers;
        if (const Value* all = metadata->find("managedFields"))
          for (const Value& one : all->items()) managers += std::string(one.text_or("manager", "")) + " ";
        out += std::string(m) + " " + to_json(line.build()) + " " + managers + "\n";
      }
    for (const auto& [ref, row] : journal.rows) out += ref.text() + " " + row.address.text() + " " + row.body.brief() + " " + row.owned.brief() + "\n";
    for (const auto& [name, member] : journal.joined) out += name + " " + member.identity + " " + to_json(member.row) + "\n";
    return out;
  }
  /// Each recorded uid is the one its member holds.
  bool uids_agree() {
    for (const auto& [ref, row] : journal.rows) {
      const Value live = fleet->show(ref);
      if (live.is_null() || live.find("metadata")->text_or("uid", "") != row.uid) return false;
    }
    return true;
  }
  std::int64_t newest_version(const std::string& member) {
    std::int64_t out = 0;
    for (const Value& object : fleet->show(member)) out = std::max(out, std::int64_t{std::stoll(std::string(object.find("metadata")->text_or("resourceVersion", "0")))});
    return out;
  }
  std::vector<std::uint32_t> acknowledged() const {
    std::vector<std::uint32_t> out;
    for (const Heard& h : heard)
      if (const auto* done = std::get_if<StepDone>(&h.event)) out.push_back(done->step);
    return out;
  }

 private:
  TempDir dir_;
};

/// Lines of `a` and `b` that the other lacks; "" if there are none.
inline std::string difference(const std::string& a, const std::string& b) {
  const auto lines = [](const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      out.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return out;
  };
  const auto x = lines(a);
  const auto y = lines(b);
  std::string out;
  for (const std::string& line : x)
    if (std::find(y.begin(), y.end(), line) == y.end()) out += "- " + line + "\n";
  for (const std::string& line : y)
    if (std::find(x.begin(), x.end(), line) == x.end()) out += "+ " + line + "\n";
  return out.empty() && a != b ? "same lines, another order" : out;
}

inline std::string told(const Result<RunResult>& result) {
  if (!result) return result.error().text();
  std::string out = "exit " + std::to_string(exit_code(result->ending));
  for (const StepReport& report : result->steps)
    if (report.state != StepState::Done) out += "\n  " + std::to_string(report.step) + " " + std::string(to_string(report.state)) + ": " + report.why;
  if (const auto* stale = std::get_if<Stale>(&result->ending))
    for (const StaleObject& o : stale->objects) out += "\n  stale " + o.address.text() + ": " + o.why;
  return out;
}

}  // namespace mcp::test
