#pragma once
// Desired: what every member should hold, as a sorted array over a table of distinct bodies. No member name enters a
// body unless the policy puts it there, so members share bodies, and comparing is comparing digests.
#include <cstdint>
#include <string>
#include <vector>

#include "lang/base/source.hpp"
#include "lang/topology/address.hpp"
#include "lang/value/value.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

/// What is the same for one object on all of its members.
struct DesiredObject {
  std::string api;                     // "apps/v1"
  std::string kind;                    // "Deployment"
  std::string ns;                      // empty: cluster-scoped
  std::string name;
  Address address;                     // without member
  Rank rank = Rank::Custom;
  bool protect = false;
  std::vector<std::string> ignore;     // field paths left to other writers, as written
  std::vector<std::uint32_t> needs;    // objects (by index) that come first where both stand; sorted
  bool wait_ready = false;             // a step on it ends only when it is ready
  std::int64_t deadline_ms = 0;        // for becoming ready
  std::size_t declared = 0;            // index into Topology::objects
  Origin origin;                       // of the block
};

/// One distinct content of an object.
struct DesiredBody {
  std::uint32_t object = 0;            // index into Desired::objects
  Value value;                         // normalised (planner/diff/normalize.hpp); secret values as {"$secret": fingerprint}
  std::int64_t replicas = -1;          // of a workload's Deployment, else -1
};

struct DesiredEntry {
  std::uint32_t member = 0;            // index into Desired::members
  std::uint32_t body = 0;              // index into Desired::bodies
};

struct Desired {
  std::vector<std::string> members;    // sorted by name
  std::vector<DesiredObject> objects;  // sorted by (ns, kind, name)
  std::vector<DesiredBody> bodies;     // sorted by object, then in the order of the members that first use them
  std::vector<DesiredEntry> entries;   // sorted by (member, object): the order in which rows are joined

  const DesiredObject& object_of(const DesiredEntry& entry) const { return objects[bodies[entry.body].object]; }
  const Value& body_of(const DesiredEntry& entry) const { return bodies[entry.body].value; }
};

}  // namespace mcp
