#include "planner/store/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fault_vfs.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mcp;
using mcp::test::DiskFault;
using mcp::test::FaultVfs;
using mcp::test::TempDir;

namespace {

constexpr int ticks = 3;

RecordedRow row(int i) {
  RecordedRow out;
  out.ref = {"aws", "v1", "ConfigMap", "shop", "c" + std::to_string(i)};
  out.address = {AddressKind::Config, "shop", "c" + std::to_string(i), "", "aws"};
  out.uid = "uid";
  out.body = Value::string(std::string(3'000, 'x') + std::to_string(i)).digest();
  out.owned = out.body;
  return out;
}

/// Ticks whose commit was acknowledged before something failed.
int work(const std::string& dir) {
  auto store = Store::open(dir, "shop");
  if (!store) return 0;
  int acknowledged = 0;
  for (int i = 0; i < ticks; ++i) {
    const auto tick = [&]() -> Result<void> {
      Txn txn = MCP_TRY((*store)->begin());
      MCP_TRY((*store)->put_body(Value::string(std::string(3'000, 'x') + std::to_string(i))));
      MCP_TRY((*store)->put_recorded(row(i)));
      MCP_TRY((*store)->put_step(1, {static_cast<std::uint32_t>(i), 1, StepRecord::Done, "uid", {}, ""}));
      return txn.commit();
    };
    if (Result<void> done = tick(); !done) {
      CHECK_FALSE(done.error().message.empty());
      break;
    }
    ++acknowledged;
  }
  return acknowledged;
}

/// Rows that can be read afterwards.
int readable(const std::string& dir) {
  auto store = Store::open_existing(dir, "shop", Access::Write);
  REQUIRE(store);
  if (*store == nullptr) return 0;
  auto rows = (*store)->recorded();
  REQUIRE(rows);
  auto steps = (*store)->steps(1);
  REQUIRE(steps);
  CHECK(steps->size() == rows->size());   // a tick is whole or not there
  return static_cast<int>(rows->size());
}

}  // namespace

TEST_CASE("P04 no fault leaves the state unreadable") {
  FaultVfs disk;
  for (const DiskFault fault : {DiskFault::Full, DiskFault::Io, DiskFault::ShortWrite}) {
    for (const bool stays : {false, true}) {
      std::uint64_t k = 0;
      for (bool struck = true; struck && k < 2'000; ++k) {
        const TempDir dir;
        disk.arm(k, fault, stays);
        const int acknowledged = work(dir.file("state"));
        struck = disk.struck();
        disk.disarm();
        const int found = readable(dir.file("state"));
        INFO("fault " << static_cast<int>(fault) << " at call " << k << (stays ? ", for good" : ", once"));
        CHECK(found >= acknowledged);
        CHECK(found <= acknowledged + 1);   // the commit that failed may have happened
      }
      CHECK(k > 15);
      CHECK(k < 2'000);
    }
  }
}
