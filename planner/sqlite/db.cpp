#include "planner/sqlite/db.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "lang/base/check.hpp"

namespace mcp {

namespace fs = std::filesystem;

void Stmt::Close::operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
void Db::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Stmt& Stmt::bind(int at, std::int64_t number) {
  sqlite3_bind_int64(handle_.get(), at, number);
  return *this;
}

// Bound bytes are not copied: callers run the statement while they are alive.
Stmt& Stmt::bind(int at, std::string_view text) {
  sqlite3_bind_text64(handle_.get(), at, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Stmt& Stmt::bind_blob(int at, std::string_view bytes) {
  sqlite3_bind_blob64(handle_.get(), at, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

Stmt& Stmt::bind_null(int at) {
  sqlite3_bind_null(handle_.get(), at);
  return *this;
}

Result<bool> Stmt::step() {
  const int rc = sqlite3_step(handle_.get());
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) {
    sqlite3_reset(handle_.get());
    return false;
  }
  Error error = db_->error();
  sqlite3_reset(handle_.get());
  return fail(std::move(error));
}

Result<void> Stmt::run() {
  for (;;)
    if (!MCP_TRY(step())) return {};
}

void Stmt::reset() { sqlite3_reset(handle_.get()); }

std::int64_t Stmt::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

std::string_view Stmt::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
}

std::string_view Stmt::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
}

bool Stmt::is_null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }

namespace {

/// File systems on which SQLite's locks do not hold. Source: statfs(2).
bool is_network(const std::string& directory) {
  struct statfs info {};
  if (statfs(directory.c_str(), &info) != 0) return false;
  const auto type = static_cast<std::uint64_t>(info.f_type) & 0xFFFFFFFFU;
  return type == 0x6969U || type == 0xFF534D42U || type == 0xFE534D42U || type == 0x517BU || type == 0x564CU;
}

std::string folder_of(const std::string& path) {
  const auto folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

constexpr std::string_view memory = ":memory:";

}  // namespace

Error Db::error() const {
  const int code = handle_ ? sqlite3_extended_errcode(handle_.get()) : SQLITE_NOMEM;
  const std::string detail = handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory";
  const std::string& path = options_.path;
  const std::string& what = options_.what;
  switch (code & 0xFF) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return {fmt::format("the {} {} is broken ({})", what, path, detail),
              fmt::format("nothing was changed; move it aside{}", options_.way_out.empty() ? "" : ", then " + options_.way_out), 1, {}};
    case SQLITE_FULL:
      return {fmt::format("no space left on the disk of the {} {}", what, path),
              "make room, then repeat the command: what was committed is safe", 1, {}};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {fmt::format("the {} {} is in use by another process", what, path), "wait until that one ends, then repeat", 6, {}};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {fmt::format("the {} {} cannot be written: it or its folder is read-only", what, path),
              fmt::format("give yourself write permission on {}, or name another folder with MCP_STATE_DIR", folder_of(path)), 1, {}};
    case SQLITE_CANTOPEN:
      return {fmt::format("cannot open the {} {}: {}", what, path, detail),
              fmt::format("check that the folder {} exists and that you may read and write it", folder_of(path)), 1, {}};
    case SQLITE_IOERR:
      return {fmt::format("reading or writing the {} {} failed ({})", what, path, detail),
              "check the disk, then repeat the command: what was committed is safe", 1, {}};
    default:
      return {fmt::format("the {} {}: {}", what, path, detail), {}, 1, {}};
  }
}

Result<Stmt> Db::prepare(std::string_view sql) const {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK)
    return fail(error());
  Stmt out;
  out.handle_.reset(raw);
  out.db_ = this;
  return out;
}

Result<void> Db::run(std::string_view sql) const {
  const std::string text(sql);
  if (sqlite3_exec(handle_.get(), text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return fail(error());
  return {};
}

std::int64_t Db::changes() const { return sqlite3_changes64(handle_.get()); }

Result<std::int64_t> Db::pragma(std::string_view name) const {
  Stmt s = MCP_TRY(prepare(fmt::format("PRAGMA {}", name)));
  if (!MCP_TRY(s.step())) return 0;
  const std::int64_t value = s.integer(0);
  s.reset();
  return value;
}

Db::~Db() = default;

Result<void> Db::open_handle(const DbOptions& options, Way way) {
  options_ = options;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
  flags |= options.access == Access::Read && way != Way::Recovering ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (options.access == Access::Create) flags |= SQLITE_OPEN_CREATE;
  std::string name = options.path;
  if (way == Way::Immutable) {
    std::string escaped;
    for (const char c : fs::absolute(name).string()) {
      if (c == '%' || c == '?' || c == '#') escaped += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
      else escaped += c;
    }
    name = "file://" + escaped + "?immutable=1";
  } else if (name != memory) {
    name = fs::path(name).is_absolute() ? name : "./" + name;   // so that no name is taken for a URI
  }
  sqlite3* raw = nullptr;
  const int rc = sqlite3_open_v2(name.c_str(), &raw, flags, nullptr);
  handle_.reset(raw);
  if (rc != SQLITE_OK) return fail(error());
  sqlite3_busy_timeout(raw, 5000);
  return {};
}

Result<std::unique_ptr<Db>> Db::open(const DbOptions& options) {
  MCP_CHECK(!options.path.empty(), "a database needs a path");
  std::error_code ignored;
  const bool in_memory = options.path == memory;
  const bool there = !in_memory && fs::exists(options.path, ignored);
  if (!in_memory && is_network(folder_of(options.path)))
    return fail(fmt::format("the {} {} lies on a network file system, where locks do not hold", options.what, options.path),
                "name a folder on a local disk with MCP_STATE_DIR");
  // A clean end removes the WAL file; one with content was left by a process that was killed.
  const bool unclean = there && fs::exists(options.path + "-wal", ignored) && fs::file_size(options.path + "-wal", ignored) > 0;
  std::unique_ptr<Db> db(new Db);
  if (Result<void> opened = db->open_handle(options, Way::Plain); !opened) return fail(opened.error());
  Result<void> ready = db->set_up(unclean);
  if (!ready && options.access == Access::Read && there) {
    const bool writable = access(folder_of(options.path).c_str(), W_OK) == 0;
    const int why = sqlite3_extended_errcode(db->handle_.get()) & 0xFF;
    if (writable && (why == SQLITE_READONLY || why == SQLITE_CANTOPEN)) {
      // A writer was killed so early that its first transaction must be undone, which a reader may not.
      db.reset(new Db);
      MCP_TRY(db->open_handle(options, Way::Recovering));
      ready = db->set_up(unclean);
      if (ready) ready = db->run("PRAGMA query_only=ON");
    } else if (!writable && !unclean) {
      // On read-only media not even the shared memory of the WAL can be made; without a WAL the file is complete as it is.
      db.reset(new Db);
      MCP_TRY(db->open_handle(options, Way::Immutable));
      ready = db->set_up(false);
    }
  }
  if (!ready) return fail(ready.error());
  return db;
}

Result<void> Db::set_up(bool unclean) {
  read_only_ = options_.access == Access::Read;
  const std::int64_t id = MCP_TRY(pragma("application_id"));
  const std::int64_t version = MCP_TRY(pragma("user_version"));
  const auto known = static_cast<std::int64_t>(options_.migrations.size());
  const bool fresh = id == 0 && version == 0 && MCP_TRY(pragma("schema_version")) == 0;
  if (!fresh && id != options_.application_id)
    return fail(fmt::format("{} is a database of another program, not a {} of mcp", options_.path, options_.what),
                "nothing was changed; move it aside, or name another folder with MCP_STATE_DIR");
  if (version > known)
    return fail(fmt::format("the {} {} has format {}; this mcp knows formats up to {}", options_.what, options_.path, version, known),
                "nothing was changed; use the newer mcp that wrote it");
  if (!read_only_ && sqlite3_db_readonly(handle_.get(), "main") == 1)
    return fail(Error{fmt::format("the {} {} cannot be written: it or its folder is read-only", options_.what, options_.path),
                      fmt::format("give yourself write permission on {}, or name another folder with MCP_STATE_DIR", folder_of(options_.path)),
                      1, {}});
  if (unclean) {
    Stmt check = MCP_TRY(prepare("PRAGMA quick_check(1)"));
    if (MCP_TRY(check.step()) && check.text(0) != "ok")
      return fail(fmt::format("the {} {} was damaged when a process ended ({})", options_.what, options_.path, check.text(0)),
                  fmt::format("nothing was changed; move it aside{}", options_.way_out.empty() ? "" : ", then " + options_.way_out));
  }
  MCP_TRY(run("PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF"));
  if (read_only_) {
    if (fresh) return {};
    if (version < known)
      return fail(fmt::format("the {} {} has the older format {}", options_.what, options_.path, version),
                  "run a command that writes, such as `mcp apply`: it makes a copy and brings the file up to date");
    return {};
  }
  if (options_.path != memory) MCP_TRY(run("PRAGMA journal_mode=WAL"));
  MCP_TRY(run(options_.durability == Durability::Power ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF"));
  if (version < known) MCP_TRY(migrate(static_cast<int>(version)));
  return {};
}

Result<void> Db::migrate(int from) {
  if (from > 0) {
    const std::string copy = fmt::format("{}.format-{}", options_.path, from);
    std::error_code ignored;
    if (!fs::exists(copy, ignored)) {
      Stmt s = MCP_TRY(prepare("VACUUM INTO ?"));
      MCP_TRY(context(s.bind(1, copy).run(), "copying the older format to " + copy));
    }
  }
  Txn txn = MCP_TRY(Txn::begin(*this));
  // Another process may have done it while this one waited.
  const std::int64_t now = MCP_TRY(pragma("user_version"));
  for (auto n = static_cast<std::size_t>(now); n < options_.migrations.size(); ++n) MCP_TRY(run(options_.migrations[n]));
  MCP_TRY(run(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", options_.application_id, options_.migrations.size())));
  return txn.commit();
}

Result<Txn> Txn::begin(const Db& db) {
  MCP_TRY(db.run("BEGIN IMMEDIATE"));
  return Txn(db);
}

Txn::~Txn() {
  if (db_ != nullptr && sqlite3_get_autocommit(db_->handle_.get()) == 0) sqlite3_exec(db_->handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Txn::commit() {
  MCP_CHECK(db_ != nullptr, "a transaction committed twice");
  if (Result<void> done = db_->run("COMMIT"); !done) return done;   // the destructor rolls back
  db_ = nullptr;
  return {};
}

}  // namespace mcp
