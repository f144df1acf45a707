#include "lang/base/large.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>

namespace mcp {

void wish_huge_pages(void* from, std::size_t bytes) {
  const auto begin = (reinterpret_cast<std::uintptr_t>(from) + huge_page - 1) / huge_page * huge_page;
  const auto end = (reinterpret_cast<std::uintptr_t>(from) + bytes) / huge_page * huge_page;
  if (begin < end) (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

void give_back_memory() {
#ifdef __GLIBC__
  (void)::malloc_trim(0);
#endif
}

}  // namespace mcp
