#pragma once
// Desired, recorded and observed meet here: one pass over sorted arrays, in which only differences stay. Decides what
// differs, not what is done about it.
#include <cstdint>
#include <span>
#include <vector>

#include "planner/diff/rows.hpp"
#include "planner/model/desired.hpp"

namespace mcp {

enum class Finding : std::uint8_t {
  Missing,     // desired, not recorded
  Surplus,     // recorded, not desired
  Changed,     // desired differs from recorded
  Drifted,     // desired as recorded; the member holds something else, or nothing
  Unready,     // all the same, but it was not ready when last looked at
};

inline constexpr std::uint32_t no_index = 0xFFFF'FFFF;

struct Met {
  Finding what = Finding::Missing;
  std::uint32_t member = 0;              // index into the members given
  std::uint32_t entry = no_index;        // index into Desired::entries
  std::uint32_t row = no_index;          // index into the recorded rows
  std::uint32_t observed = no_index;     // index into the observed rows: the member's object differs from the recorded one, or is unrecorded
};

struct Joined {
  std::vector<Met> met;                  // by member, then (ns, kind, name)
  std::int64_t unchanged = 0;
};

/// `members` sorted by name, a superset of desired.members; rows and observed sorted by (member, ns, kind, name).
/// An observed row stands only for objects that differ from their recorded row, or have none. Cost: one pass.
Joined join(std::span<const std::string> members, const Desired& desired, std::span<const RecordedRow> rows, std::span<const ObservedRow> observed);

}  // namespace mcp
