// One step from its turn to its end: which request comes next, and what an answer means for it.
#include <algorithm>
#include <fmt/format.h>

#include "executor/run/conflict.hpp"
#include "executor/run/pods.hpp"
#include "executor/run/runner.hpp"
#include "executor/run/settle.hpp"
#include "planner/diff/normalize.hpp"

namespace mcp {

namespace {

constexpr Duration first_look{250};
constexpr Duration slowest_look{2000};

Duration look_interval(int looks) { return looks >= 3 ? slowest_look : std::min(slowest_look, first_look * (1 << looks)); }

bool writes(Move move) { return move == Move::Write || move == Move::Remove || move == Move::Undo; }

std::string refusal(const Rejected& rejected) {
  if (rejected.detail.empty()) return fmt::format("refused with {} {}", rejected.code, rejected.reason);
  return rejected.reason.empty() || rejected.detail.starts_with(rejected.reason) ? rejected.detail : rejected.reason + ": " + rejected.detail;
}

std::string finalizers_of(const Value& live) {
  const Value* all = live.at("metadata", "finalizers");
  std::string out;
  if (all != nullptr && all->is_list())
    for (const Value& one : all->items())
      if (one.is_string()) out += (out.empty() ? "" : ", ") + std::string(one.as_string());
  return out;
}

std::string within(Duration d) {
  const auto s = d.count() / 1000;
  return s % 60 == 0 && s >= 60 ? fmt::format("{} min", s / 60) : fmt::format("{} s", s);
}

}  // namespace

Instant Runner::deadline(std::uint32_t n) const { return in_.fleet->now() + (step(n).deadline_ms > 0 ? Duration{step(n).deadline_ms} : in_.deadline); }

void Runner::count_attempt(std::uint32_t n) {
  ++work_[n].attempt;
  mark(n, StepRecord::Sent);
}

void Runner::mark(std::uint32_t n, StepRecord state, std::string detail) {
  const Work& work = work_[n];
  StepRow row;
  row.n = n;
  row.attempt = work.attempt;
  row.state = state;
  row.uid = work.uid;
  row.owned = work.owned;
  row.detail = std::move(detail);
  tick_.steps.push_back(std::move(row));
}

void Runner::go_on(std::uint32_t n, Move move) {
  work_[n].move = move;
  schedule_.backoff(n, now());
}

std::optional<Operation> Runner::prepare(std::uint32_t n) {
  Work& work = work_[n];
  if (!work.started) {
    work.started = true;
    tell(StepStarted{n, work.attempt + 1});
  }
  const Action action = step(n).action;
  std::optional<Operation> op;
  if (action == Action::Forget) {
    record(n, {});
    finish_done(n, false);
    return std::nullopt;
  }
  if (action == Action::Join || action == Action::Leave) {
    if (!through_gate(n, op)) return op;
    if (action == Action::Leave) return leave_operation(n);
    joined(n);
    return std::nullopt;
  }
  if (work.move == Move::Check && is_checked_[n]) {
    is_checked_[n] = 0;   // what was read holds for this once
    if (checked_[n].verdict == Verdict::Done) work.already = true;
    Value live;
    std::swap(live, seen_[n]);
    if (!follow(n, checked_[n], live)) return std::nullopt;
  }
  if (writes(work.move) && !through_gate(n, op)) return op;
  return own_operation(n);
}

Operation Runner::own_operation(std::uint32_t n) {
  Work& work = work_[n];
  const Step& s = step(n);
  Operation op;
  op.member = member_name(schedule_.member(n));
  if (writes(work.move)) count_attempt(n);
  if (work.move == Move::Write) {
    Write write{.ref = s.ref, .body = s.body, .expect = {}, .secrets = s.ref.kind == "Secret" ? in_.secrets : nullptr, .trial = false};
    if (s.action == Action::Update || s.action == Action::Adopt) write.expect.uid = s.uid;
    if (work.forced) {
      write.force = Force::Yes;
      write.expect.version = work.version;
    }
    op.request = std::move(write);
  } else if (work.move == Move::Remove) {
    op.request = Remove{s.ref, {.uid = s.uid, .version = {}}};
  } else if (work.move == Move::Undo) {
    MapBuilder metadata;
    metadata.set("name", std::string_view(s.ref.name));
    if (!s.ref.ns.empty()) metadata.set("namespace", std::string_view(s.ref.ns));
    const Value body = MapBuilder().set("apiVersion", std::string_view(s.ref.api)).set("kind", std::string_view(s.ref.kind)).set("metadata", metadata.build()).build();
    op.request = Write{.ref = s.ref, .body = body, .expect = {.uid = work.uid, .version = {}}, .secrets = {}, .trial = false};
  } else if (work.move == Move::Pods) {
    List list;
    list.ns = s.ref.ns;
    list.kinds = {{"v1", "Pod"}};
    list.selector = pod_selector(s.body);
    op.request = std::move(list);
  } else {
    op.request = Read{s.ref};
  }
  return op;
}

void Runner::answer(std::uint32_t n, const Completion& done) {
  Work& work = work_[n];
  const std::uint32_t m = schedule_.member(n);
  if (gates_[m].carrier == n) return gate_answer(n, done);
  if (step(n).action == Action::Leave) return leave_answer(n, done);
  if (const auto* got = std::get_if<Done>(&done.outcome)) {
    gates_[m].silent_since = Instant::min();
    if (work.move == Move::Write) return own_write_answer(n, *got);
    if (work.move == Move::Remove) return remove_answer(n, *got);
    if (work.move == Move::Undo) return finish_failed(n, work.why);
    if (work.move == Move::Look) return look(n, got->object);
    if (work.move == Move::Gone) return await_gone(n, got->object);
    return judge_again(n, got->object);
  }
  if (work.move == Move::Pods) {
    // What they say is a help; that they cannot be asked is no failure.
    if (const auto* page = std::get_if<Page>(&done.outcome)) work.pods_say = pod_trouble(page->objects);
    return go_on(n, Move::Look);
  }
  if (const auto* throttled = std::get_if<Throttled>(&done.outcome)) {
    limiter_.throttled(m, now(), throttled->retry_after);
    return unanswered(n, "asked to wait", throttled->retry_after, true);
  }
  if (const auto* rejected = std::get_if<Rejected>(&done.outcome)) return finish_failed(n, refusal(*rejected), rejected->audit);
  if (const auto* mismatch = std::get_if<Mismatch>(&done.outcome)) {
    if (work.move == Move::Undo) return finish_failed(n, work.why);
    work.move = Move::Confirm;
    return unanswered(n, mismatch->detail.empty() ? "it changed meanwhile" : mismatch->detail, Duration{0}, true);
  }
  if (const auto* contested = std::get_if<Contested>(&done.outcome)) {
    if (step(n).action == Action::Create && work.attempt <= 1) return finish_failed(n, "exists already, and not by mcp");
    if (work.forced || !may_take(step(n), contested->fields)) return finish_failed(n, conflict_text(step(n), contested->fields));
    work.forced = true;
    return go_on(n, Move::Confirm);
  }
  // Unreachable, Uncertain, Cancelled: only the first is certain not to have happened.
  const bool maybe = !std::holds_alternative<Unreachable>(done.outcome);
  if (writes(work.move) && maybe) {
    work.in_doubt = true;
    work.move = Move::Confirm;
  }
  unanswered(n, maybe ? "no reply" : "unreachable", {}, false);
}

void Runner::judge_again(std::uint32_t n, const Value& live) {
  Work& work = work_[n];
  Result<Known> mine = known(n);
  if (!mine) {
    error_ = mine.error();
    return go_on(n, work.move);
  }
  const Judgement judgement = judge(step(n), *mine, live);
  work.already = work.move == Move::Check && judgement.verdict == Verdict::Done;
  work.uid = uid_of(live);
  work.version = version_of(live);
  work.in_doubt = false;
  if (follow(n, judgement, live)) go_on(n, work.move);
}

bool Runner::follow(std::uint32_t n, const Judgement& judgement, const Value& live) {
  Work& work = work_[n];
  const Action action = step(n).action;
  switch (judgement.verdict) {
    case Verdict::Send:
      work.creating = false;
      work.move = action == Action::Delete || action == Action::Replace ? Move::Remove : Move::Write;
      return true;
    case Verdict::Create:
      work.creating = true;
      work.move = Move::Write;
      return true;
    case Verdict::Wait:
      work.deadline = deadline(n);
      work.looks = 0;
      work.move = Move::Gone;
      return true;
    case Verdict::Done:
      if (action == Action::Delete) {
        record(n, {});
        finish_done(n, work.already);
      } else {
        applied(n, live);
      }
      return false;
    case Verdict::Conflict: finish_failed(n, "not as planned: " + judgement.why); return false;
  }
  return false;
}

void Runner::own_write_answer(std::uint32_t n, const Done& done) {
  Work& work = work_[n];
  const Step& s = step(n);
  for (const std::string& text : done.warnings)
    if (warned_.emplace(s.address.declared(), text).second) tell(Warned{n, text});
  const bool creates = s.action == Action::Create || work.creating;
  work.in_doubt = false;
  work.uid = uid_of(done.object);
  work.version = version_of(done.object);
  if (done.deleting || is_deleting(done.object)) {
    if (!creates) return finish_failed(n, "is being deleted");
    work.deadline = deadline(n);
    work.looks = 0;
    return go_on(n, Move::Gone);
  }
  if (creates && !done.created) {
    // Made by an earlier request of ours whose reply was lost, or by somebody else since we looked.
    Step made = s;
    made.action = Action::Create;
    if (work.attempt <= 1 || judge(made, {}, done.object).verdict != Verdict::Done) {
      work.why = "exists already: somebody else made it meanwhile";
      return go_on(n, Move::Undo);
    }
  }
  applied(n, done.object);
}

void Runner::applied(std::uint32_t n, const Value& live) {
  Work& work = work_[n];
  work.in_doubt = false;
  work.applied = true;
  work.tries = 0;
  work.uid = uid_of(live);
  const Value* metadata = live.find("metadata");
  work.generation = metadata != nullptr ? metadata->int_or("generation", 0) : 0;
  const ObjectRef& ref = step(n).ref;
  const Readiness::State state = step(n).wait_ready ? readiness(ready_rule(ref.api, ref.kind), live, work.generation).state : Readiness::State::Ready;
  work.unready = state == Readiness::State::Waiting || state == Readiness::State::Failed;
  record(n, live);
  if (!step(n).wait_ready) return finish_done(n, work.already);
  work.deadline = deadline(n);
  work.looks = 0;
  work.move = Move::Look;
  mark(n, StepRecord::Applied);
  look(n, live);
}

void Runner::look(std::uint32_t n, const Value& live) {
  Work& work = work_[n];
  const Step& s = step(n);
  work.tries = 0;
  if (live.is_null()) return finish_failed(n, "was deleted before it was ready");
  if (!work.uid.empty() && uid_of(live) != work.uid) return finish_failed(n, "was replaced by another object before it was ready");
  Readiness r = readiness(ready_rule(s.ref.api, s.ref.kind), live, work.generation);
  const bool ends = r.state == Readiness::State::Failed || (r.state == Readiness::State::Waiting && now() >= work.deadline);
  // Its Pods know more than it does: they are asked now and then, and before it is given up.
  if (in_.fleet->capabilities(s.ref.member).pods && r.wanted > 0 && !work.asked_pods && (ends || (r.state == Readiness::State::Waiting && work.looks % 5 == 3)) && !pod_selector(s.body).empty()) {
    work.asked_pods = true;
    return go_on(n, Move::Pods);
  }
  work.asked_pods = false;
  if (!work.pods_say.empty()) r.hint = work.pods_say;
  switch (r.state) {
    case Readiness::State::Ready:
      if (work.unready || in_.resume != 0) tick_.ready.push_back(s.ref);
      return finish_done(n, work.already);
    case Readiness::State::Paused:
      tell(StepProgress{n, r.ready, r.wanted, r.what});
      return finish_done(n, work.already);
    case Readiness::State::Failed: return finish_failed(n, r.hint.empty() ? r.what : r.hint + "; " + r.what);
    case Readiness::State::Waiting: break;
  }
  if (now() >= work.deadline) {
    const Duration limit = s.deadline_ms > 0 ? Duration{s.deadline_ms} : in_.deadline;
    return finish_failed(n, fmt::format("{}not ready within {}, it waits for {}", r.hint.empty() ? "" : r.hint + "; ", within(limit), r.what));
  }
  std::string what = r.hint.empty() ? r.what : r.hint;
  if (what != work.last) {
    work.last = what;
    tell(StepProgress{n, r.ready, r.wanted, std::move(what)});
  }
  schedule_.settle(n, std::min(work.deadline, now() + look_interval(work.looks++)));
}

void Runner::remove_answer(std::uint32_t n, const Done& done) {
  Work& work = work_[n];
  work.in_doubt = false;
  work.deadline = deadline(n);
  work.looks = 0;
  work.move = Move::Gone;
  if (!done.deleting || done.object.is_null()) {
    if (!done.deleting && done.object.is_null()) return await_gone(n, {});
    return schedule_.settle(n, now() + first_look);
  }
  await_gone(n, done.object);
}

void Runner::await_gone(std::uint32_t n, const Value& live) {
  Work& work = work_[n];
  const Step& s = step(n);
  work.tries = 0;
  const std::string going = s.action == Action::Create || work.creating ? work.uid : s.uid;
  if (live.is_null() || uid_of(live) != going) {
    if (s.action == Action::Delete) {
      record(n, {});
      return finish_done(n, false);
    }
    if (!live.is_null()) return judge_again(n, live);
    work.creating = s.action == Action::Replace;
    return go_on(n, Move::Write);
  }
  const std::string finalizers = finalizers_of(live);
  if (now() >= work.deadline) {
    const Duration limit = s.deadline_ms > 0 ? Duration{s.deadline_ms} : in_.deadline;
    return finish_failed(n, fmt::format("still being deleted after {}{}", within(limit), finalizers.empty() ? "" : ", held by " + finalizers));
  }
  std::string what = finalizers.empty() ? std::string("to be gone") : "to be gone, held by " + finalizers;
  if (what != work.last) {
    work.last = what;
    tell(StepProgress{n, -1, -1, std::move(what)});
  }
  schedule_.settle(n, std::min(work.deadline, now() + look_interval(work.looks++)));
}

void Runner::unanswered(std::uint32_t n, const std::string& why, std::optional<Duration> told, bool reached) {
  Work& work = work_[n];
  const std::uint32_t m = schedule_.member(n);
  Gate& gate = gates_[m];
  ++work.tries;
  if (reached) gate.silent_since = Instant::min();
  else if (gate.silent_since == Instant::min()) gate.silent_since = now();
  const bool silent = !reached && now() - gate.silent_since >= in_.retry.silence;
  // Waiting for readiness has a deadline of its own and is not counted in tries.
  const bool waits = work.move == Move::Look || work.move == Move::Gone || work.move == Move::NamespaceGone;
  const int tries = waits ? std::min(work.tries, in_.retry.attempts - 1) : work.tries;
  const std::optional<Duration> delay = retry_delay(in_.retry, tries, jitter_of(static_cast<std::uint64_t>(run_), n, work.tries), told);
  if (!reached && (silent || !delay)) return give_up_member(m, why);
  if (!delay) return finish_failed(n, fmt::format("gave up after {} attempts: {}", work.tries, why));
  if (waits && now() >= work.deadline) return finish_failed(n, fmt::format("not settled in time: {}", why));
  tell(Retrying{n, work.tries + 1, *delay, why});
  schedule_.backoff(n, now() + *delay);
}

/// The member has been silent for too long. What has not been sent is deferred, what may have happened is in doubt.
void Runner::give_up_member(std::uint32_t m, const std::string& why) {
  for (std::uint32_t n = 0; n < schedule_.size(); ++n) {
    if (schedule_.member(n) != m) continue;
    const StepState state = schedule_.state(n);
    const bool out = state == StepState::InFlight && std::any_of(out_.begin(), out_.end(), [&](const auto& o) { return !o.second.check && o.second.step == n; });
    if (ended(state) || state == StepState::Blocked || out) continue;
    const Work& work = work_[n];
    if (work.in_doubt) finish_failed(n, fmt::format("in doubt: {} stopped answering after the request was sent", member_name(m)));
    else if (work.applied) finish_failed(n, fmt::format("{} stopped answering before it was ready", member_name(m)));
    else if (work.attempt > 0 && work.move == Move::Gone) finish_failed(n, fmt::format("{} stopped answering before it was gone", member_name(m)));
    else finish_deferred(n, fmt::format("{}: {}", member_name(m), why));
  }
}

void Runner::record(std::uint32_t n, const Value& live) {
  const Step& s = step(n);
  Work& work = work_[n];
  Result<std::optional<RecordedRow>> former = in_.journal->recorded(s.ref);
  if (!former) {
    error_ = former.error();
    return;
  }
  HistoryObject history;
  history.ref = s.ref;
  history.action = to_string(s.action);
  if (*former) history.before = (*former)->body;
  if (live.is_null()) {
    tick_.drops.push_back(s.ref);
  } else {
    Tick::Put put;
    put.body = s.body;
    RecordedRow& row = put.row;
    row.ref = s.ref;
    row.address = s.address;
    row.uid = uid_of(live);
    row.body = s.body.digest();
    row.owned = owned_fields(s.ref.kind, s.body, live).digest();
    row.protect = s.protect;
    row.adopted = s.action == Action::Adopt || (*former && (*former)->adopted && s.action == Action::Update);
    row.origin = s.origin;
    row.deps = s.deps;
    row.replicas = s.replicas;
    row.run = run_;
    row.serial = run_;
    row.unready = work.unready;
    work.owned = row.owned;
    history.after = row.body;
    tick_.puts.push_back(std::move(put));
  }
  tick_.history.push_back(std::move(history));
}

void Runner::finish_done(std::uint32_t n, bool already) {
  work_[n].already = already;
  schedule_.done(n);
  mark(n, StepRecord::Done);
  tell(StepDone{n, already});
  close_carrier(n);
}

void Runner::finish_failed(std::uint32_t n, std::string why, const std::string& audit) {
  work_[n].why = why;
  const std::vector<std::uint32_t> skipped = schedule_.fail(n);
  mark(n, StepRecord::Failed, audit.empty() ? why : why + " [audit " + audit + "]");
  tell(StepFailed{n, std::move(why), audit});
  tell_given_up(n, skipped);
  close_carrier(n);
}

void Runner::finish_deferred(std::uint32_t n, std::string why) {
  work_[n].why = why;
  const std::vector<std::uint32_t> with_it = schedule_.defer(n);
  mark(n, StepRecord::Deferred, why);
  tell(StepDeferred{n, member_name(schedule_.member(n)), std::move(why)});
  tell_given_up(n, with_it);
  close_carrier(n);
}

void Runner::tell_given_up(std::uint32_t because, const std::vector<std::uint32_t>& steps) {
  for (const std::uint32_t n : steps) {
    work_[n].why = fmt::format("needs {}", step(because).address.text());
    if (schedule_.state(n) == StepState::Deferred) {
      work_[n].why = work_[because].why;
      mark(n, StepRecord::Deferred, work_[n].why);
      tell(StepDeferred{n, member_name(schedule_.member(n)), work_[n].why});
    } else {
      mark(n, StepRecord::Skipped, work_[n].why);
      tell(StepSkipped{n, because, work_[n].why});
    }
  }
}

}  // namespace mcp
