#pragma once
// The order of steps: edges with their reason, proven acyclic by numbering the steps so that every edge leads from a
// lower to a higher number. Deterministic, linear in steps and edges.
#include <string>
#include <vector>

#include "lang/base/result.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

/// Renumbers `steps` topologically (ties: the order given) and `edges` with them; edges come sorted, each once.
/// `moved_to[i]` is the new number of step i. Errors: a cycle, with the addresses on its path.
Result<void> order_steps(std::vector<Step>& steps, std::vector<Edge>& edges, std::vector<std::uint32_t>& moved_to);

/// The graph as Graphviz text, or as a Mermaid flowchart. One node a step, edges with their reason.
std::string graph_dot(const Plan& plan);
std::string graph_mermaid(const Plan& plan);

}  // namespace mcp
