#include "executor/engine/room.hpp"

#include <algorithm>
#include <set>

#include "executor/engine/planning.hpp"
#include "executor/fleet/asking.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

struct Asked {
  std::int64_t cpu_milli = 0;
  std::int64_t memory = 0;
};

std::int64_t thousandths_at(const Value* map, std::string_view key) {
  const Value* text = map != nullptr && map->is_map() ? map->find(key) : nullptr;
  if (text == nullptr) return 0;
  if (text->is_int()) return text->as_int() * 1000;
  return text->is_string() ? quantity_thousandths(text->as_string()).value_or(0) : 0;
}

Asked amounts(const Value* map) { return {thousandths_at(map, "cpu"), thousandths_at(map, "memory") / 1000}; }

Asked of_containers(const Value& spec, std::string_view list, bool together) {
  Asked out;
  const Value* containers = spec.find(list);
  if (containers == nullptr || !containers->is_list()) return out;
  for (const Value& c : containers->items()) {
    const Asked one = amounts(c.at("resources", "requests"));
    out.cpu_milli = together ? out.cpu_milli + one.cpu_milli : std::max(out.cpu_milli, one.cpu_milli);
    out.memory = together ? out.memory + one.memory : std::max(out.memory, one.memory);
  }
  return out;
}

bool takes_pods(const Value& node) {
  if (const Value* closed = node.at("spec", "unschedulable"); closed != nullptr && closed->is_bool() && closed->as_bool()) return false;
  const Value* conditions = node.at("status", "conditions");
  if (conditions == nullptr || !conditions->is_list()) return false;
  return std::any_of(conditions->items().begin(), conditions->items().end(), [](const Value& c) { return c.text_or("type", "") == "Ready" && c.text_or("status", "") == "True"; });
}

}  // namespace

MemberRoom room_of(std::span<const Value> nodes, std::span<const Value> pods) {
  MemberRoom out;
  std::set<std::string_view> counted;
  for (const Value& node : nodes) {
    const Value* metadata = node.find("metadata");
    if (!takes_pods(node) || metadata == nullptr) continue;
    counted.insert(metadata->text_or("name", ""));
    const Value* allows = node.at("status", "allocatable");
    const Asked most = amounts(allows);
    ++out.nodes;
    out.pods += thousandths_at(allows, "pods") / 1000;
    out.cpu_milli += most.cpu_milli;
    out.memory += most.memory;
  }
  for (const Value& pod : pods) {
    const Value* spec = pod.find("spec");
    const Value* status = pod.find("status");
    const std::string_view phase = status != nullptr ? status->text_or("phase", "") : std::string_view();
    if (spec == nullptr || !counted.contains(spec->text_or("nodeName", "")) || phase == "Succeeded" || phase == "Failed") continue;
    const Asked all = of_containers(*spec, "containers", true);
    const Asked first = of_containers(*spec, "initContainers", false);
    const Asked over = amounts(spec->find("overhead"));
    --out.pods;
    out.cpu_milli -= std::max(all.cpu_milli, first.cpu_milli) + over.cpu_milli;
    out.memory -= std::max(all.memory, first.memory) + over.memory;
  }
  return out;
}

Result<std::map<std::string, MemberRoom>> observe_room(const Project& project) {
  const auto fleet = MCP_TRY(make_fleet(fleet_options(project)));
  struct Seen {
    std::vector<Value> nodes;
    std::vector<Value> pods;
    int whole = 0;             // lists that are
  };
  std::map<std::string, Seen> seen;
  Asking<std::pair<std::string, List>> asking(*fleet);
  const auto ask = [&](const std::string& member, const List& list) { asking.ask({member, list}, member, list); };
  for (const auto& cluster : project.loaded.topology.clusters)
    for (const char* kind : {"Node", "Pod"}) ask(cluster.name, List{.project = {}, .since = {}, .cursor = {}, .ns = {}, .kinds = {{"v1", kind}}});
  while (auto answer = asking.next()) {
    auto& [member, list] = answer->about;
    auto* page = std::get_if<Page>(&answer->outcome);
    if (page == nullptr) continue;
    Seen& s = seen[member];
    for (Value& object : page->objects) {
      // A driver may answer with more than was asked for.
      const std::string_view kind = object.text_or("kind", "");
      if (kind == "Node") s.nodes.push_back(std::move(object));
      else if (kind == "Pod") s.pods.push_back(std::move(object));
    }
    list.cursor = page->cursor;
    if (list.cursor.empty()) ++s.whole;
    else ask(member, list);
  }
  std::map<std::string, MemberRoom> out;
  for (const auto& [member, s] : seen)
    if (s.whole == 2 && !s.nodes.empty()) out.emplace(member, room_of(s.nodes, s.pods));
  return out;
}

}  // namespace mcp
