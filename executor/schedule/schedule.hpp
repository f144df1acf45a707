#pragma once
// Schedule: which steps of a plan may go next. Holds the states of all steps and the edges between them, prefers what has
// the longest chain behind it, and knows that a failure stops what depends on it and nothing else. Pure: graph and clock
// in, step numbers out; sends nothing, stores nothing.
#include <cstdint>
#include <queue>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "executor/fleet/fleet.hpp"
#include "executor/schedule/limiter.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

enum class StepState : std::uint8_t { Blocked, Ready, InFlight, Backoff, Settling, Done, Failed, Skipped, Deferred };
std::string_view to_string(StepState state);
inline bool ended(StepState state) { return state >= StepState::Done; }

class Schedule {
 public:
  /// Requires: edges go from lower to higher numbers, as in every Plan.
  explicit Schedule(const Plan& plan);

  StepState state(std::uint32_t step) const { return states_[step]; }
  std::size_t size() const { return states_.size(); }
  /// Index of the step's member in members(); steps of one member share a limit.
  std::uint32_t member(std::uint32_t step) const { return member_of_[step]; }
  const std::vector<std::string>& members() const { return members_; }
  /// Steps on the longest way from this one to an end, itself included.
  std::uint32_t chain(std::uint32_t step) const { return chains_[step]; }

  /// Ready steps and those whose timer is due, at most `most`, each with a place of `limiter` taken for it. They are in
  /// flight from now on. Order: longest chain first, then number.
  std::vector<std::uint32_t> take_ready(Instant now, Limiter& limiter, std::size_t most = 256);

  // What became of a step that was in flight.
  void backoff(std::uint32_t step, Instant until);
  void settle(std::uint32_t step, Instant next_look);
  void done(std::uint32_t step);
  /// Sets the timer of a step in Backoff or Settling anew.
  void again(std::uint32_t step, Instant at);
  /// Returns the steps that are skipped with it, by number.
  std::vector<std::uint32_t> fail(std::uint32_t step);
  /// Not reached. What depends on it is deferred too where it goes to the same member, and skipped elsewhere; returned by
  /// number.
  std::vector<std::uint32_t> defer(std::uint32_t step);

  /// From now on no step starts that has not; what waits for another try waits for ever.
  void stop() { stopped_ = true; }
  /// When take_ready() may have something again; Instant::max() if only a completion changes that.
  Instant next_timer(const Limiter& limiter, Instant now) const;
  /// Nothing is in flight, waits or can start.
  bool finished() const;
  std::size_t in_flight() const { return in_flight_; }
  /// Steps with an unfinished predecessor, by number; for "why does it wait".
  std::vector<std::uint32_t> waits_for(std::uint32_t step) const;

 private:
  struct Later {
    bool operator()(const std::pair<std::uint32_t, std::uint32_t>& a, const std::pair<std::uint32_t, std::uint32_t>& b) const {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    }
  };
  using Queue = std::priority_queue<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::pair<std::uint32_t, std::uint32_t>>, Later>;

  void leave(std::uint32_t step);
  void make_ready(std::uint32_t step);
  std::vector<std::uint32_t> give_up_dependants(std::uint32_t step, StepState same_member);

  std::vector<StepState> states_;
  std::vector<std::uint32_t> member_of_;
  std::vector<std::string> members_;                 // by name
  std::vector<std::uint32_t> chains_;
  std::vector<std::uint32_t> missing_;               // unfinished predecessors
  std::vector<std::vector<std::uint32_t>> next_;
  std::vector<std::vector<std::uint32_t>> previous_;
  std::vector<Queue> ready_;                         // per member
  std::set<std::pair<Instant, std::uint32_t>> timers_;
  std::vector<Instant> timer_of_;
  std::size_t in_flight_ = 0;
  std::size_t queued_ = 0;
  bool stopped_ = false;
};

}  // namespace mcp
