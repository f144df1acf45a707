#include "lang/base/lines.hpp"
#include "planner/store/impl.hpp"

namespace mcp {

namespace {

constexpr char sql_locks[] = "SELECT id,cells,token,who,host,pid,run,taken_ms FROM lock ORDER BY id";
constexpr char sql_put_lock[] = "INSERT INTO lock VALUES(?,?,?,?,?,?,?,?)";
constexpr char sql_lock_run[] = "UPDATE lock SET run=? WHERE id=?";
constexpr char sql_drop_lock[] = "DELETE FROM lock WHERE id=?";
constexpr char sql_lock_token[] = "UPDATE lock SET token=? WHERE id=?";
constexpr char sql_holds[] = "SELECT 1 FROM lock WHERE id=? AND token=?";

}  // namespace

Result<std::vector<LockRow>> Store::locks() {
  Stmt& s = *MCP_TRY(impl_->use(sql_locks));
  std::vector<LockRow> out;
  while (MCP_TRY(s.step())) {
    LockRow row;
    row.id = s.text(0);
    row.cells = split_lines(s.text(1));
    row.token = s.integer(2);
    row.who = s.text(3);
    row.host = s.text(4);
    row.pid = s.integer(5);
    row.run = s.integer(6);
    row.taken_ms = s.integer(7);
    out.push_back(std::move(row));
  }
  return out;
}

Result<void> Store::put_lock(LockRow& row) {
  row.token = MCP_TRY(impl_->meta("token")) + 1;
  MCP_TRY(impl_->set_meta("token", row.token));
  if (row.id.empty()) row.id = "L" + std::to_string(row.token);
  const std::string cells = joined_lines(row.cells);
  Stmt& s = *MCP_TRY(impl_->use(sql_put_lock));
  return s.bind(1, row.id).bind(2, cells).bind(3, row.token).bind(4, row.who).bind(5, row.host).bind(6, row.pid).bind(7, row.run)
      .bind(8, row.taken_ms).run();
}

Result<void> Store::set_lock_run(const std::string& id, std::int64_t run) {
  return MCP_TRY(impl_->use(sql_lock_run))->bind(1, run).bind(2, id).run();
}

Result<void> Store::drop_lock(const std::string& id) { return MCP_TRY(impl_->use(sql_drop_lock))->bind(1, id).run(); }

Result<std::int64_t> Store::token() { return impl_->meta("token"); }

Result<void> Store::raise_token(std::int64_t token) {
  if (MCP_TRY(this->token()) >= token) return {};
  return impl_->set_meta("token", token);
}

Result<void> Store::set_lock_token(const std::string& id, std::int64_t token) {
  MCP_TRY(impl_->set_meta("token", token));
  return MCP_TRY(impl_->use(sql_lock_token))->bind(1, token).bind(2, id).run();
}

Result<bool> Store::holds_lock(const std::string& id, std::int64_t token) {
  Stmt& s = *MCP_TRY(impl_->use(sql_holds));
  s.bind(1, id).bind(2, token);
  const bool holds = MCP_TRY(s.step());
  s.reset();
  return holds;
}

}  // namespace mcp
