#include "executor/shared/answers.hpp"

#include "executor/run/lease.hpp"

namespace mcp {

std::string no_answer(const Outcome& outcome) {
  if (const auto* gone = std::get_if<Unreachable>(&outcome)) return gone->detail;
  if (const auto* unsure = std::get_if<Uncertain>(&outcome)) return unsure->detail;
  return std::holds_alternative<Throttled>(outcome) ? "it asks to wait" : std::string();
}

Error mcp_cluster_silent(const std::string& why) {
  return {std::string(mcp_cluster) + " does not answer: " + why, "it holds the lock and the state of this project (`cluster` of the mcp block); try again", 1, {}};
}

Error mcp_cluster_refuses(const Rejected& no) {
  return {std::string(mcp_cluster) + " refuses us: " + (no.detail.empty() ? no.reason : no.detail), "docs/kubernetes.md lists the rights that are needed there", 1, {}};
}

}  // namespace mcp
