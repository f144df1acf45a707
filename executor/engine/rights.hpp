#pragma once
// What the credential of each member may do there, against what the project needs. Asks the members, changes nothing.
#include <string>
#include <vector>

#include "executor/engine/project.hpp"

namespace mcp {

/// A resource, as RBAC calls it, and verbs on it.
struct NeededRight {
  std::string group;                   // "apps"; "" for the core group
  std::string resource;                // "deployments"
  std::vector<std::string> verbs;
  /// "get, patch deployments.apps"
  std::string text() const;
};

struct MemberRights {
  std::string name;
  std::string version;                 // of its server
  std::string silent;                  // why it could not be asked; empty: it was
  std::vector<NeededRight> missing;    // by group and resource
};

struct Rights {
  std::vector<MemberRights> members;   // by name
  std::vector<NeededRight> needed;     // on all of them together
};

/// Requires: the project has no errors. Errors: a driver that cannot be made.
Result<Rights> check_rights(Project& project);

/// A ClusterRole with these rights, as YAML.
std::string cluster_role(const std::vector<NeededRight>& rights);

}  // namespace mcp
