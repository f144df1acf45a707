#pragma once
// How the carrying out of a plan ended: counts, a report per step, and one Ending of which exit codes are made. Plain data.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "executor/schedule/schedule.hpp"
#include "lang/base/result.hpp"

namespace mcp {

struct Counts {
  std::int64_t done = 0;       // `already` included
  std::int64_t already = 0;    // nothing had to be written
  std::int64_t failed = 0;
  std::int64_t skipped = 0;
  std::int64_t deferred = 0;
  std::int64_t open = 0;       // not ended: only after an interrupt
  bool operator==(const Counts&) const = default;
};

struct StepReport {
  std::uint32_t step = 0;      // index into Plan::steps
  StepState state = StepState::Blocked;
  bool already = false;
  std::string why;             // of a failure, a skip, a deferral
  bool operator==(const StepReport&) const = default;
};

/// An object that is neither as planned nor as the plan would leave it.
struct StaleObject {
  Address address;
  ObjectRef ref;
  std::string why;             // "exists already", "is gone", "fields differ"
  struct Field {
    std::string path;
    Value planned;
    Value present;
    bool had = false;          // planned to be there
    bool has = false;          // is there
    bool operator==(const Field&) const = default;
  };
  std::vector<Field> fields;
  std::string manager;         // who wrote last, other than mcp
  std::string time;            // RFC 3339, as the member said it
  bool operator==(const StaleObject&) const = default;
};

struct Applied {};                                              // everything of the plan is done
struct AlreadyApplied { std::int64_t run = 0; };                // it had been before, and nothing has changed since
struct Partial {};                                              // something failed, was skipped or deferred
struct Stale { std::vector<StaleObject> objects; };             // nothing was written
struct Interrupted { bool at_once = false; };                   // can be resumed

using Ending = std::variant<Applied, AlreadyApplied, Partial, Stale, Interrupted>;

inline int exit_code(const Ending& ending) {
  struct Code {
    int operator()(const Applied&) const { return 0; }
    int operator()(const AlreadyApplied&) const { return 0; }
    int operator()(const Partial&) const { return 4; }
    int operator()(const Stale&) const { return 3; }
    int operator()(const Interrupted&) const { return 130; }
  };
  return std::visit(Code{}, ending);
}

struct RunResult {
  Ending ending;
  Counts counts;
  std::int64_t run = 0;                // number of the apply; 0: none was begun
  std::vector<StepReport> steps;       // one per step, by number
  std::optional<Error> unshared;       // why the MCP cluster does not know of it; nullopt: it does, or there is none
};

}  // namespace mcp
