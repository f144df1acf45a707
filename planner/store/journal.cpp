#include "lang/base/check.hpp"
#include "lang/base/lines.hpp"
#include "lang/value/json.hpp"
#include "planner/store/impl.hpp"

namespace mcp {

namespace {

constexpr char sql_put_plan[] = "INSERT OR IGNORE INTO plan VALUES(?,?)";
constexpr char sql_plan[] = "SELECT bytes FROM plan WHERE digest=?";
constexpr char sql_start_run[] =
    "INSERT INTO run(plan,changes,token,cells,state,who,host,pid,started_ms,revision) VALUES(?,?,?,?,'open',?,?,?,?,?) RETURNING id";
constexpr char sql_end_run[] = "UPDATE run SET state=?,ended_ms=?,summary=? WHERE id=?";
constexpr char sql_put_rebuilt[] =
    "INSERT INTO run(id,plan,changes,token,cells,state,who,host,pid,started_ms,ended_ms,summary) VALUES(?,x'',x'',?,'','done',?,'',0,?,?,?)";
constexpr char sql_put_run[] =
    "INSERT OR REPLACE INTO run(id,plan,changes,token,cells,state,who,host,pid,started_ms,ended_ms,revision,summary) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr char sql_drop_run[] = "DELETE FROM run WHERE id=?";
constexpr char sql_drop_steps[] = "DELETE FROM step WHERE run=?";
constexpr char sql_drop_history[] = "DELETE FROM history_object WHERE run=?";
constexpr char sql_serial[] = "SELECT coalesce(max(id),0) FROM run";
#define RUN_COLUMNS "SELECT id,plan,changes,token,cells,state,who,host,pid,started_ms,ended_ms,revision,summary FROM run "
constexpr char sql_runs[] = RUN_COLUMNS "ORDER BY id DESC";
constexpr char sql_open_runs[] = RUN_COLUMNS "WHERE state='open' ORDER BY id DESC";
constexpr char sql_finished[] = RUN_COLUMNS "WHERE plan=? AND state='done' ORDER BY id DESC LIMIT 1";
constexpr char sql_put_step[] =
    "INSERT INTO step VALUES(?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET attempt=excluded.attempt,state=excluded.state,uid=excluded.uid,"
    "owned=excluded.owned,detail=excluded.detail";
constexpr char sql_steps[] = "SELECT n,attempt,state,uid,owned,detail FROM step WHERE run=? ORDER BY n";
constexpr char sql_put_history[] = "INSERT OR REPLACE INTO history_object VALUES(?,?,?,?,?,?,?,?,?)";
constexpr char sql_drop_one_history[] = "DELETE FROM history_object WHERE run=? AND member=? AND ns=? AND kind=? AND name=? AND api=?";
constexpr char sql_history[] =
    "SELECT member,api,kind,ns,name,action,before,after FROM history_object WHERE run=? ORDER BY member,ns,kind,name,api";
constexpr char sql_collect[] =
    "DELETE FROM body WHERE digest NOT IN (SELECT body FROM object)"
    " AND digest NOT IN (SELECT before FROM history_object WHERE before IS NOT NULL AND run>?1)"
    " AND digest NOT IN (SELECT after FROM history_object WHERE after IS NOT NULL AND run>?1)";

constexpr std::int64_t collect_every = 16;   // runs: looking for unnamed bodies reads whole tables

constexpr RunState states[] = {RunState::Open, RunState::Done, RunState::Partial, RunState::Abandoned};

Result<RunRow> read_run(const Stmt& s) {
  RunRow row;
  row.id = s.integer(0);
  row.plan = digest_of(s.blob(1));
  row.changes = digest_of(s.blob(2));
  row.token = s.integer(3);
  row.cells = split_lines(s.text(4));
  for (const RunState state : states)
    if (to_string(state) == s.text(5)) row.state = state;
  row.who = s.text(6);
  row.host = s.text(7);
  row.pid = s.integer(8);
  row.started_ms = s.integer(9);
  row.ended_ms = s.integer(10);
  row.revision = s.text(11);
  row.summary = MCP_TRY(value_of(s.text(12)));
  return row;
}

Result<std::vector<RunRow>> read_runs(Stmt& s) {
  std::vector<RunRow> out;
  while (MCP_TRY(s.step())) out.push_back(MCP_TRY(read_run(s)));
  return out;
}

}  // namespace

std::string_view to_string(RunState state) {
  switch (state) {
    case RunState::Open: return "open";
    case RunState::Done: return "done";
    case RunState::Partial: return "partial";
    case RunState::Abandoned: return "abandoned";
  }
  return "";
}

Result<void> Store::put_plan(const Digest& digest, std::string_view bytes) {
  return MCP_TRY(impl_->use(sql_put_plan))->bind_blob(1, bytes_of(digest)).bind_blob(2, bytes).run();
}

Result<std::string> Store::plan(const Digest& digest) {
  Stmt& s = *MCP_TRY(impl_->use(sql_plan));
  s.bind_blob(1, bytes_of(digest));
  if (!MCP_TRY(s.step())) return std::string();
  std::string out(s.blob(0));
  s.reset();
  return out;
}

Result<std::int64_t> Store::serial() {
  Stmt& s = *MCP_TRY(impl_->use(sql_serial));
  MCP_TRY(s.step());
  const std::int64_t out = s.integer(0);
  s.reset();
  return out;
}

Result<void> Store::start_run(RunRow& run) {
  const std::string cells = joined_lines(run.cells);
  Stmt& s = *MCP_TRY(impl_->use(sql_start_run));
  s.bind_blob(1, bytes_of(run.plan)).bind_blob(2, bytes_of(run.changes)).bind(3, run.token).bind(4, cells).bind(5, run.who)
      .bind(6, run.host).bind(7, run.pid).bind(8, run.started_ms).bind(9, run.revision);
  MCP_TRY(s.step());
  run.id = s.integer(0);
  run.state = RunState::Open;
  s.reset();
  return {};
}

Result<void> Store::end_run(const RunRow& run) {
  const std::string summary = to_json(run.summary);
  return MCP_TRY(impl_->use(sql_end_run))->bind(1, to_string(run.state)).bind(2, run.ended_ms).bind(3, summary).bind(4, run.id).run();
}

Result<void> Store::put_run(const RunRow& run) {
  const std::string cells = joined_lines(run.cells);
  const std::string summary = to_json(run.summary);
  Stmt& s = *MCP_TRY(impl_->use(sql_put_run));
  return s.bind(1, run.id).bind_blob(2, bytes_of(run.plan)).bind_blob(3, bytes_of(run.changes)).bind(4, run.token).bind(5, cells).bind(6, to_string(run.state)).bind(7, run.who)
      .bind(8, run.host).bind(9, run.pid).bind(10, run.started_ms).bind(11, run.ended_ms).bind(12, run.revision).bind(13, summary).run();
}

Result<void> Store::drop_journal(std::int64_t run) { return MCP_TRY(impl_->use(sql_drop_steps))->bind(1, run).run(); }

Result<void> Store::drop_run(std::int64_t run) {
  for (const char* sql : {sql_drop_run, sql_drop_steps, sql_drop_history}) MCP_TRY(MCP_TRY(impl_->use(sql))->bind(1, run).run());
  return {};
}

Result<void> Store::put_rebuilt(const RunRow& run) {
  if (const std::int64_t token = MCP_TRY(impl_->meta("token")); token < run.token) MCP_TRY(impl_->set_meta("token", run.token));
  if (run.id <= MCP_TRY(serial())) return {};
  const std::string summary = to_json(run.summary);
  Stmt& s = *MCP_TRY(impl_->use(sql_put_rebuilt));
  return s.bind(1, run.id).bind(2, run.token).bind(3, run.who).bind(4, run.started_ms).bind(5, run.ended_ms).bind(6, summary).run();
}

Result<std::vector<RunRow>> Store::runs() { return read_runs(*MCP_TRY(impl_->use(sql_runs))); }
Result<std::vector<RunRow>> Store::open_runs() { return read_runs(*MCP_TRY(impl_->use(sql_open_runs))); }

Result<std::optional<RunRow>> Store::finished_run(const Digest& plan) {
  Stmt& s = *MCP_TRY(impl_->use(sql_finished));
  s.bind_blob(1, bytes_of(plan));
  std::vector<RunRow> rows = MCP_TRY(read_runs(s));
  if (rows.empty()) return std::optional<RunRow>();
  return std::optional<RunRow>(std::move(rows.front()));
}

Result<void> Store::put_step(std::int64_t run, const StepRow& row) {
  Stmt& s = *MCP_TRY(impl_->use(sql_put_step));
  return s.bind(1, run).bind(2, row.n).bind(3, row.attempt).bind(4, static_cast<std::int64_t>(row.state)).bind(5, row.uid)
      .bind_blob(6, bytes_of(row.owned)).bind(7, row.detail).run();
}

Result<std::vector<StepRow>> Store::steps(std::int64_t run) {
  Stmt& s = *MCP_TRY(impl_->use(sql_steps));
  s.bind(1, run);
  std::vector<StepRow> out;
  while (MCP_TRY(s.step())) {
    StepRow row;
    row.n = static_cast<std::uint32_t>(s.integer(0));
    row.attempt = static_cast<int>(s.integer(1));
    row.state = static_cast<StepRecord>(s.integer(2));
    row.uid = s.text(3);
    row.owned = digest_of(s.blob(4));
    row.detail = s.text(5);
    out.push_back(std::move(row));
  }
  return out;
}

Result<void> Store::put_history(std::int64_t run, const HistoryObject& row) {
  Stmt& s = *MCP_TRY(impl_->use(sql_put_history));
  s.bind(1, run).bind(2, row.ref.member).bind(3, row.ref.ns).bind(4, row.ref.kind).bind(5, row.ref.name).bind(6, row.ref.api)
      .bind(7, row.action);
  if (row.before.empty()) s.bind_null(8);
  else s.bind_blob(8, bytes_of(row.before));
  if (row.after.empty()) s.bind_null(9);
  else s.bind_blob(9, bytes_of(row.after));
  return s.run();
}

Result<void> Store::drop_history(std::int64_t run, const ObjectRef& ref) {
  return MCP_TRY(impl_->use(sql_drop_one_history))->bind(1, run).bind(2, ref.member).bind(3, ref.ns).bind(4, ref.kind).bind(5, ref.name).bind(6, ref.api).run();
}

Result<std::vector<HistoryObject>> Store::history(std::int64_t run) {
  Stmt& s = *MCP_TRY(impl_->use(sql_history));
  s.bind(1, run);
  std::vector<HistoryObject> out;
  while (MCP_TRY(s.step())) {
    HistoryObject row;
    row.ref = {std::string(s.text(0)), std::string(s.text(1)), std::string(s.text(2)), std::string(s.text(3)), std::string(s.text(4))};
    row.action = s.text(5);
    row.before = digest_of(s.blob(6));
    row.after = digest_of(s.blob(7));
    out.push_back(std::move(row));
  }
  return out;
}

Result<void> Store::collect(std::int64_t keep) {
  const std::int64_t last = MCP_TRY(serial());
  if (last % collect_every != 0) return {};
  return MCP_TRY(impl_->use(sql_collect))->bind(1, last - keep).run();
}

}  // namespace mcp
