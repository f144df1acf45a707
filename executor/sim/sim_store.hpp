#pragma once
// SimStore: what simulated members hold, in their own SQLite file, since a member's truth must not roll back with our
// state. Loads only what is touched, writes what changed in one transaction a flush; makes the file at the first write.
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "executor/sim/object.hpp"
#include "planner/sqlite/db.hpp"

namespace mcp {

struct SimMemberState {
  std::int64_t id = 0;           // 0: not in the file yet
  std::string name;
  std::int64_t version = 0;      // 0: nothing was ever written there
  std::int64_t pods = 0;
  bool lost = false;
  Duration slow{0};
  std::int64_t requests = 0;
  std::string faults;
  bool dirty = false;
};

class SimStore {
 public:
  /// `path` may not exist yet; ":memory:" is never written.
  static Result<std::unique_ptr<SimStore>> open(const std::string& path);
  ~SimStore();

  SimMemberState& member(const std::string& name);
  std::vector<std::string> members();
  /// The object, or an empty place for it. References stay valid until trim().
  SimObject& object(SimMemberState& member, const SimKey& key);
  /// Marks `object` of `member` as changed.
  void touch(SimMemberState& member, SimObject& object);
  /// Everything changed since the last flush; then it survives this process.
  Result<void> flush();
  /// Forgets what was loaded of members of which more than `keep` objects are. An apply comes back to each object several
  /// times, so this is for members larger than that. Requires: nothing is unwritten.
  void trim(std::size_t keep = 65536);

  /// Objects in key order after `after` (exclusive); `project` empty: all; `ns` empty: all namespaces.
  std::vector<SimObject*> in_order(SimMemberState& member, const std::string& project, const std::string& ns, const SimKey& after, int limit);
  /// Objects and memories of gone ones, changed after `since`, in order of change.
  std::vector<SimObject*> changed(SimMemberState& member, const std::string& project, std::int64_t since, int limit);
  /// Objects with something to happen by themselves, by (due, key).
  const std::set<std::pair<Instant, SimKey>>& due(SimMemberState& member);

  Instant clock() const { return clock_; }
  void set_clock(Instant now) { clock_ = now; }
  SimMemo& memo() { return memo_; }
  /// What went wrong with the file, once.
  std::optional<Error> take_error() { return std::exchange(error_, std::nullopt); }

 private:
  struct Shelf;
  SimStore();
  Result<void> create();
  Result<Stmt*> use(const char* sql);
  Result<void> load_members();
  Shelf& shelf(SimMemberState& member);
  Result<SimObject> read(const Stmt& s);
  Result<Value> blob(std::string_view digest);
  Result<void> put_blob(const Value& value);
  Result<void> write_object(const SimMemberState& member, const SimObject& object);
  Result<void> write_all();
  template <class T>
  T checked(Result<T> result, T otherwise);
  std::vector<SimObject*> gather(SimMemberState& member, Stmt& s);

  std::string path_;
  std::unique_ptr<Db> db_;
  Instant clock_{0};
  Instant stored_clock_{0};
  std::map<std::string, SimMemberState> members_;
  std::map<std::string, std::unique_ptr<Shelf>> shelves_;
  std::unordered_map<const void*, Stmt> statements_;
  SimMemo memo_;
  std::optional<Error> error_;
};

}  // namespace mcp
