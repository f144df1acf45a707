#include "executor/engine/locking.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace mcp {

QuietLock::~QuietLock() { ::close(fd_); }

HeldLock::~HeldLock() {
  // The row goes first: who finds the OS lock free finds no row of ours.
  if (auto txn = store_.begin(); txn && store_.drop_lock(id_)) (void)txn->commit().has_value();
}

Result<void> HeldLock::raise(std::int64_t token) {
  Txn txn = MCP_TRY(store_.begin());
  MCP_TRY(store_.set_lock_token(id_, token));
  MCP_TRY(txn.commit());
  token_ = token;
  return {};
}

namespace {

constexpr std::int64_t fetch_patience_ms = 60'000;   // with a process that fetches the shared state: it is soon done
constexpr std::int64_t reader_patience_ms = 10'000;

constexpr std::int64_t glance_ms = 200;              // a fetch looks for an instant whether the lock is free

Result<std::unique_ptr<QuietLock>> open_lock_file(Store& store, const std::string& suffix = {}) {
  const std::string folder = store.dir() + "/locks";
  ::mkdir(folder.c_str(), 0777);
  const std::string path = folder + "/" + store.project() + suffix;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return fail("cannot make the lock file `" + path + "`: " + std::strerror(errno), "the state folder must be writable");
  return std::make_unique<QuietLock>(fd);
}

/// True: it is ours. False: somebody else has had it for so long, or errno says why it cannot be had.
bool lock_within(const QuietLock& file, std::int64_t ms) {
  for (std::int64_t waited = 0; ::flock(file.fd(), LOCK_EX | LOCK_NB) != 0;) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK || waited >= ms) return false;
    ::usleep(20'000);
    waited += 20;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<QuietLock>> try_lock(Store& store) {
  auto fetches = MCP_TRY(open_lock_file(store, ".fetch"));
  if (!lock_within(*fetches, reader_patience_ms)) return std::unique_ptr<QuietLock>();
  // Whoever applies has the lock itself; whoever comes later waits for us, below.
  const auto applies = MCP_TRY(open_lock_file(store));
  if (!lock_within(*applies, 0)) return std::unique_ptr<QuietLock>();
  return fetches;
}

Result<std::unique_ptr<HeldLock>> take_lock(Store& store, LockRow row, std::int64_t timeout_ms) {
  row.id = store.project();
  auto file = MCP_TRY(open_lock_file(store));
  if (!lock_within(*file, std::max(timeout_ms, glance_ms))) {
    if (errno != EWOULDBLOCK) return fail("cannot lock `" + store.dir() + "/locks/" + row.id + "`: " + std::strerror(errno));
    std::string holder = "another mcp";
    if (const auto rows = store.locks(); rows)
      for (const LockRow& each : *rows)
        if (each.id == row.id) holder = each.who + " on " + each.host + " (process " + std::to_string(each.pid) + ")";
    return fail("the state is locked: " + holder + " is applying", "wait for it, or give it time: `--lock-timeout 5min`", 6);
  }
  if (!lock_within(*MCP_TRY(open_lock_file(store, ".fetch")), fetch_patience_ms))
    return fail("another mcp has been fetching the shared state for a minute", "end it, if it hangs", 6);
  // Whoever held the row is dead: the OS lock was free.
  Txn txn = MCP_TRY(store.begin());
  MCP_TRY(store.drop_lock(row.id));
  MCP_TRY(store.put_lock(row));
  MCP_TRY(txn.commit());
  return std::make_unique<HeldLock>(store, row.id, std::move(file), row.token);
}

}  // namespace mcp
