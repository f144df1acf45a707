#pragma once
// sort_runs(): sorts what is ascending in long stretches already, such as rows that come member by member. Merging asks
// for a comparison per item and doubling of the stretches, and goes through memory in order.
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace mcp {

/// Stable.
template <class T, class Less>
void sort_runs(std::vector<T>& items, Less less) {
  std::vector<std::size_t> bounds{0};   // of the stretches
  for (std::size_t i = 1; i < items.size(); ++i)
    if (less(items[i], items[i - 1])) bounds.push_back(i);
  bounds.push_back(items.size());
  const auto at = [&](std::size_t i) { return items.begin() + static_cast<std::ptrdiff_t>(i); };
  while (bounds.size() > 2) {
    std::vector<std::size_t> fewer{0};
    for (std::size_t i = 0; i + 1 < bounds.size(); i += 2) {
      const std::size_t end = std::min(i + 2, bounds.size() - 1);
      std::inplace_merge(at(bounds[i]), at(bounds[i + 1]), at(bounds[end]), less);
      fewer.push_back(bounds[end]);
    }
    bounds = std::move(fewer);
  }
}

}  // namespace mcp
