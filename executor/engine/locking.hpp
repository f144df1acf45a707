#pragma once
// The lock of an apply: an OS lock on .mcp/locks/ID, which ends with its process, and a row whose token rises with each
// holder. Whoever can take the OS lock knows that the holder is dead.
#include <memory>
#include <string>
#include <vector>

#include "lang/base/result.hpp"
#include "planner/store/store.hpp"

namespace mcp {

/// An OS lock alone, without a row: a file that ends with this value, and its lock with it.
class QuietLock {
 public:
  explicit QuietLock(int fd) : fd_(fd) {}
  QuietLock(const QuietLock&) = delete;
  QuietLock& operator=(const QuietLock&) = delete;
  ~QuietLock();
  int fd() const { return fd_; }

 private:
  int fd_;
};

class HeldLock {
 public:
  HeldLock(Store& store, std::string id, std::unique_ptr<QuietLock> file, std::int64_t token) : store_(store), id_(std::move(id)), file_(std::move(file)), token_(token) {}
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;
  ~HeldLock();
  const std::string& id() const { return id_; }
  std::int64_t token() const { return token_; }
  /// The token is `token` from now on. Requires: it is above the one it had.
  Result<void> raise(std::int64_t token);

 private:
  Store& store_;
  std::string id_;
  std::unique_ptr<QuietLock> file_;
  std::int64_t token_;
};

/// Of one who fetches the shared state: nobody else on this machine writes it meanwhile; an apply that begins waits. Null:
/// somebody applies.
Result<std::unique_ptr<QuietLock>> try_lock(Store& store);

/// Takes the lock of the project's state, waiting up to `timeout_ms`. Errors: exit 6, naming the holder.
Result<std::unique_ptr<HeldLock>> take_lock(Store& store, LockRow row, std::int64_t timeout_ms);

}  // namespace mcp
