#pragma once
// Db, Stmt, Txn: SQLite as small owners with Result errors. Knows SQL, files and versions of a schema; knows nothing of
// what the tables mean. The only place that sees sqlite3.h is db.cpp.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lang/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace mcp {

enum class Access : std::uint8_t {
  Read,     // nothing is written, not even a new schema; works on read-only media
  Write,    // the file must exist
  Create,   // made when it is not there
};

enum class Durability : std::uint8_t {
  Power,     // a commit survives a power cut
  Process,   // a commit survives a killed process
};

struct DbOptions {
  std::string path;                                // ":memory:" for tests
  std::int32_t application_id = 0;
  std::span<const std::string_view> migrations;    // the n-th leads from schema n to n + 1
  Access access = Access::Create;
  Durability durability = Durability::Power;
  std::string what = "state file";                 // for messages
  std::string way_out;                             // what to do when the file is broken: "mcp state rebuild"
};

/// One prepared statement. Values are bound by position from 1; columns are read by position from 0. Texts and blobs of
/// a row are valid until the next step().
class Stmt {
 public:
  Stmt() = default;
  Stmt(Stmt&&) = default;
  Stmt& operator=(Stmt&&) = default;

  Stmt& bind(int at, std::int64_t number);
  Stmt& bind(int at, std::string_view text);
  Stmt& bind_blob(int at, std::string_view bytes);
  Stmt& bind_null(int at);

  /// True: there is a row. False: done; the statement is reset.
  Result<bool> step();
  /// Runs to the end and resets; for statements without rows.
  Result<void> run();
  void reset();

  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Db;
  struct Close { void operator()(sqlite3_stmt* s) const; };
  std::unique_ptr<sqlite3_stmt, Close> handle_;
  const class Db* db_ = nullptr;
};

class Db {
 public:
  /// Opens, checks whose file it is, repairs nothing: a foreign, newer or broken file is refused untouched. After an
  /// unclean end the file is checked first. Older schemas are migrated after a copy was made beside the file.
  static Result<std::unique_ptr<Db>> open(const DbOptions& options);
  ~Db();
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;

  Result<Stmt> prepare(std::string_view sql) const;
  /// Several statements without rows.
  Result<void> run(std::string_view sql) const;
  /// Number of rows that the last statement changed.
  std::int64_t changes() const;
  bool read_only() const { return read_only_; }
  const std::string& path() const { return options_.path; }

  /// The Error of the last failed call, in the user's terms.
  Error error() const;

 private:
  friend class Txn;
  Db() = default;
  enum class Way : std::uint8_t { Plain, Recovering, Immutable };
  Result<void> open_handle(const DbOptions& options, Way way);
  Result<void> set_up(bool unclean);
  Result<void> migrate(int from);
  Result<std::int64_t> pragma(std::string_view name) const;

  struct Close { void operator()(sqlite3* db) const; };
  std::unique_ptr<sqlite3, Close> handle_;
  DbOptions options_;
  bool read_only_ = false;
};

/// BEGIN IMMEDIATE to COMMIT; rolls back when it goes out of scope uncommitted.
class Txn {
 public:
  static Result<Txn> begin(const Db& db);
  Txn(Txn&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  Txn& operator=(Txn&&) = delete;
  ~Txn();
  Result<void> commit();

 private:
  explicit Txn(const Db& db) : db_(&db) {}
  const Db* db_;
};

}  // namespace mcp
