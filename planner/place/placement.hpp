#pragma once
// Placement: how many replicas of each workload run on each member, and why. A pure function on integers over an
// Inventory; no clock, network, randomness or float decides. Rules: docs/placement.md.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lang/base/diagnostic.hpp"
#include "lang/topology/address.hpp"

namespace mcp {

using Replicas = std::int64_t;

/// Pods and requests; nullopt: no bound (as capacity), nothing asked (as request).
struct Room {
  std::optional<std::int64_t> pods;
  std::optional<std::int64_t> cpu;      // millicores
  std::optional<std::int64_t> memory;   // bytes
  bool operator==(const Room&) const = default;
};

enum class Reach : std::uint8_t {
  Answered,      // in this refresh, or no refresh was asked for
  Unreachable,   // joined, does not answer
  Refused,       // answers 401 or 403: alive, so never lost
  NeverReached,  // never joined and does not answer
};

/// A declared or recorded member as placing sees it. Origins say which line stated a fact.
struct Member {
  std::string name;
  Room capacity;                  // declared
  std::optional<Room> observed;   // allocatable less requests of foreign Pods
  bool cordon = false;
  bool drain = false;
  bool leaving = false;           // recorded, no longer declared
  bool joined = true;             // recorded before this plan
  Reach reach = Reach::Answered;
  bool said_lost = false;         // --lost
  std::int64_t failing_ms = 0;    // since the first failed refresh in a row, at this refresh
  int failures = 0;               // failed refreshes in a row
  bool was_lost = false;          // lost in the last recorded division
  Origin cordon_origin;
  Origin drain_origin;
  Origin capacity_origin;
  Origin origin;                  // of its block
};

struct Inventory {
  std::vector<Member> members;    // sorted by name
  bool complete = true;           // false: could not be read whole (E0509)
};

enum class Mode : std::uint8_t { Sticky, Fresh, Copy };

/// One workload as placing sees it; vectors are by member, in the inventory's order.
struct PlaceRequest {
  Address address;
  Replicas replicas = 0;
  int priority = 0;
  Room per_replica;                             // pods = 1
  std::vector<bool> selected;                   // by `on`; a leaving member never is
  std::vector<std::int64_t> weight;             // 0 .. 10^9
  std::vector<std::int64_t> min;
  std::vector<std::optional<std::int64_t>> max;
  std::vector<std::vector<std::string>> by;     // per level the key of each member; empty: flat
  std::vector<std::string> by_names;            // ".cloud", as written
  Mode mode = Mode::Sticky;
  std::optional<std::int64_t> failover_ms = 300'000;   // nullopt: never
  std::vector<Replicas> previous;               // last acknowledged
  bool has_previous = false;                    // a recorded division exists
  bool inputs_changed = true;                   // fresh mode: differs from its recorded division
  Origin origin, replicas_origin, on_origin, weight_origin, min_origin, max_origin, by_origin, mode_origin, failover_origin;
};

enum class MemberState : std::uint8_t { Open, Hold, Leave, Frozen, Lost };

/// Why a member has its number: kept where it was decided, read by no decision.
struct PlaceReason {
  std::string rule;     // "weight", "cordon", "drain", "not selected", "unreachable", "capacity", "max", "min", "lost"
  std::string text;     // for people: "cordoned", "not selected by `on`"
  Origin origin;
};

/// One added replica at one level of `by`: who stood in line with which quotient.
struct PlaceStep {
  Replicas number = 0;        // the how-manieth replica of the workload this one is
  std::size_t level = 0;      // 0: outermost `by`; last: members
  std::string group;          // inside which group ("" at the outermost)
  struct Part { std::string name; std::int64_t weight; Replicas count; bool full; };
  std::vector<Part> parts;    // sorted by name
  std::string winner;
};

struct MemberPlacement {
  MemberState state = MemberState::Open;
  Replicas before = 0;
  Replicas after = 0;
  Replicas kept = 0;
  Replicas added = 0;
  Replicas floor = 0;
  std::optional<Replicas> cap;          // nullopt: unbounded
  std::optional<Replicas> room;         // by capacity
  std::string room_dimension;           // "pods", "cpu", "memory"
  std::vector<PlaceReason> reasons;     // states first
  std::string stop;                     // "state", "max", "room", "weight 0", "next in line"
  std::string one_more;                 // "with replicas = 27", or ""
};

struct WorkloadPlacement {
  Address address;
  std::vector<MemberPlacement> members;   // by member, in the inventory's order
  Replicas replicas = 0;
  Replicas unplaced = 0;
  Replicas over = 0;                      // frozen beyond `replicas`
  Replicas moved = 0;                     // leave a living member for another
  Replicas replaced = 0;                  // created again for a lost member
};

struct Placement {
  std::vector<WorkloadPlacement> workloads;   // by address
  const WorkloadPlacement* find(const Address& address) const;
};

/// Places all workloads: order priority descending, then address; sticky reserves what runs. Findings (E05xx, W05xx)
/// go to `out`. Requires: vectors of each request have one entry per member; members sorted by name.
Placement place(const Inventory& inventory, const std::vector<PlaceRequest>& requests, Diagnostics& out);

}  // namespace mcp
