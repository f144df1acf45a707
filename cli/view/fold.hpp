#pragma once
// Changes folded into rows for reading: equal action, fields and values are one row over clusters, equal neighbours one
// row over addresses, and the replicas of a workload that leave one cluster for others one move. Pure; prints nothing.
#include <string>
#include <vector>

#include "planner/plan/plan.hpp"

namespace mcp::view {

/// One line of what a new object holds: "image", "registry.example/shop/web:2.4.1".
struct DetailLine {
  std::string name;           // empty: the text says it all
  std::string text;
  bool operator==(const DetailLine&) const = default;
};

struct ChangeRow {
  Action action = Action::Create;
  const PlacementRow* move = nullptr;       // set: a heading for moved replicas; then there are no changes
  std::vector<Address> addresses;           // declared; several with equal content
  std::vector<std::string> members;         // sorted
  std::vector<const Change*> changes;       // of the first address, by member
  std::vector<DetailLine> details;          // of creates
  std::string why;
  bool without_replicas = false;            // a move tells them
};

std::vector<ChangeRow> fold_changes(const Plan& plan, std::size_t secret_digits);

/// What a new object holds, in a few lines: image, ports, sizes, number of lines.
std::vector<DetailLine> create_details(const Plan& plan, const Step& step, std::size_t secret_digits);

inline constexpr std::string_view replicas_path = "spec.replicas";

}  // namespace mcp::view
