#pragma once
// SimMember: the API server of one simulated member as a state machine: a request and an instant in, an outcome out.
// Its objects lie in SimStore; it knows no transport, no faults, no queue. Source of its rules: Kubernetes API conventions.
#include "executor/sim/rollout.hpp"
#include "executor/sim/sim_store.hpp"
#include "lang/value/path.hpp"

namespace mcp {

struct SimTraits {
  std::string seed;                        // of all uids: the project
  std::string version = "v1.36.0";
  SimPace pace;
  std::optional<std::int64_t> capacity;    // Pods; nullopt: no bound
  Duration namespace_end{5'000};           // from the deletion of a namespace until it is gone
};

class SimMember {
 public:
  SimMember(SimStore& store, SimMemberState& state, const SimTraits& traits) : store_(store), state_(state), traits_(traits) {}

  Outcome probe() const;
  Outcome read(const ObjectRef& ref, Instant now);
  Outcome list(const List& request, Instant now);
  Outcome write(const Write& request, Instant now);
  Outcome swap(const Swap& request, Instant now);
  Outcome remove(const Remove& request, Instant now);

  /// Sets `path` of an object, or with a null value removes it, as `manager` would with an update. Text: what is wrong.
  std::optional<std::string> edit(const ObjectRef& ref, const FieldPath& path, const Value& value, const std::string& manager, Instant now);
  /// All objects, in key order.
  std::vector<Value> everything(Instant now);
  /// What happens by itself up to `now`.
  void tick(Instant now);

 private:
  std::string identity() const;
  void settle_in();
  void make_namespace(const std::string& name, Instant now);
  SimObject& place(const std::string& ns, const std::string& kind, const std::string& name, const std::string& api);
  /// The object after a request, or why there is none.
  using Next = std::variant<SimObject, Outcome>;
  Next made(const SimKey& key, const Write& request, const Value& shape, Instant now);
  Next updated(const SimObject& object, const Write& request, const Value& shape, Instant now);
  std::optional<Rejected> misaddressed(const SimKey& key, const Value& body);
  std::optional<Rejected> homeless(const SimKey& key);
  Value completed(const SimKey& key, const Value& content);
  void save(SimObject& object, Instant now);
  void erase(SimObject& object);
  void run_pods(SimObject& object, Instant now);
  Value sealed(const SimKey& key, const Value& body) const;
  Value shown(const SimObject& object, Instant now);

  SimStore& store_;
  SimMemberState& state_;
  const SimTraits& traits_;
};

}  // namespace mcp
