#pragma once
// permute(): items in another order, in place. A sorted copy of a hundred thousand large items costs more than sorting.
#include <cstdint>
#include <utility>
#include <vector>

namespace mcp {

/// Item `from[k]` comes to stand at k. Requires: `from` names each index once.
template <class T>
void permute(std::vector<T>& items, std::vector<std::uint32_t> from) {
  for (std::uint32_t start = 0; start < from.size(); ++start) {
    if (from[start] == start) continue;
    T first = std::move(items[start]);
    std::uint32_t at = start;
    while (from[at] != start) {
      const std::uint32_t next = from[at];
      items[at] = std::move(items[next]);
      from[at] = at;
      at = next;
    }
    items[at] = std::move(first);
    from[at] = at;
  }
}

}  // namespace mcp
