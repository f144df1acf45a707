#pragma once
// What the parts of Store share: the database, prepared statements by their text, names of members by number.
#include <unordered_map>

#include "planner/store/store.hpp"

namespace mcp {

struct Store::Impl {
  std::string dir;
  std::string project;
  std::unique_ptr<Db> db;

  /// The statement of a constant text, prepared once. Requires: `sql` has static storage.
  Result<Stmt*> use(const char* sql);
  /// Number of a member; 0 if it has none yet.
  Result<std::int64_t> member_id(const std::string& name);
  Result<std::int64_t> make_member_id(const std::string& name);
  Result<std::int64_t> meta(std::string_view key);
  Result<void> set_meta(std::string_view key, std::int64_t value);

  std::unordered_map<const void*, Stmt> statements;
  std::unordered_map<std::string, std::int64_t> ids;
};

/// Columns of digests: 32 bytes.
std::string_view bytes_of(const Digest& digest);
Digest digest_of(std::string_view bytes);
Result<Value> value_of(std::string_view json);

}  // namespace mcp
