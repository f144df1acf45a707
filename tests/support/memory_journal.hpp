#pragma once
// Journal in memory, for tests of the loop: whole transactions or none, and a write that can be made to fail.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "executor/run/journal.hpp"

namespace mcp::test {

class MemoryJournal final : public Journal {
 public:
  std::map<ObjectRef, RecordedRow> rows;
  std::map<Digest, Value> bodies;
  std::map<std::string, RecordedMember> joined;
  std::map<std::int64_t, std::map<std::uint32_t, StepRow>> journal;
  std::map<std::int64_t, RunState> runs;
  std::map<std::string, std::string> divisions;
  std::vector<HistoryObject> history;
  std::int64_t writes = 0;
  std::int64_t fail_at = 0;        // number of the write that fails; 0: none
  bool forgets_steps = false;      // as another machine that has plan and members only

  Result<std::int64_t> serial() override { return runs.empty() ? 0 : runs.rbegin()->first; }
  Result<std::int64_t> begin(const Plan&) override {
    MCP_TRY(write());
    const std::int64_t run = MCP_TRY(serial()) + 1;
    runs[run] = RunState::Open;
    return run;
  }
  Result<std::vector<StepRow>> steps(std::int64_t run) override {
    std::vector<StepRow> out;
    if (forgets_steps) return out;
    for (const auto& [n, row] : journal[run]) out.push_back(row);
    return out;
  }
  Result<std::optional<RecordedRow>> recorded(const ObjectRef& ref) override {
    const auto it = rows.find(ref);
    return it == rows.end() ? std::optional<RecordedRow>() : std::optional<RecordedRow>(it->second);
  }
  Result<Value> body(const Digest& digest) override { return bodies[digest]; }
  Result<std::vector<RecordedMember>> members() override {
    std::vector<RecordedMember> out;
    for (const auto& [name, member] : joined) out.push_back(member);
    return out;
  }
  Result<void> tick(std::int64_t run, const Tick& tick) override {
    MCP_TRY(write());
    for (const StepRow& row : tick.steps) journal[run][row.n] = row;
    for (const Tick::Put& put : tick.puts) {
      bodies[put.body.digest()] = put.body;
      rows[put.row.ref] = put.row;
    }
    for (const ObjectRef& ref : tick.drops) rows.erase(ref);
    for (const ObjectRef& ref : tick.ready)
      if (const auto it = rows.find(ref); it != rows.end()) it->second.unready = false;
    for (const RecordedMember& member : tick.joins) joined[member.name] = member;
    for (const std::string& name : tick.leaves) joined.erase(name);
    history.insert(history.end(), tick.history.begin(), tick.history.end());
    return {};
  }
  Result<void> end(std::int64_t run, const RunEnd& end) override {
    MCP_TRY(write());
    for (const RecordedMember& member : end.members) joined[member.name] = member;
    for (const auto& [address, inputs] : end.divisions) divisions[address] = inputs;
    runs[run] = end.state;
    return {};
  }

 private:
  Result<void> write() {
    if (++writes == fail_at) return fail("the disk is full");
    return {};
  }
};

}  // namespace mcp::test
