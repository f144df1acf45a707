#include <fmt/format.h>

#include <algorithm>

#include "planner/place/contradiction.hpp"
#include "planner/place/failover.hpp"

namespace mcp {

namespace {

constexpr std::size_t most_notes = 8;

Span span_of(const Origin& first, const PlaceRequest& request) { return first.span.known() ? first.span : request.origin.span; }

/// Why this member takes no more, in a few words; empty for weight 0.
std::string refusal(const PlaceRules::Row& row, const Share& share) {
  if (share.state != MemberState::Open) return std::string(to_string(share.cause));
  if (row.weight == 0) return {};
  if (share.after >= row.max) return fmt::format("max = {}", row.max);
  return fmt::format("no room for more than {}", share.after);
}

}  // namespace

void report_shortage(const Inventory& inventory, const PlaceRequest& request, const WorkloadPlacement& placed, Diagnostics& out) {
  const PlaceRules& rules = *request.rules;
  const std::string what = request.address.text();
  if (placed.unplaced > 0) {
    const Replicas wanted = rules.mode == Mode::Copy ? placed.unplaced : request.replicas;
    Diagnostic d = warning("W0501", span_of(request.replicas_origin, request),
                           rules.mode == Mode::Copy ? fmt::format("{} replicas of {} find no place", placed.unplaced, what)
                                                    : fmt::format("{} of {} replicas of {} find no place", placed.unplaced, wanted, what),
                           rules.mode == Mode::Copy ? "" : fmt::format("{} are placed", request.replicas - placed.unplaced));
    std::size_t said = 0;
    for (const auto& row : rules.on) {
      const Share* share = placed.on(row.member);
      const std::string why = share == nullptr ? "" : refusal(row, *share);
      if (why.empty()) continue;
      if (++said > most_notes) continue;
      d.notes.push_back(fmt::format("{}: {}", inventory.members[row.member].name, why));
    }
    if (said > most_notes) d.notes.push_back(fmt::format("and {} more clusters", said - most_notes));
    out.add(std::move(d));
  }
  if (request.replicas > 0)
    for (const auto& row : rules.on) {
      const Share* share = placed.on(row.member);
      if (share == nullptr || share->after >= row.min) continue;
      if (share->state != MemberState::Open && share->state != MemberState::Hold) continue;
      out.add(warning("W0502", span_of(rules.min_origin, request),
                      fmt::format("{} has {} of at least {} on {}: {}", what, share->after, row.min, inventory.members[row.member].name,
                                  share->state == MemberState::Hold ? to_string(share->cause) : std::string_view("no room for more"))));
    }
  if (placed.over > 0) {
    Diagnostic d = warning("W0506", span_of(request.replicas_origin, request),
                           fmt::format("{} has {} more than {} on clusters that do not answer", what, placed.over, request.replicas));
    d.notes.push_back("they stay until their cluster answers or is said to be lost");
    out.add(std::move(d));
  }
}

void report_held_failover(const Inventory& inventory, const std::vector<PlaceRequest>& requests, Diagnostics& out) {
  const PartitionGuard guard = partition_guard(inventory);
  if (guard.passes()) return;
  for (std::uint32_t m = 0; m < inventory.members.size(); ++m) {
    const Member& member = inventory.members[m];
    const auto held = [&](const PlaceRequest& r) {
      if (!overdue(member, r.rules->failover_ms)) return false;
      return std::any_of(r.previous.begin(), r.previous.end(), [&](const Standing& s) { return s.member == m; });
    };
    if (member.said_lost || member.reach != Reach::Unreachable || std::none_of(requests.begin(), requests.end(), held)) continue;
    Diagnostic d = warning("W0505", member.origin.span, fmt::format("cluster.{} does not answer, but its replicas stay: only {} of {} clusters answer", member.name, guard.answered, guard.voters));
    d.notes.push_back("this machine may be the one that is cut off; more than half must answer");
    d.help.push_back(fmt::format("if {} is gone, say so: mcp plan --lost {}", member.name, member.name));
    out.add(std::move(d));
  }
}

}  // namespace mcp
