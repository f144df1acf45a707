#include "planner/place/divide.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace mcp {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr int scale_bits = 42;

/// A stretch of a part's line: the pairs (weight, c) with from <= c < to.
struct Stretch {
  std::size_t part;
  std::int64_t weight;
  std::int64_t from;
  std::int64_t to;
  std::int64_t got = 0;
};

/// Pairs of the stretch whose quotient is at least cut / 2^42.
std::int64_t reached(const Stretch& s, Wide cut) {
  const Wide q = (static_cast<Wide>(s.weight) << scale_bits) / cut;
  const auto count = static_cast<std::int64_t>(std::min<Wide>((q + 1) / 2, static_cast<Wide>(s.to)));
  return std::clamp<std::int64_t>(count - s.from, 0, s.to - s.from);
}

/// The same in doubles, for finding a cut; exactness does not rest on it.
double reached_about(const std::vector<Stretch>& all, double t) {
  double sum = 0;
  for (const Stretch& s : all) {
    const double count = (static_cast<double>(s.weight) / t + 1) / 2 - static_cast<double>(s.from);
    sum += std::clamp(count, 0.0, static_cast<double>(s.to - s.from));
  }
  return sum;
}

struct Next {
  const Stretch* s;
  std::int64_t count;
};

/// For a heap whose top is due first.
bool later(const Next& a, const Next& b) {
  if (due_before(a.s->weight, a.count, b.s->weight, b.count)) return false;
  if (due_before(b.s->weight, b.count, a.s->weight, a.count)) return true;
  return a.s->part > b.s->part;
}

/// The next `total` pairs after what each stretch got, one at a time.
void heap_first(std::vector<Stretch>& all, std::int64_t total) {
  std::vector<Next> heap;
  heap.reserve(all.size());
  for (Stretch& s : all)
    if (s.from + s.got < s.to) heap.push_back({&s, s.from + s.got});
  std::make_heap(heap.begin(), heap.end(), later);
  for (; total > 0 && !heap.empty(); --total) {
    std::pop_heap(heap.begin(), heap.end(), later);
    Next& next = heap.back();
    auto* s = const_cast<Stretch*>(next.s);
    ++s->got;
    if (++next.count == s->to) heap.pop_back();
    else std::push_heap(heap.begin(), heap.end(), later);
  }
}

/// Marks the first `total` pairs of all stretches. Requires: weights above 0, total at most the number of pairs.
void first(std::vector<Stretch>& all, std::int64_t total) {
  std::int64_t pairs = 0;
  for (const Stretch& s : all) pairs += s.to - s.from;
  if (total >= pairs) {
    for (Stretch& s : all) s.got = s.to - s.from;
    return;
  }
  if (total <= static_cast<std::int64_t>(all.size()) * 4) return heap_first(all, total);
  double low = 1e-8;   // below 1 / (2 * 10^7 + 1)
  double high = 2e9;
  for (int i = 0; i < 60; ++i) {
    const double middle = std::sqrt(low * high);
    (reached_about(all, middle) > static_cast<double>(total) ? low : high) = middle;
  }
  double t = high;
  double step = 1e-9;
  for (;;) {
    const auto cut = static_cast<Wide>(std::ceil(std::ldexp(t, scale_bits)));
    std::int64_t sum = 0;
    for (Stretch& s : all) sum += s.got = reached(s, cut);
    if (sum <= total) return heap_first(all, total - sum);   // a cut takes the head of the line
    t *= 1 + step;
    step *= 4;
  }
}

/// Few replicas over few parts: looking at each is cheaper than any structure.
bool small(std::size_t parts, std::int64_t total) {
  return total <= 4 || static_cast<std::int64_t>(parts) * total <= 512;
}

}  // namespace

std::int64_t detail::give_one_by_one(std::span<Part> parts, std::int64_t total) {
  for (; total > 0; --total) {
    Part* best = nullptr;
    for (Part& p : parts)
      if (p.weight > 0 && p.count < p.limit && (best == nullptr || due_before(p.weight, p.count, best->weight, best->count))) best = &p;
    if (best == nullptr) break;
    ++best->count;
  }
  return total;
}

std::int64_t detail::take_one_by_one(std::span<Part> parts, std::int64_t total) {
  for (; total > 0; --total) {
    Part* last = nullptr;
    for (Part& p : parts)   // of equals the later name
      if (p.count > p.limit && (last == nullptr || !due_before(p.weight, p.count - 1, last->weight, last->count - 1))) last = &p;
    if (last == nullptr) break;
    --last->count;
  }
  return total;
}

std::int64_t give(std::span<Part> parts, std::int64_t total) {
  if (small(parts.size(), total)) return detail::give_one_by_one(parts, total);
  std::vector<Stretch> all;
  all.reserve(parts.size());
  std::int64_t pairs = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& p = parts[i];
    if (p.weight <= 0 || p.count >= p.limit) continue;
    const std::int64_t to = p.limit - p.count > total ? p.count + total : p.limit;
    all.push_back({i, p.weight, p.count, to});
    pairs += to - p.count;
  }
  const std::int64_t given = std::min(total, pairs);
  first(all, given);
  for (const Stretch& s : all) parts[s.part].count += s.got;
  return total - given;
}

std::int64_t take(std::span<Part> parts, std::int64_t total) {
  if (small(parts.size(), total)) return detail::take_one_by_one(parts, total);
  // What stays is the head of the line between limits and counts: first of the weighted parts, then of those without,
  // which among themselves stand like parts of weight 1.
  std::vector<Stretch> weighted;
  std::vector<Stretch> idle;
  std::int64_t of_weighted = 0;
  std::int64_t of_idle = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& p = parts[i];
    if (p.count <= p.limit) continue;
    if (p.weight > 0) {
      weighted.push_back({i, p.weight, p.limit, p.count});
      of_weighted += p.count - p.limit;
    } else {
      idle.push_back({i, 1, p.limit, p.count});
      of_idle += p.count - p.limit;
    }
  }
  const std::int64_t taken = std::min(total, of_weighted + of_idle);
  const std::int64_t stay = of_weighted + of_idle - taken;
  first(weighted, std::min(stay, of_weighted));
  first(idle, std::max<std::int64_t>(0, stay - of_weighted));
  for (const auto* group : {&weighted, &idle})
    for (const Stretch& s : *group) parts[s.part].count = parts[s.part].limit + s.got;
  return total - taken;
}

}  // namespace mcp
