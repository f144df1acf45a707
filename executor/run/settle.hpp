#pragma once
// Whether an object is ready, read off its status: the order of questions that kubectl's rollout asks, against the
// generation our write returned. Pure; the loop decides when to look and how long to wait.
#include <cstdint>
#include <string>

#include "lang/value/value.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

struct Readiness {
  enum class State : std::uint8_t { Ready, Waiting, Failed, Paused };
  State state = State::Ready;
  std::int64_t ready = -1;     // Pods; -1: not a matter of Pods
  std::int64_t wanted = -1;
  std::string what;            // what it waits for, or why it failed
  std::string hint;            // what the Pods say, where they say something: "ImagePullBackOff: ..."
  bool operator==(const Readiness&) const = default;
};

/// generation   that our write returned; 0: any
/// source       kubernetes/kubectl pkg/polymorphichelpers/rollout_status.go; kubernetes.md section 9
Readiness readiness(ReadyRule rule, const Value& object, std::int64_t generation);
ReadyRule ready_rule(const std::string& api, const std::string& kind);

}  // namespace mcp
