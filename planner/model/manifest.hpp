#pragma once
// Manifests: Kubernetes objects that people wrote as YAML or JSON. Reads them, gives them namespace and labels, and
// refuses what another kind of the language is for.
#include <string>
#include <vector>

#include "lang/base/diagnostic.hpp"
#include "lang/topology/topology.hpp"
#include "planner/model/parts.hpp"

namespace mcp::model {

struct ManifestObject {
  std::string api;
  std::string kind;
  std::string ns;
  std::string name;
  Value body;
};

/// The objects of `declared` on one cluster; faulty ones are reported and left out.
std::vector<ManifestObject> manifest_objects(const Metadata& metadata, const Declared& declared, std::size_t cluster, Diagnostics& out);

}  // namespace mcp::model
