#include "lang/value/pool.hpp"

#include "lang/base/large.hpp"

namespace mcp::detail {

namespace {
constexpr std::size_t small_block = 64 * 1024;
constexpr std::size_t small_blocks = 16;   // most commands need no more
constexpr std::size_t large_block = huge_page;
}  // namespace

void NodePool::refill() {
  if (++blocks_ <= small_blocks) {
    next_ = static_cast<std::byte*>(::operator new(small_block));
    end_ = next_ + small_block;
    return;
  }
  next_ = static_cast<std::byte*>(::operator new(large_block, std::align_val_t(large_block)));
  end_ = next_ + large_block;
  wish_huge_pages(next_, large_block);
}

}  // namespace mcp::detail
