#include <fstream>

#include "planner/sqlite/db.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mcp;
using mcp::test::TempDir;

namespace {

constexpr std::string_view one[] = {"CREATE TABLE t(a)"};
constexpr std::string_view two[] = {"CREATE TABLE t(a)", "ALTER TABLE t ADD COLUMN b; UPDATE t SET b=1"};

DbOptions options(const TempDir& dir, Access access = Access::Create) {
  return {.path = dir.file("x.db"), .application_id = 77, .migrations = one, .access = access, .way_out = "rebuild it"};
}

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void spill(const std::string& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

}  // namespace

TEST_CASE("what a transaction commits is there for the next opener, what it drops is not") {
  const TempDir dir;
  {
    auto db = Db::open(options(dir));
    REQUIRE(db);
    auto kept = Txn::begin(**db);
    REQUIRE(kept);
    REQUIRE((*db)->run("INSERT INTO t VALUES(1)"));
    REQUIRE(kept->commit());
    auto dropped = Txn::begin(**db);
    REQUIRE(dropped);
    REQUIRE((*db)->run("INSERT INTO t VALUES(2)"));
  }
  auto db = Db::open(options(dir, Access::Read));
  REQUIRE(db);
  auto s = (*db)->prepare("SELECT count(*) FROM t");
  REQUIRE(s);
  REQUIRE(*s->step());
  CHECK(s->integer(0) == 1);
}

TEST_CASE("files that are not ours to change are refused and stay as they are") {
  const TempDir dir;
  const std::string path = dir.file("x.db");
  SECTION("no database at all") {
    spill(path, std::string(5000, 'x'));
    auto db = Db::open(options(dir));
    REQUIRE_FALSE(db);
    CHECK(db.error().message.find("is broken") != std::string::npos);
    CHECK(db.error().help.find("rebuild it") != std::string::npos);
    CHECK(slurp(path) == std::string(5000, 'x'));
  }
  SECTION("of another program") {
    auto other = options(dir);
    other.application_id = 5;
    REQUIRE(Db::open(other));
    const std::string before = slurp(path);
    auto db = Db::open(options(dir));
    REQUIRE_FALSE(db);
    CHECK(db.error().message.find("another program") != std::string::npos);
    CHECK(slurp(path) == before);
  }
  SECTION("of a newer version") {
    auto newer = options(dir);
    newer.migrations = two;
    REQUIRE(Db::open(newer));
    const std::string before = slurp(path);
    auto db = Db::open(options(dir));
    REQUIRE_FALSE(db);
    CHECK(db.error().message.find("has format 2; this mcp knows formats up to 1") != std::string::npos);
    CHECK(slurp(path) == before);
  }
}

TEST_CASE("an older format is copied, then migrated; a reader asks for a writer") {
  const TempDir dir;
  {
    auto db = Db::open(options(dir));
    REQUIRE(db);
    REQUIRE((*db)->run("INSERT INTO t VALUES(1)"));
  }
  auto newer = options(dir, Access::Read);
  newer.migrations = two;
  CHECK(Db::open(newer).error().message.find("older format 1") != std::string::npos);
  newer.access = Access::Write;
  auto db = Db::open(newer);
  REQUIRE(db);
  CHECK((*db)->run("SELECT b FROM t"));
  CHECK(std::filesystem::exists(dir.file("x.db.format-1")));
}

TEST_CASE("a statement that fails says so in words") {
  const TempDir dir;
  auto db = Db::open(options(dir));
  REQUIRE(db);
  CHECK_FALSE((*db)->prepare("SELECT nothing FROM nowhere"));
  SECTION("a second writer") {
    auto txn = Txn::begin(**db);
    REQUIRE(txn);
    auto other = Db::open(options(dir));
    REQUIRE(other);
    REQUIRE((*other)->run("PRAGMA busy_timeout=0"));
    auto second = Txn::begin(**other);
    REQUIRE_FALSE(second);
    CHECK(second.error().message.find("in use by another process") != std::string::npos);
    CHECK(second.error().exit_code == 6);
  }
  SECTION("a full disk") {
    REQUIRE((*db)->run("PRAGMA max_page_count=3"));
    auto filled = (*db)->run("INSERT INTO t VALUES(zeroblob(100000))");
    REQUIRE_FALSE(filled);
    CHECK(filled.error().message.find("no space left") != std::string::npos);
  }
}

TEST_CASE("a reader undoes what the first writer did not finish") {
  const TempDir dir;
  const std::string path = dir.file("x.db");
  {
    auto plain = options(dir);
    plain.migrations = {};
    auto db = Db::open(plain);
    REQUIRE(db);
    REQUIRE((*db)->run("PRAGMA journal_mode=DELETE; PRAGMA cache_size=1; CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
    REQUIRE((*db)->run("PRAGMA application_id=77; PRAGMA user_version=1; BEGIN IMMEDIATE; "
                       "INSERT INTO t SELECT zeroblob(4000) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<100) SELECT i FROM n)"));
    // The process is killed here: file and journal stay as they are.
    for (const char* end : {"", "-journal"}) std::filesystem::copy_file(path + end, dir.file("y.db") + end);
  }
  auto reader = options(dir, Access::Read);
  reader.path = dir.file("y.db");
  REQUIRE(std::filesystem::file_size(reader.path + "-journal") > 0);
  auto db = Db::open(reader);
  INFO((db ? "" : db.error().text()));
  REQUIRE(db);
  auto s = (*db)->prepare("SELECT count(*) FROM t");
  REQUIRE(s);
  REQUIRE(*s->step());
  CHECK(s->integer(0) == 1);
  s->reset();
  CHECK_FALSE((*db)->run("INSERT INTO t VALUES(2)"));
}
