#pragma once
// Annotations of a Pod template that make Pods roll when what they read changes: a hash over the content of used configs
// and the recipes of used secrets, and one over the secrets' fingerprints. Internal to planner/model.
#include <string>
#include <unordered_map>

#include "planner/model/follow.hpp"

namespace mcp::model {

class ConfigHashes {
 public:
  explicit ConfigHashes(const ModelInput& input) : input_(input), topology_(input.topology) {}
  /// A map of annotations, or null if the workload uses nothing or does not want to roll.
  Value of(const Declared& workload, const Followed::Uses& uses, std::size_t cluster);

 private:
  const ModelInput& input_;
  const Topology& topology_;
  std::string bytes_;
  std::unordered_map<std::string, Value> made_;   // by all that goes in; never iterated
};

}  // namespace mcp::model
