#include "executor/run/apply.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "executor/run/runner.hpp"
#include "lang/base/check.hpp"

namespace mcp {

namespace {

constexpr Duration lease_patience{90'000};   // with an MCP cluster that says nothing, while writes wait

}  // namespace

Runner::Runner(const RunInput& input)
    : in_(input), plan_(*input.plan), schedule_(*input.plan), limiter_(input.limits, schedule_.members().size()) {
  const std::size_t n = schedule_.size();
  work_.resize(n);
  checked_.resize(n);
  is_checked_.assign(n, 0);
  seen_.resize(n);
  gates_.resize(schedule_.members().size());
  change_of_.assign(n, nullptr);
  for (const Change& change : plan_.changes)
    if (change.step < n) change_of_[change.step] = &change;
}

/// Takes over what the journal knows of an earlier attempt at this run. Without any row everything is read anew.
Result<void> Runner::restore() {
  for (const StepRow& row : MCP_TRY(in_.journal->steps(in_.resume))) {
    if (row.n >= schedule_.size() || ended(schedule_.state(row.n))) continue;
    Work& work = work_[row.n];
    work.attempt = row.attempt;
    work.uid = row.uid;
    work.owned = row.owned;
    switch (row.state) {
      case StepRecord::Done: schedule_.done(row.n); break;
      case StepRecord::Failed: {
        work.why = row.detail;
        for (const std::uint32_t skipped : schedule_.fail(row.n)) work_[skipped].why = fmt::format("needs {}", step(row.n).address.text());
        break;
      }
      case StepRecord::Applied:
        work.applied = true;
        work.move = Move::Look;
        work.deadline = deadline(row.n);
        break;
      // Whether it happened is asked of the member; what was not reached is tried again.
      case StepRecord::Sent:
      case StepRecord::Skipped:
      case StepRecord::Deferred: break;
    }
  }
  return {};
}

Result<void> Runner::commit() {
  if (!tick_.empty()) {
    MCP_TRY(hit(in_.failpoints, "run.tick"));
    Result<void> written = in_.journal->tick(run_, tick_);
    if (!written) {
      Error error = std::move(written).error();
      if (error.exit_code == 1) error.exit_code = 4;
      if (error.help.empty()) error.help = "what was sent may have happened; go on with: mcp resume";
      return fail(std::move(error));
    }
    tick_ = {};
    MCP_TRY(hit(in_.failpoints, "run.ticked"));
  }
  std::vector<Event> events;
  events.swap(events_);
  if (in_.observer)
    for (const Event& event : events) in_.observer(now(), event);
  return {};
}

void Runner::tend_lease() {
  if (in_.lease == nullptr || lease_op_) return;
  std::optional<Operation> op = in_.lease->due(now());
  if (!op) return;
  lease_op_ = next_id();
  in_.fleet->submit(*lease_op_, *std::move(op));
}

/// Answers to what is still out are lost in it: late ones of the check, which count for nothing, and one to the lease.
Result<void> Runner::announce() {
  if (!in_.announce) return {};
  lease_op_.reset();
  if (in_.lease != nullptr) in_.lease->forget_request();
  return in_.announce();
}

Result<bool> Runner::lease_answer(const Completion& done) {
  if (!lease_op_ || done.id != *lease_op_) return false;
  lease_op_.reset();
  MCP_TRY(in_.lease->answer(done.outcome, now()));
  return true;
}

Result<void> Runner::ensure_lease() {
  const Instant began = now();
  while (in_.lease != nullptr && !in_.lease->holds(now())) {
    if (in_.lease->lost()) return fail(in_.lease->loss());
    if (in_.interrupt != nullptr && in_.interrupt->level() > 0) return {};
    if (now() - began >= lease_patience)
      return fail(fmt::format("{} does not answer, so nothing more may be sent", mcp_cluster), "when it answers again: mcp resume", 4);
    tend_lease();
    MCP_TRY(receive(std::min({in_.lease->next(), began + lease_patience, now() + Duration{5'000}})));
  }
  return {};
}

/// Waits for answers, and hands each to whom it is for.
Result<void> Runner::receive(Instant until) {
  std::vector<Completion> done;
  in_.fleet->wait(until, done);
  for (const Completion& one : done) {
    if (MCP_TRY(lease_answer(one))) continue;
    const auto it = out_.find(static_cast<std::uint64_t>(one.id));
    if (it == out_.end()) continue;
    const Owner owner = it->second;
    out_.erase(it);
    limiter_.give_back(owner.member);
    if (!owner.check) answer(owner.step, one);
  }
  return {};
}

/// One turn of the loop; true: it was the last.
Result<bool> Runner::turn() {
  const int level = in_.interrupt != nullptr ? in_.interrupt->level() : 0;
  if (level > 0 && !stopping_) {
    stopping_ = true;
    schedule_.stop();
    tell(Stopping{level > 1});
  }
  std::vector<std::pair<std::uint32_t, Operation>> batch;
  bool moved = false;
  // One instant for the whole turn: what falls due while it lasts is a timer of the next, not one that was passed over.
  const Instant turn_at = now();
  for (const std::uint32_t n : schedule_.take_ready(turn_at, limiter_)) {
    std::optional<Operation> op = prepare(n);
    if (op) {
      batch.emplace_back(n, *std::move(op));
    } else {
      limiter_.give_back(schedule_.member(n));
      moved = true;
    }
  }
  if (error_) return fail(*error_);
  MCP_TRY(commit());
  if (level > 1) {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, owner] : out_) ids.push_back(id);
    std::sort(ids.begin(), ids.end());
    for (const std::uint64_t id : ids) in_.fleet->cancel(OpId{id});
    return true;
  }
  if (schedule_.finished()) return true;
  if (!batch.empty()) {
    MCP_TRY(ensure_lease());
    if (error_) return fail(*error_);
    if (in_.lease != nullptr && !in_.lease->holds(now())) return false;   // asked to stop: journaled, not sent, as if it had been lost
    MCP_TRY(commit());
  }
  for (auto& [n, op] : batch) {
    // While the lease was waited for, its member may have been given up.
    if (schedule_.state(n) != StepState::InFlight) {
      limiter_.give_back(schedule_.member(n));
      continue;
    }
    const OpId id = next_id();
    out_.emplace(static_cast<std::uint64_t>(id), Owner{n, schedule_.member(n), false});
    in_.fleet->submit(id, std::move(op));
    MCP_TRY(hit(in_.failpoints, "run.sent"));
  }
  // Steps that ended without a request may have made others ready.
  if (moved) return false;
  const Instant timer = schedule_.next_timer(limiter_, turn_at);
  MCP_CHECK(!out_.empty() || timer != Instant::max(), "no step can go on, yet the plan is not finished");
  tend_lease();
  const Instant renewal = in_.lease != nullptr ? in_.lease->next() : Instant::max();
  MCP_TRY(receive(std::min({timer, renewal, now() + Duration{60'000}})));
  if (in_.lease != nullptr && in_.lease->lost()) MCP_TRY(ensure_lease());
  if (error_) return fail(*error_);
  return false;
}

RunResult Runner::result(Ending ending) const {
  RunResult out;
  out.ending = std::move(ending);
  out.run = run_;
  for (std::uint32_t n = 0; n < schedule_.size(); ++n) {
    const StepState state = schedule_.state(n);
    out.steps.push_back({n, state, work_[n].already, work_[n].why});
    switch (state) {
      case StepState::Done:
        ++out.counts.done;
        if (work_[n].already) ++out.counts.already;
        break;
      case StepState::Failed: ++out.counts.failed; break;
      case StepState::Skipped: ++out.counts.skipped; break;
      case StepState::Deferred: ++out.counts.deferred; break;
      case StepState::Blocked:
      case StepState::Ready:
      case StepState::InFlight:
      case StepState::Backoff:
      case StepState::Settling: ++out.counts.open; break;
    }
  }
  return out;
}

Result<RunResult> Runner::finish() {
  RunResult out = result(Applied{});
  if (out.counts.open > 0) {
    out.ending = Interrupted{in_.interrupt != nullptr && in_.interrupt->level() > 1};
    if (in_.observer) in_.observer(now(), RunEnded{out.ending, out.counts});
    return out;
  }
  const bool whole = out.counts.failed + out.counts.skipped + out.counts.deferred == 0 && !plan_.left_out();
  if (!whole) out.ending = Partial{};
  RunEnd end;
  end.state = whole ? RunState::Done : RunState::Partial;
  std::map<std::string, std::int64_t> counts;
  std::set<Address> unfinished;
  std::set<std::string> unfinished_on;
  for (std::uint32_t n = 0; n < schedule_.size(); ++n) {
    if (schedule_.state(n) == StepState::Done) {
      ++counts[std::string(to_string(step(n).action))];
      continue;
    }
    unfinished.insert(step(n).address.declared());
    unfinished_on.insert(member_name(schedule_.member(n)));
  }
  counts["done"] = out.counts.done;
  counts["failed"] = out.counts.failed;
  counts["skipped"] = out.counts.skipped;
  counts["deferred"] = out.counts.deferred;
  MapBuilder summary;
  for (const auto& [name, count] : counts) summary.set(name, count);
  end.summary = summary.build();
  for (const PlanMember& p : plan_.members) {
    const auto it = members_.find(p.name);
    if (it == members_.end()) continue;
    RecordedMember member = it->second;
    member.row = p.row;
    // Leftovers of a lost member count for nothing as long as the mark stands, so it goes with the last of them.
    member.lost = p.lost || (member.lost && unfinished_on.contains(p.name));
    if (!(member == it->second)) end.members.push_back(std::move(member));
  }
  for (const PlacementRow& row : plan_.placement)
    if (!row.inputs.empty() && !unfinished.contains(row.address)) end.divisions.emplace(row.address.text(), row.inputs);
  // A workload that is gone everywhere has no division to remember.
  std::set<Address> placed;
  for (const PlacementRow& row : plan_.placement) placed.insert(row.address);
  for (const Step& s : plan_.steps) {
    const Address declared = s.address.declared();
    if (s.action == Action::Delete && declared.kind == AddressKind::Workload && !placed.contains(declared) && !unfinished.contains(declared))
      end.divisions.emplace(declared.text(), "");
  }
  MCP_TRY(hit(in_.failpoints, "run.end"));
  MCP_TRY(in_.journal->end(run_, end));
  if (in_.observer) in_.observer(now(), RunEnded{out.ending, out.counts});
  return out;
}

Result<RunResult> Runner::run() {
  for (RecordedMember& member : MCP_TRY(in_.journal->members())) members_.emplace(member.name, std::move(member));
  serial_ = MCP_TRY(in_.journal->serial());
  run_ = in_.resume;
  if (in_.resume != 0) MCP_TRY(restore());
  MCP_TRY(check());
  std::vector<StaleObject> stale;
  bool all_done = false;
  MCP_TRY(judge_checked(stale, all_done));
  const bool interrupted = in_.interrupt != nullptr && in_.interrupt->level() > 0;
  if (in_.resume == 0) {
    if (interrupted) return result(Interrupted{});
    if (in_.finished_as != 0 && all_done) return result(AlreadyApplied{in_.finished_as});
    if (in_.finished_as != 0 && stale.empty())
      for (std::uint32_t n = 0; n < schedule_.size(); ++n)
        if (on_object(n) && (!is_checked_[n] || checked_[n].verdict != Verdict::Done)) {
          StaleObject object;
          object.address = step(n).address;
          object.ref = step(n).ref;
          object.why = fmt::format("applied before as #{}, {}", in_.finished_as, is_checked_[n] ? "changed since" : "its cluster does not answer now");
          stale.push_back(std::move(object));
        }
    if (in_.finished_as != 0 || !stale.empty()) return result(Stale{std::move(stale)});
    MCP_TRY(announce());
    run_ = MCP_TRY(in_.journal->begin(plan_));
    MCP_TRY(hit(in_.failpoints, "run.begun"));
  }
  if (in_.resume != 0) MCP_TRY(announce());
  tell(PlanStarted{run_, schedule_.size(), schedule_.members(), in_.resume != 0});
  while (!MCP_TRY(turn())) {
  }
  return finish();
}

Result<RunResult> run_plan(const RunInput& input) {
  MCP_CHECK(input.plan != nullptr && input.fleet != nullptr && input.journal != nullptr, "run_plan needs plan, fleet and journal");
  return Runner(input).run();
}

}  // namespace mcp
