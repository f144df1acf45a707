#include "planner/place/steps.hpp"

#include <algorithm>
#include <charconv>

namespace mcp {

namespace {

struct Mover {
  std::uint32_t member;
  Replicas by;
};

}  // namespace

std::vector<Stage> stages(const WorkloadPlacement& placed, Replicas surge) {
  std::vector<Mover> receivers;   // by member: names are in that order
  std::vector<Mover> donors;
  Replicas before = 0;
  Replicas after = 0;
  for (const Share& s : placed.shares) {
    if (s.state == MemberState::Lost) continue;
    before += s.before;
    after += s.after;
    if (s.after > s.before) receivers.push_back({s.member, s.after - s.before});
    if (s.after < s.before) donors.push_back({s.member, s.before - s.after});
  }
  const Replicas least = std::min(before, after);
  const Replicas most = std::max(before, after) + std::max<Replicas>(surge, 1);
  std::vector<Stage> out;
  Replicas total = before;
  auto receiver = receivers.begin();
  auto donor = donors.begin();
  while (receiver != receivers.end() || donor != donors.end()) {
    Stage lower{Stage::Direction::Lower, {}};
    for (; donor != donors.end() && total - donor->by >= least; ++donor) {
      lower.members.push_back(donor->member);
      total -= donor->by;
    }
    if (!lower.members.empty()) {
      out.push_back(std::move(lower));
      continue;
    }
    Stage raise{Stage::Direction::Raise, {}};
    for (; receiver != receivers.end() && (raise.members.empty() || total + receiver->by <= most); ++receiver) {
      raise.members.push_back(receiver->member);
      total += receiver->by;
    }
    if (raise.members.empty()) break;   // cannot be: without receivers the total may fall to `after`
    out.push_back(std::move(raise));
  }
  return out;
}

Replicas surge_of(const Value& share, Replicas replicas) {
  if (share.is_int()) return std::max<Replicas>(1, share.as_int());
  Replicas percent = 25;
  if (share.is_string()) {
    const std::string_view text = share.as_string();
    std::from_chars(text.data(), text.data() + text.size(), percent);
  }
  return std::max<Replicas>(1, (replicas * percent + 99) / 100);
}

}  // namespace mcp
