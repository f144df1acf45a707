#include "planner/plan/plan.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace mcp {

namespace {

constexpr std::array<std::string_view, action_count> action_names = {"join", "leave", "create", "adopt", "update", "replace", "delete", "forget"};
constexpr std::array<std::string_view, action_count> glyphs = {"+", "-", "+", "*", "~", "-+", "-", "x"};
constexpr std::array<std::string_view, 12> reason_names = {"new",   "changed", "placed",    "scaled",  "drain",   "lost",
                                                           "drift", "follows", "immutable", "removed", "renamed", "deferred"};
constexpr std::array<std::string_view, 6> edge_names = {"order", "reference", "move", "namespace", "reverse", "leave"};
constexpr std::array<std::string_view, 6> blocked_names = {"limit", "guard", "protect", "foreign", "empty", "namespace"};
constexpr std::array<std::string_view, 4> level_names = {"critical", "high", "medium", "low"};

template <class E, std::size_t N>
std::optional<E> parse(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Action action) { return action_names[static_cast<std::size_t>(action)]; }
std::optional<Action> action_of(std::string_view text) { return parse<Action>(action_names, text); }
std::string_view glyph(Action action) { return glyphs[static_cast<std::size_t>(action)]; }
std::string_view to_string(Reason reason) { return reason_names[static_cast<std::size_t>(reason)]; }
std::optional<Reason> reason_of(std::string_view text) { return parse<Reason>(reason_names, text); }
std::string_view to_string(EdgeReason reason) { return edge_names[static_cast<std::size_t>(reason)]; }
std::optional<EdgeReason> edge_reason_of(std::string_view text) { return parse<EdgeReason>(edge_names, text); }
std::string_view to_string(BlockedBy what) { return blocked_names[static_cast<std::size_t>(what)]; }
std::optional<BlockedBy> blocked_by_of(std::string_view text) { return parse<BlockedBy>(blocked_names, text); }
std::string_view to_string(RiskLevel level) { return level_names[static_cast<std::size_t>(level)]; }
std::optional<RiskLevel> risk_level_of(std::string_view text) { return parse<RiskLevel>(level_names, text); }

std::string Where::brief() const { return line == 0 ? std::string() : file + ":" + std::to_string(line); }

std::int64_t Plan::count(Action action) const {
  return std::count_if(steps.begin(), steps.end(), [&](const Step& s) { return s.action == action; });
}

bool Plan::left_out() const {
  return std::any_of(deferred.begin(), deferred.end(), [](const Deferral& d) { return d.changes > 0; });
}

std::int64_t Plan::moved() const {
  std::int64_t sum = 0;
  for (const PlacementRow& row : placement) sum += row.moved;
  return sum;
}

std::int64_t Plan::replicas_before() const {
  std::int64_t sum = 0;
  for (const PlacementRow& row : placement)
    for (const auto& share : row.shares) sum += share.before;
  return sum;
}

std::int64_t Plan::replicas_after() const {
  std::int64_t sum = 0;
  for (const PlacementRow& row : placement)
    for (const auto& share : row.shares) sum += share.after;
  return sum;
}

std::vector<std::string> Plan::touched() const {
  std::set<std::string> names;
  const std::string* last = nullptr;   // steps of one member mostly stand together
  for (const Step& step : steps) {
    const std::string& name = step.address.kind == AddressKind::Cluster ? step.address.name : step.address.member;
    if (last != nullptr && *last == name) continue;
    names.insert(name);
    last = &name;
  }
  return {names.begin(), names.end()};
}

}  // namespace mcp
