#pragma once
// SimFleet: the Fleet of simulated members. Time is virtual: wait() jumps to the next thing that happens. A request has
// three instants (it arrives, takes effect, is answered), and faults fall between them. Never decides, never retries.
#include <functional>
#include <map>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "executor/fleet/fleet.hpp"
#include "executor/sim/faults.hpp"
#include "executor/sim/member.hpp"

namespace mcp {

struct SimOptions {
  std::string path;                                        // of sim.db; ":memory:" for tests
  std::string project;                                     // seed of identities
  std::map<std::string, std::optional<std::int64_t>> capacity;   // Pods by member; others have no bound
  SimPace pace;
  /// Asked for each request before the member's script: tests drop the k-th reply, stop the clock, count. May be empty.
  std::function<SimFault(const MemberName&, std::uint64_t number, const Operation&)> inject;
};

class SimFleet final : public Fleet {
 public:
  static Result<std::unique_ptr<SimFleet>> open(SimOptions options);

  Capabilities capabilities(const MemberName&) const override { return {}; }
  void submit(OpId id, Operation op) override;
  void cancel(OpId id) override;
  void wait(Instant until, std::vector<Completion>& done) override;
  Instant now() const override { return now_; }

  // -- what `mcp sim` does
  Result<void> lose(const MemberName& member);
  /// Answers again, at its own speed.
  Result<void> restore(const MemberName& member);
  Result<void> slow(const MemberName& member, Duration by);
  Result<void> fault(const MemberName& member, std::string_view script);
  /// Sets a field behind our back; a null value removes it.
  Result<void> edit(const ObjectRef& ref, const FieldPath& path, const Value& value, const std::string& manager = "sim-edit");
  Result<void> erase(const ObjectRef& ref);
  /// What the server of a member holds, in key order. A lost one can be looked at too.
  std::vector<Value> show(const MemberName& member);
  /// The object as its server holds it; null: there is none.
  Value show(const ObjectRef& ref);
  bool lost(const MemberName& member);
  std::string faults(const MemberName& member);
  /// Members that something was written to, or that were lost, slowed or given faults, by name.
  std::vector<MemberName> members() { return store_->members(); }
  /// Lets time pass.
  Result<void> sleep(Duration time);

  /// For crash tests: requests in flight take effect or not as `lands` says, then everything is as a killed process
  /// leaves it. Nothing else may be called afterwards.
  void crash(const std::function<bool(OpId)>& lands);

 private:
  enum class What : std::uint8_t { Arrive, Answer };
  struct Event {
    Instant at{0};
    std::uint64_t order = 0;
    What what = What::Arrive;
    OpId id{};
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const { return std::tie(a.at, a.order) > std::tie(b.at, b.order); }
  };
  struct Pending {
    Operation op;
    Instant sent{0};
    std::optional<Outcome> outcome;
  };

  explicit SimFleet(SimOptions options) : options_(std::move(options)) {}
  SimMember& member(const MemberName& name);
  SimScript& script(const MemberName& name);
  void keep_script(const MemberName& name);
  void push(Instant at, What what, OpId id);
  void arrive(OpId id);
  Outcome carry_out(const Operation& op);
  Duration one_way(const MemberName& name);
  void handle(const Event& event, std::vector<Completion>& done);
  Result<void> keep();

  SimOptions options_;
  std::unique_ptr<SimStore> store_;
  Instant now_{0};
  std::uint64_t order_ = 0;
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::map<MemberName, std::unique_ptr<SimTraits>> traits_;
  std::map<MemberName, std::unique_ptr<SimMember>> servers_;
  std::map<MemberName, SimScript> scripts_;
};

}  // namespace mcp
