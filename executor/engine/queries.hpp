#pragma once
// Questions about the state: what is recorded, what was applied, who holds what. Reads only.
#include <optional>
#include <string>
#include <vector>

#include "lang/base/result.hpp"
#include "planner/store/store.hpp"

namespace mcp {

struct StateView {
  bool exists = false;
  std::string dir;                        // the state folder
  std::string project;
  std::vector<RecordedRow> rows;          // by (member, ns, kind, name)
  std::vector<RecordedMember> members;    // by name
  std::vector<RunRow> runs;               // newest first
  std::vector<LockRow> locks;
};

/// The state of a project; of the only one in the folder when `project` is empty.
Result<StateView> read_state(const std::string& state_dir, const std::string& project);
/// Who holds a lock on this machine, and lives.
Result<std::vector<LockRow>> read_locks(const std::string& state_dir, const std::string& project);
/// The body of a recorded row.
Result<Value> read_body(const std::string& state_dir, const std::string& project, const Digest& digest);

}  // namespace mcp
