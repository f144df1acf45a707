#pragma once
// From what is desired, recorded and observed to a Plan: actions with reasons and preconditions, their order, limits,
// protections, risks. A pure function of values; the store and the members were read before.
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lang/base/result.hpp"
#include "lang/topology/topology.hpp"
#include "planner/diff/rows.hpp"
#include "planner/model/model.hpp"
#include "planner/place/placement.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

struct PlanOptions {
  std::map<std::string, std::string> allow;    // limit to value
  std::set<std::string> lost;                  // --lost
  std::set<std::string> adopt;                 // addresses, or "all"
  std::set<std::string> forget;                // addresses
  bool destroy = false;
};

/// A member as the refresh found it.
struct MemberFound {
  std::string name;
  Reach reach = Reach::Answered;
  std::string identity;                        // as it answered; empty if it did not
};

struct PlanInput {
  const Topology* topology = nullptr;
  const SourceMap* sources = nullptr;
  const Inventory* inventory = nullptr;        // declared and recorded members, by name
  const Placement* placement = nullptr;
  const Desired* desired = nullptr;
  std::vector<RecordedMember> members;         // by name
  std::vector<MemberFound> found;              // by name, as many as the inventory has members
  std::vector<RecordedRow> rows;               // by (member, ns, kind, name)
  std::vector<ObservedRow> observed;           // only what differs from its row, or has none
  std::function<Result<Value>(const Digest&)> body;   // recorded bodies
  std::vector<SecretUse> secrets;
  std::map<SecretKey, std::string> fingerprints;
  std::map<Address, std::string> division_inputs;     // digest of what a fresh division depends on
  std::map<std::string, std::string> files;
  std::int64_t serial = 0;
  std::string project;
  std::string mcp_version;
  PlanOptions options;
};

Result<Plan> assemble(const PlanInput& input);

}  // namespace mcp
