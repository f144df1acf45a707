#pragma once
// Interrupt: how often a person has asked to stop. Set from a signal handler, read by the loop; does nothing itself.
#include <atomic>

namespace mcp {

class Interrupt {
 public:
  /// Safe in a signal handler.
  void ask() noexcept { level_.fetch_add(1, std::memory_order_relaxed); }
  /// 0: go on; 1: start nothing, let end what is out; 2: leave now.
  int level() const noexcept { return level_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int> level_{0};
  static_assert(std::atomic<int>::is_always_lock_free);
};

}  // namespace mcp
