#include "executor/run/store_journal.hpp"

namespace mcp {

namespace {

constexpr std::int64_t runs_kept = 50;   // bodies that only older runs name go

}  // namespace

Result<void> StoreJournal::still_ours() {
  if (note_.lock.empty() || MCP_TRY(store_.holds_lock(note_.lock, note_.row.token))) return {};
  return fail("the lock is held by somebody else now", "see who: mcp status", 6);
}

Result<std::int64_t> StoreJournal::serial() { return store_.serial(); }

Result<std::int64_t> StoreJournal::begin(const Plan&) {
  Txn txn = MCP_TRY(store_.begin());
  MCP_TRY(still_ours());
  MCP_TRY(store_.put_plan(note_.row.plan, note_.plan_bytes));
  note_.plan_bytes = {};   // many, and from now on in the store
  MCP_TRY(store_.start_run(note_.row));
  if (!note_.lock.empty()) MCP_TRY(store_.set_lock_run(note_.lock, note_.row.id));
  MCP_TRY(txn.commit());
  return note_.row.id;
}

Result<std::vector<StepRow>> StoreJournal::steps(std::int64_t run) { return store_.steps(run); }
Result<std::optional<RecordedRow>> StoreJournal::recorded(const ObjectRef& ref) { return store_.recorded(ref); }
Result<Value> StoreJournal::body(const Digest& digest) { return store_.body(digest); }
Result<std::vector<RecordedMember>> StoreJournal::members() { return store_.members(); }

Result<void> StoreJournal::tick(std::int64_t run, const Tick& tick) {
  Txn txn = MCP_TRY(store_.begin());
  MCP_TRY(still_ours());
  for (const StepRow& row : tick.steps) MCP_TRY(store_.put_step(run, row));
  for (const Tick::Put& put : tick.puts) {
    MCP_TRY(store_.put_body(put.body));
    MCP_TRY(store_.put_recorded(put.row));
  }
  for (const ObjectRef& ref : tick.drops) MCP_TRY(store_.drop_recorded(ref));
  for (const ObjectRef& ref : tick.ready) MCP_TRY(store_.set_ready(ref));
  for (const RecordedMember& member : tick.joins) MCP_TRY(store_.put_member(member));
  for (const std::string& name : tick.leaves) {
    MCP_TRY(store_.drop_observed_of(name));
    MCP_TRY(store_.drop_member(name));
  }
  for (const HistoryObject& row : tick.history) MCP_TRY(store_.put_history(run, row));
  return txn.commit();
}

Result<void> StoreJournal::end(std::int64_t run, const RunEnd& end) {
  Txn txn = MCP_TRY(store_.begin());
  MCP_TRY(still_ours());
  for (const RecordedMember& member : end.members) MCP_TRY(store_.put_member(member));
  for (const auto& [address, inputs] : end.divisions) {
    if (inputs.empty()) MCP_TRY(store_.drop_division(address));
    else MCP_TRY(store_.put_division(address, inputs));
  }
  RunRow row = note_.row;
  row.id = run;
  row.state = end.state;
  row.summary = end.summary;
  row.ended_ms = note_.clock ? note_.clock() : 0;
  MCP_TRY(store_.end_run(row));
  MCP_TRY(store_.collect(runs_kept));
  return txn.commit();
}

}  // namespace mcp
