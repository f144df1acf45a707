#pragma once
// Limiter: how many requests may be out, per member and over all members at once. Halves a member's share when it asks to
// be spared and gives one back every ten seconds. Pure: time comes in as an argument.
#include <cstdint>
#include <vector>

#include "executor/fleet/fleet.hpp"

namespace mcp {

struct LimiterRules {
  int per_member = 16;
  int members = 64;            // with requests out at the same time
  Duration recovery{10'000};   // for one more after a 429
};

class Limiter {
 public:
  Limiter(LimiterRules rules, std::size_t members) : rules_(rules), members_(members, Share{rules.per_member, 0, Instant{0}, Instant{0}}) {}

  /// Takes a place if there is one. Requires: `member` below the count given.
  bool take(std::size_t member, Instant now);
  void give_back(std::size_t member);
  /// The member answered 429: nothing goes there until `now + pause`, and half as much at a time afterwards.
  void throttled(std::size_t member, Instant now, Duration pause);
  /// Places a member has now, taken ones included.
  int allowed(std::size_t member, Instant now) const;
  /// When a member that is paused may be asked again; `now` or earlier: at once.
  Instant paused_until(std::size_t member) const { return members_[member].pause; }

 private:
  struct Share {
    int most;          // as of `since`
    int out;
    Instant since;     // of the last change of `most`
    Instant pause;
  };
  LimiterRules rules_;
  std::vector<Share> members_;
  int busy_ = 0;       // members with out > 0
};

}  // namespace mcp
