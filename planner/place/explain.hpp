#pragma once
// Why a workload has its number on a member: the full record of docs/placement.md, "Explanations", made on demand by
// placing again and watching. For people and for --json; no decision reads it.
#include <string>
#include <vector>

#include "lang/base/source.hpp"
#include "lang/value/value.hpp"
#include "planner/place/slots.hpp"

namespace mcp {

/// One added replica at one level: who stood in line with which quotient.
struct PlaceStep {
  Replicas number = 0;          // the how-manieth replica of this group it is
  struct Part {
    std::int64_t weight = 0;
    Replicas count = 0;
    bool full = false;
  };
  std::vector<Part> parts;      // as the table's names
  std::size_t winner = 0;
};

/// The division between the groups of one level, or between the members of one group.
struct PlaceTable {
  std::size_t level = 0;        // 0: outermost; number of levels of `by`: members
  std::string group;            // inside which group; empty at the outermost
  std::vector<std::string> names;
  std::vector<std::int64_t> weights;
  std::vector<Replicas> before;
  std::size_t own = 0;          // which part is, or holds, the member asked for
  std::vector<PlaceStep> steps;
};

/// The dimension that bounds a member, if any.
struct PlaceRoom {
  Dimension dimension = Dimension::None;
  Replicas room = 0;            // replicas of this workload
  std::int64_t capacity = 0;    // pods, millicores or bytes
  std::int64_t others = 0;      // used by other workloads
  bool observed = false;        // else declared
};

struct PlaceExplanation {
  Address address;              // with member
  Slot slot;                    // of the member, when all was placed
  Replicas before = 0;
  Replicas after = 0;
  Replicas kept = 0;
  Replicas added = 0;           // here
  Replicas added_in_all = 0;
  Origin state_origin;
  std::string state_text;       // "hold: cordoned"
  PlaceRoom room;
  std::size_t levels = 0;
  Origin by_origin;
  Origin weight_origin;
  std::vector<PlaceTable> tables;   // those with several parts, outermost first
  std::string stop;             // "state", "max", "room", "weight 0", "next in line"
  std::string stop_text;        // "room: other workloads use 56 of 60 pods"
  std::string one_more;         // "with replicas = 27"; empty: no one change gives one more here
};

/// Requires: no contradiction in the requests. cost: some placements of all workloads
PlaceExplanation explain(const Inventory& inventory, const std::vector<PlaceRequest>& requests, std::size_t workload, std::uint32_t member);

struct ExplainOptions {
  bool all_steps = false;       // else the last 8
};
std::string to_text(const PlaceExplanation& why, const SourceMap& sources, ExplainOptions options = {});
Value to_value(const PlaceExplanation& why, const SourceMap& sources);

}  // namespace mcp
