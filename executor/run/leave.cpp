// A member leaves: what mcp owned there is gone by now, so its marker goes, and the namespace of markers with the last one.
#include <algorithm>
#include <fmt/format.h>

#include "executor/run/runner.hpp"

namespace mcp {

Operation Runner::leave_operation(std::uint32_t n) {
  Work& work = work_[n];
  Operation op;
  op.member = member_name(schedule_.member(n));
  if (work.move == Move::Check) work.move = Move::FindMarker;
  if (work.move == Move::FindMarker) {
    op.request = Read{marker_ref(op.member, plan_.project)};
  } else if (work.move == Move::Unmark) {
    count_attempt(n);
    op.request = Remove{marker_ref(op.member, plan_.project), {.uid = work.uid, .version = {}}};
  } else if (work.move == Move::ListRest) {
    op.request = List{.project = {}, .since = {}, .cursor = work.cursor, .ns = marker_home};
  } else if (work.move == Move::DropNamespace) {
    count_attempt(n);
    op.request = Remove{marker_namespace_ref(op.member), {.uid = work.uid, .version = {}}};
  } else {
    op.request = Read{marker_namespace_ref(op.member)};
  }
  return op;
}

void Runner::left(std::uint32_t n) {
  const std::string& name = member_name(schedule_.member(n));
  tick_.leaves.push_back(name);
  members_.erase(name);
  finish_done(n, false);
}

void Runner::leave_answer(std::uint32_t n, const Completion& done) {
  const std::uint32_t m = schedule_.member(n);
  Work& work = work_[n];
  const auto find_again = [&] { work.move = work.move == Move::Unmark ? Move::FindMarker : work.move == Move::DropNamespace ? Move::FindNamespace : work.move; };
  if (const auto* rejected = std::get_if<Rejected>(&done.outcome)) {
    // The namespace is a courtesy; the marker is what makes it a member.
    if (work.move != Move::FindMarker && work.move != Move::Unmark) return left(n);
    return finish_failed(n, rejected->detail.empty() ? rejected->reason : rejected->detail);
  }
  if (const auto* throttled = std::get_if<Throttled>(&done.outcome)) {
    limiter_.throttled(m, now(), throttled->retry_after);
    return unanswered(n, "asked to wait", throttled->retry_after, true);
  }
  if (std::holds_alternative<Mismatch>(done.outcome)) {
    find_again();
    return unanswered(n, "it changed meanwhile", {}, true);
  }
  if (const auto* page = std::get_if<Page>(&done.outcome)) {
    gates_[m].silent_since = Instant::min();
    const bool rest = std::any_of(page->objects.begin(), page->objects.end(), [&](const Value& object) {
      const Value* metadata = object.find("metadata");
      return metadata != nullptr && metadata->text_or("namespace", "") == marker_home && !is_furniture(object, plan_.project);
    });
    if (rest) return left(n);
    work.cursor = page->cursor;
    return go_on(n, page->cursor.empty() ? Move::FindNamespace : Move::ListRest);
  }
  const auto* got = std::get_if<Done>(&done.outcome);
  if (got == nullptr) {
    find_again();
    return unanswered(n, "unreachable", {}, false);
  }
  gates_[m].silent_since = Instant::min();
  work.tries = 0;
  const Value& live = got->object;
  if (work.move == Move::FindMarker) {
    work.uid = uid_of(live);
    return go_on(n, live.is_null() ? Move::ListRest : Move::Unmark);
  }
  if (work.move == Move::Unmark) return go_on(n, Move::ListRest);
  if (work.move == Move::FindNamespace) {
    work.uid = uid_of(live);
    if (live.is_null() || !is_ours(live)) return left(n);
    work.deadline = deadline(n);
    return go_on(n, is_deleting(live) ? Move::NamespaceGone : Move::DropNamespace);
  }
  if (work.move == Move::DropNamespace && (got->deleting || live.is_map())) {
    work.deadline = deadline(n);
    work.looks = 0;
    work.move = Move::NamespaceGone;
    return schedule_.settle(n, now() + Duration{1000});
  }
  if (live.is_null() || uid_of(live) != work.uid || now() >= work.deadline) return left(n);
  schedule_.settle(n, now() + Duration{1000});
}

}  // namespace mcp
