#include "lang/value/json.hpp"
#include "planner/store/impl.hpp"

namespace mcp {

namespace {

constexpr char sql_observed[] =
    "SELECT m.name,o.ns,o.kind,o.name,o.api,o.uid,o.version,o.owned,o.fields,o.manager,o.changed_at,o.owners,o.flags"
    " FROM observation o JOIN member m ON m.id=o.member ORDER BY m.name,o.ns,o.kind,o.name,o.api";
constexpr char sql_put_observed[] = "INSERT OR REPLACE INTO observation VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr char sql_drop_observed[] = "DELETE FROM observation WHERE member=? AND ns=? AND kind=? AND name=? AND api=?";
constexpr char sql_drop_observed_of[] = "DELETE FROM observation WHERE member=?";
constexpr char sql_drop_scan_of[] = "DELETE FROM scan WHERE member=?";
constexpr char sql_scan[] = "SELECT list_version,taken_ms FROM scan WHERE member=?";
constexpr char sql_put_scan[] = "INSERT OR REPLACE INTO scan VALUES(?,?,?)";

constexpr std::int64_t flag_ours = 1;
constexpr std::int64_t flag_ready = 2;
constexpr std::int64_t flag_deleting = 4;

Value owners_value(const std::vector<FieldOwner>& owners) {
  std::vector<Value> out;
  for (const FieldOwner& o : owners)
    out.push_back(Value::list(std::vector<Value>{Value::string(o.field), Value::string(o.manager), Value::string(o.time)}));
  return Value::list(std::move(out));
}

std::vector<FieldOwner> owners_of(const Value& value) {
  std::vector<FieldOwner> out;
  if (!value.is_list()) return out;
  for (const Value& o : value.items()) {
    const auto parts = o.items();
    out.push_back({std::string(parts[0].as_string()), std::string(parts[1].as_string()), std::string(parts[2].as_string())});
  }
  return out;
}

}  // namespace

Result<std::vector<ObservedRow>> Store::observed() {
  Stmt& s = *MCP_TRY(impl_->use(sql_observed));
  std::vector<ObservedRow> out;
  while (MCP_TRY(s.step())) {
    ObservedRow row;
    row.ref = {std::string(s.text(0)), std::string(s.text(4)), std::string(s.text(2)), std::string(s.text(1)), std::string(s.text(3))};
    row.uid = s.text(5);
    row.version = s.text(6);
    row.owned = digest_of(s.blob(7));
    row.fields = MCP_TRY(value_of(s.text(8)));
    row.manager = s.text(9);
    row.changed_at = s.text(10);
    row.owners = owners_of(MCP_TRY(value_of(s.text(11))));
    const std::int64_t flags = s.integer(12);
    row.ours = (flags & flag_ours) != 0;
    row.ready = (flags & flag_ready) != 0;
    row.deleting = (flags & flag_deleting) != 0;
    out.push_back(std::move(row));
  }
  return out;
}

Result<void> Store::put_observed(const ObservedRow& row) {
  const std::int64_t member = MCP_TRY(impl_->make_member_id(row.ref.member));
  const std::string fields = to_json(row.fields);
  const std::string owners = to_json(owners_value(row.owners));
  Stmt& s = *MCP_TRY(impl_->use(sql_put_observed));
  return s.bind(1, member).bind(2, row.ref.ns).bind(3, row.ref.kind).bind(4, row.ref.name).bind(5, row.ref.api).bind(6, row.uid)
      .bind(7, row.version).bind_blob(8, bytes_of(row.owned)).bind(9, fields).bind(10, row.manager).bind(11, row.changed_at)
      .bind(12, owners).bind(13, (row.ours ? flag_ours : 0) | (row.ready ? flag_ready : 0) | (row.deleting ? flag_deleting : 0)).run();
}

Result<void> Store::drop_observed(const ObjectRef& ref) {
  const std::int64_t member = MCP_TRY(impl_->member_id(ref.member));
  Stmt& s = *MCP_TRY(impl_->use(sql_drop_observed));
  return s.bind(1, member).bind(2, ref.ns).bind(3, ref.kind).bind(4, ref.name).bind(5, ref.api).run();
}

Result<void> Store::drop_observed_of(const std::string& member) {
  const std::int64_t id = MCP_TRY(impl_->member_id(member));
  if (id == 0) return {};
  MCP_TRY(MCP_TRY(impl_->use(sql_drop_observed_of))->bind(1, id).run());
  return MCP_TRY(impl_->use(sql_drop_scan_of))->bind(1, id).run();
}

Result<std::optional<ScanRow>> Store::scan(const std::string& member) {
  const std::int64_t id = MCP_TRY(impl_->member_id(member));
  Stmt& s = *MCP_TRY(impl_->use(sql_scan));
  s.bind(1, id);
  if (!MCP_TRY(s.step())) return std::optional<ScanRow>();
  ScanRow row{std::string(s.text(0)), s.integer(1)};
  s.reset();
  return std::optional<ScanRow>(std::move(row));
}

Result<void> Store::put_scan(const std::string& member, const ScanRow& row) {
  const std::int64_t id = MCP_TRY(impl_->make_member_id(member));
  return MCP_TRY(impl_->use(sql_put_scan))->bind(1, id).bind(2, row.list_version).bind(3, row.taken_ms).run();
}

Result<void> Store::drop_cache() { return impl_->db->run("DELETE FROM observation; DELETE FROM scan"); }

}  // namespace mcp
