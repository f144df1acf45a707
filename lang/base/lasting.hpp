#pragma once
// lasting(): a large value that lives until the process ends. A command is one short run; taking a model of a hundred
// thousand nodes apart, node by node, right before the end costs a fifth of its time and serves nobody.
#include <memory>
#include <utility>
#include <vector>

namespace mcp {

namespace detail {
/// Keeps the values reachable; never emptied, and itself never destroyed.
inline std::vector<std::shared_ptr<void>>& lasting_values() {
  static auto* all = new std::vector<std::shared_ptr<void>>();
  return *all;
}
}  // namespace detail

/// Requires: called for a few values a run, from the one thread there is.
template <class T>
T& lasting(T value) {
  auto kept = std::make_shared<T>(std::move(value));
  T& out = *kept;
  detail::lasting_values().push_back(std::move(kept));
  return out;
}

}  // namespace mcp
