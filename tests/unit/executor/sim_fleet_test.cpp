#include <chrono>

#include "executor/fleet/text.hpp"
#include "executor/sim/sim_fleet.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

std::unique_ptr<SimFleet> open(const std::string& path) {
  auto fleet = SimFleet::open({.path = path, .project = "shop", .capacity = {}, .pace = {}, .inject = {}});
  REQUIRE(fleet);
  return *std::move(fleet);
}

Completion ask(SimFleet& fleet, Operation op) {
  static std::uint64_t next = 1;
  fleet.submit(OpId{next++}, std::move(op));
  std::vector<Completion> done;
  fleet.wait(fleet.now() + Duration(100'000), done);
  REQUIRE(done.size() == 1);
  return done[0];
}

Operation write(const ObjectRef& ref, Value body) { return {ref.member, Write{ref, std::move(body), {}, Force::No, "mcp", nullptr}}; }

}  // namespace

TEST_CASE("members and their clock outlive the process that used them") {
  const TempDir dir;
  const std::string path = dir.file(".mcp/sim.db");
  Instant then{0};
  Value object;
  {
    auto fleet = open(path);
    CHECK(std::get<Done>(ask(*fleet, {"aws", Probe{}}).outcome).facts->version == "v1.36.0");
    CHECK_FALSE(std::filesystem::exists(path));   // looking makes nothing
    ask(*fleet, write(namespace_ref("aws", "shop"), namespace_body("shop")));
    ask(*fleet, write(deployment_ref("aws", "web"), deployment_body("web", 2)));
    REQUIRE(fleet->sleep(Duration(5'000)));
    object = fleet->show(deployment_ref("aws", "web"));
    then = fleet->now();
  }
  auto fleet = open(path);
  CHECK(fleet->now() == then);
  CHECK(fleet->show(deployment_ref("aws", "web")) == object);
  REQUIRE(fleet->edit(deployment_ref("aws", "web"), *FieldPath::parse("spec.replicas"), Value::integer(9)));
  object = fleet->show(deployment_ref("aws", "web"));
  fleet.reset();
  CHECK(open(path)->show(deployment_ref("aws", "web")) == object);
}

TEST_CASE("a lost member answers nobody until it is restored, and keeps what it holds") {
  const TempDir dir;
  const std::string path = dir.file("sim.db");
  {
    auto fleet = open(path);
    ask(*fleet, write(namespace_ref("aws", "shop"), namespace_body("shop")));
    REQUIRE(fleet->lose("aws"));
  }
  auto fleet = open(path);
  CHECK(to_string(ask(*fleet, {"aws", Probe{}}).outcome) == "unreachable: no answer from aws within 10 s");
  CHECK(to_string(ask(*fleet, {"azr", Probe{}}).outcome) == "absent");
  REQUIRE(fleet->restore("aws"));
  CHECK(to_string(ask(*fleet, {"aws", Read{namespace_ref("aws", "shop")}}).outcome) == "done");
}

TEST_CASE("identities depend on project and name only") {
  auto a = open(":memory:");
  auto b = open(":memory:");
  ask(*a, write(namespace_ref("aws", "shop"), namespace_body("shop")));
  const auto identity = [](SimFleet& f, const char* member) { return std::get<Done>(ask(f, {member, Probe{}}).outcome).facts->identity; };
  CHECK(identity(*a, "aws") == identity(*b, "aws"));
  CHECK(identity(*a, "aws") != identity(*a, "azr"));
  CHECK(a->show(ObjectRef{"aws", "v1", "Namespace", "", "kube-system"}).find("metadata")->text_or("uid", "") == identity(*a, "aws"));
}

TEST_CASE("a script of faults is used up in order, by writes only") {
  auto fleet = open(":memory:");
  ask(*fleet, write(namespace_ref("aws", "shop"), namespace_body("shop")));
  REQUIRE(fleet->fault("aws", "429*2, lost-reply, refuse"));
  CHECK(fleet->faults("aws") == "429*2, lost-reply, refuse");
  CHECK_FALSE(fleet->fault("aws", "429*2, nonsense"));
  const Operation op = write(config_ref("aws", "c"), config_body("c", "1"));
  CHECK(to_string(ask(*fleet, op).outcome) == "busy, again in 1000 ms");
  CHECK(to_string(ask(*fleet, {"aws", Read{config_ref("aws", "c")}}).outcome) == "absent");
  CHECK(fleet->faults("aws") == "429, lost-reply, refuse");
  CHECK(to_string(ask(*fleet, op).outcome) == "busy, again in 1000 ms");
  CHECK(to_string(ask(*fleet, op).outcome) == "no clear answer: no answer within 40 s");
  CHECK(to_string(ask(*fleet, {"aws", Read{config_ref("aws", "c")}}).outcome) == "done");
  CHECK(to_string(ask(*fleet, op).outcome) == "unreachable: connection refused by aws");
  CHECK(fleet->faults("aws").empty());
}

TEST_CASE("a slow member delays its own answers only") {
  auto fleet = open(":memory:");
  REQUIRE(fleet->slow("aws", Duration(500)));
  fleet->submit(OpId{1'000'001}, {"aws", Probe{}});
  fleet->submit(OpId{1'000'002}, {"azr", Probe{}});
  std::vector<Completion> done;
  fleet->wait(Instant(10'000), done);
  REQUIRE(done.size() == 1);
  CHECK(done[0].id == OpId{1'000'002});
  CHECK(done[0].at < Instant(10));
  fleet->wait(Instant(10'000), done);
  REQUIRE(done.size() == 2);
  CHECK(done[1].at > Instant(500));
}

TEST_CASE("figures of the simulator", "[.bench]") {
  const TempDir dir;
  const auto timed = [](const char* what, auto&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    WARN(what << ": " << std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() << " s");
  };
  const int count = 100'000;
  std::vector<Value> bodies;
  for (int i = 0; i < 20'000; ++i) bodies.push_back(deployment_body("web-" + std::to_string(i), 3));
  for (Value& v : bodies) (void)v.digest();
  {
    auto fleet = open(dir.file("sim.db"));
    for (int m = 0; m < 5; ++m) ask(*fleet, write(namespace_ref("m" + std::to_string(m), "shop"), namespace_body("shop")));
    timed("read absent", [&] {
      std::vector<Completion> done;
      std::size_t answered = 0;
      for (int i = 0; i < count; ++i) {
        fleet->submit(OpId{static_cast<std::uint64_t>(20'000'000 + i)}, {"m" + std::to_string(i / 20'000), Read{deployment_ref("m" + std::to_string(i / 20'000), "web-" + std::to_string(i % 20'000))}});
        if (i % 80 == 79) fleet->wait(Instant::max(), done);
        answered += done.size();
        done.clear();
      }
      for (; answered < static_cast<std::size_t>(count); answered += done.size()) {
        done.clear();
        fleet->wait(Instant::max(), done);
      }
    });
    timed("create", [&] {
      std::vector<Completion> done;
      std::size_t answered = 0;
      for (int i = 0; i < count; ++i) {
        fleet->submit(OpId{static_cast<std::uint64_t>(10'000'000 + i)}, write(deployment_ref("m" + std::to_string(i / 20'000), "web-" + std::to_string(i % 20'000)), bodies[static_cast<std::size_t>(i % 20'000)]));
        if (i % 80 == 79) fleet->wait(Instant::max(), done);
        answered += done.size();
        done.clear();
      }
      for (; answered < static_cast<std::size_t>(count); answered += done.size()) {
        done.clear();
        fleet->wait(Instant::max(), done);
      }
    });
  }
  auto fleet = open(dir.file("sim.db"));
  std::string version;
  timed("list all", [&] {
    std::size_t seen = 0;
    std::string cursor;
    do {
      const Page page = std::get<Page>(ask(*fleet, {"m0", List{"shop", "", cursor, ""}}).outcome);
      seen += page.objects.size();
      cursor = page.cursor;
      version = page.version;
    } while (!cursor.empty());
    CHECK(seen == 20'001);
  });
  REQUIRE(fleet->sleep(Duration(1'000'000)));
  timed("tick all", [&] { ask(*fleet, {"m0", Probe{}}); });
  version = std::get<Page>(ask(*fleet, {"m0", List{"shop", "999999999", "", ""}}).outcome).version;
  timed("list news", [&] { CHECK(std::get<Page>(ask(*fleet, {"m0", List{"shop", version, "", ""}}).outcome).objects.empty()); });
}
