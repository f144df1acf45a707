#pragma once
// One object as a simulated API server holds it: content, who holds which field, and the rollout of a Deployment.
// Plain values; a request is a pure function on them (ownership.hpp, member.hpp). Knows no storage.
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "executor/fleet/fleet.hpp"

namespace mcp {

struct SimKey {
  std::string ns;
  std::string kind;
  std::string name;
  std::string api;
  auto operator<=>(const SimKey&) const = default;
};
inline SimKey key_of(const ObjectRef& ref) { return {ref.ns, ref.kind, ref.name, ref.api}; }

/// One entry of managedFields. `shape` is a body that holds exactly the owned fields.
struct SimManager {
  std::string name;
  bool apply = true;       // else operation Update
  Instant time{0};
  Value shape;
};

/// Where a Deployment's Pods are on their way: a function of time until the next write.
struct SimRollout {
  Instant start{0};
  std::int64_t want = 0;       // spec.replicas
  std::int64_t granted = 0;    // of them fit on the member
  std::int64_t have = 0;       // ready Pods of this template at `start`
  std::int64_t old = 0;        // ready Pods of former templates at `start`
  Duration first{0};           // until the first new Pod is ready
  Duration each{0};            // between two
  Duration deadline{600'000};  // progressDeadlineSeconds
  Digest pods;                 // of the Pod template
  std::string failing;         // image that cannot be pulled; empty: all is well
};

struct SimObject {
  SimKey key;
  std::string uid;             // empty: not there
  std::int64_t version = 0;
  std::int64_t generation = 0;
  Instant created{0};
  Instant changed{0};          // of what controllers follow
  std::optional<Instant> deleting;
  Value content;               // apiVersion, kind, metadata (stated part), spec, data: defaulted
  std::vector<SimManager> managers;
  bool derived = false;        // content follows from what "mcp", the only manager, applied
  std::optional<SimRollout> rollout;
  std::optional<Instant> due;  // when something happens to it without a request
  std::string project;         // label mcp.dev/project, the last it had

  bool exists() const { return !uid.empty(); }
  ObjectRef ref(const std::string& member) const { return {member, key.api, key.kind, key.ns, key.name}; }
};

/// Results of pure functions that are asked for again and again, by digest of their input.
class SimMemo {
 public:
  template <class Make>
  const Value& get(const char* what, const Digest& key, const Make& make) {
    if (table_.size() > 8192) table_.clear();
    Digest slot = key;
    slot.bytes[0] ^= static_cast<std::uint8_t>(what[0]);
    const auto it = table_.find(slot);
    if (it != table_.end()) return it->second;
    return table_.emplace(slot, make()).first->second;
  }

 private:
  struct Hash {
    std::size_t operator()(const Digest& d) const {
      std::size_t out = 0;
      for (std::size_t i = 8; i < 16; ++i) out = out << 8U | d.bytes[i];
      return out;
    }
  };
  std::unordered_map<Digest, Value, Hash> table_;
};

/// Its content with the addresses and ports that the server picked.
Value served(const SimObject& object);

/// The object as a server answers it at `now`, managedFields and status included.
Value view(const SimObject& object, Instant now, SimMemo& memo);

/// 2026-01-01T00:00:00Z plus `at`.
std::string sim_time(Instant at);
/// A UUID that depends on its argument only.
std::string sim_uid(std::string_view seed);

}  // namespace mcp
