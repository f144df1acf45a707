#include "executor/schedule/schedule.hpp"

#include <algorithm>

#include "lang/base/check.hpp"

namespace mcp {

std::string_view to_string(StepState state) {
  switch (state) {
    case StepState::Blocked: return "blocked";
    case StepState::Ready: return "ready";
    case StepState::InFlight: return "in flight";
    case StepState::Backoff: return "backoff";
    case StepState::Settling: return "settling";
    case StepState::Done: return "done";
    case StepState::Failed: return "failed";
    case StepState::Skipped: return "skipped";
    case StepState::Deferred: return "deferred";
  }
  return "";
}

namespace {

const std::string& member_of(const Step& step) { return step.ref.member.empty() ? (step.address.member.empty() ? step.address.name : step.address.member) : step.ref.member; }

}  // namespace

Schedule::Schedule(const Plan& plan) {
  const std::size_t n = plan.steps.size();
  for (const Step& step : plan.steps) members_.push_back(member_of(step));
  std::sort(members_.begin(), members_.end());
  members_.erase(std::unique(members_.begin(), members_.end()), members_.end());
  member_of_.reserve(n);
  for (const Step& step : plan.steps)
    member_of_.push_back(static_cast<std::uint32_t>(std::lower_bound(members_.begin(), members_.end(), member_of(step)) - members_.begin()));
  states_.assign(n, StepState::Blocked);
  chains_.assign(n, 1);
  missing_.assign(n, 0);
  next_.resize(n);
  previous_.resize(n);
  timer_of_.assign(n, Instant{0});
  ready_.resize(members_.size());
  for (const Edge& edge : plan.edges) {
    MCP_CHECK(edge.from < edge.to && edge.to < n, "an edge of the plan does not go forward");
    next_[edge.from].push_back(edge.to);
    previous_[edge.to].push_back(edge.from);
    ++missing_[edge.to];
  }
  for (std::size_t i = n; i-- > 0;)
    for (const std::uint32_t to : next_[i]) chains_[i] = std::max(chains_[i], chains_[to] + 1);
  for (std::uint32_t i = 0; i < n; ++i)
    if (missing_[i] == 0) make_ready(i);
}

void Schedule::make_ready(std::uint32_t step) {
  states_[step] = StepState::Ready;
  ready_[member_of_[step]].emplace(chains_[step], step);
  ++queued_;
}

/// Takes the step out of whatever set its present state keeps it in. Queues are left to forget lazily.
void Schedule::leave(std::uint32_t step) {
  switch (states_[step]) {
    case StepState::InFlight: --in_flight_; break;
    case StepState::Backoff:
    case StepState::Settling: timers_.erase({timer_of_[step], step}); break;
    case StepState::Ready: --queued_; break;
    case StepState::Blocked: break;
    case StepState::Done:
    case StepState::Failed:
    case StepState::Skipped:
    case StepState::Deferred: MCP_CHECK(false, "a step ended twice");
  }
}

std::vector<std::uint32_t> Schedule::take_ready(Instant now, Limiter& limiter, std::size_t most) {
  std::vector<std::uint32_t> out;
  const auto start = [&](std::uint32_t step) {
    leave(step);
    states_[step] = StepState::InFlight;
    ++in_flight_;
    out.push_back(step);
  };
  // Due timers first: what was begun is finished before more is begun.
  for (auto it = timers_.begin(); it != timers_.end() && it->first <= now && out.size() < most;) {
    const std::uint32_t step = it->second;
    ++it;
    if (stopped_) continue;
    if (limiter.take(member_of_[step], now)) start(step);
  }
  if (!stopped_ && queued_ > 0) {
    for (std::size_t m = 0; m < ready_.size() && out.size() < most; ++m) {
      Queue& queue = ready_[m];
      while (!queue.empty() && out.size() < most) {
        const std::uint32_t step = queue.top().second;
        if (states_[step] != StepState::Ready) {
          queue.pop();
          continue;
        }
        if (!limiter.take(m, now)) break;
        queue.pop();
        start(step);
      }
    }
  }
  std::sort(out.begin(), out.end(), [&](std::uint32_t a, std::uint32_t b) { return chains_[a] != chains_[b] ? chains_[a] > chains_[b] : a < b; });
  return out;
}

void Schedule::backoff(std::uint32_t step, Instant until) {
  leave(step);
  states_[step] = StepState::Backoff;
  timer_of_[step] = until;
  timers_.emplace(until, step);
}

void Schedule::settle(std::uint32_t step, Instant next_look) {
  leave(step);
  states_[step] = StepState::Settling;
  timer_of_[step] = next_look;
  timers_.emplace(next_look, step);
}

void Schedule::again(std::uint32_t step, Instant at) {
  MCP_CHECK(states_[step] == StepState::Backoff || states_[step] == StepState::Settling, "a step without a timer was given a new time");
  timers_.erase({timer_of_[step], step});
  timer_of_[step] = at;
  timers_.emplace(at, step);
}

void Schedule::done(std::uint32_t step) {
  leave(step);
  states_[step] = StepState::Done;
  for (const std::uint32_t to : next_[step])
    if (--missing_[to] == 0 && states_[to] == StepState::Blocked) make_ready(to);
}

std::vector<std::uint32_t> Schedule::give_up_dependants(std::uint32_t step, StepState same_member) {
  std::vector<std::uint32_t> out;
  std::vector<std::uint32_t> todo{step};
  while (!todo.empty()) {
    const std::uint32_t from = todo.back();
    todo.pop_back();
    for (const std::uint32_t to : next_[from]) {
      if (states_[to] != StepState::Blocked) continue;
      states_[to] = member_of_[to] == member_of_[step] ? same_member : StepState::Skipped;
      out.push_back(to);
      todo.push_back(to);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::uint32_t> Schedule::fail(std::uint32_t step) {
  leave(step);
  states_[step] = StepState::Failed;
  return give_up_dependants(step, StepState::Skipped);
}

std::vector<std::uint32_t> Schedule::defer(std::uint32_t step) {
  leave(step);
  states_[step] = StepState::Deferred;
  return give_up_dependants(step, StepState::Deferred);
}

Instant Schedule::next_timer(const Limiter& limiter, Instant now) const {
  if (stopped_) return Instant::max();
  Instant next = Instant::max();
  // Timers that are due already wait for a place, hence for a completion or the end of a pause.
  for (const auto& [at, step] : timers_) {
    const Instant when = std::max(at, limiter.paused_until(member_of_[step]));
    if (when > now) next = std::min(next, when);
    if (at > next) break;
  }
  if (queued_ > 0)
    for (std::size_t m = 0; m < ready_.size(); ++m)
      if (!ready_[m].empty() && limiter.paused_until(m) > now) next = std::min(next, limiter.paused_until(m));
  return next;
}

bool Schedule::finished() const {
  if (in_flight_ > 0) return false;
  return stopped_ || (timers_.empty() && queued_ == 0);
}

std::vector<std::uint32_t> Schedule::waits_for(std::uint32_t step) const {
  std::vector<std::uint32_t> out;
  for (const std::uint32_t from : previous_[step])
    if (states_[from] != StepState::Done) out.push_back(from);
  return out;
}

}  // namespace mcp
