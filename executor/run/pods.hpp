#pragma once
// Why Pods are not ready, in their own words: the waiting reason of a container, or the scheduler's. Pure; reads what a
// List of Pods answered.
#include <span>
#include <string>

#include "lang/value/value.hpp"

namespace mcp {

/// "ImagePullBackOff: ..." of the Pod that is farthest from ready, newest first, with what in the policy would change
/// it where that is known; "" if no Pod says anything. Source: kubernetes.md section 9; k8s.io/kubernetes pkg/kubelet.
std::string pod_trouble(std::span<const Value> pods);

/// The labels of a workload's selector as a list takes them: "app=web,tier=db". "" for one that is none.
std::string pod_selector(const Value& workload);

}  // namespace mcp
