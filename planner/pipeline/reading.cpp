#include "planner/pipeline/reading.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "lang/base/permute.hpp"
#include "lang/base/runs.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

/// `object`: of the policy, or null. Its rank is that of its kind.
std::uint32_t rank_of(const Step& s, const DesiredObject* object) {
  if (s.action == Action::Join) return 0;
  if (s.action == Action::Leave) return 100;
  const bool ends = s.action == Action::Delete || s.action == Action::Forget;
  const KindInfo* info = object == nullptr ? kind_info(s.ref.api, s.ref.kind) : nullptr;
  const auto kind = static_cast<std::uint32_t>(object != nullptr ? object->rank : info != nullptr ? info->rank : Rank::Custom);
  return ends ? 90 - kind : 10 + kind;
}

/// Numbers that sort as the addresses of objects do: names are compared once an object, not once a member.
std::vector<std::uint32_t> places_of(const std::vector<DesiredObject>& objects) {
  std::vector<std::uint32_t> order(objects.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return objects[a].address < objects[b].address; });
  std::vector<std::uint32_t> place(objects.size());
  for (std::uint32_t k = 0; k < order.size(); ++k) place[order[k]] = k;
  return place;
}

struct Key {
  std::uint32_t rank = 0;
  std::uint32_t place = no_step;   // of the object; no_step: the policy does not hold it
  std::uint32_t member = 0;
  std::uint32_t change = 0;
};

}  // namespace

void sort_for_reading(const Desired& desired, const StepsOf& steps, Plan& plan) {
  const std::vector<std::uint32_t> place = places_of(desired.objects);
  std::vector<std::uint32_t> entry_of(plan.steps.size(), no_step);
  for (std::uint32_t e = 0; e < steps.entry.size(); ++e)
    if (steps.entry[e] != no_step) entry_of[steps.entry[e]] = e;
  std::vector<Key> keys;
  keys.reserve(plan.changes.size());
  for (std::uint32_t c = 0; c < plan.changes.size(); ++c) {
    Key key{0, no_step, 0, c};
    const DesiredObject* object = nullptr;
    if (const std::uint32_t e = entry_of[plan.changes[c].step]; e != no_step) {
      const DesiredEntry& entry = desired.entries[e];
      const std::uint32_t at = desired.bodies[entry.body].object;
      object = &desired.objects[at];
      key.place = place[at];
      key.member = entry.member;
    }
    key.rank = rank_of(plan.step_of(plan.changes[c]), object);
    keys.push_back(key);
  }
  const auto address = [&](const Key& key) -> const Address& { return plan.step_of(plan.changes[key.change]).address; };
  sort_runs(keys, [&](const Key& a, const Key& b) {   // they come member by member
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.place == no_step || b.place == no_step) {
      const auto order = address(a) <=> address(b);
      return order < 0 || (order == 0 && a.change < b.change);
    }
    return std::tie(a.place, a.member, a.change) < std::tie(b.place, b.member, b.change);
  });
  std::vector<std::uint32_t> from;
  from.reserve(keys.size());
  for (const Key& key : keys) from.push_back(key.change);
  permute(plan.changes, std::move(from));
}

}  // namespace mcp
