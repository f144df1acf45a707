#include "executor/engine/locking.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace mcp {

HeldLock::~HeldLock() {
  // The row goes first: who finds the OS lock free finds no row of ours.
  if (store_ != nullptr) {
    auto txn = store_->begin();
    if (txn) {
      if (store_->drop_lock(id_)) (void)txn->commit().has_value();
    }
  }
  ::close(fd_);
}

QuietLock::~QuietLock() { ::close(fd_); }

Result<void> HeldLock::raise(std::int64_t token) {
  Txn txn = MCP_TRY(store_->begin());
  MCP_TRY(store_->set_lock_token(id_, token));
  MCP_TRY(txn.commit());
  token_ = token;
  return {};
}

namespace {

constexpr std::int64_t fetch_patience_ms = 60'000;   // with a process that fetches the shared state: it is soon done
constexpr std::int64_t reader_patience_ms = 10'000;

Result<int> open_lock_file(Store& store, const std::string& suffix = {}) {
  const std::string folder = store.dir() + "/locks";
  ::mkdir(folder.c_str(), 0777);
  const std::string path = folder + "/" + store.project() + suffix;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return fail("cannot make the lock file `" + path + "`: " + std::strerror(errno), "the state folder must be writable");
  return fd;
}

/// True: it is ours. False: somebody else has had it for so long.
bool flock_within(int fd, std::int64_t ms) {
  for (std::int64_t waited = 0; ::flock(fd, LOCK_EX | LOCK_NB) != 0;) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK || waited >= ms) return false;
    ::usleep(20'000);
    waited += 20;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<QuietLock>> try_lock(Store& store) {
  auto out = std::make_unique<QuietLock>(MCP_TRY(open_lock_file(store, ".fetch")));
  if (!flock_within(out->fd(), reader_patience_ms)) return std::unique_ptr<QuietLock>();
  // Whoever applies has the lock itself; whoever comes later waits for us, below.
  const QuietLock applies(MCP_TRY(open_lock_file(store)));
  if (!flock_within(applies.fd(), 0)) return std::unique_ptr<QuietLock>();
  return out;
}

Result<std::unique_ptr<HeldLock>> take_lock(Store& store, LockRow row, std::int64_t timeout_ms) {
  row.id = store.project();
  const std::string path = store.dir() + "/locks/" + row.id;
  const int fd = MCP_TRY(open_lock_file(store));
  std::int64_t waited = 0;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) {
      const std::string why = std::strerror(errno);
      ::close(fd);
      return fail("cannot lock `" + path + "`: " + why);
    }
    if (waited >= std::max<std::int64_t>(timeout_ms, 200)) {   // a fetch looks for an instant whether it is free
      ::close(fd);
      std::string holder = "another mcp";
      if (const auto rows = store.locks(); rows)
        for (const LockRow& each : *rows)
          if (each.id == row.id) holder = each.who + " on " + each.host + " (process " + std::to_string(each.pid) + ")";
      return fail("the state is locked: " + holder + " is applying", "wait for it, or give it time: `--lock-timeout 5min`", 6);
    }
    ::usleep(50'000);
    waited += 50;
  }
  {
    const QuietLock fetches(MCP_TRY(open_lock_file(store, ".fetch")));
    if (!flock_within(fetches.fd(), fetch_patience_ms)) {
      ::close(fd);
      return fail("another mcp has been fetching the shared state for a minute", "end it, if it hangs", 6);
    }
  }
  // Whoever held the row is dead: the OS lock was free.
  auto txn = store.begin();
  if (!txn) {
    ::close(fd);
    return fail(txn.error());
  }
  const auto put = [&]() -> Result<void> {
    MCP_TRY(store.drop_lock(row.id));
    MCP_TRY(store.put_lock(row));
    return txn->commit();
  };
  if (auto done = put(); !done) {
    ::close(fd);
    return fail(done.error());
  }
  return std::make_unique<HeldLock>(store, row.id, fd, row.token);
}

}  // namespace mcp
