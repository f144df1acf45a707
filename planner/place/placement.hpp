#pragma once
// Placement: how many replicas of each workload run on each member, and why. A pure function on integers over an
// Inventory; no clock, network, randomness or float decides. Rules: docs/placement.md.
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/base/diagnostic.hpp"
#include "lang/topology/address.hpp"

namespace mcp {

using Replicas = std::int64_t;
inline constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max();
inline constexpr Replicas max_replicas = 1'000'000;
inline constexpr std::int64_t max_weight = 1'000'000'000;
inline constexpr std::size_t max_members = 10'000;

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
  std::optional<bool> mcp_cluster;   // whether it answers: a voter of the partition guard; nullopt: none is named
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  /// The member's index; npos: there is none of that name.
  std::size_t index_of(std::string_view name) const;
};

enum class Mode : std::uint8_t { Sticky, Fresh, Copy };

/// What a `place` block says of each member. Shared by the workloads that say the same in the same lines.
struct PlaceRules {
  struct Row {
    std::uint32_t member = 0;     // index into Inventory::members
    std::int64_t weight = 1;
    std::int64_t min = 0;
    std::int64_t max = unbounded;
  };
  struct Level {
    std::string name;             // ".cloud", as people know it
    std::vector<std::string> keys;   // of each row of `on`
  };
  std::vector<Row> on;            // the selected members, by member; never a leaving one
  std::vector<Level> by;          // outermost first; empty: flat
  Mode mode = Mode::Sticky;
  std::optional<std::int64_t> failover_ms = 300'000;   // nullopt: never
  Origin on_origin, weight_origin, min_origin, max_origin, by_origin, mode_origin, failover_origin;
};

struct Standing {
  std::uint32_t member = 0;
  Replicas replicas = 0;
  bool operator==(const Standing&) const = default;
};

/// One workload as placing sees it.
struct PlaceRequest {
  Address address;
  Replicas replicas = 0;
  int priority = 0;
  Room per_replica{.pods = 1, .cpu = {}, .memory = {}};
  std::shared_ptr<const PlaceRules> rules;
  std::vector<Standing> previous;     // as last acknowledged, by member, counts above 0
  bool inputs_changed = true;         // fresh mode: differs from its recorded division
  Origin origin;                      // of its block
  Origin replicas_origin;
};

enum class MemberState : std::uint8_t { Open, Hold, Leave, Frozen, Lost };
std::string_view to_string(MemberState state);

/// The rule that decided a member's state; with `Open`, nothing spoke against it.
enum class Cause : std::uint8_t {
  Open, SaidLost, FailedOver, NeverReached,    // lost
  Unreachable, Refused,                        // frozen
  NotSelected, Leaving, Drain,                 // leave
  Cordon,                                      // hold
};
/// "cordoned", "not selected by `on`"
std::string_view to_string(Cause cause);

/// A workload on one member: on those selected and those where it ran.
struct Share {
  std::uint32_t member = 0;        // index into Inventory::members
  MemberState state = MemberState::Open;
  Cause cause = Cause::Open;
  Replicas before = 0;
  Replicas after = 0;
};

struct WorkloadPlacement {
  Address address;
  std::vector<Share> shares;       // by member
  Replicas replicas = 0;           // wanted: of all members, or of each in mode copy
  Replicas unplaced = 0;
  Replicas over = 0;               // frozen beyond `replicas`
  Replicas moved = 0;              // leave a living member for another
  Replicas replaced = 0;           // created again for a lost member

  /// Null: neither selected nor running there.
  const Share* on(std::uint32_t member) const;
  Replicas after(std::uint32_t member) const;
  Replicas before(std::uint32_t member) const;
};

struct Placement {
  std::vector<WorkloadPlacement> workloads;   // by address
  /// By member: lost to at least one workload, so that nothing may be awaited from it.
  std::vector<bool> lost;
  const WorkloadPlacement* find(const Address& address) const;
};

/// Places all workloads: order priority descending, then address; sticky reserves what runs. Findings (E05xx, W05xx)
/// go to `out`; after an error the placement keeps what stands.
/// Requires: members sorted by name, requests by address.
Placement place(const Inventory& inventory, const std::vector<PlaceRequest>& requests, Diagnostics& out);

}  // namespace mcp
