#include "planner/place/failover.hpp"

namespace mcp {

PartitionGuard partition_guard(const Inventory& inventory) {
  PartitionGuard guard;
  if (inventory.mcp_cluster) {
    ++guard.voters;
    if (*inventory.mcp_cluster) ++guard.answered;
  }
  for (const Member& m : inventory.members) {
    if (!m.joined || m.leaving || m.said_lost) continue;
    ++guard.voters;
    if (m.reach == Reach::Answered || m.reach == Reach::Refused) ++guard.answered;
  }
  return guard;
}

bool overdue(const Member& member, std::optional<std::int64_t> failover_ms) {
  return member.reach == Reach::Unreachable && failover_ms.has_value() && member.failures >= 2 && member.failing_ms >= *failover_ms;
}

Verdict judge(const Member& member, bool selected, std::optional<std::int64_t> failover_ms, bool guard_passes) {
  using enum MemberState;
  if (member.said_lost) return {Lost, Cause::SaidLost};
  if (member.reach == Reach::NeverReached) return {Lost, Cause::NeverReached};
  // What it ran stands elsewhere since: it stays lost until it answers, or that would be taken away again.
  if (member.was_lost && member.reach == Reach::Unreachable) return {Lost, Cause::FailedOver};
  if (guard_passes && overdue(member, failover_ms)) return {Lost, Cause::FailedOver};
  if (member.reach == Reach::Unreachable) return {Frozen, Cause::Unreachable};
  if (member.reach == Reach::Refused) return {Frozen, Cause::Refused};
  if (member.leaving) return {Leave, Cause::Leaving};
  if (!selected) return {Leave, Cause::NotSelected};
  if (member.drain) return {Leave, Cause::Drain};
  if (member.cordon) return {Hold, Cause::Cordon};
  return {Open, Cause::Open};
}

}  // namespace mcp
