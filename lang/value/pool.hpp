#pragma once
// Memory of small Value nodes: cut from large blocks, kept in lists by size for the next node. Values are many, small and
// short-lived together, so this is faster and denser than the general heap. Single-threaded, as Values are; blocks stay
// until the process ends. With a sanitizer the general heap is used, which sees mistakes.
#include <array>
#include <cstddef>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MCP_VALUE_POOL 0
#else
#define MCP_VALUE_POOL 1
#endif

namespace mcp::detail {

class NodePool {
 public:
  void* take(std::size_t bytes) {
    const std::size_t size_class = (bytes + granule - 1) / granule;
    if (!MCP_VALUE_POOL || size_class >= free_.size()) return ::operator new(bytes);
    if (Free* node = free_[size_class]) {
      free_[size_class] = node->next;
      return node;
    }
    return cut(size_class * granule);
  }
  void give(void* node, std::size_t bytes) {
    const std::size_t size_class = (bytes + granule - 1) / granule;
    if (!MCP_VALUE_POOL || size_class >= free_.size()) return ::operator delete(node);
    auto* free = static_cast<Free*>(node);
    free->next = free_[size_class];
    free_[size_class] = free;
  }

 private:
  struct Free {
    Free* next;
  };
  static constexpr std::size_t granule = 16;
  void* cut(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - next_) < bytes) refill();
    void* out = next_;
    next_ += bytes;
    return out;
  }
  void refill();

  std::array<Free*, 33> free_{};      // up to 512 bytes
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t blocks_ = 0;
};

}  // namespace mcp::detail
