#include "executor/sim/rollout.hpp"

#include <algorithm>
#include <limits>

namespace mcp {

namespace {

constexpr Duration controller_delay{20};   // until a controller has seen a new generation

/// New Pods that became ready since the start.
std::int64_t arrived(const SimRollout& r, Instant now) {
  const std::int64_t most = std::max<std::int64_t>(0, std::min(r.want, r.granted) - r.have);
  if (!r.failing.empty() || now < r.start + r.first || most == 0) return 0;
  if (r.each.count() == 0) return most;
  return std::min(most, (now - r.start - r.first) / r.each + 1);
}

/// When the last Pod is ready, if it ever is.
std::optional<Instant> completion(const SimRollout& r) {
  const std::int64_t missing = std::max<std::int64_t>(0, r.want - r.have);
  if (missing == 0) return r.old > 0 ? r.start + r.first : r.start;
  if (!r.failing.empty() || r.granted < r.want) return std::nullopt;
  return r.start + r.first + r.each * (missing - 1);
}

std::string failing_image(const Value& pod_spec, const std::vector<std::string>& patterns) {
  for (const std::string_view list : {"initContainers", "containers"}) {
    const Value* containers = pod_spec.find(list);
    if (containers == nullptr || !containers->is_list()) continue;
    for (const Value& c : containers->items()) {
      const std::string_view image = c.text_or("image", "");
      for (const std::string& pattern : patterns)
        if (image.find(pattern) != std::string_view::npos) return std::string(image);
    }
  }
  return {};
}

Value condition(const char* type, bool yes, const char* reason, const std::string& message) {
  MapBuilder out;
  out.set("type", type).set("status", yes ? "True" : "False").set("reason", reason);
  if (!message.empty()) out.set("message", message);
  return out.build();
}

}  // namespace

RolloutCounts counts(const SimRollout& r, Instant now) {
  RolloutCounts out;
  const std::int64_t fresh = std::min(r.have, r.want) + arrived(r, now);
  const auto end = completion(r);
  out.complete = end && now >= *end;
  // Old Pods leave one by one as new ones get ready, the rest at the end.
  out.old = out.complete ? 0 : std::max<std::int64_t>(0, r.old - arrived(r, now));
  out.updated = out.old == 0 ? r.want : std::min(r.want, fresh + std::max<std::int64_t>(1, (r.want + 3) / 4));
  out.replicas = out.updated + out.old;
  out.ready = fresh + out.old;
  out.expired = !out.complete && now >= r.start + r.deadline;
  return out;
}

SimRollout next_rollout(const SimRollout* former, const Value& content, const SimPace& pace, std::optional<std::int64_t> room, Instant now) {
  SimRollout out;
  const Value* spec = content.find("spec");
  // Both fields have 32 bits in Kubernetes; what lies outside is no number to reckon with.
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  out.want = spec != nullptr ? std::clamp<std::int64_t>(spec->int_or("replicas", 1), 0, most) : 1;
  const Value* pod = content.at("spec", "template");
  out.pods = pod != nullptr ? pod->digest() : Digest{};
  if (const Value* pod_spec = content.at("spec", "template", "spec")) out.failing = failing_image(*pod_spec, pace.failing_images);
  out.granted = room ? std::min(out.want, *room) : out.want;
  out.deadline = Duration(1000 * (spec != nullptr ? std::clamp<std::int64_t>(spec->int_or("progressDeadlineSeconds", 600), 0, most) : 600));
  out.first = pace.first;
  out.each = pace.each;
  out.start = now;
  if (former == nullptr) return out;
  if (former->pods == out.pods && former->want == out.want && former->granted == out.granted && former->failing == out.failing) return *former;
  const RolloutCounts then = counts(*former, now);
  if (former->pods == out.pods) {
    out.have = std::min(out.want, then.ready - then.old);
    out.old = then.old;
  } else {
    out.old = std::min(out.want, then.ready);   // scaled down at once
  }
  return out;
}

std::optional<Instant> rollout_due(const SimRollout& r, Instant now) {
  const Instant end = completion(r).value_or(r.start + r.deadline);
  if (end <= now) return std::nullopt;
  return end;
}

Value rollout_status(const SimObject& object, Instant now) {
  const SimRollout& r = *object.rollout;
  const RolloutCounts c = counts(r, now);
  const bool seen = now >= object.changed + controller_delay;
  const bool enough = c.ready >= r.want;
  std::string why;
  if (!r.failing.empty() && !c.complete) why = "ImagePullBackOff: " + r.failing;
  else if (r.granted < r.want && !c.complete) why = "Unschedulable: " + std::to_string(r.want - r.granted) + " Pods find no node with room";
  std::vector<Value> conditions;
  conditions.push_back(condition("Available", enough, enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable", why));
  conditions.push_back(condition("Progressing", !c.expired,
                                 c.complete ? "NewReplicaSetAvailable" : c.expired ? "ProgressDeadlineExceeded" : "ReplicaSetUpdated", why));
  MapBuilder out;
  out.set("observedGeneration", seen ? object.generation : object.generation - 1).set("conditions", Value::list(std::move(conditions)));
  // Servers leave zeros out.
  if (c.replicas > 0) out.set("replicas", c.replicas);
  if (c.updated > 0) out.set("updatedReplicas", c.updated);
  if (c.ready > 0) out.set("readyReplicas", c.ready).set("availableReplicas", c.ready);
  if (c.replicas > c.ready) out.set("unavailableReplicas", c.replicas - c.ready);
  return out.build();
}

}  // namespace mcp
