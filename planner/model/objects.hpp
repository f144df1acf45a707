#pragma once
// Bodies of the objects that a block declares, but Pods: Deployment around them, Service, ConfigMap, Secret, Namespace
// and its guardrails. Internal to planner/model.
#include "planner/model/parts.hpp"

namespace mcp::model {

/// Fields of a Deployment's spec but `replicas` and the Pods, which differ per body.
class DeploymentBuilder {
 public:
  explicit DeploymentBuilder(const Metadata& metadata) : metadata_(metadata) {}
  /// What is the same for all numbers of replicas.
  struct Base {
    Value metadata, deadline, history, selector, strategy, pods;
  };
  Base base(const Declared& declared, std::size_t cluster, Value pod_spec, const Value& hashes);
  static Value with_replicas(const Base& base, std::int64_t replicas);
  /// The body without replicas, for patches.
  static Value without_replicas(const Base& base);

 private:
  const Metadata& metadata_;
  std::unordered_map<const Block*, Value> strategies_;
};

class ObjectBodies {
 public:
  ObjectBodies(const Metadata& metadata, const ModelInput& input) : metadata_(metadata), input_(input) {}
  Value service(const Declared& declared, const Block& target, std::size_t cluster);
  Value config_map(const Declared& declared, std::size_t cluster) const;
  Value secret(const Declared& declared, std::size_t cluster) const;
  Value namespace_object(const Declared& declared, std::size_t cluster) const;
  /// Calls come in from the namespace itself and from those of allow_from; egress is not restricted.
  Value isolation(const Declared& declared, std::size_t cluster) const;
  Value quota(const Declared& declared, std::size_t cluster) const;

 private:
  const Metadata& metadata_;
  const ModelInput& input_;
  std::unordered_map<const void*, Value> ports_;
};

}  // namespace mcp::model
