#include "planner/place/placement.hpp"

#include <algorithm>
#include <array>

#include "planner/place/contradiction.hpp"
#include "planner/place/placer.hpp"

namespace mcp {

namespace {
constexpr std::array<std::string_view, 5> state_names = {"open", "hold", "leave", "frozen", "lost"};
constexpr std::array<std::string_view, 10> cause_names = {
    "open",        "said to be lost",        "unreachable for too long", "never answered", "unreachable",
    "refuses us",  "not selected by `on`",   "leaving",                  "drained",        "cordoned"};
}  // namespace

std::string_view to_string(MemberState state) { return state_names[static_cast<std::size_t>(state)]; }
std::string_view to_string(Cause cause) { return cause_names[static_cast<std::size_t>(cause)]; }

std::size_t Inventory::index_of(std::string_view name) const {
  const auto it = std::lower_bound(members.begin(), members.end(), name, [](const Member& m, std::string_view n) { return m.name < n; });
  return it != members.end() && it->name == name ? static_cast<std::size_t>(it - members.begin()) : npos;
}

const Share* WorkloadPlacement::on(std::uint32_t member) const {
  const auto it = std::lower_bound(shares.begin(), shares.end(), member, [](const Share& s, std::uint32_t m) { return s.member < m; });
  return it != shares.end() && it->member == member ? &*it : nullptr;
}

Replicas WorkloadPlacement::after(std::uint32_t member) const {
  const Share* share = on(member);
  return share == nullptr ? 0 : share->after;
}

Replicas WorkloadPlacement::before(std::uint32_t member) const {
  const Share* share = on(member);
  return share == nullptr ? 0 : share->before;
}

const WorkloadPlacement* Placement::find(const Address& address) const {
  const auto it = std::lower_bound(workloads.begin(), workloads.end(), address, [](const WorkloadPlacement& w, const Address& a) { return w.address < a; });
  return it != workloads.end() && it->address == address ? &*it : nullptr;
}

Placement place(const Inventory& inventory, const std::vector<PlaceRequest>& requests, Diagnostics& out) {
  Placement placement;
  placement.lost.resize(inventory.members.size());
  const std::size_t errors = out.errors();
  find_contradictions(inventory, out);
  for (const PlaceRequest& request : requests) find_contradictions(inventory, request, out);
  Placer placer(inventory, requests);
  if (out.errors() > errors) {
    placer.stand(placement);
    return placement;
  }
  placer.run(placement);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const WorkloadPlacement& placed = placement.workloads[i];
    report_shortage(inventory, requests[i], placed, out);
    for (const Share& share : placed.shares)
      if (share.state == MemberState::Lost) placement.lost[share.member] = true;
  }
  // A member without any share is lost after the usual time.
  const bool guard = partition_guard(inventory).passes();
  for (std::size_t m = 0; m < inventory.members.size(); ++m)
    if (judge(inventory.members[m], false, PlaceRules{}.failover_ms, guard).state == MemberState::Lost) placement.lost[m] = true;
  report_held_failover(inventory, requests, out);
  return placement;
}

}  // namespace mcp
