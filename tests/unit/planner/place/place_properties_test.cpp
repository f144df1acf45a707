// Laws of placing, by the names under which docs/placement.md states them.
#include <algorithm>
#include <numeric>

#include "tests/support/property.hpp"
#include "tests/unit/planner/place/world.hpp"

namespace mcp::test {

namespace {

Replicas sum(const std::vector<Replicas>& of) { return std::accumulate(of.begin(), of.end(), Replicas{0}); }

std::vector<std::int64_t> some(std::size_t size, std::int64_t from, std::int64_t to) {
  return *rc::gen::container<std::vector<std::int64_t>>(size, rc::gen::inRange<std::int64_t>(from, to));
}

/// A policy without contradiction.
Wanted flat(std::size_t size) {
  Wanted w;
  w.weight = some(size, 0, 6);
  if (std::all_of(w.weight.begin(), w.weight.end(), [](auto v) { return v == 0; })) w.weight[0] = 1;
  w.min = some(size, 0, 3);
  w.max = some(size, 3, 20);
  w.replicas = sum(w.min) + *rc::gen::inRange<Replicas>(0, 30);
  w.mode = Mode::Fresh;
  return w;
}

std::vector<std::string> some_keys(std::size_t size) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < size; ++i) out.push_back(std::string(1, static_cast<char>('p' + *rc::gen::inRange(0, 3))));
  return out;
}

Inventory some_world(std::size_t size, bool capacities) {
  Inventory out = members(size);
  for (Member& m : out.members) {
    switch (*rc::gen::inRange(0, 12)) {
      case 0: m.cordon = true; break;
      case 1: m.drain = true; break;
      case 2: m.reach = Reach::Unreachable; break;
      case 3: m.reach = Reach::Unreachable; m.said_lost = true; break;
      case 4: m.leaving = true; break;
      default: break;
    }
    if (capacities && *rc::gen::inRange(0, 3) == 0) m.capacity.pods = *rc::gen::inRange<std::int64_t>(0, 30);
    if (capacities && *rc::gen::inRange(0, 4) == 0) m.capacity.cpu = *rc::gen::inRange<std::int64_t>(0, 9000);
  }
  return out;
}

/// Drops what would contradict now that some members cannot be chosen.
void make_consistent(const Inventory& world, Wanted& w) {
  bool chosen = false, weight = false;
  Replicas floors = 0;
  for (std::size_t i = 0; i < world.members.size(); ++i) {
    if (world.members[i].leaving) continue;
    chosen = true;
    weight = weight || w.weight[i] > 0;
    floors += w.min[i];
  }
  if (!chosen || (!weight && w.replicas > floors)) w.replicas = chosen ? floors : 0;
}

std::vector<Replicas> result(const Inventory& world, const Wanted& w) { return numbers(place_one(world, w), world.members.size()); }

}  // namespace

TEST_CASE("bounds and total: between floor and ceiling, all that fits") {
  property("flat", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 8);
    const Wanted w = flat(size);
    const auto got = result(members(size), w);
    Replicas fits = 0;
    for (std::size_t i = 0; i < size; ++i) {
      RC_ASSERT(got[i] >= w.min[i]);
      RC_ASSERT(got[i] <= w.max[i]);
      fits += w.weight[i] > 0 ? w.max[i] : w.min[i];
    }
    RC_ASSERT(sum(got) == std::min(w.replicas, fits));
  });
}

TEST_CASE("adding replicas never takes one from a cluster: house monotony") {
  property("with and without groups", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 8);
    Wanted w = flat(size);
    if (*rc::gen::arbitrary<bool>()) w.by = {some_keys(size), some_keys(size)};
    const auto less = result(members(size), w);
    ++w.replicas;
    const auto more = result(members(size), w);
    for (std::size_t i = 0; i < size; ++i) RC_ASSERT(more[i] >= less[i]);
  });
}

TEST_CASE("certificate: nobody's last replica was due after anybody's next") {
  property("flat", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 8);
    const Wanted w = flat(size);
    const auto a = result(members(size), w);
    for (std::size_t x = 0; x < size; ++x)
      for (std::size_t y = 0; y < size; ++y)
        if (w.weight[x] > 0 && w.weight[y] > 0 && a[x] > w.min[x] && a[y] < w.max[y]) RC_ASSERT(w.weight[x] * (2 * a[y] + 1) >= w.weight[y] * (2 * a[x] - 1));
  });
}

TEST_CASE("least squares: no other division within bounds has a smaller sum of a*a/w") {
  property("three members", [] {
    Wanted w = flat(3);
    for (auto& v : w.weight) v = std::max<std::int64_t>(v, 1);
    const auto a = result(members(3), w);
    // Over the common denominator of the weights: exact.
    const auto cost = [&](Replicas x, Replicas y, Replicas z) {
      return x * x * w.weight[1] * w.weight[2] + y * y * w.weight[0] * w.weight[2] + z * z * w.weight[0] * w.weight[1];
    };
    const Replicas n = sum(a);
    for (Replicas x = w.min[0]; x <= w.max[0]; ++x)
      for (Replicas y = w.min[1]; y <= w.max[1]; ++y)
        if (const Replicas z = n - x - y; z >= w.min[2] && z <= w.max[2]) RC_ASSERT(cost(a[0], a[1], a[2]) <= cost(x, y, z));
  });
}

TEST_CASE("more weight, a higher ceiling or floor: the member does not lose, no other gains") {
  property("flat", [] {
    const auto size = *rc::gen::inRange<std::size_t>(2, 7);
    Wanted w = flat(size);
    const auto before = result(members(size), w);
    const auto i = *rc::gen::inRange<std::size_t>(0, size);
    switch (*rc::gen::inRange(0, 3)) {
      case 0: ++w.weight[i]; break;
      case 1: ++w.max[i]; break;
      default:
        if (w.min[i] == w.max[i] || sum(w.min) >= w.replicas) return;
        ++w.min[i];
    }
    const bool all_fit = sum(before) == w.replicas;
    const auto after = result(members(size), w);
    RC_ASSERT(after[i] >= before[i]);
    if (!all_fit) return;
    for (std::size_t j = 0; j < size; ++j)
      if (j != i) RC_ASSERT(after[j] <= before[j]);
  });
}

TEST_CASE("a member less: no other loses") {
  property("flat", [] {
    const auto size = *rc::gen::inRange<std::size_t>(2, 7);
    Wanted w = flat(size);
    const auto before = result(members(size), w);
    const auto gone = *rc::gen::inRange<std::size_t>(0, size);
    for (std::size_t i = 0; i < size; ++i)
      if (i != gone) w.on.push_back(i);
    w.weight[w.on[0]] = std::max<std::int64_t>(1, w.weight[w.on[0]]);   // else nobody might be left
    const auto whole = result(members(size), [&] { Wanted all = w; all.on.clear(); return all; }());
    const auto after = result(members(size), w);
    for (const std::size_t i : w.on) RC_ASSERT(after[i] >= whole[i]);
    (void)before;
  });
}

TEST_CASE("scaling all weights changes nothing") {
  property("flat or grouped", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 8);
    Wanted w = flat(size);
    if (*rc::gen::arbitrary<bool>()) w.by = {some_keys(size)};
    const auto before = result(members(size), w);
    const auto factor = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
    for (auto& v : w.weight) v *= factor;
    RC_ASSERT(result(members(size), w) == before);
  });
}

TEST_CASE("by equals dividing groups by their sums, then each group") {
  property("one level", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 8);
    Wanted w = flat(size);
    w.min.clear();
    const auto keys = some_keys(size);
    w.by = {keys};
    const auto got = result(members(size), w);
    std::vector<std::string> names(keys);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    Wanted outer{.replicas = w.replicas, .mode = Mode::Fresh};
    for (const auto& g : names) {
      std::int64_t weight = 0, cap = 0;
      for (std::size_t i = 0; i < size; ++i)
        if (keys[i] == g) weight = std::max(weight, w.weight[i]), cap += w.weight[i] > 0 ? w.max[i] : 0;
      outer.weight.push_back(weight);
      outer.max.push_back(cap);
    }
    const auto shares = result(members(names.size()), outer);
    for (std::size_t g = 0; g < names.size(); ++g) {
      Wanted inner{.replicas = shares[g], .weight = w.weight, .max = w.max, .mode = Mode::Fresh};
      for (std::size_t i = 0; i < size; ++i)
        if (keys[i] == names[g]) inner.on.push_back(i);
      const auto inside = result(members(size), inner);
      for (const std::size_t i : inner.on) RC_ASSERT(got[i] == inside[i]);
    }
  });
}

TEST_CASE("idempotent: a result placed again is itself") {
  property("many workloads, all modes, any state of members", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 6);
    const Inventory world = some_world(size, true);
    std::vector<Wanted> wanted(*rc::gen::inRange<std::size_t>(1, 5));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      wanted[i] = flat(size);
      wanted[i].name = "w" + std::to_string(i);
      wanted[i].mode = *rc::gen::arbitrary<bool>() ? Mode::Sticky : Mode::Fresh;
      wanted[i].previous = some(size, 0, 9);
      wanted[i].cpu = *rc::gen::inRange<std::int64_t>(0, 900);
      wanted[i].priority = *rc::gen::inRange(0, 2);
      if (*rc::gen::arbitrary<bool>()) wanted[i].by = {some_keys(size)};
      make_consistent(world, wanted[i]);
    }
    const auto run = [&] {
      std::vector<PlaceRequest> requests;
      for (const Wanted& w : wanted) requests.push_back(request(world, w));
      return requests;
    };
    Diagnostics out;
    std::vector<PlaceRequest> requests = run();
    const Placement once = place(world, requests, out);
    RC_ASSERT(!out.has_errors());
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i].previous = numbers(once.workloads[i], size);
    requests = run();
    for (PlaceRequest& r : requests) r.inputs_changed = false;
    const Placement twice = place(world, requests, out);
    for (std::size_t i = 0; i < wanted.size(); ++i) RC_ASSERT(numbers(twice.workloads[i], size) == wanted[i].previous);
  });
}

TEST_CASE("scale: more replicas only add, fewer only remove") {
  property("sticky", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 7);
    const Inventory world = members(size);
    Wanted w = flat(size);
    w.mode = Mode::Sticky;
    if (*rc::gen::arbitrary<bool>()) w.by = {some_keys(size)};
    w.previous = result(world, w);
    RC_PRE(sum(w.previous) == w.replicas);
    const auto from = w.replicas;
    w.replicas = sum(w.min) + *rc::gen::inRange<Replicas>(0, 40);
    const auto got = result(world, w);
    for (std::size_t i = 0; i < size; ++i) RC_ASSERT((w.replicas >= from ? got[i] >= w.previous[i] : got[i] <= w.previous[i]));
  });
}

TEST_CASE("no loss: as many run afterwards as ran, up to what is wanted") {
  property("any state of members", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 6);
    const Inventory world = some_world(size, true);
    Wanted w = flat(size);
    w.mode = *rc::gen::arbitrary<bool>() ? Mode::Sticky : Mode::Fresh;
    w.previous = some(size, 0, 9);
    make_consistent(world, w);
    const WorkloadPlacement got = place_one(world, w);
    Replicas stood = 0;
    for (std::uint32_t m = 0; m < size; ++m) {
      const Share* s = got.on(m);
      if (s == nullptr || s->state == MemberState::Lost) continue;
      const bool takes_part = s->state == MemberState::Open || s->state == MemberState::Hold;
      stood += takes_part ? std::min(s->before, w.max[m]) : s->before;
      if (s->state == MemberState::Frozen) RC_ASSERT(s->after == s->before);
    }
    RC_ASSERT(sum(numbers(got, size)) >= std::min(w.replicas, stood));
  });
}

TEST_CASE("fewest moves: ups and downs are the least that replicas, floors and ceilings permit") {
  property("three members, against every other division", [] {
    Wanted w = flat(3);
    w.mode = Mode::Sticky;
    w.previous = some(3, 0, 9);
    const Inventory world = members(3);
    const auto got = result(world, w);
    const auto moves = [&](const std::vector<Replicas>& a) {
      Replicas ups = 0, downs = 0;
      for (std::size_t i = 0; i < 3; ++i) (a[i] > w.previous[i] ? ups : downs) += std::abs(a[i] - w.previous[i]);
      return std::pair(ups, downs);
    };
    const auto [ups, downs] = moves(got);
    for (Replicas x = w.min[0]; x <= w.max[0]; ++x)
      for (Replicas y = w.min[1]; y <= w.max[1]; ++y)
        if (const Replicas z = sum(got) - x - y; z >= w.min[2] && z <= w.max[2]) {
          const auto [other_ups, other_downs] = moves({x, y, z});
          RC_ASSERT(ups <= other_ups);
          RC_ASSERT(downs <= other_downs);
        }
  });
}

TEST_CASE("capacity: no dimension ends above both its capacity and its use before") {
  property("many workloads", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 5);
    const Inventory world = some_world(size, true);
    std::vector<PlaceRequest> requests;
    const auto count = *rc::gen::inRange<std::size_t>(1, 5);
    for (std::size_t i = 0; i < count; ++i) {
      Wanted w = flat(size);
      w.name = "w" + std::to_string(i);
      w.mode = *rc::gen::arbitrary<bool>() ? Mode::Sticky : Mode::Fresh;
      w.previous = some(size, 0, 6);
      w.cpu = *rc::gen::inRange<std::int64_t>(0, 900);
      make_consistent(world, w);
      requests.push_back(request(world, w));
    }
    Diagnostics out;
    const Placement got = place(world, requests, out);
    for (std::uint32_t m = 0; m < size; ++m) {
      std::int64_t pods = 0, pods_before = 0, cpu = 0, cpu_before = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const auto each = requests[i].per_replica.cpu.value_or(0);
        pods += got.workloads[i].after(m);
        pods_before += got.workloads[i].before(m);
        cpu += each * got.workloads[i].after(m);
        cpu_before += each * got.workloads[i].before(m);
      }
      const Room& room = world.members[m].capacity;
      if (room.pods) RC_ASSERT(pods <= std::max(*room.pods, pods_before));
      if (room.cpu) RC_ASSERT(cpu <= std::max(*room.cpu, cpu_before));
    }
  });
}

TEST_CASE("first placement without min: later workloads change nothing for earlier ones") {
  property("in order of address", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 5);
    const Inventory world = some_world(size, true);
    std::vector<PlaceRequest> requests;
    for (std::size_t i = 0; i < 4; ++i) {
      Wanted w = flat(size);
      w.name = "w" + std::to_string(i);
      w.min.assign(size, 0);
      w.mode = Mode::Sticky;
      make_consistent(world, w);
      requests.push_back(request(world, w));
    }
    Diagnostics out;
    const Placement all = place(world, requests, out);
    requests.pop_back();
    const Placement fewer = place(world, requests, out);
    for (std::size_t i = 0; i < requests.size(); ++i) RC_ASSERT(numbers(all.workloads[i], size) == numbers(fewer.workloads[i], size));
  });
}

}  // namespace mcp::test
