#include "executor/engine/queries.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace mcp {

namespace {

/// The row of a process that was killed stays until somebody else takes the lock.
bool is_dead(const LockRow& lock) {
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0 || lock.host != host || lock.pid <= 0) return false;
  return ::kill(static_cast<pid_t>(lock.pid), 0) != 0 && errno == ESRCH;
}

Result<std::vector<LockRow>> live_locks(Store& store) {
  std::vector<LockRow> out = MCP_TRY(store.locks());
  std::erase_if(out, is_dead);
  return out;
}

}  // namespace

Result<StateView> read_state(const std::string& state_dir, const std::string& project) {
  StateView out;
  out.dir = state_dir;
  out.project = project;
  if (project.empty()) {
    const auto there = Store::projects(state_dir);
    if (there.empty()) return out;
    if (there.size() > 1) {
      std::string names;
      for (const std::string& name : there) names.append(names.empty() ? "" : ", ").append(name);
      return fail("there are states of several projects here: " + names, "run the command in a folder with the policy files of one of them");
    }
    out.project = there.front();
  }
  auto store = MCP_TRY(Store::open_existing(state_dir, out.project, Access::Read));
  if (!store) return out;
  out.exists = true;
  out.rows = MCP_TRY(store->recorded());
  out.members = MCP_TRY(store->members());
  out.runs = MCP_TRY(store->runs());
  out.locks = MCP_TRY(live_locks(*store));
  return out;
}

Result<std::vector<LockRow>> read_locks(const std::string& state_dir, const std::string& project) {
  const auto store = MCP_TRY(Store::open_existing(state_dir, project, Access::Read));
  return store ? live_locks(*store) : std::vector<LockRow>();
}

Result<Value> read_body(const std::string& state_dir, const std::string& project, const Digest& digest) {
  auto store = MCP_TRY(Store::open_existing(state_dir, project, Access::Read));
  if (!store) return fail("there is no state here", "`mcp apply` makes it");
  return store->body(digest);
}

}  // namespace mcp
