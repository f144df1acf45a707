#pragma once
// The Deployment controller of a simulated member as arithmetic: given the last change and the time, how many Pods are
// updated, ready, old. No state of its own, no events between.
#include "executor/sim/object.hpp"

namespace mcp {

/// What a member adds to a rollout.
struct SimPace {
  Duration first{900};        // from a change until the first new Pod is ready
  Duration each{120};         // between two Pods
  std::vector<std::string> failing_images;   // an image that contains one of these is never pulled
};

struct RolloutCounts {
  std::int64_t replicas = 0;
  std::int64_t updated = 0;
  std::int64_t ready = 0;
  std::int64_t old = 0;
  bool complete = false;
  bool expired = false;       // past its progress deadline
};

RolloutCounts counts(const SimRollout& rollout, Instant now);

/// The rollout that a write of `content` at `now` starts or continues; `former` is what ran before, or null. `room` is
/// how many Pods the member can still take beside those of this object, or nullopt.
SimRollout next_rollout(const SimRollout* former, const Value& content, const SimPace& pace, std::optional<std::int64_t> room, Instant now);

/// When the status next changes for good: completion or deadline. nullopt: it has happened.
std::optional<Instant> rollout_due(const SimRollout& rollout, Instant now);

/// `status` of a Deployment. Requires: object.rollout.
Value rollout_status(const SimObject& object, Instant now);

}  // namespace mcp
