#pragma once
// Random recorded states: few names, so that two states have much in common.
#include <memory>
#include <random>
#include <string>

#include "planner/store/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace mcp::test {

inline std::unique_ptr<Store> fresh_store(const std::string& dir) {
  auto store = Store::open(dir, "shop");
  REQUIRE(store);
  return *std::move(store);
}

class RandomState {
 public:
  explicit RandomState(std::uint32_t seed) : random_(seed) {}
  std::int64_t below(std::int64_t n) { return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random_); }

  /// Puts `objects` objects, some applies with history, and what goes with them.
  void fill(Store& store, int objects, int runs) {
    auto txn = store.begin();
    REQUIRE(txn);
    for (const char* name : {"aws", "azr", "gcp"}) {
      if (below(4) == 0) continue;
      RecordedMember m;
      m.name = name;
      m.identity = "uid-" + std::to_string(below(3));
      m.version = "v1.36.0";
      m.row = MapBuilder().set("cloud", std::string_view(name)).set("capacity", below(3)).build();
      m.lost = below(5) == 0;
      REQUIRE(store.put_member(m));
      for (int i = 0; i < objects; ++i) {
        const std::string n = std::to_string(below(3 * objects + 1));
        const Value body = MapBuilder().set("kind", "ConfigMap").set("n", std::string_view(n)).set("text", std::string_view(std::string(static_cast<std::size_t>(below(3)) * 700, 'x') + "\n\t\"'")).build();
        RecordedRow row;
        row.ref = {name, "v1", "ConfigMap", below(2) == 0 ? "shop" : "pay", "c-" + n};
        row.address = {AddressKind::Config, row.ref.ns, row.ref.name, "", name};
        row.uid = "uid-" + n;
        row.body = row.owned = body.digest();
        if (below(4) == 0) row.owned = Value::string(n).digest();
        row.protect = below(6) == 0;
        row.unready = below(9) == 0;
        row.origin = "shop.mcp:1:1";
        row.deps = below(2) == 0 ? "" : "namespace.shop\nsecret.shop/s";
        row.run = below(9);
        REQUIRE(store.put_body(body));
        REQUIRE(store.put_recorded(row));
      }
    }
    for (int i = 0; i < runs; ++i) {
      RunRow run;
      run.plan = Value::integer(below(5)).digest();
      run.changes = run.plan;
      run.token = i + 1;
      run.cells = {"*@*"};
      run.who = "ana";
      run.host = "ci-7";
      run.started_ms = 1000 * i;
      REQUIRE(store.start_run(run));
      run.state = below(3) == 0 ? RunState::Partial : RunState::Done;
      run.ended_ms = 1000 * i + 500;
      run.summary = MapBuilder().set("create", below(4)).build();
      REQUIRE(store.end_run(run));
      for (std::int64_t k = below(4); k > 0; --k)
        REQUIRE(store.put_history(run.id, {{"aws", "v1", "ConfigMap", "shop", "c-" + std::to_string(k)}, "create", {}, Value::integer(k).digest()}));
    }
    for (std::int64_t k = below(3); k > 0; --k) REQUIRE(store.put_division("workload.shop/w" + std::to_string(k), std::to_string(below(3))));
    REQUIRE(txn->commit());
  }

 private:
  std::mt19937 random_;
};

}  // namespace mcp::test
