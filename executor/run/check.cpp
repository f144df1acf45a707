// Before the first write: each touched object is read once, each touched member asked who it is and what its marker says.
// A member that does not answer holds nobody up; its steps are looked at again when their turn comes.
#include <algorithm>
#include <deque>
#include <map>
#include <tuple>
#include <fmt/format.h>

#include "executor/fleet/place.hpp"
#include "executor/run/runner.hpp"

namespace mcp {

namespace {

constexpr std::uint32_t probe_item = 0xFFFF'FFFF;
constexpr std::uint32_t marker_item = 0xFFFF'FFFE;
constexpr std::uint32_t place_item = 0xF000'0000;   // and more: the list of a place, by number
constexpr int most_tries = 8;

bool is_place(std::uint32_t item) { return item >= place_item && item < marker_item; }

}  // namespace

bool Runner::on_object(std::uint32_t n) const {
  const Action action = step(n).action;
  return action != Action::Join && action != Action::Leave && action != Action::Forget;
}

Result<Known> Runner::known(std::uint32_t n) {
  Known out;
  if (step(n).action == Action::Create) return out;
  const std::optional<RecordedRow> row = MCP_TRY(in_.journal->recorded(step(n).ref));
  if (!row) return out;
  out.uid = row->uid;
  out.body = MCP_TRY(in_.journal->body(row->body));
  return out;
}

Result<void> Runner::check() {
  const std::size_t count = schedule_.members().size();
  struct Queue {
    std::deque<std::uint32_t> items;
    std::size_t out = 0;
    int tries = 0;
    Instant last{0};         // heard of
    std::size_t lists = 0;   // that are out: they answer only when their last page has come
    bool late = false;
  };
  std::vector<Queue> queues(count);
  std::unordered_map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> asked;   // op to member, item
  for (std::uint32_t n = 0; n < schedule_.size(); ++n) {
    if (ended(schedule_.state(n))) continue;
    Queue& queue = queues[schedule_.member(n)];
    if (queue.items.empty()) queue.items = {probe_item, marker_item};
  }
  // Where a driver lists by kind, the many objects of one place are one list.
  std::vector<std::vector<std::uint32_t>> places;   // steps of those that are listed
  std::map<std::tuple<std::uint32_t, std::string, std::string, std::string>, std::vector<std::uint32_t>> by_place;
  for (std::uint32_t n = 0; n < schedule_.size(); ++n) {
    if (ended(schedule_.state(n)) || !on_object(n) || work_[n].move != Move::Check) continue;
    const std::uint32_t m = schedule_.member(n);
    const ObjectRef& ref = step(n).ref;
    if (in_.fleet->capabilities(member_name(m)).since) queues[m].items.push_back(n);
    else by_place[{m, ref.ns, ref.api, ref.kind}].push_back(n);
  }
  for (auto& [place, steps] : by_place) {
    std::deque<std::uint32_t>& items = queues[std::get<0>(place)].items;
    if (steps.size() <= few_names) {
      items.insert(items.end(), steps.begin(), steps.end());
    } else {
      items.push_back(place_item + static_cast<std::uint32_t>(places.size()));
      places.push_back(std::move(steps));
    }
  }
  std::size_t left = 0;
  for (std::size_t m = 0; m < count; ++m) {
    // A member on which rows are only forgotten is not asked.
    const bool only_forgets = queues[m].items.size() == 2 && [&] {
      for (std::uint32_t n = 0; n < schedule_.size(); ++n)
        if (schedule_.member(n) == m && !ended(schedule_.state(n)) && step(n).action != Action::Forget) return false;
      return true;
    }();
    if (only_forgets) queues[m].items.clear();
    queues[m].last = now();
    left += queues[m].items.size();
  }
  const auto give_up = [&](std::uint32_t m) {
    queues[m].late = true;
    left -= queues[m].items.size();
    queues[m].items.clear();
  };
  const auto patience_with = [&](const Queue& queue) { return queue.lists > 0 ? std::max(in_.patience, Duration{40'000}) : in_.patience; };
  std::vector<Completion> done;
  while (left > 0 || std::any_of(queues.begin(), queues.end(), [](const Queue& q) { return q.out > 0 && !q.late; })) {
    if (in_.interrupt != nullptr && in_.interrupt->level() > 0) break;
    Instant until = Instant::max();
    for (std::uint32_t m = 0; m < count; ++m) {
      Queue& queue = queues[m];
      while (!queue.items.empty() && limiter_.take(m, now())) {
        const std::uint32_t item = queue.items.front();
        queue.items.pop_front();
        --left;
        Operation op;
        op.member = member_name(m);
        if (item == probe_item) op.request = Probe{};
        else if (item == marker_item) op.request = Read{marker_ref(op.member, plan_.project)};
        else if (is_place(item)) op.request = list_of_place(step(places[item - place_item].front()).ref);
        else op.request = Read{step(item).ref};
        const OpId id = next_id();
        asked.emplace(static_cast<std::uint64_t>(id), std::pair(m, item));
        ++queue.out;
        if (is_place(item)) ++queue.lists;
        in_.fleet->submit(id, std::move(op));
      }
      if (queue.out > 0 && !queue.late) until = std::min(until, queue.last + patience_with(queue));
      // Without a pause it is an answer that makes room for the rest.
      if (!queue.items.empty() && limiter_.paused_until(m) > now()) until = std::min(until, limiter_.paused_until(m));
    }
    done.clear();
    tend_lease();
    if (in_.lease != nullptr) until = std::min(until, in_.lease->next());
    in_.fleet->wait(std::min(until, now() + Duration{60'000}), done);
    for (const Completion& one : done) {
      if (MCP_TRY(lease_answer(one))) continue;
      const auto it = asked.find(static_cast<std::uint64_t>(one.id));
      if (it == asked.end()) continue;
      const auto [m, item] = it->second;
      asked.erase(it);
      limiter_.give_back(m);
      Queue& queue = queues[m];
      --queue.out;
      if (is_place(item)) --queue.lists;
      Gate& gate = gates_[m];
      if (const auto* throttled = std::get_if<Throttled>(&one.outcome)) {
        limiter_.throttled(m, now(), throttled->retry_after);
        queue.last = now() + throttled->retry_after;
        if (++queue.tries > most_tries) {
          give_up(m);
        } else if (!queue.late) {
          queue.items.push_back(item);
          ++left;
        }
        continue;
      }
      if (const auto* page = std::get_if<Page>(&one.outcome); page != nullptr && is_place(item)) {
        queue.last = now();
        queue.tries = 0;
        const auto there = by_name(*page);
        for (const std::uint32_t n : places[item - place_item]) {
          const auto found = there.find(step(n).ref.name);
          Done done_reading;
          if (found != there.end()) done_reading.object = *found->second;
          check_answer(n, Completion{one.id, std::move(done_reading), one.at});
        }
        continue;
      }
      const auto* got = std::get_if<Done>(&one.outcome);
      if (got == nullptr) {
        if (std::holds_alternative<Rejected>(one.outcome)) {
          queue.last = now();   // answered, if in vain: the step will say so when its turn comes
          if (item == marker_item) gate.read = true;
          continue;
        }
        give_up(m);
        continue;
      }
      queue.last = now();
      queue.tries = 0;
      if (item == probe_item) {
        gate.probed = true;
        if (got->facts) gate.facts = *got->facts;
      } else if (item == marker_item) {
        gate.read = true;
        gate.marker = read_marker(got->object);
      } else {
        check_answer(item, one);
      }
    }
    for (std::uint32_t m = 0; m < count; ++m)
      if (queues[m].out > 0 && !queues[m].late && now() >= queues[m].last + patience_with(queues[m])) give_up(m);
  }
  // What is still out belongs to members that keep silent; their answers, should they come, are not waited for.
  for (const auto& [id, who] : std::map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>>(asked.begin(), asked.end())) {
    out_.emplace(id, Owner{who.second, who.first, true});
    in_.fleet->cancel(OpId{id});
  }
  if (error_) return fail(*error_);
  return {};
}

void Runner::check_answer(std::uint32_t n, const Completion& done) {
  const auto* got = std::get_if<Done>(&done.outcome);
  if (got == nullptr || error_) return;
  Result<Known> mine = known(n);
  if (!mine) {
    error_ = mine.error();
    return;
  }
  checked_[n] = judge(step(n), *mine, got->object);
  is_checked_[n] = 1;
  work_[n].uid = uid_of(got->object);
  work_[n].version = version_of(got->object);
  // Content is kept only where it has to be shown or recorded.
  if (checked_[n].verdict == Verdict::Conflict || checked_[n].verdict == Verdict::Done) seen_[n] = got->object;
}

Result<void> Runner::judge_checked(std::vector<StaleObject>& stale, bool& all_done) {
  all_done = true;
  for (std::uint32_t m = 0; m < gates_.size(); ++m) {
    Gate& gate = gates_[m];
    const auto recorded = members_.find(member_name(m));
    const std::string expected = recorded != members_.end() ? recorded->second.identity : std::string();
    gate.wrong = gate.probed && !expected.empty() && gate.facts.identity != expected;
    if (gate.marker.token > in_.token)
      return fail(fmt::format("{} is being written by somebody with a newer lock", member_name(m)), "see who: mcp status; if nobody is, the state here is behind: mcp state rebuild", 6);
    if (gate.marker.serial > serial_)
      return fail(fmt::format("{} was written by apply #{}, but this state knows {}", member_name(m), gate.marker.serial,
                              serial_ == 0 ? std::string("of no apply") : fmt::format("#{} only", serial_)),
                  "the state is older than its members: mcp state rebuild");
  }
  for (std::uint32_t n = 0; n < schedule_.size(); ++n) {
    const Step& s = step(n);
    const Gate& gate = gates_[schedule_.member(n)];
    const bool strange = gate.probed && !s.identity.empty() && gate.facts.identity != s.identity;
    if (strange || (gate.wrong && on_object(n))) {
      StaleObject object;
      object.address = s.address;
      object.ref = s.ref;
      object.why = fmt::format("another cluster answers as {}", member_name(schedule_.member(n)));
      stale.push_back(std::move(object));
      all_done = false;
      continue;
    }
    switch (s.action) {
      case Action::Join: {
        const auto recorded = members_.find(member_name(schedule_.member(n)));
        all_done = all_done && recorded != members_.end() && gate.marker.present && gate.facts.identity == recorded->second.identity;
        continue;
      }
      case Action::Leave: all_done = all_done && gate.read && !gate.marker.present && !members_.contains(member_name(schedule_.member(n))); continue;
      case Action::Forget: {
        const std::optional<RecordedRow> row = MCP_TRY(in_.journal->recorded(s.ref));
        all_done = all_done && !row;
        continue;
      }
      case Action::Create:
      case Action::Adopt:
      case Action::Update:
      case Action::Replace:
      case Action::Delete: break;
    }
    if (!is_checked_[n]) {
      all_done = false;
      continue;
    }
    all_done = all_done && checked_[n].verdict == Verdict::Done;
    if (checked_[n].verdict != Verdict::Conflict) continue;
    const Known mine = MCP_TRY(known(n));
    stale.push_back(stale_object(s, mine, seen_[n], change_of_[n], checked_[n].why));
  }
  return {};
}

}  // namespace mcp
