#include "executor/engine/locking.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

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

Result<std::unique_ptr<HeldLock>> take_lock(Store& store, LockRow row, std::int64_t timeout_ms) {
  const std::string folder = store.dir() + "/locks";
  ::mkdir(folder.c_str(), 0777);
  row.id = store.project();
  const std::string path = folder + "/" + row.id;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return fail("cannot make the lock file `" + path + "`: " + std::strerror(errno), "the state folder must be writable");
  std::int64_t waited = 0;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) {
      const std::string why = std::strerror(errno);
      ::close(fd);
      return fail("cannot lock `" + path + "`: " + why);
    }
    if (waited >= timeout_ms) {
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
