#pragma once
// Which state a member has for a workload: the first rule that applies decides. And the partition guard: whether time
// alone may make an unreachable member lost, or whether this machine may be the one that is cut off.
#include <cstdint>
#include <optional>

#include "planner/place/placement.hpp"

namespace mcp {

/// Votes of this refresh. Voters are members that joined and neither leave nor were said to be lost, and the
/// MCP cluster where one is named.
struct PartitionGuard {
  int voters = 0;
  int answered = 0;
  bool passes() const { return 2 * answered > voters; }
};
PartitionGuard partition_guard(const Inventory& inventory);

/// Time has made the member lost: unreachable for `failover_ms` and at least twice in a row. The guard has its own say.
bool overdue(const Member& member, std::optional<std::int64_t> failover_ms);

struct Verdict {
  MemberState state = MemberState::Open;
  Cause cause = Cause::Open;
};
Verdict judge(const Member& member, bool selected, std::optional<std::int64_t> failover_ms, bool guard_passes);

}  // namespace mcp
