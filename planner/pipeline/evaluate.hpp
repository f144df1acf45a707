#pragma once
// A loaded project placed and modelled: inventory, division, desired objects, with all findings of these phases. The
// recorded side comes as values, so `check` (nothing recorded), `render` and `plan` are one function.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lang/program/program.hpp"
#include "planner/diff/rows.hpp"
#include "planner/model/model.hpp"
#include "planner/place/placement.hpp"

namespace mcp {

/// What is recorded and known of members; empty: a first placement on members that all answer.
struct Recorded {
  bool exists = false;                           // there is a state
  std::vector<RecordedMember> members;           // by name
  std::map<Address, std::vector<Standing>> standing;   // filled by evaluate() from `replicas`, by inventory index
  std::map<Address, std::map<std::string, Replicas>> replicas;   // workload to member to number
  std::set<std::pair<std::string, std::string>> namespaces;      // (member, namespace) made by us
  std::map<std::string, std::string> divisions;  // workload address to digest of its inputs
  std::optional<bool> mcp_cluster;               // whether it answers; nullopt: none is named
  std::map<std::string, Reach> reach;            // as the refresh found it; a missing one answered
  std::map<std::string, std::pair<int, std::int64_t>> failures;  // failures in a row, ms since the first
};

struct EvaluateOptions {
  std::set<std::string> lost;                    // --lost
  SecretText secrets = SecretText::Fingerprints;
  const std::map<SecretKey, std::string>* fingerprints = nullptr;
  bool destroy = false;                          // nothing is desired
};

struct Evaluated {
  Inventory inventory;
  Placement placement;
  Desired desired;
  std::vector<PlaceRequest> requests;
  std::vector<SecretUse> secrets;
  std::map<Address, std::string> division_inputs;
};

/// Findings go to `loaded.diagnostics`; with errors there, the result is of no use but for messages.
Evaluated evaluate(Loaded& loaded, const Recorded& recorded, const EvaluateOptions& options);

}  // namespace mcp
