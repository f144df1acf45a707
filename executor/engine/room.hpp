#pragma once
// The room of a member: what a member could still run, by its own account: what its nodes allow, less what their Pods have asked for.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "executor/engine/project.hpp"
#include "executor/fleet/fleet.hpp"
#include "lang/base/result.hpp"

namespace mcp {

struct MemberRoom {
  std::int64_t nodes = 0;        // that are ready and take new Pods
  std::int64_t pods = 0;         // below 0 where nodes were lost under what runs
  std::int64_t cpu_milli = 0;
  std::int64_t memory = 0;       // bytes
  bool operator==(const MemberRoom&) const = default;
};

/// From all nodes and Pods of a member. A Pod counts on a node that counts, until it has ended; it asks for the larger of
/// its containers together and its largest init container. source: kubernetes/kubernetes pkg/api/v1/resource/helpers.go
MemberRoom room_of(std::span<const Value> nodes, std::span<const Value> pods);

/// By member; those that do not answer, have no nodes to show or may not be asked are left out.
Result<std::map<std::string, MemberRoom>> observe_room(const Project& project);

}  // namespace mcp
