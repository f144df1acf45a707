#pragma once
// Journal: what the loop needs of the state, as an interface: begin a run, one transaction a tick, end it. StoreJournal
// keeps it in SQLite; tests have a twin in memory. Decides nothing.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lang/base/result.hpp"
#include "planner/diff/rows.hpp"
#include "planner/plan/plan.hpp"
#include "planner/store/store.hpp"

namespace mcp {

/// One transaction: attempts that are about to be sent, outcomes that are known, and the rows these leave.
struct Tick {
  struct Put { RecordedRow row; Value body; };
  std::vector<StepRow> steps;
  std::vector<Put> puts;
  std::vector<ObjectRef> drops;
  std::vector<ObjectRef> ready;                   // recorded as unready before
  std::vector<RecordedMember> joins;
  std::vector<std::string> leaves;
  std::vector<HistoryObject> history;
  bool empty() const { return steps.empty() && puts.empty() && drops.empty() && ready.empty() && joins.empty() && leaves.empty() && history.empty(); }
};

struct RunEnd {
  RunState state = RunState::Done;
  Value summary;                                  // counts, for `history`
  std::vector<RecordedMember> members;            // as they are to be recorded
  std::map<std::string, std::string> divisions;   // address to digest of inputs; empty: forgotten
};

class Journal {
 public:
  virtual ~Journal() = default;
  /// Number of the last run, begun or ended.
  virtual Result<std::int64_t> serial() = 0;
  /// The plan and the run are durable when this returns its number.
  virtual Result<std::int64_t> begin(const Plan& plan) = 0;
  /// What is known of the steps of `run`; may be less than what happened, or nothing.
  virtual Result<std::vector<StepRow>> steps(std::int64_t run) = 0;
  virtual Result<std::optional<RecordedRow>> recorded(const ObjectRef& ref) = 0;
  virtual Result<Value> body(const Digest& digest) = 0;
  virtual Result<std::vector<RecordedMember>> members() = 0;
  /// Durable and whole when this returns; fails when the lock is no longer ours, and then nothing is written.
  virtual Result<void> tick(std::int64_t run, const Tick& tick) = 0;
  virtual Result<void> end(std::int64_t run, const RunEnd& end) = 0;
};

}  // namespace mcp
