#pragma once
// A project as a command finds it: its policy files loaded, and what is recorded of it. Opens the state, creates none.
#include <memory>
#include <string>
#include <vector>

#include "lang/base/result.hpp"
#include "lang/program/program.hpp"
#include "planner/pipeline/evaluate.hpp"

namespace mcp {

struct ProjectOptions {
  std::string dir = ".";
  std::string file;                                        // one policy file alone; empty: all
  std::string env;
  std::vector<std::pair<std::string, std::string>> set;
  std::optional<Driver> driver;
  std::string state_dir;                                   // MCP_STATE_DIR; empty: `.mcp` in the project
};

struct Project {
  std::string dir;                  // as given
  std::string state_dir;
  Loaded loaded;
  std::string id() const { return loaded.topology.project_id(); }
};

/// Loads the policy files; never fails, findings are in `loaded.diagnostics`.
Project open_project(const ProjectOptions& options);

/// What the state of `project` records, as far as placing and modelling need it. No state: `exists` is false.
/// Errors: a state that cannot be read, with the way out.
Result<Recorded> read_recorded(const std::string& state_dir, const std::string& project);

}  // namespace mcp
