#include "executor/run/settle.hpp"

#include <fmt/format.h>

namespace mcp {

namespace {

using State = Readiness::State;

const Value* condition(const Value* status, std::string_view type) {
  const Value* all = status != nullptr ? status->find("conditions") : nullptr;
  if (all == nullptr || !all->is_list()) return nullptr;
  for (const Value& one : all->items())
    if (one.text_or("type", "") == type) return &one;
  return nullptr;
}

bool is(const Value* one, std::string_view status) { return one != nullptr && one->text_or("status", "") == status; }

std::int64_t number(const Value* map, std::string_view key) { return map != nullptr ? map->int_or(key, 0) : 0; }

/// "FailedCreate: exceeded quota: ..." of a condition, or its message alone where that names its reason already.
std::string told(const Value& one) {
  const std::string message(one.text_or("message", ""));
  const std::string reason(one.text_or("reason", ""));
  if (message.empty()) return reason;
  return one.text_or("type", "") == "ReplicaFailure" && !reason.empty() ? reason + ": " + message : message;
}

/// What stands in the way, as far as the object itself knows.
std::string hint_of(const Value* status) {
  if (const Value* one = condition(status, "ReplicaFailure"); is(one, "True")) return told(*one);
  if (const Value* one = condition(status, "Available"); is(one, "False") && !one->text_or("message", "").empty()) return told(*one);
  if (const Value* one = condition(status, "Progressing"); one != nullptr && !one->text_or("message", "").empty()) return told(*one);
  return {};
}

Readiness deployment(const Value& object, const Value* status, std::int64_t generation) {
  Readiness out;
  const Value* spec = object.find("spec");
  out.wanted = spec != nullptr ? spec->int_or("replicas", 1) : 1;
  out.ready = number(status, "readyReplicas");
  out.state = State::Waiting;
  if (const Value* paused = spec != nullptr ? spec->find("paused") : nullptr; paused != nullptr && paused->is_bool() && paused->as_bool()) {
    out.state = State::Paused;
    out.what = "its rollout is paused";
    return out;
  }
  const std::int64_t now = number(object.find("metadata"), "generation");
  if (now < generation || number(status, "observedGeneration") < now) {
    // What the status says is about an older spec, an old failure included.
    out.what = "its controller to see the change";
    out.ready = 0;
    return out;
  }
  out.hint = hint_of(status);
  if (const Value* one = condition(status, "Progressing"); one != nullptr && one->text_or("reason", "") == "ProgressDeadlineExceeded") {
    out.state = State::Failed;
    // Ready Pods may be old ones, so their number would mislead.
    out.what = "its rollout did not end before its progress deadline";
    return out;
  }
  const std::int64_t updated = number(status, "updatedReplicas");
  const std::int64_t all = number(status, "replicas");
  const std::int64_t available = number(status, "availableReplicas");
  if (updated < out.wanted) {
    out.what = fmt::format("{} of {} new Pods", updated, out.wanted);
  } else if (all > updated) {
    out.what = fmt::format("{} old Pods to end", all - updated);
  } else if (available < updated || out.ready < out.wanted) {
    out.what = fmt::format("{} of {} Pods ready", out.ready, out.wanted);
  } else if (out.wanted > 0 && !is(condition(status, "Available"), "True")) {
    out.what = "its Pods to be available";
  } else if (const Value* one = condition(status, "Progressing"); out.wanted > 0 && (one == nullptr || one->text_or("reason", "") != "NewReplicaSetAvailable")) {
    out.what = "the rollout to complete";
  } else {
    out.state = State::Ready;
    out.hint.clear();
  }
  return out;
}

Readiness stateful_set(const Value& object, const Value* status, std::int64_t generation) {
  Readiness out;
  const Value* spec = object.find("spec");
  out.wanted = spec != nullptr ? spec->int_or("replicas", 1) : 1;
  out.ready = number(status, "readyReplicas");
  out.state = State::Waiting;
  const std::int64_t now = number(object.find("metadata"), "generation");
  if (now < generation || number(status, "observedGeneration") < now) {
    out.what = "its controller to see the change";
  } else if (out.ready < out.wanted) {
    out.what = fmt::format("{} of {} Pods ready", out.ready, out.wanted);
  } else if (status != nullptr && status->text_or("currentRevision", "") != status->text_or("updateRevision", "")) {
    out.what = "its Pods to be renewed";
  } else {
    out.state = State::Ready;
  }
  return out;
}

Readiness waiting(std::string what) { return {State::Waiting, -1, -1, std::move(what), {}}; }

}  // namespace

ReadyRule ready_rule(const std::string& api, const std::string& kind) {
  const KindInfo* info = kind_info(api, kind);
  return info != nullptr ? info->ready : ReadyRule::Generic;
}

Readiness readiness(ReadyRule rule, const Value& object, std::int64_t generation) {
  const Value* status = object.find("status");
  switch (rule) {
    case ReadyRule::AtOnce: return {};
    case ReadyRule::Deployment: return deployment(object, status, generation);
    case ReadyRule::StatefulSet: return stateful_set(object, status, generation);
    case ReadyRule::Job:
      if (is(condition(status, "Complete"), "True")) return {};
      if (const Value* failed = condition(status, "Failed"); is(failed, "True")) return {State::Failed, -1, -1, "the job failed", told(*failed)};
      return waiting("the job to complete");
    case ReadyRule::Established:
      if (is(condition(status, "Established"), "True")) return {};
      return waiting("the kind to be established");
    case ReadyRule::Generic: {
      const std::int64_t now = number(object.find("metadata"), "generation");
      if (status != nullptr && status->find("observedGeneration") != nullptr && status->int_or("observedGeneration", 0) < now)
        return waiting("its controller to see the change");
      const Value* ready = condition(status, "Ready");
      if (ready == nullptr || is(ready, "True")) return {};
      Readiness out = waiting("its condition Ready");
      out.hint = told(*ready);
      return out;
    }
  }
  return {};
}

}  // namespace mcp
