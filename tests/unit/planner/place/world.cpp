#include "tests/unit/planner/place/world.hpp"

#include <algorithm>
#include <cstdio>

namespace mcp::test {

Inventory members(std::size_t count) {
  Inventory out;
  for (std::size_t i = 0; i < count; ++i) {
    Member m;
    if (count <= 26) {
      m.name = std::string(1, static_cast<char>('a' + i));
    } else {
      char name[16];
      std::snprintf(name, sizeof name, "m%05u", static_cast<unsigned>(i));
      m.name = name;
    }
    out.members.push_back(std::move(m));
  }
  return out;
}

PlaceRequest request(const Inventory& inventory, const Wanted& wanted) {
  PlaceRequest out;
  out.address = {AddressKind::Workload, "shop", wanted.name, "", ""};
  out.replicas = wanted.replicas;
  out.priority = wanted.priority;
  if (wanted.cpu > 0) out.per_replica.cpu = wanted.cpu;
  auto rules = std::make_shared<PlaceRules>();
  rules->mode = wanted.mode;
  std::vector<std::size_t> on = wanted.on;
  if (on.empty())
    for (std::size_t i = 0; i < inventory.members.size(); ++i) on.push_back(i);
  const auto pick = [](const std::vector<std::int64_t>& from, std::size_t i, std::int64_t otherwise) { return i < from.size() ? from[i] : otherwise; };
  for (const std::size_t i : on)
    if (!inventory.members[i].leaving)
      rules->on.push_back({static_cast<std::uint32_t>(i), pick(wanted.weight, i, 1), pick(wanted.min, i, 0), pick(wanted.max, i, unbounded)});
  for (const auto& keys : wanted.by) {
    PlaceRules::Level level;
    for (const auto& row : rules->on) level.keys.push_back(keys[row.member]);
    rules->by.push_back(std::move(level));
  }
  for (std::size_t i = 0; i < wanted.previous.size(); ++i)
    if (wanted.previous[i] > 0) out.previous.push_back({static_cast<std::uint32_t>(i), wanted.previous[i]});
  out.rules = std::move(rules);
  return out;
}

WorkloadPlacement place_one(const Inventory& inventory, const Wanted& wanted) {
  Diagnostics out;
  return place(inventory, {request(inventory, wanted)}, out).workloads.front();
}

std::vector<Replicas> numbers(const WorkloadPlacement& placed, std::size_t members) {
  std::vector<Replicas> out;
  for (std::uint32_t m = 0; m < members; ++m) out.push_back(placed.after(m));
  return out;
}

std::string text(const WorkloadPlacement& placed, std::size_t members) {
  std::string out;
  for (const Replicas n : numbers(placed, members)) out += (out.empty() ? "" : ",") + std::to_string(n);
  if (placed.unplaced > 0) out += " " + std::to_string(placed.unplaced) + " unplaced";
  return out;
}

std::string placed(const Inventory& inventory, const Wanted& wanted) { return text(place_one(inventory, wanted), inventory.members.size()); }

std::string codes(const Diagnostics& out) {
  std::vector<std::string> all;
  for (const Diagnostic& d : out.all()) all.push_back(d.code);
  std::sort(all.begin(), all.end());
  std::string text;
  for (const std::string& code : all) text += (text.empty() ? "" : " ") + code;
  return text;
}

}  // namespace mcp::test
