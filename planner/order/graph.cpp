#include "planner/order/graph.hpp"

#include <algorithm>
#include <queue>

#include "lang/base/permute.hpp"

namespace mcp {

namespace {

/// Steps of one circle, in order. What waits has a predecessor that waits, so the way back never ends outside of one.
std::string circle_text(const std::vector<Step>& steps, const std::vector<Edge>& edges, const std::vector<std::uint32_t>& waiting) {
  std::vector<std::uint32_t> previous(steps.size());
  for (const Edge& e : edges)
    if (waiting[e.from] > 0 && waiting[e.to] > 0) previous[e.to] = e.from;
  auto at = static_cast<std::uint32_t>(std::find_if(waiting.begin(), waiting.end(), [](std::uint32_t n) { return n > 0; }) - waiting.begin());
  for (std::size_t i = 0; i < steps.size(); ++i) at = previous[at];   // surely in the circle now
  const std::uint32_t start = at;
  std::string out = steps[start].address.text();
  do {
    at = previous[at];
    out = steps[at].address.text() + " > " + out;
  } while (at != start);
  return out;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// Sorts by (from, to, reason): those of one step together, counted, and then only these few compared. Linear.
void sort_edges(std::vector<Edge>& edges, std::size_t steps) {
  std::vector<std::uint32_t> next(steps + 1, 0);
  for (const Edge& e : edges) ++next[e.from + 1];
  for (std::size_t i = 0; i < steps; ++i) next[i + 1] += next[i];
  std::vector<Edge> sorted(edges.size());
  for (const Edge& e : edges) sorted[next[e.from]++] = e;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin + 1;
    while (end < sorted.size() && sorted[end].from == sorted[begin].from) ++end;
    std::sort(sorted.begin() + static_cast<std::ptrdiff_t>(begin), sorted.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
  edges = std::move(sorted);
}

}  // namespace

Result<void> order_steps(std::vector<Step>& steps, std::vector<Edge>& edges, std::vector<std::uint32_t>& moved_to) {
  const std::size_t n = steps.size();
  sort_edges(edges, n);
  edges.erase(std::unique(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.from == b.from && a.to == b.to; }), edges.end());
  std::vector<std::uint32_t> waiting(n, 0);
  for (const Edge& e : edges) ++waiting[e.to];
  std::vector<std::uint32_t> first(n + 1, 0);
  for (const Edge& e : edges) ++first[e.from + 1];
  for (std::size_t i = 0; i < n; ++i) first[i + 1] += first[i];
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t i = 0; i < n; ++i)
    if (waiting[i] == 0) ready.push(i);
  moved_to.assign(n, 0);
  std::uint32_t number = 0;
  std::vector<std::uint32_t> at(n);
  while (!ready.empty()) {
    const std::uint32_t i = ready.top();
    ready.pop();
    at[number] = i;
    moved_to[i] = number++;
    for (std::uint32_t e = first[i]; e < first[i + 1]; ++e)
      if (--waiting[edges[e].to] == 0) ready.push(edges[e].to);
  }
  if (number != n) return fail("the steps wait for each other in a circle: " + circle_text(steps, edges, waiting), "this is a mistake in mcp; please report it with the plan");
  permute(steps, std::move(at));
  for (Edge& e : edges) e = {moved_to[e.from], moved_to[e.to], e.reason};
  sort_edges(edges, n);
  return {};
}

std::string graph_dot(const Plan& plan) {
  std::string out = "digraph plan {\n  rankdir = LR\n  node [shape = box]\n";
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    out += "  s" + std::to_string(i) + " [label = " + quoted(std::string(to_string(plan.steps[i].action)) + " " + plan.steps[i].address.text()) + "]\n";
  for (const Edge& e : plan.edges) out += "  s" + std::to_string(e.from) + " -> s" + std::to_string(e.to) + " [label = " + quoted(std::string(to_string(e.reason))) + "]\n";
  return out + "}\n";
}

std::string graph_mermaid(const Plan& plan) {
  std::string out = "flowchart LR\n";
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    out += "  s" + std::to_string(i) + "[" + quoted(std::string(to_string(plan.steps[i].action)) + " " + plan.steps[i].address.text()) + "]\n";
  for (const Edge& e : plan.edges) out += "  s" + std::to_string(e.from) + " -->|" + std::string(to_string(e.reason)) + "| s" + std::to_string(e.to) + "\n";
  return out;
}

}  // namespace mcp
