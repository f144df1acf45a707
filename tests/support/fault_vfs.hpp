#pragma once
// A file layer for SQLite whose k-th call fails. Installed for the whole test program while an object of this type lives.
#include <cstdint>
#include <memory>

namespace mcp::test {

enum class DiskFault : std::uint8_t { Full, Io, ShortWrite };

class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  /// Call number `k` from now on (from 0) fails, and with `stays` every later one. Reads fail with Io only.
  void arm(std::uint64_t k, DiskFault fault, bool stays);
  void disarm();
  /// True if the armed fault happened.
  bool struck() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp::test
