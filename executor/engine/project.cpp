#include "executor/engine/project.hpp"

#include <cstdlib>

#include "lang/tree/source_tree.hpp"
#include "planner/store/store.hpp"

namespace mcp {

Project open_project(const ProjectOptions& options) {
  Project out;
  out.connection = options.connection;
  out.dir = options.dir;
  out.state_dir = options.state_dir.empty() ? options.dir + "/.mcp" : options.state_dir;
  const auto tree = folder_tree(options.dir);
  LoadOptions load_options;
  load_options.file = options.file;
  load_options.set = options.set;
  load_options.env = options.env;
  load_options.driver = options.driver;
  out.loaded = load(*tree, load_options);
  return out;
}

Result<Recorded> read_recorded(const std::string& state_dir, const std::string& project) {
  Recorded out;
  auto store = MCP_TRY(Store::open_existing(state_dir, project, Access::Read));
  if (!store) return out;
  out.exists = true;
  out.members = MCP_TRY(store->members());
  MCP_TRY(store->each_recorded([&](RecordedRow& row) {
    if (row.ref.kind == "Namespace") out.namespaces.emplace(row.ref.member, row.ref.name);
    if (row.replicas >= 0 && row.address.kind == AddressKind::Workload) out.replicas[row.address.declared()][row.ref.member] = row.replicas;
  }));
  out.divisions = MCP_TRY(store->divisions());
  return out;
}

}  // namespace mcp
