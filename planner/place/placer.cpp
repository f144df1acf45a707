#include "planner/place/placer.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "lang/base/large.hpp"

namespace mcp {

namespace {

std::int64_t saturated(std::int64_t each, std::int64_t count) {
  std::int64_t out = 0;
  if (__builtin_mul_overflow(each, count, &out)) return (each > 0) == (count > 0) ? unbounded / 4 : -(unbounded / 4);
  return std::clamp(out, -(unbounded / 4), unbounded / 4);
}

}  // namespace

Placer::Placer(const Inventory& inventory, const std::vector<PlaceRequest>& requests)
    : inventory_(inventory), requests_(requests), guard_(partition_guard(inventory)), use_(inventory.members.size()), limited_(inventory.members.size()) {
  const auto states_any = [](const Room& r) { return r.pods || r.cpu || r.memory; };
  for (std::size_t m = 0; m < limited_.size(); ++m) {
    const Member& member = inventory.members[m];
    limited_[m] = states_any(member.capacity) || (member.observed && states_any(*member.observed));
    any_limit_ = any_limit_ || limited_[m];
  }
}

const GroupTree& Placer::tree(const PlaceRules& rules) {
  const auto [it, fresh] = trees_.try_emplace(&rules);
  if (fresh) it->second = group_tree(rules);
  return it->second;
}

void Placer::reserve(const Room& each, std::uint32_t member, Replicas change) {
  if (!any_limit_ || !limited_[member]) return;
  Use& use = use_[member];
  use.pods += change;
  if (each.cpu) use.cpu += saturated(*each.cpu, change);
  if (each.memory) use.memory += saturated(*each.memory, change);
}

// What the others leave: this workload's own present number is part of `use_` and counts as free.
void Placer::find_room(const Room& each, Slot& slot) const {
  slot.room = unbounded;
  slot.tight = Dimension::None;
  if (!any_limit_ || !limited_[slot.member]) return;
  const Member& member = inventory_.members[slot.member];
  const Use& use = use_[slot.member];
  const auto consider = [&](const std::optional<std::int64_t>& capacity, std::int64_t used, std::int64_t request, Dimension dimension) {
    if (!capacity || request <= 0) return;
    const std::int64_t others = used - saturated(request, slot.stand);
    const std::int64_t free = *capacity > others ? (*capacity - others) / request : 0;
    if (free < slot.room) {
      slot.room = free;
      slot.tight = dimension;
    }
  };
  const auto all = [&](const Room& capacity) {
    consider(capacity.pods, use.pods, 1, Dimension::Pods);
    consider(capacity.cpu, use.cpu, each.cpu.value_or(0), Dimension::Cpu);
    consider(capacity.memory, use.memory, each.memory.value_or(0), Dimension::Memory);
  };
  all(member.capacity);
  if (member.observed) all(*member.observed);
}

Replicas Placer::total() const {
  Replicas sum = 0;
  for (const Slot& s : slots_) sum += s.count;
  return sum;
}

// The table of docs/placement.md: what may stay, what may be, what must be.
void Placer::bound(const PlaceRequest& request, Bounds how) {
  for (Slot& s : slots_) {
    find_room(request.per_replica, s);
    switch (s.state) {
      case MemberState::Frozen: s.floor = s.cap = s.stand; continue;
      case MemberState::Leave:
      case MemberState::Lost: s.floor = s.cap = 0; continue;
      case MemberState::Hold:
      case MemberState::Open: break;
    }
    const Replicas stay = s.state == MemberState::Hold ? std::min(s.max, s.stand) : s.max;
    s.cap = std::min(stay, s.room);
    if (how == Bounds::Sticky) s.cap = std::max(std::min(s.stand, stay), s.cap);
    s.floor = request.replicas > 0 ? std::min(s.min, s.cap) : 0;
  }
}

void Placer::solve(const PlaceRequest& request, Bounds how, Adds adds) {
  const PlaceRules& rules = *request.rules;
  const std::span<Slot> rows(slots_.data(), rules.on.size());
  const GroupTree* groups = rules.by.empty() ? nullptr : &tree(rules);
  bound(request, how);
  for (Slot& s : slots_) {
    switch (s.state) {
      case MemberState::Frozen: s.count = s.stand; break;
      case MemberState::Leave:
      case MemberState::Lost: s.count = 0; break;
      case MemberState::Hold:
      case MemberState::Open:
        s.count = how == Bounds::Fresh ? 0 : std::min(s.stand, s.state == MemberState::Hold ? std::min(s.max, s.stand) : s.max);
        s.count = std::max(s.count, s.floor);
        break;
    }
  }
  const Replicas n = request.replicas;
  if (Replicas over = total() - n; over > 0) {
    over = drop_replicas(rules, groups, rows, Floors::Hold, over);
    drop_replicas(rules, groups, rows, Floors::Give, over);
  }
  if (adds == Adds::Yes) {
    if (&request == observed) rounds.push_back(slots_);
    add_replicas(rules, groups, rows, n - total());
  }
  // What leaves stays only as far as nobody else could take it. Members come in name order, rows and others alike.
  Replicas missing = n - total();
  if (missing <= 0) return;
  std::vector<Slot*> leaving;
  for (Slot& s : slots_)
    if (s.state == MemberState::Leave && s.stand > 0) leaving.push_back(&s);
  std::sort(leaving.begin(), leaving.end(), [](const Slot* a, const Slot* b) { return a->member < b->member; });
  for (Slot* s : leaving) {
    s->count = std::min(s->stand, missing);
    missing -= s->count;
  }
}

void Placer::copy(const PlaceRequest& request) {
  bound(request, Bounds::Sticky);
  for (Slot& s : slots_) {
    s.count = s.state == MemberState::Frozen ? s.stand : 0;
    if (s.takes_part() && s.weight > 0) s.count = std::min(request.replicas, s.cap);
  }
}

// Rows of `on` first, so that a row's number is its slot's; then members where the workload only ran.
void Placer::load(const PlaceRequest& request, const WorkloadPlacement& placed, bool from_previous) {
  const PlaceRules& rules = *request.rules;
  slots_.resize(rules.on.size());
  std::size_t row = 0;
  for (const Share& share : placed.shares) {
    Slot* slot = nullptr;
    if (row < rules.on.size() && rules.on[row].member == share.member) {
      const PlaceRules::Row& said = rules.on[row];
      slot = &slots_[row++];
      *slot = {};
      slot->weight = said.weight;
      slot->min = said.min;
      slot->max = said.max;
    } else {
      slot = &slots_.emplace_back();
    }
    slot->member = share.member;
    slot->state = share.state;
    slot->cause = share.cause;
    slot->previous = share.before;
    slot->stand = from_previous ? share.before : share.after;
  }
}

/// Writes the counts back and keeps the use of members true. Says whether anything changed.
bool Placer::store(const PlaceRequest& request, WorkloadPlacement& placed) {
  bool changed = false;
  const std::size_t rows = request.rules->on.size();
  std::size_t row = 0;
  std::size_t other = rows;
  for (Share& share : placed.shares) {
    const bool is_row = row < rows && slots_[row].member == share.member;
    const Slot& slot = slots_[is_row ? row++ : other++];
    if (slot.count == share.after) continue;
    reserve(request.per_replica, share.member, slot.count - share.after);
    share.after = slot.count;
    changed = true;
  }
  return changed;
}

/// Step A: states are judged, and what runs is reserved.
void Placer::start(const PlaceRequest& request, WorkloadPlacement& placed) {
  const PlaceRules& rules = *request.rules;
  placed.address = request.address;
  placed.replicas = request.replicas;
  placed.shares.reserve(rules.on.size() + (request.previous.empty() ? 0 : 1));
  const auto put = [&](std::uint32_t member, bool selected, Replicas stood) {
    const Verdict verdict = judge(inventory_.members[member], selected, rules.failover_ms, guard_.passes());
    placed.shares.push_back({member, verdict.state, verdict.cause, stood, stood});
    if (stood > 0) reserve(request.per_replica, member, stood);
  };
  auto stands = request.previous.begin();
  for (const PlaceRules::Row& row : rules.on) {
    for (; stands != request.previous.end() && stands->member < row.member; ++stands) put(stands->member, false, stands->replicas);
    const bool here = stands != request.previous.end() && stands->member == row.member;
    put(row.member, true, here ? stands->replicas : 0);
    if (here) ++stands;
  }
  for (; stands != request.previous.end(); ++stands) put(stands->member, false, stands->replicas);
}

/// Step B: what shrinks frees its room before anybody grows, and floors come before shares.
void Placer::first_step(const PlaceRequest& request, WorkloadPlacement& placed) {
  load(request, placed, true);
  solve(request, Bounds::Sticky, Adds::No);
  store(request, placed);
}

/// Step C, one round: beside the present numbers of the others. Says whether it changed anything.
bool Placer::round(const PlaceRequest& request, WorkloadPlacement& placed, bool first_round) {
  const PlaceRules& rules = *request.rules;
  if (first_round) {
    // Room counts this workload's present number as its own, whatever it starts from.
    load(request, placed, false);
    for (Slot& s : slots_) s.stand = s.previous;
    if (any_limit_)
      for (const Share& share : placed.shares)
        if (share.after != share.before) reserve(request.per_replica, share.member, share.before - share.after);
    for (Share& share : placed.shares) share.after = share.before;
  } else {
    load(request, placed, false);
  }
  if (rules.mode == Mode::Copy) {
    copy(request);
  } else if (first_round && rules.mode == Mode::Fresh && request.inputs_changed) {
    solve(request, Bounds::Sticky, Adds::Yes);
    kept_counts_.clear();
    for (const Slot& s : slots_) kept_counts_.push_back(s.count);
    const Replicas sticky = total();
    auto sticky_rounds = std::exchange(rounds, {});
    solve(request, Bounds::Fresh, Adds::Yes);
    if (total() < sticky) {   // dividing anew may not cost replicas
      for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].count = kept_counts_[i];
      rounds = std::move(sticky_rounds);
    }
  } else {
    solve(request, Bounds::Sticky, Adds::Yes);
  }
  if (&request == observed) last = slots_;
  return store(request, placed);
}

/// Could another round do better, if somebody freed room?
bool Placer::lacks(const PlaceRequest& request, const WorkloadPlacement& placed) const {
  Replicas sum = 0;
  bool wants = false;
  std::size_t row = 0;
  const auto& on = request.rules->on;
  for (const Share& s : placed.shares) {
    sum += s.after;
    if (row < on.size() && on[row].member == s.member) {
      if (s.state == MemberState::Open && s.after < on[row].min) wants = true;
      if (request.rules->mode == Mode::Copy && s.state == MemberState::Open && s.after < request.replicas) wants = true;
      ++row;
    }
    if (s.state == MemberState::Leave && s.after > 0) wants = true;
  }
  return wants || sum < request.replicas;
}

void Placer::finish(const PlaceRequest& request, WorkloadPlacement& placed) const {
  const bool copies = request.rules->mode == Mode::Copy;
  Replicas sum = 0, frozen = 0, ups = 0, downs = 0, of_lost = 0;
  std::size_t row = 0;
  const auto& on = request.rules->on;
  for (const Share& s : placed.shares) {
    const bool is_row = row < on.size() && on[row].member == s.member;
    if (copies && is_row && s.state == MemberState::Open && on[row].weight > 0) placed.unplaced += std::max<Replicas>(0, request.replicas - s.after);
    if (is_row) ++row;
    sum += s.after;
    if (s.state == MemberState::Frozen) frozen += s.after;
    if (s.state == MemberState::Lost) {
      of_lost += s.before;
      continue;
    }
    (s.after > s.before ? ups : downs) += s.after > s.before ? s.after - s.before : s.before - s.after;
  }
  if (copies) return;
  placed.unplaced = std::max<Replicas>(0, request.replicas - sum);
  placed.over = std::max<Replicas>(0, frozen - request.replicas);
  placed.moved = std::min(ups, downs);
  placed.replaced = std::min(of_lost, std::max<Replicas>(0, ups - downs));
}

void Placer::stand(Placement& out) {
  reserve_large(out.workloads, requests_.size());
  out.workloads.resize(requests_.size());
  for (std::size_t i = 0; i < requests_.size(); ++i) start(requests_[i], out.workloads[i]);
}

void Placer::run(Placement& out) {
  const std::size_t count = requests_.size();
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  if (std::any_of(requests_.begin(), requests_.end(), [](const PlaceRequest& r) { return r.priority != 0; }))
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return requests_[a].priority > requests_[b].priority; });
  stand(out);
  if (any_limit_)
    for (const std::uint32_t i : order)
      if (requests_[i].rules->mode == Mode::Sticky) first_step(requests_[i], out.workloads[i]);
  for (const std::uint32_t i : order) round(requests_[i], out.workloads[i], true);
  // Who has all it asked for would keep it: only the others look again.
  std::vector<std::uint32_t> wanting;
  if (any_limit_)
    for (const std::uint32_t i : order)
      if (lacks(requests_[i], out.workloads[i])) wanting.push_back(i);
  // Each round that changes something lowers what is missing; the bound only guards against a mistake in that proof.
  int left = 10'000;
  for (bool changed = !wanting.empty(); changed && left-- > 0;) {
    changed = false;
    for (const std::uint32_t i : wanting) changed = round(requests_[i], out.workloads[i], false) || changed;
  }
  for (std::size_t i = 0; i < count; ++i) finish(requests_[i], out.workloads[i]);
}

}  // namespace mcp
