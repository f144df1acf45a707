#pragma once
// Where a field of a rendered object came from: the line that stated it, or the rule that derived it. Found by walking
// from the field back to its attribute, so that bodies carry no origins and cost nothing for it.
#include <string>
#include <vector>

#include "lang/topology/topology.hpp"
#include "lang/value/path.hpp"

namespace mcp {

struct Traced {
  Origin origin;            // unknown span: derived
  std::string what;         // "workload web, container nginx": the block that states it
  std::string rule;         // of a derived field: "volume of the mounts of config.shop/web-conf"
};

/// `address` without member; `path` as rendered (`spec.replicas`, `data[a.yaml]`).
Traced trace_field(const Topology& topology, const Address& address, const FieldPath& path);

/// A path of the language (`container.nginx.cpu`): the cell, or null. `what` names the block.
struct TracedCell {
  const Cell* cell = nullptr;
  AttrType type = AttrType::String;
  std::string what;
  std::string key;          // below the attribute, of a map
};
TracedCell trace_attribute(const Topology& topology, const Address& address, std::string_view path);

}  // namespace mcp
