#pragma once
// Cells: the attributes of one block. A block states few of those its kind has, so it holds the cells that are its own and
// shares the defaults of its kind for the rest; one bit per attribute tells which are its own.
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lang/base/source.hpp"
#include "lang/topology/schema.hpp"
#include "lang/value/value.hpp"

namespace mcp {

/// Origin of one entry of a map- or record-valued attribute (`env`, `data`, `labels`): its first key below the attribute.
struct LeafOrigin {
  std::string key;
  Origin origin;
};

/// The value of one attribute: one for all clusters, or one per cluster where it reads row fields.
struct Cell {
  Value value;                                            // when by_cluster is null
  std::shared_ptr<const std::vector<Value>> by_cluster;   // by ClusterId
  Origin origin;                                          // level SchemaDefault without span: not written
  std::shared_ptr<const std::vector<LeafOrigin>> leaves;  // may be null

  const Value& at(std::size_t cluster) const { return by_cluster ? (*by_cluster)[cluster] : value; }
  bool written() const { return origin.span.known(); }
  Origin origin_of(std::string_view key) const;
};

class Cells {
 public:
  static constexpr std::size_t most = 32;

  Cells() = default;
  /// All as in `defaults`, which must live longer. Requires: at most `most` of them.
  explicit Cells(std::span<const Cell> defaults);

  std::size_t size() const { return defaults_.size(); }
  const Cell& operator[](AttrId id) const { return has(id) ? own_[place(id)] : defaults_[id]; }
  /// The cell as one of the block's own, to be changed. References to other cells end.
  Cell& own(AttrId id);
  /// What is not a default, by attribute. Defaults are the same on all clusters.
  std::span<const Cell> own() const { return own_; }
  /// Makes room for so many own cells.
  void reserve(std::size_t count) { own_.reserve(count); }

 private:
  bool has(AttrId id) const { return (mask_ >> id & 1U) != 0; }
  std::size_t place(AttrId id) const { return static_cast<std::size_t>(std::popcount(mask_ & ((std::uint32_t{1} << id) - 1))); }

  std::span<const Cell> defaults_;
  std::vector<Cell> own_;
  std::uint32_t mask_ = 0;
};

}  // namespace mcp
