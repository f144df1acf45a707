#include "lang/value/pool.hpp"

#include <sys/mman.h>

namespace mcp::detail {

namespace {
constexpr std::size_t small_block = 64 * 1024;
constexpr std::size_t small_blocks = 16;   // most commands need no more
constexpr std::size_t large_block = 2 * 1024 * 1024;
}  // namespace

// Large blocks are whole huge pages where the kernel gives them: one fault for 2 MiB instead of 512.
void NodePool::refill() {
  if (++blocks_ <= small_blocks) {
    next_ = static_cast<std::byte*>(::operator new(small_block));
    end_ = next_ + small_block;
    return;
  }
  next_ = static_cast<std::byte*>(::operator new(large_block, std::align_val_t(large_block)));
  end_ = next_ + large_block;
  (void)::madvise(next_, large_block, MADV_HUGEPAGE);   // a wish: without it all works the same
}

}  // namespace mcp::detail
