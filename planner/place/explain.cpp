#include "planner/place/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "lang/topology/quantity.hpp"
#include "planner/place/placer.hpp"

namespace mcp {

namespace {

constexpr Replicas most_steps = 10'000;

/// Follows the adds of one workload; keeps those in which the member asked for, or a group around it, stood in line.
class Watcher {
 public:
  Watcher(const PlaceRules& rules, std::uint32_t member, const Inventory& inventory) : rules_(rules), inventory_(inventory) {
    if (!rules.by.empty()) tree_ = group_tree(rules);
    for (std::size_t i = 0; i < rules.on.size(); ++i)
      if (rules.on[position_row(i)].member == member) own_ = i;
  }

  void watch(std::vector<Slot> slots, Replicas number) {
    const std::span<Slot> rows(slots.data(), rules_.on.size());
    if (own_ == nowhere) return;
    if (tables_.empty()) open_tables(rows);   // with nothing to add, too: weights and numbers say how it stands
    if (number <= 0) return;
    if (number > most_steps) {
      const Replicas left = add_replicas(rules_, rules_.by.empty() ? nullptr : &tree_, rows, number - most_steps);
      number = left > 0 ? 0 : most_steps;
    }
    for (; number > 0; --number)
      if (!add_one(rows)) break;
  }

  std::vector<PlaceTable> tables() && {
    std::erase_if(tables_, [](const PlaceTable& t) { return t.names.size() < 2; });
    return std::move(tables_);
  }

 private:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  struct Range {
    std::size_t from, to;
  };

  std::size_t position_row(std::size_t position) const { return tree_.order.empty() ? position : tree_.order[position]; }

  /// Parts of a group; of members those that may take replicas, and the one asked for.
  std::vector<Range> children(std::span<const Slot> rows, std::size_t level, Range in) const {
    std::vector<Range> out;
    for (std::size_t i = in.from; i < in.to;) {
      const bool member = level == rules_.by.size();
      const std::size_t end = member ? i + 1 : tree_.end(level, i, in.to);
      if (!member || i == own_ || rows[position_row(i)].state == MemberState::Open || rows[position_row(i)].addable() > 0) out.push_back({i, end});
      i = end;
    }
    return out;
  }

  Part part(std::span<const Slot> rows, std::size_t level, Range r) const {
    if (level < rules_.by.size()) return group_part(rows, tree_, r.from, r.to);
    const Slot& s = rows[position_row(r.from)];
    return {s.weight, s.count, s.count + s.addable()};
  }

  std::string name(std::size_t level, Range r) const {
    const std::size_t row = position_row(r.from);
    return level < rules_.by.size() ? rules_.by[level].keys[row] : inventory_.members[rules_.on[row].member].name;
  }

  void open_tables(std::span<const Slot> rows) {
    Range in{0, rules_.on.size()};
    std::string group;
    for (std::size_t level = 0; level <= rules_.by.size(); ++level) {
      PlaceTable table;
      table.level = level;
      table.group = group;
      Range own = in;
      for (const Range r : children(rows, level, in)) {
        const Part p = part(rows, level, r);
        if (r.from <= own_ && own_ < r.to) {
          own = r;
          table.own = table.names.size();
        }
        table.names.push_back(name(level, r));
        table.weights.push_back(p.weight);
        table.before.push_back(p.count);
      }
      group = table.names[table.own];
      tables_.push_back(std::move(table));
      in = own;
    }
  }

  bool add_one(std::span<Slot> rows) {
    Range in{0, rules_.on.size()};
    bool watched = true;   // still on the way to the member
    for (std::size_t level = 0; level <= rules_.by.size(); ++level) {
      const std::vector<Range> parts = children(rows, level, in);
      PlaceStep step;
      const Range* best = nullptr;
      Part best_part;
      for (const Range& r : parts) {
        const Part p = part(rows, level, r);
        const bool full = p.weight <= 0 || p.count >= p.limit;
        step.parts.push_back({p.weight, p.count, full});
        step.number += p.count;
        if (full) continue;
        if (best != nullptr && !due_before(p.weight, p.count, best_part.weight, best_part.count)) continue;
        best = &r;
        best_part = p;
        step.winner = step.parts.size() - 1;
      }
      if (best == nullptr) return false;
      ++step.number;
      if (watched) {
        tables_[level].steps.push_back(std::move(step));
        if (tables_[level].steps.size() > 256) tables_[level].steps.erase(tables_[level].steps.begin());
      }
      watched = watched && best->from <= own_ && own_ < best->to;
      in = *best;
    }
    ++rows[position_row(in.from)].count;
    return true;
  }

  const PlaceRules& rules_;
  const Inventory& inventory_;
  GroupTree tree_;
  std::size_t own_ = nowhere;   // position of the member
  std::vector<PlaceTable> tables_;
};

PlaceRoom room_of(const Inventory& inventory, const std::vector<PlaceRequest>& requests, const Placement& placement, std::size_t workload, std::uint32_t member) {
  PlaceRoom best;
  const Member& m = inventory.members[member];
  const auto consider = [&](const std::optional<std::int64_t>& capacity, Dimension dimension, bool observed) {
    const auto each = [&](const Room& r) { return dimension == Dimension::Pods ? 1 : dimension == Dimension::Cpu ? r.cpu.value_or(0) : r.memory.value_or(0); };
    const std::int64_t own = each(requests[workload].per_replica);
    if (!capacity || own <= 0) return;
    std::int64_t others = 0;
    for (std::size_t i = 0; i < requests.size(); ++i)
      if (i != workload) others += placement.workloads[i].after(member) * each(requests[i].per_replica);
    const Replicas room = *capacity > others ? (*capacity - others) / own : 0;
    if (best.dimension == Dimension::None || room < best.room) best = {dimension, room, *capacity, others, observed};
  };
  const auto all = [&](const Room& capacity, bool observed) {
    consider(capacity.pods, Dimension::Pods, observed);
    consider(capacity.cpu, Dimension::Cpu, observed);
    consider(capacity.memory, Dimension::Memory, observed);
  };
  all(m.capacity, false);
  if (m.observed) all(*m.observed, true);
  return best;
}

std::string amount(Dimension dimension, std::int64_t n) {
  switch (dimension) {
    case Dimension::None: return {};
    case Dimension::Pods: return std::to_string(n);
    case Dimension::Cpu: return cpu_text(n);
    case Dimension::Memory: return memory_text(n);
  }
  return {};
}

std::string_view noun(Dimension dimension) { return dimension == Dimension::Pods ? "pods" : dimension == Dimension::Cpu ? "cpu" : "memory"; }

/// "What if": places again with one thing changed.
class WhatIf {
 public:
  WhatIf(const Inventory& inventory, const std::vector<PlaceRequest>& requests, const Placement& now, std::size_t workload, std::uint32_t member)
      : inventory_(inventory), requests_(requests), now_(now), workload_(workload), member_(member) {}

  using Change = std::function<void(Inventory&, PlaceRequest&)>;

  /// "5 here, aws-use1 4", or "" if that gives no more here.
  std::string outcome(const Change& change) const {
    const WorkloadPlacement then = placed(change);
    const WorkloadPlacement& was = now_.workloads[workload_];
    if (then.after(member_) <= was.after(member_)) return {};
    std::string out = fmt::format("{} here", then.after(member_));
    std::size_t others = 0;
    for (const Share& s : then.shares) {
      if (s.member == member_ || s.after == was.after(s.member)) continue;
      if (++others <= 4) out += fmt::format(", {} {}", inventory_.members[s.member].name, s.after);
    }
    if (others > 4) out += fmt::format(", {} more change", others - 4);
    return out;
  }

  /// The least value above `from` for which `change(value)` gives more here; 0: none up to `most`.
  std::int64_t least(std::int64_t from, std::int64_t most, const std::function<Change(std::int64_t)>& change) const {
    const Replicas was = now_.workloads[workload_].after(member_);
    const auto enough = [&](std::int64_t v) { return placed(change(v)).after(member_) > was; };
    std::int64_t step = 1;
    std::int64_t low = from;
    while (low + step < most && !enough(low + step)) {
      low += step;
      step *= 2;
    }
    std::int64_t high = std::min(low + step, most);
    if (!enough(high)) return 0;
    while (low + 1 < high) {
      const std::int64_t middle = low + (high - low) / 2;
      (enough(middle) ? high : low) = middle;
    }
    return high;
  }

 private:
  WorkloadPlacement placed(const Change& change) const {
    Inventory inventory = inventory_;
    std::vector<PlaceRequest> requests = requests_;
    change(inventory, requests[workload_]);
    Diagnostics ignored;
    return place(inventory, requests, ignored).workloads[workload_];
  }

  const Inventory& inventory_;
  const std::vector<PlaceRequest>& requests_;
  const Placement& now_;
  std::size_t workload_;
  std::uint32_t member_;
};

/// The rules with the row of a member changed.
void change_row(PlaceRequest& request, std::uint32_t member, const std::function<void(PlaceRules::Row&)>& change) {
  auto rules = std::make_shared<PlaceRules>(*request.rules);
  for (auto& row : rules->on)
    if (row.member == member) change(row);
  request.rules = std::move(rules);
}

std::string one_more(const WhatIf& what_if, const PlaceExplanation& why, const PlaceRequest& request, std::uint32_t member) {
  const auto said = [](std::string with, const std::string& outcome) { return outcome.empty() ? std::string() : with + ": " + outcome; };
  switch (why.slot.cause) {
    case Cause::Cordon: return said("without cordon", what_if.outcome([&](Inventory& i, PlaceRequest&) { i.members[member].cordon = false; }));
    case Cause::Drain: return said("without drain", what_if.outcome([&](Inventory& i, PlaceRequest&) { i.members[member].drain = false; }));
    case Cause::NotSelected:
      if (!request.rules->by.empty()) return {};
      return said("chosen by `on`", what_if.outcome([&](Inventory&, PlaceRequest& r) {
        auto rules = std::make_shared<PlaceRules>(*r.rules);
        const auto at = std::lower_bound(rules->on.begin(), rules->on.end(), member, [](const PlaceRules::Row& row, std::uint32_t m) { return row.member < m; });
        rules->on.insert(at, {member, 1, 0, unbounded});
        r.rules = std::move(rules);
      }));
    case Cause::SaidLost:
    case Cause::FailedOver:
    case Cause::NeverReached:
    case Cause::Unreachable:
    case Cause::Refused:
      return said("when it answers", what_if.outcome([&](Inventory& i, PlaceRequest&) {
        i.members[member].reach = Reach::Answered;
        i.members[member].said_lost = false;
      }));
    case Cause::Leaving: return {};
    case Cause::Open: break;
  }
  if (why.stop == "max") {
    const std::int64_t max = why.slot.max + 1;
    return said(fmt::format("with max = {}", max), what_if.outcome([&](Inventory&, PlaceRequest& r) { change_row(r, member, [&](auto& row) { row.max = max; }); }));
  }
  if (why.stop == "room") {
    const Replicas room = std::max(why.after, why.room.room) + 1;
    return said(fmt::format("with room {}", room), what_if.outcome([&](Inventory& i, PlaceRequest& r) {
      const Room& each = r.per_replica;
      const auto widen = [&](Room& to) {
        const std::int64_t more = room - why.room.room;
        if (to.pods) *to.pods += more;
        if (to.cpu) *to.cpu += more * each.cpu.value_or(0);
        if (to.memory) *to.memory += more * each.memory.value_or(0);
      };
      widen(i.members[member].capacity);
      if (i.members[member].observed) widen(*i.members[member].observed);
    }));
  }
  if (why.stop == "weight 0") {
    const auto with = [&](std::int64_t w) { return [&, w](Inventory&, PlaceRequest& r) { change_row(r, member, [&](auto& row) { row.weight = w; }); }; };
    const std::int64_t weight = what_if.least(0, max_weight, with);
    return weight == 0 ? std::string() : said(fmt::format("with weight = {}", weight), what_if.outcome(with(weight)));
  }
  const auto with = [](std::int64_t n) { return [n](Inventory&, PlaceRequest& r) { r.replicas = n; }; };
  const std::int64_t n = what_if.least(request.replicas, max_replicas, with);
  return n == 0 ? std::string() : fmt::format("with replicas = {}", n);
}

void say_state(PlaceExplanation& why, const Member& m, const PlaceRequest& request) {
  const PlaceRules& rules = *request.rules;
  const auto known = [](const Origin& a, const Origin& b) { return a.span.known() ? a : b; };
  why.state_origin = known(rules.on_origin, request.origin);
  why.state_text = fmt::format("{}: {}", to_string(why.slot.state), to_string(why.slot.cause));
  switch (why.slot.cause) {
    case Cause::Open: why.state_text = "open: answers, selected, no taint, no cordon"; break;
    case Cause::Cordon: why.state_origin = known(m.cordon_origin, m.origin); break;
    case Cause::Drain: why.state_origin = known(m.drain_origin, m.origin); break;
    case Cause::Unreachable:
      if (rules.failover_ms)
        why.state_text += fmt::format(" for {} s; lost after {} s, if most members answer", m.failing_ms / 1000, *rules.failover_ms / 1000);
      else
        why.state_text += "; `failover` says that it is never lost";
      why.state_origin = known(rules.failover_origin, m.origin);
      break;
    case Cause::FailedOver: why.state_origin = known(rules.failover_origin, m.origin); break;
    case Cause::SaidLost:
    case Cause::NeverReached:
    case Cause::Refused:
    case Cause::Leaving: why.state_origin = m.origin; break;
    case Cause::NotSelected: break;
  }
}

}  // namespace

PlaceExplanation explain(const Inventory& inventory, const std::vector<PlaceRequest>& requests, std::size_t workload, std::uint32_t member) {
  const PlaceRequest& request = requests[workload];
  const PlaceRules& rules = *request.rules;
  PlaceExplanation why;
  why.address = request.address.on(inventory.members[member].name);
  why.levels = rules.by.size();
  why.by_origin = rules.by_origin;
  why.weight_origin = rules.weight_origin;

  Placer placer(inventory, requests);
  placer.observed = &request;
  Placement placement;
  placer.run(placement);
  const WorkloadPlacement& placed = placement.workloads[workload];
  why.before = placed.before(member);
  why.after = placed.after(member);

  const auto slot = std::find_if(placer.last.begin(), placer.last.end(), [&](const Slot& s) { return s.member == member; });
  if (slot != placer.last.end()) {
    why.slot = *slot;
  } else {
    const Verdict verdict = judge(inventory.members[member], false, rules.failover_ms, partition_guard(inventory).passes());
    why.slot.member = member;
    why.slot.state = verdict.state;
    why.slot.cause = verdict.cause;
  }
  say_state(why, inventory.members[member], request);
  why.room = room_of(inventory, requests, placement, workload, member);

  Watcher watcher(rules, member, inventory);
  bool first = true;
  for (const std::vector<Slot>& round : placer.rounds) {
    Replicas total = 0;
    Replicas here = 0;
    for (const Slot& s : round) {
      total += s.count;
      if (s.member == member) here = s.count;
    }
    if (first) {
      why.kept = std::min(here, why.before);
      why.added_in_all = std::max<Replicas>(0, request.replicas - total - placed.unplaced);
      first = false;
    }
    watcher.watch(round, request.replicas - total);
  }
  if (placer.rounds.empty()) why.kept = std::min(why.before, why.after);
  why.added = std::max<Replicas>(0, why.after - why.kept);
  why.added_in_all = std::max(why.added_in_all, why.added);
  why.tables = std::move(watcher).tables();

  const Slot& s = why.slot;
  if (s.state != MemberState::Open) {
    why.stop = "state";
    why.stop_text = "state";
  } else if (why.after >= s.max) {
    why.stop = "max";
    why.stop_text = fmt::format("max: at most {} here", s.max);
  } else if (why.room.dimension != Dimension::None && why.after >= why.room.room) {
    why.stop = "room";
    why.stop_text = fmt::format("room: other workloads use {} of {} {}", amount(why.room.dimension, why.room.others),
                                amount(why.room.dimension, why.room.capacity), noun(why.room.dimension));
  } else if (s.weight == 0) {
    why.stop = why.stop_text = "weight 0";
  } else {
    why.stop = "next in line";
    std::int64_t weight = s.weight;
    Replicas count = why.after;
    for (const PlaceTable& t : why.tables) {   // the outermost level at which there is a choice
      weight = t.weights[t.own];
      count = t.before[t.own];
      for (const PlaceStep& step : t.steps)
        if (step.winner == t.own) count = step.parts[t.own].count + 1;
      break;
    }
    why.stop_text = fmt::format("next in line at {}/{}", weight, 2 * count + 1);
  }
  why.one_more = one_more(WhatIf(inventory, requests, placement, workload, member), why, request, member);
  return why;
}

}  // namespace mcp
