#include <sys/stat.h>

#include <chrono>

#include "planner/store/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mcp;
using mcp::test::TempDir;

namespace {

RecordedRow row(const std::string& member, const std::string& ns, const std::string& name) {
  RecordedRow out;
  out.ref = {member, "apps/v1", "Deployment", ns, name};
  out.address = {AddressKind::Workload, ns, name, "", member};
  out.uid = "5e0c1d1e-0000-4000-8000-000000000001";
  out.body = Value::string(ns + "/" + name).digest();
  out.owned = out.body;
  out.origin = "shop.mcp:10:1";
  out.deps = "namespace.shop\nconfig.shop/web-conf";
  out.replicas = 3;
  out.run = out.serial = 7;
  return out;
}

std::unique_ptr<Store> fresh(const TempDir& dir) {
  auto store = Store::open(dir.file(".mcp"), "shop");
  REQUIRE(store);
  return *std::move(store);
}

}  // namespace

TEST_CASE("reading where there is no state says so and makes nothing") {
  const TempDir dir;
  auto store = Store::open_existing(dir.file(".mcp"), "shop", Access::Read);
  REQUIRE(store);
  CHECK(*store == nullptr);
  CHECK_FALSE(std::filesystem::exists(dir.file(".mcp")));
  CHECK(Store::projects(dir.file(".mcp")).empty());
}

TEST_CASE("recorded rows come back as they were put, in key order") {
  const TempDir dir;
  auto store = fresh(dir);
  auto txn = store->begin();
  REQUIRE(txn);
  RecordedRow drifted = row("azr", "shop", "web");
  drifted.owned = Value::string("other").digest();
  drifted.protect = drifted.adopted = true;
  drifted.deps.clear();
  drifted.replicas = -1;
  const RecordedRow a = row("aws", "shop", "web");
  const RecordedRow b = row("aws", "pay", "web");
  for (const auto& r : {drifted, a, b}) REQUIRE(store->put_recorded(r));
  REQUIRE(txn->commit());
  auto rows = store->recorded();
  REQUIRE(rows);
  CHECK(*rows == std::vector{b, a, drifted});
  CHECK(**store->recorded(a.ref) == a);
  CHECK(store->drop_recorded(a.ref));
  CHECK_FALSE(store->recorded(a.ref)->has_value());
  CHECK(Store::projects(dir.file(".mcp")) == std::vector<std::string>{"shop"});
}

TEST_CASE("writing a row drops what the cache said of its object") {
  const TempDir dir;
  auto store = fresh(dir);
  ObservedRow seen;
  seen.ref = row("aws", "shop", "web").ref;
  seen.uid = "u";
  seen.version = "12";
  seen.owned = Value::integer(1).digest();
  seen.fields = Value::integer(1);
  seen.owners = {{"spec.replicas", "kubectl", "2026-11-20T14:02:00Z"}};
  seen.ours = true;
  REQUIRE(store->put_observed(seen));
  CHECK(*store->observed() == std::vector{seen});
  REQUIRE(store->put_recorded(row("aws", "shop", "web")));
  CHECK(store->observed()->empty());
}

TEST_CASE("bodies are stored once and collected when nothing names them") {
  const TempDir dir;
  auto store = fresh(dir);
  const Value body = MapBuilder().set("kind", "ConfigMap").build();
  REQUIRE(store->put_body(body));
  REQUIRE(store->put_body(body));
  CHECK(*store->body(body.digest()) == body);
  CHECK(store->body(Value::integer(5).digest())->is_null());
  REQUIRE(store->collect(50));
  CHECK(store->body(body.digest())->is_null());
}

TEST_CASE("members that never joined keep their failures but are no members") {
  const TempDir dir;
  auto store = fresh(dir);
  REQUIRE(store->put_failures("gcp", 2, 500));
  CHECK(store->members()->empty());
  CHECK(store->failures()->at("gcp").count == 2);
  RecordedMember m{"gcp", "id", "v1.36.0", MapBuilder().set("cloud", "gcp").build(), false, false, 0, 0};
  REQUIRE(store->put_member(m));
  CHECK(*store->members() == std::vector{m});
  REQUIRE(store->drop_member("gcp"));
  CHECK(store->members()->empty());
}

TEST_CASE("runs are numbered, keep their journal, and are found by their plan once done") {
  const TempDir dir;
  auto store = fresh(dir);
  RunRow run;
  run.plan = Value::string("plan").digest();
  run.cells = {"shop@aws", "shop@azr"};
  run.token = 3;
  run.who = "ann";
  REQUIRE(store->start_run(run));
  CHECK(run.id == 1);
  CHECK(*store->open_runs() == std::vector{run});
  CHECK_FALSE(store->finished_run(run.plan)->has_value());
  REQUIRE(store->put_step(1, {4, 1, StepRecord::Sent, "", {}, ""}));
  REQUIRE(store->put_step(1, {2, 1, StepRecord::Sent, "", {}, ""}));
  REQUIRE(store->put_step(1, {2, 2, StepRecord::Failed, "u", {}, "no"}));
  CHECK(*store->steps(1) == std::vector<StepRow>{{2, 2, StepRecord::Failed, "u", {}, "no"}, {4, 1, StepRecord::Sent, "", {}, ""}});
  run.state = RunState::Done;
  run.summary = MapBuilder().set("create", 3).build();
  REQUIRE(store->end_run(run));
  CHECK(store->open_runs()->empty());
  CHECK(**store->finished_run(run.plan) == run);
  CHECK(*store->serial() == 1);
}

TEST_CASE("each lock has a higher token than any before it") {
  const TempDir dir;
  auto store = fresh(dir);
  LockRow a;
  a.cells = {"*@*"};
  REQUIRE(store->put_lock(a));
  CHECK(*store->locks() == std::vector{a});
  CHECK(*store->holds_lock(a.id, a.token));
  REQUIRE(store->drop_lock(a.id));
  CHECK_FALSE(*store->holds_lock(a.id, a.token));
  LockRow b;
  REQUIRE(store->put_lock(b));
  CHECK(b.token == a.token + 1);
}

TEST_CASE("the key of fingerprints is made once, for its owner alone") {
  const TempDir dir;
  CHECK_FALSE(read_secret_key(dir.path())->has_value());
  auto key = secret_key(dir.path());
  REQUIRE(key);
  CHECK(key->size() == 32);
  CHECK(*secret_key(dir.path()) == *key);
  struct stat info {};
  REQUIRE(::stat(dir.file("secret.key").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600U);
}

TEST_CASE("figures of 100,000 rows", "[.bench]") {
  const TempDir dir;
  const auto timed = [](const char* what, auto&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    WARN(what << ": " << std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() << " s");
  };
  {
    auto store = fresh(dir);
    timed("write", [&] {
      auto txn = store->begin();
      for (int i = 0; i < 100'000; ++i) REQUIRE(store->put_recorded(row("member-" + std::to_string(i % 10), "shop", "web-" + std::to_string(i))));
      REQUIRE(txn->commit());
    });
  }
  auto store = fresh(dir);
  timed("read", [&] { CHECK(store->recorded()->size() == 100'000); });
  std::size_t seen = 0;
  timed("visit", [&] { CHECK(store->each_recorded([&](RecordedRow&) { ++seen; })); });
}
