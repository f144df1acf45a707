#include "executor/run/pods.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace mcp {

namespace {

/// What would help, by what a kubelet or scheduler says.
std::string advice(std::string_view reason, std::string_view message) {
  if (message.find("image will run as root") != std::string_view::npos) return "set `security { user = 1000 }` or `non_root = false`";
  if (message.find("has runAsNonRoot") != std::string_view::npos) return "set `security { user = NUMBER }`, or `non_root = false`";
  if (reason == "ImagePullBackOff" || reason == "ErrImagePull" || reason == "InvalidImageName") return "is `image` right, and may the cluster pull it?";
  if (message.starts_with("0/") && message.find("Insufficient") != std::string_view::npos) return "lower `cpu` or `memory`, or state the cluster's `capacity`";
  return {};
}

/// Reasons that pass by themselves in the ordinary course of a start.
bool ordinary(std::string_view reason) { return reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing"; }

struct Trouble {
  int weight = 0;          // the larger, the more it tells
  std::string created;
  std::string text;
};

Trouble of_container(const Value& status) {
  Trouble out;
  const std::string name(status.text_or("name", ""));
  if (const Value* waiting = status.at("state", "waiting"); waiting != nullptr && waiting->is_map()) {
    const std::string reason(waiting->text_or("reason", ""));
    const std::string message(waiting->text_or("message", ""));
    if (ordinary(reason)) return out;
    out.weight = 3;
    out.text = fmt::format("container {}: {}", name, reason);
    if (const Value* last = status.at("lastState", "terminated"); reason == "CrashLoopBackOff" && last != nullptr && last->is_map()) {
      const std::string why(last->text_or("reason", ""));
      out.text += fmt::format(", it ended with {} after {} restarts", why == "OOMKilled" ? why : "exit code " + std::to_string(last->int_or("exitCode", 0)), status.int_or("restartCount", 0));
    } else if (!message.empty()) {
      out.text += ": " + message;
    }
    if (const std::string hint = advice(reason, message); !hint.empty()) out.text += "; " + hint;
  } else if (const Value* ended = status.at("state", "terminated"); ended != nullptr && ended->is_map() && ended->int_or("exitCode", 0) != 0) {
    out.weight = 2;
    out.text = fmt::format("container {}: {} with exit code {}", name, ended->text_or("reason", "ended"), ended->int_or("exitCode", 0));
  } else if (const Value* running = status.at("state", "running"); running != nullptr) {
    const Value* ready = status.find("ready");
    if (ready != nullptr && ready->is_bool() && !ready->as_bool()) {
      out.weight = 1;
      out.text = fmt::format("container {} runs and is not ready: its ready probe fails", name);
    }
  }
  return out;
}

Trouble of_pod(const Value& pod) {
  Trouble out;
  const Value* status = pod.find("status");
  const Value* metadata = pod.find("metadata");
  if (status == nullptr || metadata == nullptr || metadata->find("deletionTimestamp") != nullptr) return out;
  for (const std::string_view list : {"initContainerStatuses", "containerStatuses"}) {
    const Value* all = status->find(list);
    if (all == nullptr || !all->is_list()) continue;
    for (const Value& each : all->items()) {
      if (!each.is_map()) continue;
      Trouble one = of_container(each);
      if (one.weight > out.weight) out = std::move(one);
    }
  }
  const Value* conditions = status->find("conditions");
  if (conditions != nullptr && conditions->is_list())
    for (const Value& c : conditions->items())
      if (c.text_or("type", "") == "PodScheduled" && c.text_or("status", "") == "False") {
        out.weight = 3;
        out.text = fmt::format("{}: {}", c.text_or("reason", "not scheduled"), c.text_or("message", ""));
        if (const std::string hint = advice(c.text_or("reason", ""), c.text_or("message", "")); !hint.empty()) out.text += "; " + hint;
      }
  if (const std::string reason(status->text_or("reason", "")); out.weight == 0 && !reason.empty()) {
    out.weight = 2;
    out.text = fmt::format("{}: {}", reason, status->text_or("message", ""));
  }
  out.created = metadata->text_or("creationTimestamp", "");
  return out;
}

}  // namespace

std::string pod_trouble(std::span<const Value> pods) {
  Trouble worst;
  for (const Value& pod : pods) {
    if (pod.text_or("kind", "") != "Pod") continue;
    Trouble one = of_pod(pod);
    if (one.weight == 0) continue;
    // Pods of the template before may have troubles of their own: the newest speaks first.
    if (worst.weight == 0 || one.created > worst.created || (one.created == worst.created && one.weight > worst.weight)) worst = std::move(one);
  }
  if (worst.text.size() > 400) worst.text = worst.text.substr(0, 397) + "...";
  return worst.text;
}

std::string pod_selector(const Value& workload) {
  const Value* labels = workload.at("spec", "selector", "matchLabels");
  std::string out;
  if (labels != nullptr && labels->is_map())
    for (const Entry& e : labels->entries())
      if (e.value.is_string()) out += (out.empty() ? "" : ",") + std::string(e.name()) + "=" + std::string(e.value.as_string());
  return out;
}

}  // namespace mcp
