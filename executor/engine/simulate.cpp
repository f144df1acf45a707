#include "executor/engine/simulate.hpp"

#include <algorithm>

#include "executor/engine/planning.hpp"
#include "executor/engine/queries.hpp"
#include "executor/run/lease.hpp"
#include "executor/sim/sim_fleet.hpp"
#include "lang/base/diagnostic.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

Result<std::unique_ptr<SimFleet>> sim_of(const Project& project) {
  if (project.loaded.topology.driver != Driver::Sim)
    return fail("the members of this project are not simulated", "write `driver = \"sim\"` in the `mcp` block, or add `--driver sim`");
  return make_sim(fleet_options(project));
}

Result<void> known_member(const Project& project, const std::string& member) {
  std::vector<std::string> names;
  for (const auto& cluster : project.loaded.topology.clusters) names.push_back(cluster.name);
  const auto state = MCP_TRY(read_state(project.state_dir, project.id()));
  for (const RecordedMember& m : state.members) names.push_back(m.name);
  if (!project.loaded.topology.mcp_cluster.empty()) names.emplace_back(mcp_cluster);
  if (std::find(names.begin(), names.end(), member) != names.end()) return {};
  const std::string best = nearest(member, std::vector<std::string_view>(names.begin(), names.end()));
  return fail("there is no cluster `" + member + "` in this project", best.empty() ? "" : "did you mean `" + best + "`?");
}

Result<ObjectRef> ref_of(const Project& project, const std::string& text) {
  const auto address = Address::parse(text);
  if (!address || address->member.empty()) return fail("`" + text + "` is no address of an object on a cluster", "write it like workload.shop/web@gcp-euw1");
  const auto state = MCP_TRY(read_state(project.state_dir, project.id()));
  std::vector<std::string> known;
  for (const RecordedRow& row : state.rows) {
    if (row.address == *address) return row.ref;
    known.push_back(row.address.text());
  }
  const std::string best = nearest(text, std::vector<std::string_view>(known.begin(), known.end()));
  return fail(text + " is not recorded", best.empty() ? "`mcp state list` lists what is" : "did you mean `" + best + "`?");
}

}  // namespace

Result<void> sim_lose(const Project& project, const std::string& member) {
  MCP_TRY(known_member(project, member));
  return MCP_TRY(sim_of(project))->lose(member);
}

Result<void> sim_restore(const Project& project, const std::string& member) {
  MCP_TRY(known_member(project, member));
  return MCP_TRY(sim_of(project))->restore(member);
}

Result<void> sim_slow(const Project& project, const std::string& member, std::int64_t milliseconds) {
  MCP_TRY(known_member(project, member));
  return MCP_TRY(sim_of(project))->slow(member, Duration(milliseconds));
}

Result<void> sim_fault(const Project& project, const std::string& member, const std::string& script) {
  MCP_TRY(known_member(project, member));
  return MCP_TRY(sim_of(project))->fault(member, script);
}

Result<void> sim_edit(const Project& project, const std::string& address, const std::string& path, const std::string& value, const std::string& manager) {
  const auto sim = MCP_TRY(sim_of(project));
  const ObjectRef ref = MCP_TRY(ref_of(project, address));
  const auto field = FieldPath::parse(path);
  if (!field) return fail("`" + path + "` is no path: " + field.error().message, "write it like spec.replicas or data[a.yaml]");
  for (const std::string_view fixed : {"apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace", "metadata.uid", "metadata.resourceVersion", "metadata.managedFields"})
    if (path == fixed) return fail("`" + path + "` says which object this is, and no server lets it change", "edit another field, such as spec.replicas or metadata.labels.team");
  const auto parsed = parse_json(value);
  if (!parsed) return fail("`" + value + "` is no JSON: " + parsed.error().message, "a text stands in quotes: '\"text\"'");
  return sim->edit(ref, *field, *parsed, manager.empty() ? "sim-edit" : manager);
}

Result<void> sim_delete(const Project& project, const std::string& address) {
  const auto sim = MCP_TRY(sim_of(project));
  return sim->erase(MCP_TRY(ref_of(project, address)));
}

Result<std::vector<Value>> sim_show(const Project& project, const std::string& member) {
  MCP_TRY(known_member(project, member));
  return MCP_TRY(sim_of(project))->show(member);
}

}  // namespace mcp
