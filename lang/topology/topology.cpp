#include "lang/topology/topology.hpp"

#include <algorithm>

namespace mcp {

const Block* Block::child(BlockKind which) const {
  for (const auto& each : children)
    if (each->kind == which) return each.get();
  return nullptr;
}

const Block* Block::child(BlockKind which, std::string_view child_name) const {
  for (const auto& each : children)
    if (each->kind == which && each->name == child_name) return each.get();
  return nullptr;
}

const Declared* Topology::find(const Address& address) const {
  const auto it = std::lower_bound(objects.begin(), objects.end(), address,
                                   [](const Declared& d, const Address& a) { return d.address < a; });
  return it != objects.end() && it->address == address ? &*it : nullptr;
}

std::size_t Topology::cluster_index(std::string_view name) const {
  const auto it = std::lower_bound(clusters.begin(), clusters.end(), name,
                                   [](const Cluster& c, std::string_view n) { return c.name < n; });
  return it != clusters.end() && it->name == name ? static_cast<std::size_t>(it - clusters.begin()) : npos;
}

}  // namespace mcp
