#pragma once
// Placer: places workloads one after another, each beside the present numbers of the others. Holds the use of each
// member and the scratch of one workload, so that placing allocates next to nothing. Part of planner/place only.
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "planner/place/failover.hpp"
#include "planner/place/slots.hpp"

namespace mcp {

class Placer {
 public:
  Placer(const Inventory& inventory, const std::vector<PlaceRequest>& requests);

  /// Steps A, B and C of several workloads. Requires: no contradiction in the requests.
  void run(Placement& out);
  /// Step A alone: everything stays as it stands.
  void stand(Placement& out);

  /// Of this workload the slots of each round in C are kept as they are before replicas are added.
  const PlaceRequest* observed = nullptr;
  std::vector<std::vector<Slot>> rounds;
  std::vector<Slot> last;              // of the observed workload, when all is done

 private:
  struct Use {
    std::int64_t pods = 0, cpu = 0, memory = 0;
  };
  enum class Bounds : std::uint8_t { Sticky, Fresh };
  enum class Adds : std::uint8_t { No, Yes };

  void start(const PlaceRequest& request, WorkloadPlacement& placed);
  void first_step(const PlaceRequest& request, WorkloadPlacement& placed);
  bool round(const PlaceRequest& request, WorkloadPlacement& placed, bool first_round);
  void finish(const PlaceRequest& request, WorkloadPlacement& placed) const;
  void load(const PlaceRequest& request, const WorkloadPlacement& placed, bool from_previous);
  bool store(const PlaceRequest& request, WorkloadPlacement& placed);
  void bound(const PlaceRequest& request, Bounds how);
  void solve(const PlaceRequest& request, Bounds how, Adds adds);
  void copy(const PlaceRequest& request);
  bool lacks(const PlaceRequest& request, const WorkloadPlacement& placed) const;
  Replicas total() const;
  void reserve(const Room& each, std::uint32_t member, Replicas change);
  void find_room(const Room& each, Slot& slot) const;
  const GroupTree& tree(const PlaceRules& rules);

  const Inventory& inventory_;
  const std::vector<PlaceRequest>& requests_;
  PartitionGuard guard_;
  std::vector<Use> use_;               // by member
  std::vector<bool> limited_;          // by member: some capacity is stated
  bool any_limit_ = false;
  std::vector<Slot> slots_;            // rows of `on` first, then members where the workload only ran
  std::vector<Replicas> kept_counts_;
  std::unordered_map<const PlaceRules*, GroupTree> trees_;   // never iterated
};

}  // namespace mcp
