#pragma once
// Memory for much at once, in huge pages where the kernel gives them: one fault for 2 MiB instead of 512, and fewer
// translations to look up on the way through it. Only a wish: without them all works the same.
#include <cstddef>
#include <vector>

namespace mcp {

inline constexpr std::size_t huge_page = 2 * 1024 * 1024;

/// For memory that nothing was written to yet. Whole huge pages inside of it count, so little of it is left as it is.
void wish_huge_pages(void* from, std::size_t bytes);

/// Gives what was freed back to the system, also from between what is in use. For the end of a stage that leaves much
/// behind in small pieces, where the next one wants large ones.
void give_back_memory();

/// Makes room for `count` items, of which there will be about as many. Requires: `items` is empty or small.
template <class T>
void reserve_large(std::vector<T>& items, std::size_t count) {
  items.reserve(count);
  wish_huge_pages(items.data() + items.size(), (items.capacity() - items.size()) * sizeof(T));
}

}  // namespace mcp
