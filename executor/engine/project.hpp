#pragma once
// A project as a command finds it: its policy files loaded, and what is recorded of it. Opens the state, creates none.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lang/base/result.hpp"
#include "lang/program/program.hpp"
#include "planner/pipeline/evaluate.hpp"

namespace mcp {

/// How to come to members that are real, and who wants to hear of it. Environment variables add to what is given here:
/// KUBECONFIG, HOME, MCP_CREDENTIAL_PLUGINS=1.
struct Connection {
  std::string kubeconfig;                                  // --kubeconfig; empty: KUBECONFIG, then ~/.kube/config
  bool credential_plugins = false;                         // kubeconfig's `exec` may run
  std::function<void(const std::string&)> trace;           // told of each request; may be null
  std::function<int()> signals;                            // how many signals came; may be null
  std::string version;                                     // of mcp
};

struct ProjectOptions {
  Connection connection;
  std::string dir = ".";
  std::string file;                                        // one policy file alone; empty: all
  std::string env;
  std::vector<std::pair<std::string, std::string>> set;
  std::optional<Driver> driver;
  std::string state_dir;                                   // MCP_STATE_DIR; empty: `.mcp` in the project
};

struct Project {
  Connection connection;
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
