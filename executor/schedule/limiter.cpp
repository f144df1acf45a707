#include "executor/schedule/limiter.hpp"

#include <algorithm>

#include "lang/base/check.hpp"

namespace mcp {

int Limiter::allowed(std::size_t member, Instant now) const {
  const Share& share = members_[member];
  if (now < share.pause) return 0;
  const auto regained = share.most < rules_.per_member ? (now - share.since) / rules_.recovery : 0;
  return static_cast<int>(std::min<std::int64_t>(rules_.per_member, share.most + regained));
}

bool Limiter::take(std::size_t member, Instant now) {
  Share& share = members_[member];
  if (share.out >= allowed(member, now)) return false;
  if (share.out == 0) {
    if (busy_ >= rules_.members) return false;
    ++busy_;
  }
  ++share.out;
  return true;
}

void Limiter::give_back(std::size_t member) {
  Share& share = members_[member];
  MCP_CHECK(share.out > 0, "a place was given back twice");
  if (--share.out == 0) --busy_;
}

void Limiter::throttled(std::size_t member, Instant now, Duration pause) {
  Share& share = members_[member];
  // Several answers of one burst count once: they were sent under the same share.
  if (now >= share.pause) {
    share.most = std::max(1, allowed(member, now) / 2);
    share.since = now + pause;
  }
  share.pause = std::max(share.pause, now + pause);
  share.since = std::max(share.since, share.pause);
}

}  // namespace mcp
