#include "planner/pipeline/evaluate.hpp"

#include <algorithm>

namespace mcp {

namespace {

Inventory inventory_of(const Loaded& loaded, const Recorded& recorded, const EvaluateOptions& options) {
  Inventory out = declared_inventory(loaded.topology);
  out.mcp_cluster = recorded.mcp_cluster;
  for (const RecordedMember& r : recorded.members) {
    const auto it = std::lower_bound(out.members.begin(), out.members.end(), r.name, [](const Member& m, const std::string& n) { return m.name < n; });
    if (it != out.members.end() && it->name == r.name) {
      it->was_lost = r.lost;
      continue;
    }
    Member gone;
    gone.name = r.name;
    gone.leaving = true;
    gone.was_lost = r.lost;
    out.members.insert(it, std::move(gone));
  }
  for (Member& m : out.members) {
    const bool joined = std::any_of(recorded.members.begin(), recorded.members.end(), [&](const RecordedMember& r) { return r.name == m.name; });
    m.joined = joined || !recorded.exists;
    if (const auto it = recorded.reach.find(m.name); it != recorded.reach.end()) m.reach = it->second;
    else if (m.was_lost) m.reach = Reach::Unreachable;  // nobody was asked: it is as it was left
    if (m.reach == Reach::Unreachable && !joined) m.reach = Reach::NeverReached;
    if (const auto it = recorded.failures.find(m.name); it != recorded.failures.end()) {
      m.failures = it->second.first;
      m.failing_ms = it->second.second;
    }
    m.said_lost = options.lost.contains(m.name);
    if (options.destroy) m.leaving = true;
  }
  return out;
}

/// What a fresh division depends on: its own inputs, not the numbers of others.
std::string inputs_digest(const PlaceRequest& r, const Inventory& inventory) {
  std::string bytes = std::to_string(r.replicas) + ";";
  for (const auto& row : r.rules->on) {
    const Member& m = inventory.members[row.member];
    bytes += m.name + ":" + std::to_string(row.weight) + ":" + std::to_string(row.min) + ":" + std::to_string(row.max) + ":" + (m.cordon ? "c" : "") + (m.drain ? "d" : "") +
             (m.leaving ? "l" : "") + std::to_string(static_cast<int>(m.reach)) + ":" + std::to_string(m.capacity.pods.value_or(-1)) + "," + std::to_string(m.capacity.cpu.value_or(-1)) + "," +
             std::to_string(m.capacity.memory.value_or(-1)) + ";";
  }
  for (const auto& level : r.rules->by) {
    bytes += level.name + "=";
    for (const std::string& key : level.keys) bytes += key + ",";
  }
  return sha256(bytes).brief(32);
}

/// A member that was lost holds nothing that counts, since others have its replicas now. When it answers again, what still
/// runs there counts as far as replicas are missing elsewhere, members by name.
void forget_lost(PlaceRequest& request, const Inventory& inventory) {
  const auto was_lost = [&](const Standing& s) { return inventory.members[s.member].was_lost; };
  if (std::none_of(request.previous.begin(), request.previous.end(), was_lost)) return;
  Replicas missing = request.replicas;
  for (const Standing& s : request.previous)
    if (!was_lost(s)) missing -= s.replicas;
  for (Standing& s : request.previous) {
    if (!was_lost(s)) continue;
    const bool answers = inventory.members[s.member].reach == Reach::Answered && !inventory.members[s.member].said_lost;
    s.replicas = answers ? std::clamp<Replicas>(missing, 0, s.replicas) : 0;
    missing -= s.replicas;
  }
  std::erase_if(request.previous, [](const Standing& s) { return s.replicas == 0; });
}

void row_failures(Loaded& loaded, const Desired& desired) {
  if (loaded.row_failures.empty()) return;
  std::set<std::pair<Address, std::string>> stands;
  for (const DesiredEntry& entry : desired.entries) {
    Address address = desired.object_of(entry).address;
    address.part.clear();
    stands.emplace(std::move(address), desired.members[entry.member]);
  }
  std::set<std::pair<std::uint32_t, std::string>> said;
  for (RowFailure& failure : loaded.row_failures) {
    if (!stands.contains({failure.address, loaded.topology.clusters[failure.cluster].name})) continue;
    if (said.emplace(failure.diagnostic.span.begin, failure.diagnostic.code).second) loaded.diagnostics.add(std::move(failure.diagnostic));
  }
  loaded.row_failures.clear();
}

}  // namespace

Evaluated evaluate(Loaded& loaded, const Recorded& recorded, const EvaluateOptions& options) {
  Evaluated out;
  check_limits(loaded.topology, loaded.diagnostics);
  out.inventory = inventory_of(loaded, recorded, options);
  std::map<Address, std::vector<Standing>> standing;
  for (const auto& [address, by_member] : recorded.replicas) {
    std::vector<Standing>& list = standing[address];
    for (const auto& [name, count] : by_member) {
      const std::size_t member = out.inventory.index_of(name);
      if (member != Inventory::npos && count > 0) list.push_back({static_cast<std::uint32_t>(member), count});
    }
    std::sort(list.begin(), list.end(), [](const Standing& a, const Standing& b) { return a.member < b.member; });
  }
  out.requests = place_requests(loaded.topology, out.inventory, standing);
  for (PlaceRequest& request : out.requests) {
    if (request.rules->mode != Mode::Copy) forget_lost(request, out.inventory);
    if (request.rules->mode != Mode::Fresh) continue;
    const std::string digest = inputs_digest(request, out.inventory);
    out.division_inputs.emplace(request.address, digest);
    const auto it = recorded.divisions.find(request.address.text());
    request.inputs_changed = it == recorded.divisions.end() || it->second != digest;
  }
  if (options.destroy) out.requests.clear();
  out.placement = place(out.inventory, out.requests, loaded.diagnostics);
  if (!options.destroy) check_quotas(loaded.topology, out.inventory, out.placement, loaded.diagnostics);
  ModelInput input{loaded.topology, out.placement, {}, options.fingerprints, options.secrets, &recorded.namespaces};
  for (const auto& cluster : loaded.topology.clusters) input.member_of.push_back(static_cast<std::uint32_t>(out.inventory.index_of(cluster.name)));
  out.secrets = collect_secrets(loaded.topology);
  if (!options.destroy) out.desired = build_desired(input, loaded.diagnostics);
  row_failures(loaded, out.desired);
  return out;
}

}  // namespace mcp
