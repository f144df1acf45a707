#pragma once
// StoreJournal: the Journal in SQLite. Each call is one transaction that first asks whether the lock is still ours.
#include <functional>
#include <string>

#include "executor/run/journal.hpp"

namespace mcp {

/// What a run is recorded with beside the plan itself.
struct RunNote {
  RunRow row;                  // plan, changes, token, cells, who, host, pid, started_ms, revision; the rest is set here
  std::string plan_bytes;      // as saved, for `resume`
  std::string lock;            // id of the lock that is held; empty: none is asked for
  std::function<std::int64_t()> clock;   // wall clock in ms, for `ended_ms`; may be empty
};

class StoreJournal final : public Journal {
 public:
  StoreJournal(Store& store, RunNote note) : store_(store), note_(std::move(note)) {}
  Result<std::int64_t> serial() override;
  Result<std::int64_t> begin(const Plan& plan) override;
  Result<std::vector<StepRow>> steps(std::int64_t run) override;
  Result<std::optional<RecordedRow>> recorded(const ObjectRef& ref) override;
  Result<Value> body(const Digest& digest) override;
  Result<std::vector<RecordedMember>> members() override;
  Result<void> tick(std::int64_t run, const Tick& tick) override;
  Result<void> end(std::int64_t run, const RunEnd& end) override;

 private:
  Result<void> still_ours();
  Store& store_;
  RunNote note_;
};

}  // namespace mcp
