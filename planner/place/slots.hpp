#pragma once
// Slots: the members as one workload sees them while it is placed, and how its count on them rises and falls: down the
// levels of `by`, at each to the group that is due. Part of planner/place only.
#include <cstdint>
#include <span>
#include <vector>

#include "planner/place/divide.hpp"
#include "planner/place/placement.hpp"

namespace mcp {

enum class Dimension : std::uint8_t { None, Pods, Cpu, Memory };

/// One member as a workload sees it in one round.
struct Slot {
  std::uint32_t member = 0;
  MemberState state = MemberState::Open;
  Cause cause = Cause::Open;
  Dimension tight = Dimension::None;   // the dimension that gives `room`
  std::int64_t weight = 0;
  std::int64_t min = 0;
  std::int64_t max = unbounded;
  Replicas previous = 0;               // as last acknowledged
  Replicas stand = 0;                  // what this round starts from
  Replicas room = unbounded;
  Replicas floor = 0;
  Replicas cap = 0;
  Replicas count = 0;                  // the number being made

  bool takes_part() const { return state == MemberState::Open || state == MemberState::Hold; }
  bool grouped() const { return takes_part() || state == MemberState::Frozen; }
  Replicas addable() const { return takes_part() && weight > 0 && count < cap ? cap - count : 0; }
};

/// The rows of a `place` block in the order of their groups.
struct GroupTree {
  std::vector<std::uint32_t> order;    // rows of `on`, by keys, then by member
  std::vector<std::size_t> starts;     // per position the outermost level at which a group starts there
  /// Where the group of `level` that starts at `from` ends.
  std::size_t end(std::size_t level, std::size_t from, std::size_t to) const;
};
GroupTree group_tree(const PlaceRules& rules);

/// A group as one part of the division between groups: the largest weight, the sum of counts, the most it can take.
Part group_part(std::span<const Slot> rows, const GroupTree& tree, std::size_t from, std::size_t to);

/// Adds `number` replicas, as far as caps permit; returns what was left. `tree` is null without `by`.
Replicas add_replicas(const PlaceRules& rules, const GroupTree* tree, std::span<Slot> rows, Replicas number);

enum class Floors : std::uint8_t { Hold, Give };
/// Takes `number` replicas away from open and held members, not below floors unless these give way.
Replicas drop_replicas(const PlaceRules& rules, const GroupTree* tree, std::span<Slot> rows, Floors floors, Replicas number);

}  // namespace mcp
