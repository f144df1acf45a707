// Before anything is written to a member: it is the cluster that was planned for, and its marker bears the token of our
// lock, so that whoever held the lock before us is fenced off. One step a member carries these requests, the others wait.
#include <fmt/format.h>

#include "executor/run/runner.hpp"

namespace mcp {

bool Runner::through_gate(std::uint32_t n, std::optional<Operation>& op) {
  const std::uint32_t m = schedule_.member(n);
  Gate& gate = gates_[m];
  if (gate.carrier == n) {
    op = gate_operation(n);
    return false;
  }
  const bool leaves = step(n).action == Action::Leave;
  if (gate.wrong) {
    finish_failed(n, fmt::format("another cluster answers as {}", member_name(m)));
    return false;
  }
  if (leaves ? gate.probed : gate.open) return true;
  if (gate.carrier != Gate::nobody) {
    gate.parked.push_back(n);
    schedule_.backoff(n, Instant::max());
    return false;
  }
  gate.carrier = n;
  gate.next = !gate.probed ? Move::Probe : !gate.read ? Move::ReadMarker : gate.marker.present ? Move::Mark : Move::MarkNamespace;
  op = gate_operation(n);
  return false;
}

Operation Runner::gate_operation(std::uint32_t n) {
  const std::uint32_t m = schedule_.member(n);
  const Gate& gate = gates_[m];
  Operation op;
  op.member = member_name(m);
  const bool writes = gate.next == Move::Mark || gate.next == Move::MarkNamespace;
  if (writes && step(n).action == Action::Join) count_attempt(n);
  if (gate.next == Move::Probe) {
    op.request = Probe{};
  } else if (gate.next == Move::ReadMarker) {
    op.request = Read{marker_ref(op.member, plan_.project)};
  } else if (gate.next == Move::MarkNamespace) {
    op.request = Write{.ref = marker_namespace_ref(op.member), .body = marker_namespace_body(), .expect = {}, .secrets = {}, .trial = false};
  } else {
    Write write{.ref = marker_ref(op.member, plan_.project), .body = marker_body(plan_.project, run_, in_.token), .expect = {}, .secrets = {}, .trial = false};
    if (gate.marker.present) write.expect = {.uid = gate.marker.uid, .version = gate.marker.version};
    op.request = std::move(write);
  }
  return op;
}

/// The gate's requests are over, whichever way: those that waited have their turn.
void Runner::close_carrier(std::uint32_t n) {
  Gate& gate = gates_[schedule_.member(n)];
  if (gate.carrier != n) return;
  gate.carrier = Gate::nobody;
  std::vector<std::uint32_t> parked;
  parked.swap(gate.parked);
  for (const std::uint32_t p : parked)
    if (schedule_.state(p) == StepState::Backoff) schedule_.again(p, now());
}

void Runner::joined(std::uint32_t n) {
  const Gate& gate = gates_[schedule_.member(n)];
  RecordedMember member;
  member.name = member_name(schedule_.member(n));
  member.identity = gate.facts.identity;
  member.version = gate.facts.version;
  member.protect = step(n).protect;
  for (const PlanMember& p : plan_.members)
    if (p.name == member.name) member.row = p.row;
  tick_.joins.push_back(member);
  members_[member.name] = std::move(member);
  finish_done(n, false);
}

void Runner::gate_answer(std::uint32_t n, const Completion& done) {
  const std::uint32_t m = schedule_.member(n);
  Gate& gate = gates_[m];
  Work& work = work_[n];
  if (const auto* rejected = std::get_if<Rejected>(&done.outcome))
    return finish_failed(n, fmt::format("{} refuses us: {}", member_name(m), rejected->detail.empty() ? rejected->reason : rejected->detail));
  if (std::holds_alternative<Mismatch>(done.outcome)) {
    gate.next = Move::ReadMarker;
    return unanswered(n, "the marker changed meanwhile", {}, true);
  }
  if (std::holds_alternative<Contested>(done.outcome)) return finish_failed(n, fmt::format("somebody else holds the marker on {}", member_name(m)));
  if (const auto* throttled = std::get_if<Throttled>(&done.outcome)) {
    limiter_.throttled(m, now(), throttled->retry_after);
    return unanswered(n, "asked to wait", throttled->retry_after, true);
  }
  const auto* got = std::get_if<Done>(&done.outcome);
  if (got == nullptr) return unanswered(n, "unreachable", {}, false);
  gate.silent_since = Instant::min();
  work.tries = 0;
  if (gate.next == Move::Probe) {
    gate.probed = true;
    if (got->facts) gate.facts = *got->facts;
    const auto recorded = members_.find(member_name(m));
    const std::string& planned = step(n).identity;
    gate.wrong = (!planned.empty() && gate.facts.identity != planned) || (recorded != members_.end() && recorded->second.identity != gate.facts.identity);
    if (gate.wrong) return finish_failed(n, fmt::format("another cluster answers as {}", member_name(m)));
    if (step(n).action == Action::Leave) {
      close_carrier(n);
      return go_on(n, work.move);
    }
    gate.next = !gate.read ? Move::ReadMarker : gate.marker.present ? Move::Mark : Move::MarkNamespace;
  } else if (gate.next == Move::ReadMarker) {
    gate.read = true;
    gate.marker = read_marker(got->object);
    if (gate.marker.token > in_.token) {
      error_ = Error{fmt::format("{} is being written by somebody with a newer lock", member_name(m)), "see who: mcp status; if nobody is, the state here is behind: mcp state rebuild", 6, {}};
      return go_on(n, work.move);
    }
    gate.next = gate.marker.present ? Move::Mark : Move::MarkNamespace;
  } else if (gate.next == Move::MarkNamespace) {
    if (got->deleting || is_deleting(got->object)) return unanswered(n, fmt::format("{} is being deleted", marker_home), {}, true);
    gate.next = Move::Mark;
  } else {
    gate.marker = read_marker(got->object);
    gate.open = true;
    close_carrier(n);
    if (step(n).action == Action::Join) return joined(n);
  }
  go_on(n, work.move);
}

}  // namespace mcp
