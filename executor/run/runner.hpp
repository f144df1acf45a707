#pragma once
// The loop's own state: where each step and each member stands, which request belongs to whom. Internal to this folder.
#include <map>
#include <set>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "executor/run/apply.hpp"
#include "executor/run/marker.hpp"
#include "executor/run/resume.hpp"
#include "executor/schedule/schedule.hpp"

namespace mcp {

/// The next request of a step, or the one that is out.
enum class Move : std::uint8_t {
  Check,        // read: not looked at yet
  Write,        // the step's own write
  Remove,       // the step's own delete
  Confirm,      // read: a reply was lost or a precondition failed
  Undo,         // give up a foreign object that a create met
  Look,         // read: is it ready?
  Pods,         // list: why is it not ready?
  Gone,         // read: is it away?
  Probe, ReadMarker, MarkNamespace, Mark,                    // of a member's gate, carried by one of its steps
  FindMarker, Unmark, ListRest, FindNamespace, DropNamespace, NamespaceGone,   // of a leave
};

struct Work {
  Move move = Move::Check;
  int attempt = 0;             // writing requests sent, journaled before each
  int tries = 0;               // in a row without an answer that helps
  bool started = false;        // StepStarted was told
  bool in_doubt = false;       // a write is out whose effect is unknown
  bool applied = false;        // taken by the member, rows written
  bool unready = false;        // and recorded as not ready yet
  bool asked_pods = false;     // since the last look
  std::string pods_say;
  bool creating = false;       // of a replace: the old object is gone
  bool forced = false;         // may take the fields that the plan lists
  bool already = false;
  std::string uid;             // of the object as last read
  std::string version;
  Digest owned;
  std::int64_t generation = 0;
  Instant deadline{0};
  int looks = 0;
  std::string last;            // last progress told
  std::string why;
  std::string cursor;          // of ListRest
};

/// A member as the loop knows it.
struct Gate {
  static constexpr std::uint32_t nobody = 0xFFFF'FFFF;
  bool probed = false;
  bool wrong = false;          // another cluster answers
  bool read = false;           // the marker was read
  bool open = false;           // the marker bears our token: writes may go
  MemberFacts facts;
  Marker marker;
  std::uint32_t carrier = nobody;   // step whose place the requests of the gate use
  Move next = Move::Probe;
  std::vector<std::uint32_t> parked;   // steps that wait for the gate
  Instant silent_since{Instant::min()};   // min: it answered last
};

class Runner {
 public:
  explicit Runner(const RunInput& input);
  Result<RunResult> run();

 private:
  struct Owner { std::uint32_t step; std::uint32_t member; bool check; };

  const Step& step(std::uint32_t n) const { return plan_.steps[n]; }
  const std::string& member_name(std::uint32_t m) const { return schedule_.members()[m]; }
  Instant now() const { return in_.fleet->now(); }
  bool on_object(std::uint32_t n) const;
  OpId next_id() { return OpId{(static_cast<std::uint64_t>(in_.token) << 32U) + ++op_}; }
  Result<Known> known(std::uint32_t n);

  // check.cpp
  Result<void> check();
  void check_answer(std::uint32_t n, const Completion& done);
  Result<void> judge_checked(std::vector<StaleObject>& stale, bool& all_done);

  // apply.cpp
  Result<void> begin();
  Result<void> restore();
  Result<bool> turn();
  Result<void> announce();
  /// Sends what the lease asks for.
  void tend_lease();
  /// True if it was the answer to that.
  Result<bool> lease_answer(const Completion& done);
  /// Returns when writes may leave, having waited for a renewal if need be. Errors: the lock is somebody else's (exit 6).
  Result<void> ensure_lease();
  Result<void> receive(Instant until);
  Result<void> commit();
  RunResult result(Ending ending) const;
  Result<RunResult> finish();

  // gate.cpp
  /// What stands between a step and its first write: true: nothing; false: `op` is to be sent first, or (null) it waits.
  bool through_gate(std::uint32_t n, std::optional<Operation>& op);
  Operation gate_operation(std::uint32_t n);
  void gate_answer(std::uint32_t n, const Completion& done);
  void close_carrier(std::uint32_t n);
  void joined(std::uint32_t n);

  // leave.cpp
  Operation leave_operation(std::uint32_t n);
  void leave_answer(std::uint32_t n, const Completion& done);
  void left(std::uint32_t n);

  // steps.cpp
  /// The request to send for a step whose turn it is; nullopt: none, the step ended or waits.
  std::optional<Operation> prepare(std::uint32_t n);
  Operation own_operation(std::uint32_t n);
  void count_attempt(std::uint32_t n);
  void answer(std::uint32_t n, const Completion& done);
  void own_write_answer(std::uint32_t n, const Done& done);
  void remove_answer(std::uint32_t n, const Done& done);
  /// Sets the next move, or ends the step; false: ended, or looks again later.
  bool follow(std::uint32_t n, const Judgement& judgement, const Value& live);
  void judge_again(std::uint32_t n, const Value& live);
  void applied(std::uint32_t n, const Value& live);
  void look(std::uint32_t n, const Value& live);
  void await_gone(std::uint32_t n, const Value& live);
  void go_on(std::uint32_t n, Move move);
  void unanswered(std::uint32_t n, const std::string& why, std::optional<Duration> told, bool reached);
  void finish_done(std::uint32_t n, bool already);
  /// `audit`: the server's number of the request that failed; it stands in the journal.
  void finish_failed(std::uint32_t n, std::string why, const std::string& audit = {});
  void finish_deferred(std::uint32_t n, std::string why);
  void tell_given_up(std::uint32_t because, const std::vector<std::uint32_t>& steps);
  void give_up_member(std::uint32_t m, const std::string& why);
  void record(std::uint32_t n, const Value& live);
  void mark(std::uint32_t n, StepRecord state, std::string detail = {});
  void tell(Event event) { events_.push_back(std::move(event)); }
  Instant deadline(std::uint32_t n) const;

  const RunInput& in_;
  const Plan& plan_;
  Schedule schedule_;
  Limiter limiter_;
  std::vector<Work> work_;
  std::vector<Gate> gates_;
  std::vector<Judgement> checked_;
  std::vector<std::uint8_t> is_checked_;
  std::vector<Value> seen_;                          // live objects of conflicts; empty for the rest
  std::map<std::string, RecordedMember> members_;
  std::vector<const Change*> change_of_;
  std::unordered_map<std::uint64_t, Owner> out_;     // requests that are out
  Tick tick_;
  std::set<std::pair<Address, std::string>> warned_;   // said once of a declared object, over all members
  std::vector<Event> events_;                        // told after the next commit
  std::optional<OpId> lease_op_;                     // of the lease, when it is out
  std::int64_t run_ = 0;
  std::int64_t serial_ = 0;
  std::uint64_t op_ = 0;
  bool stopping_ = false;
  std::optional<Error> error_;
};

}  // namespace mcp
