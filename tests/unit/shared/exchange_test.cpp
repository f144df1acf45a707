// Two machines and the MCP cluster between them, which is simulated: what one pushes the other pulls, whatever gets lost.
#include "executor/shared/exchange.hpp"

#include <filesystem>

#include "executor/run/lease.hpp"
#include "executor/run/marker.hpp"
#include "executor/shared/state_text.hpp"
#include "executor/sim/sim_fleet.hpp"
#include "tests/unit/shared/random_state.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

class Machines {
 public:
  std::function<SimFault(std::uint64_t number, const Operation&)> inject;
  TempDir a_dir, b_dir;
  std::unique_ptr<SimFleet> fleet;
  std::unique_ptr<Store> a, b;

  Machines() {
    SimOptions options;
    options.path = ":memory:";
    options.project = "shop";
    options.inject = [this](const MemberName&, std::uint64_t n, const Operation& op) { return inject ? inject(n, op) : SimFault::None; };
    fleet = *SimFleet::open(std::move(options));
    a = fresh_store(a_dir.file("a"));
    b = fresh_store(b_dir.file("b"));
    fleet->submit(OpId{1}, {mcp_cluster, Write{.ref = marker_namespace_ref(mcp_cluster), .body = marker_namespace_body(), .expect = {}, .secrets = {}, .trial = false}});
    std::vector<Completion> done;
    fleet->wait(fleet->now() + Duration{10'000}, done);
  }
  std::size_t pieces() {
    std::size_t n = 0;
    for (const Value& object : fleet->show(mcp_cluster))
      if (object.find("metadata")->text_or("name", "").starts_with("mcp.piece.")) ++n;
    return n;
  }
};

Result<void> push(Store& store, Fleet& fleet, std::int64_t token, const std::optional<RunRow>& open = {}, std::string_view plan = {}) {
  Exchange exchange(store, fleet);
  MCP_TRY(exchange.pull());
  return exchange.push(token, open, plan, nullptr);
}
Result<void> pull(Store& store, Fleet& fleet) { return Exchange(store, fleet).pull(); }

std::string text_of(Store& store) {
  const auto pieces = state_pieces(store);
  REQUIRE(pieces);
  std::string out;
  for (const Piece& piece : *pieces) out += piece.name + " ";
  return out;
}

std::string why(const Result<void>& result) { return result ? std::string() : result.error().text(); }

}  // namespace

TEST_CASE("what one machine pushes another pulls, in turns") {
  for (std::uint32_t seed = 1; seed <= 15; ++seed) {
    INFO("seed " << seed);
    Machines m;
    RandomState random(seed);
    for (int turn = 0; turn < 4; ++turn) {
      Store& from = turn % 2 == 0 ? *m.a : *m.b;
      Store& to = turn % 2 == 0 ? *m.b : *m.a;
      REQUIRE(pull(from, *m.fleet));
      random.fill(from, 60, 2);
      const auto pushed = push(from, *m.fleet, turn + 1);
      INFO(why(pushed));
      REQUIRE(pushed);
      const auto pulled = pull(to, *m.fleet);
      INFO(why(pulled));
      REQUIRE(pulled);
      CHECK(text_of(to) == text_of(from));
      CHECK(m.pieces() == state_pieces(from)->size());   // what nobody names any more is gone
    }
  }
}

TEST_CASE("a reply that is lost, whichever it is, leaves both as they should be") {
  for (const SimFault fault : {SimFault::LostReply, SimFault::Error, SimFault::Refuse, SimFault::Throttle, SimFault::Conflict})
    for (std::uint64_t k = 0;; ++k) {
      INFO("fault " << static_cast<int>(fault) << " at request " << k);
      Machines m;
      RandomState random(5);
      random.fill(*m.a, 30, 2);
      REQUIRE(push(*m.a, *m.fleet, 1));
      REQUIRE(pull(*m.b, *m.fleet));
      random.fill(*m.b, 10, 1);
      bool fired = false;
      std::uint64_t seen = 0;
      m.inject = [&](std::uint64_t, const Operation& op) {
        if (fault == SimFault::Conflict && !std::holds_alternative<Swap>(op.request)) return SimFault::None;
        if (seen++ != k) return SimFault::None;
        fired = true;
        return fault;
      };
      const auto pushed = push(*m.b, *m.fleet, 2);
      INFO(why(pushed));
      CHECK(pushed);
      m.inject = nullptr;
      const auto pulled = pull(*m.a, *m.fleet);
      INFO(why(pulled));
      REQUIRE(pulled);
      CHECK(text_of(*m.a) == text_of(*m.b));
      if (!fired) break;
    }
}

TEST_CASE("an MCP cluster that is silent says so and changes nothing") {
  Machines m;
  RandomState random(2);
  random.fill(*m.a, 20, 1);
  REQUIRE(push(*m.a, *m.fleet, 1));
  random.fill(*m.b, 20, 1);
  const std::string before = text_of(*m.b);
  m.inject = [](std::uint64_t, const Operation&) { return SimFault::Refuse; };
  CHECK_FALSE(pull(*m.b, *m.fleet));
  CHECK_FALSE(push(*m.b, *m.fleet, 2));
  CHECK(text_of(*m.b) == before);
}

TEST_CASE("of two that push on the same head one is refused, and nothing of the other is lost") {
  Machines m;
  RandomState random(3);
  random.fill(*m.a, 20, 1);
  REQUIRE(push(*m.a, *m.fleet, 1));
  Exchange late(*m.b, *m.fleet);
  REQUIRE(late.pull());
  random.fill(*m.a, 5, 1);
  REQUIRE(push(*m.a, *m.fleet, 2));
  random.fill(*m.b, 5, 1);
  const auto refused = late.push(3, std::nullopt, {}, nullptr);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().exit_code == 6);
  REQUIRE(pull(*m.b, *m.fleet));
  CHECK(text_of(*m.b) == text_of(*m.a));
}

TEST_CASE("an apply that was begun elsewhere is open here too, with its plan, until it ends there") {
  Machines m;
  RandomState random(4);
  random.fill(*m.a, 20, 2);
  RunRow open;
  open.id = m.a->serial().value() + 1;
  open.plan = Value::string("plan").digest();
  open.changes = open.plan;
  open.who = "ana";
  const std::string plan = std::string(5U << 20U, 'p') + "the end";
  REQUIRE(push(*m.a, *m.fleet, 1, open, plan));
  REQUIRE(pull(*m.b, *m.fleet));
  REQUIRE(m.b->open_runs().value().size() == 1);
  CHECK(m.b->open_runs().value().front().id == open.id);
  CHECK(m.b->plan(open.plan).value() == plan);
  // It goes on here: the journal of the one who began counts for nothing.
  RunRow ended = m.b->open_runs().value().front();
  ended.state = RunState::Done;
  REQUIRE(m.b->end_run(ended));
  REQUIRE(push(*m.b, *m.fleet, 2));
  REQUIRE(m.a->put_run(open));
  REQUIRE(m.a->put_step(open.id, StepRow{}));
  REQUIRE(pull(*m.a, *m.fleet));
  CHECK(m.a->open_runs().value().empty());
  CHECK(m.a->steps(open.id).value().empty());
  CHECK(m.a->runs().value() == m.b->runs().value());
  CHECK(m.pieces() == state_pieces(*m.a)->size());
}

TEST_CASE("an apply that ended here and could not be told is told by the next push") {
  Machines m;
  RandomState random(6);
  random.fill(*m.a, 10, 1);
  RunRow open;
  open.id = m.a->serial().value() + 1;
  REQUIRE(push(*m.a, *m.fleet, 1, open, "plan"));
  CHECK(is_ahead(*m.a).value());
  random.fill(*m.a, 10, 1);   // it was carried out, and its push failed
  REQUIRE(pull(*m.a, *m.fleet));
  CHECK(m.a->open_runs().value().empty());
  REQUIRE(push(*m.a, *m.fleet, 2));
  CHECK_FALSE(is_ahead(*m.a).value());
  REQUIRE(pull(*m.b, *m.fleet));
  CHECK(m.b->open_runs().value().empty());
  CHECK(text_of(*m.b) == text_of(*m.a));
}

TEST_CASE("machines agree on one key of fingerprints, whoever comes first") {
  Machines m;
  const std::string first = secret_key(m.a->dir()).value();
  const std::string second = secret_key(m.b->dir()).value();
  CHECK(first != second);
  REQUIRE(push(*m.a, *m.fleet, 1));
  REQUIRE(pull(*m.b, *m.fleet));
  CHECK(secret_key(m.b->dir()).value() == first);
  CHECK(std::filesystem::exists(m.b->dir() + "/secret.key.old"));   // nothing is lost
}

TEST_CASE("a damaged piece is refused and named, and the state here stays") {
  Machines m;
  RandomState random(8);
  random.fill(*m.a, 40, 1);
  REQUIRE(push(*m.a, *m.fleet, 1));
  std::string name;
  for (const Value& object : m.fleet->show(mcp_cluster))
    if (const auto n = object.find("metadata")->text_or("name", ""); n.starts_with("mcp.piece.")) name = n;
  const ObjectRef ref{mcp_cluster, "v1", "ConfigMap", marker_home, name};
  const Value object = m.fleet->show(ref);
  const Value* meta = object.find("metadata");
  m.fleet->submit(OpId{2}, {mcp_cluster, Swap{ref, object.with("binaryData", MapBuilder().set("gz", "AAAA").build()), {std::string(meta->text_or("uid", "")), std::string(meta->text_or("resourceVersion", ""))}}});
  std::vector<Completion> done;
  m.fleet->wait(m.fleet->now() + Duration{10'000}, done);
  REQUIRE(std::holds_alternative<Done>(done.at(0).outcome));
  const auto pulled = pull(*m.b, *m.fleet);
  REQUIRE_FALSE(pulled);
  CHECK(pulled.error().message.find("is damaged") != std::string::npos);
  CHECK(m.b->recorded_count().value() == 0);
}

TEST_CASE("a lease is kept while the state is put there, though the last answer to it was heard by nobody") {
  Machines m;
  RandomState random(9);
  random.fill(*m.a, 200, 2);
  Lease lease("shop", {"ana", "here", "n", 0, 0}, [] { return std::int64_t{1'795'000'000'000}; });
  std::uint64_t id = 100;
  while (!lease.holds(m.fleet->now())) {
    if (auto op = lease.due(m.fleet->now())) m.fleet->submit(OpId{++id}, *std::move(op));
    std::vector<Completion> done;
    m.fleet->wait(m.fleet->now() + Duration{1'000}, done);
    for (const Completion& one : done) REQUIRE(lease.answer(one.outcome, m.fleet->now()));
  }
  std::vector<Completion> unheard;
  m.fleet->wait(m.fleet->now() + Duration{15'000}, unheard);
  REQUIRE(lease.due(m.fleet->now()));   // a renewal that the apply sent when it ended
  m.fleet->wait(m.fleet->now() + Duration{10'000}, unheard);
  REQUIRE_FALSE(lease.holds(m.fleet->now()));
  Exchange exchange(*m.a, *m.fleet);
  REQUIRE(exchange.pull());
  REQUIRE(exchange.push(lease.token(), std::nullopt, {}, &lease));
  CHECK(lease.holds(m.fleet->now()));
  CHECK(read_lease(m.fleet->show(lease_ref("shop"))).holder == "ana");
}
