#pragma once
// From a Topology and a Placement to Desired: every object of every member, as it is to be sent. Pure; what Kubernetes
// would refuse is reported here, at the line that states it (E09xx).
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lang/base/diagnostic.hpp"
#include "lang/topology/topology.hpp"
#include "planner/model/desired.hpp"
#include "planner/place/placement.hpp"

namespace mcp {

/// One value of a secret: where it comes from. `parts` as AttrType::SecretMap says.
struct SecretUse {
  Address address;
  std::string key;
  Value parts;
  Origin origin;
};
/// All secret values that the topology states, by address and key.
std::vector<SecretUse> collect_secrets(const Topology& topology);

using SecretKey = std::pair<Address, std::string>;

enum class SecretText : bool {
  Fingerprints,   // bodies hold {"$secret": fingerprint}; Pod templates their hash
  Sources,        // bodies name the source: `(from_env NAME)`; no hash of fingerprints
};

struct ModelInput {
  const Topology& topology;
  const Placement& placement;
  /// Index in the inventory of each cluster of the topology.
  std::vector<std::uint32_t> member_of;
  /// Fingerprints that are known; a missing one is "" in the body.
  const std::map<SecretKey, std::string>* fingerprints = nullptr;
  SecretText secrets = SecretText::Fingerprints;
  /// (member, namespace) that exist by us: a namespace stays where it is, with quota and isolation.
  const std::set<std::pair<std::string, std::string>>* namespaces = nullptr;
};

/// Never fails: what cannot be built is reported and left out.
Desired build_desired(const ModelInput& input, Diagnostics& out);

/// What Kubernetes refuses whatever the placement: names, keys, sizes, ports, label values, quantities.
void check_limits(const Topology& topology, Diagnostics& out);

/// Quotas that refuse what is placed: too few Pods, or Pods that state no request (W0913, W0914).
void check_quotas(const Topology& topology, const Inventory& inventory, const Placement& placement, Diagnostics& out);

/// The requests of all workloads, by address. `previous` by workload and member index; `inventory` holds at least the
/// topology's clusters.
std::vector<PlaceRequest> place_requests(const Topology& topology, const Inventory& inventory,
                                         const std::map<Address, std::vector<Standing>>& previous);
/// The declared members as an inventory in which everybody has joined and answers: for `check` and `render`.
Inventory declared_inventory(const Topology& topology);

}  // namespace mcp
