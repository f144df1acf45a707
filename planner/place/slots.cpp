#include "planner/place/slots.hpp"

#include <algorithm>
#include <numeric>

#include "lang/base/check.hpp"

namespace mcp {

std::size_t GroupTree::end(std::size_t level, std::size_t from, std::size_t to) const {
  std::size_t i = from + 1;
  while (i < to && starts[i] > level) ++i;
  return i;
}

GroupTree group_tree(const PlaceRules& rules) {
  GroupTree out;
  out.order.resize(rules.on.size());
  std::iota(out.order.begin(), out.order.end(), 0U);
  const auto differs_at = [&](std::uint32_t a, std::uint32_t b) {
    std::size_t level = 0;
    while (level < rules.by.size() && rules.by[level].keys[a] == rules.by[level].keys[b]) ++level;
    return level;
  };
  std::sort(out.order.begin(), out.order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const std::size_t level = differs_at(a, b);
    return level == rules.by.size() ? a < b : rules.by[level].keys[a] < rules.by[level].keys[b];
  });
  out.starts.resize(out.order.size());
  for (std::size_t i = 1; i < out.order.size(); ++i) out.starts[i] = differs_at(out.order[i - 1], out.order[i]);
  return out;
}

Part group_part(std::span<const Slot> rows, const GroupTree& tree, std::size_t from, std::size_t to) {
  Part part;
  std::int64_t more = 0;
  for (std::size_t i = from; i < to; ++i) {
    const Slot& s = rows[tree.order[i]];
    if (!s.grouped()) continue;
    part.weight = std::max(part.weight, s.weight);
    part.count += s.count;
    more += std::min(s.addable(), max_replicas);
  }
  part.limit = part.count + more;
  return part;
}

namespace {

/// One adding or dropping over all levels.
class Division {
 public:
  Division(const PlaceRules& rules, const GroupTree* tree, std::span<Slot> rows, Floors floors)
      : levels_(rules.by.size()), tree_(tree), rows_(rows), floors_(floors) {}

  Replicas add(std::size_t level, std::size_t from, std::size_t to, Replicas number) {
    if (number <= 0 || from == to) return number;
    if (level == levels_) return add_to_members(from, to, number);
    return between_groups(level, from, to, number, give, &Division::add, [this](std::size_t i, std::size_t end) { return group_part(rows_, *tree_, i, end); });
  }

  Replicas drop(std::size_t level, std::size_t from, std::size_t to, Replicas number) {
    if (number <= 0 || from == to) return number;
    if (level == levels_) {
      const auto limit = [this](const Slot& s) { return least(s); };
      return among_members(from, to, number, take, limit);
    }
    return between_groups(level, from, to, number, take, &Division::drop, [this](std::size_t i, std::size_t end) {
      Part part = group_part(rows_, *tree_, i, end);
      part.limit = part.count;
      for (; i < end; ++i) part.limit -= at(i).count - least(at(i));
      return part;
    });
  }

 private:
  Slot& at(std::size_t position) { return rows_[tree_ == nullptr ? position : tree_->order[position]]; }

  Replicas least(const Slot& s) const {
    if (!s.takes_part()) return s.count;
    return floors_ == Floors::Hold ? std::min(s.floor, s.count) : 0;
  }

  Replicas add_to_members(std::size_t from, std::size_t to, Replicas number) {
    if (number > 1) return among_members(from, to, number, give, [](const Slot& s) { return s.count + s.addable(); });
    Slot* best = nullptr;   // the usual case, without any list
    for (std::size_t i = from; i < to; ++i) {
      Slot& s = at(i);
      if (s.addable() > 0 && (best == nullptr || due_before(s.weight, s.count, best->weight, best->count))) best = &s;
    }
    if (best == nullptr) return number;
    ++best->count;
    return 0;
  }

  template <class Shift, class Limit>
  Replicas among_members(std::size_t from, std::size_t to, Replicas number, Shift shift, Limit limit) {
    constexpr std::size_t inline_parts = 16;
    Part few[inline_parts];
    std::vector<Part> many;
    if (to - from > inline_parts) many.resize(to - from);
    const std::span<Part> parts = many.empty() ? std::span<Part>(few, to - from) : std::span<Part>(many);
    for (std::size_t i = from; i < to; ++i) parts[i - from] = {at(i).weight, at(i).count, limit(at(i))};
    number = shift(parts, number);
    for (std::size_t i = from; i < to; ++i) at(i).count = parts[i - from].count;
    return number;
  }

  template <class Shift, class Inside, class PartOf>
  Replicas between_groups(std::size_t level, std::size_t from, std::size_t to, Replicas number, Shift shift, Inside inside, PartOf part_of) {
    std::vector<Part> parts;
    std::vector<std::size_t> starts;
    for (std::size_t i = from; i < to; i = tree_->end(level, i, to)) {
      starts.push_back(i);
      parts.push_back(part_of(i, tree_->end(level, i, to)));
    }
    starts.push_back(to);
    const std::vector<Part> before = parts;
    number = shift(parts, number);
    for (std::size_t g = 0; g < parts.size(); ++g) {
      const Replicas change = std::max(parts[g].count - before[g].count, before[g].count - parts[g].count);
      MCP_CHECK((this->*inside)(level + 1, starts[g], starts[g + 1], change) <= 0, "a group was given what its members cannot do");
    }
    return number;
  }

  std::size_t levels_;
  const GroupTree* tree_;
  std::span<Slot> rows_;
  Floors floors_;
};

}  // namespace

Replicas add_replicas(const PlaceRules& rules, const GroupTree* tree, std::span<Slot> rows, Replicas number) {
  return Division(rules, tree, rows, Floors::Hold).add(0, 0, rows.size(), number);
}

Replicas drop_replicas(const PlaceRules& rules, const GroupTree* tree, std::span<Slot> rows, Floors floors, Replicas number) {
  return Division(rules, tree, rows, floors).drop(0, 0, rows.size(), number);
}

}  // namespace mcp
