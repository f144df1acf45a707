#pragma once
// Lease: the lock of a project in its MCP cluster, a coordination.k8s.io Lease that one process at a time holds, renews
// and gives back. A machine of states: instants and outcomes in, the next request out. Sends nothing and never waits.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "executor/fleet/fleet.hpp"
#include "lang/base/result.hpp"

namespace mcp {

/// The MCP cluster as a member of the fleet; no cluster block can have this name.
inline constexpr char mcp_cluster[] = "the MCP cluster";

/// How long things last. source: plan-and-apply rules of this project (docs/kubernetes.md, "The MCP cluster").
struct LeasePace {
  Duration lasts{60'000};      // without a renewal, before somebody else may take it
  Duration renew{10'000};      // from one renewal to the next
  Duration trusted{20'000};    // after the last renewal, while writes may leave: servers end a write after 34 s
  Duration retry{2'000};       // after a renewal that got no answer, and between two looks at a lease that is held
};

/// What the object says. source: coordination.k8s.io/v1, LeaseSpec
struct LeaseView {
  bool present = false;
  std::string uid;
  std::string version;
  std::string holder;          // empty: nobody
  std::string place;           // host and state folder of the holder, as a digest
  std::string nonce;           // of the holder's process: no two have the same
  std::int64_t token = 0;      // leaseTransitions: rises with each holder, never falls
  std::string since;           // acquireTime
  std::string renewed;         // renewTime
  Duration lasts{60'000};
  bool operator==(const LeaseView&) const = default;
  /// The same, held by nobody.
  LeaseView freed() const;
};

/// Metadata of an object in which the MCP cluster keeps something of `project`.
Value kept_metadata(const ObjectRef& ref, const std::string& project);

ObjectRef lease_ref(const std::string& project);
/// `live` as the MCP cluster answers it; null: absent.
LeaseView read_lease(const Value& live);
/// The object that says `view`.
Value lease_body(const std::string& project, const LeaseView& view);
/// "2026-11-22T10:00:00.000000Z": exactly six digits, or servers refuse it.
std::string micro_time(std::int64_t unix_ms);

class Lease {
 public:
  struct Holder {
    std::string name;            // "ana on ci-7 (process 4711)"
    std::string place;
    std::string nonce;
    std::int64_t token = 0;      // the highest known here: ours will be above
    /// The token of the last holder of this place, who is known to be dead: its lease is taken at once. 0: none is.
    std::int64_t dead = 0;
  };

  /// `clock`: wall clock in ms, which other people read; decisions take the fleet's.
  Lease(std::string project, Holder holder, std::function<std::int64_t()> clock, LeasePace pace = {});

  /// The request to send now; nullopt: none is due, or one is out.
  std::optional<Operation> due(Instant now);
  /// When due() has the next one; max: not before an answer.
  Instant next() const;
  /// The answer to what due() gave. Error: the MCP cluster refuses.
  Result<void> answer(const Outcome& outcome, Instant now);

  /// True while a write may leave: ours, and renewed lately.
  bool holds(Instant now) const { return state_ == State::Held && renewed_ && now < *renewed_ + pace_.trusted; }
  /// Somebody else took it. Final.
  bool lost() const { return state_ == State::Lost; }
  /// Somebody else holds it, and we wait.
  bool waits(Instant now) const { return state_ == State::Seeking && !look_ && !no_home_ && out_ != Move::Take && !free_to_take(now); }
  /// Given back, or was never ours. Final.
  bool left() const { return state_ == State::Left; }
  /// Nobody will hear the answer to what is out, if anything is: due() looks what became of it.
  void forget_request();
  /// From now on due() gives it back.
  void leave();
  std::int64_t token() const { return view_.token; }
  /// What to say when it was lost (exit 6).
  Error loss() const;
  /// As last seen: whose it is, while we wait or after it was lost.
  const LeaseView& view() const { return view_; }

 private:
  enum class State : std::uint8_t { Seeking, Held, Leaving, Lost, Left };
  enum class Move : std::uint8_t { None, Look, MakeHome, Take, Renew, GiveBack };

  bool free_to_take(Instant now) const;
  LeaseView taken() const;
  Operation put(const LeaseView& view) const;
  void looked(LeaseView view, Instant now);

  std::string project_;
  Holder holder_;
  std::function<std::int64_t()> clock_;
  LeasePace pace_;
  State state_ = State::Seeking;
  Move out_ = Move::None;
  bool look_ = true;             // before anything else: what the object says now
  bool no_home_ = false;         // its namespace is not there
  Instant at_{0};                // not before: the next request
  Instant sent_{0};              // of what is out
  std::optional<Instant> renewed_;   // when the renewal that last succeeded was sent
  Instant unchanged_{0};         // since when somebody else's lease is as we saw it
  LeaseView view_;               // as last seen
  LeaseView asked_;              // what our last PUT would make of it
};

}  // namespace mcp
