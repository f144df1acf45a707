#include "lang/topology/cells.hpp"

#include "lang/base/check.hpp"

namespace mcp {

Origin Cell::origin_of(std::string_view key) const {
  if (leaves)
    for (const LeafOrigin& leaf : *leaves)
      if (leaf.key == key) return leaf.origin;
  return origin;
}

Cells::Cells(std::span<const Cell> defaults) : defaults_(defaults) { MCP_CHECK(defaults.size() <= most, "a kind with too many attributes"); }

Cell& Cells::own(AttrId id) {
  const auto at = own_.begin() + static_cast<std::ptrdiff_t>(place(id));
  if (has(id)) return *at;
  mask_ |= std::uint32_t{1} << id;
  return *own_.insert(at, defaults_[id]);
}

}  // namespace mcp
