#include <algorithm>

#include "lang/base/check.hpp"
#include "lang/value/json.hpp"
#include "planner/store/impl.hpp"

namespace mcp {

namespace {

constexpr char sql_member_names[] = "SELECT id,name FROM member ORDER BY name";
constexpr char sql_objects_of[] =
    "SELECT ns,kind,name,api,address,uid,body,owned,flags,origin,deps,replicas,run FROM object WHERE member=? ORDER BY ns,kind,name,api";
constexpr char sql_object[] =
    "SELECT ns,kind,name,api,address,uid,body,owned,flags,origin,deps,replicas,run FROM object"
    " WHERE member=? AND ns=? AND kind=? AND name=? AND api=?";
constexpr char sql_set_ready[] = "UPDATE object SET flags=flags&~4 WHERE member=? AND ns=? AND kind=? AND name=? AND api=?";
constexpr char sql_count[] = "SELECT count(*) FROM object";
constexpr char sql_put_object[] =
    "INSERT INTO object VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET address=excluded.address,uid=excluded.uid,"
    "body=excluded.body,owned=excluded.owned,flags=excluded.flags,origin=excluded.origin,deps=excluded.deps,replicas=excluded.replicas,"
    "run=excluded.run";
constexpr char sql_drop_object[] = "DELETE FROM object WHERE member=? AND ns=? AND kind=? AND name=? AND api=?";
constexpr char sql_body[] = "SELECT bytes FROM body WHERE digest=?";
constexpr char sql_has_body[] = "SELECT 1 FROM body WHERE digest=?";
constexpr char sql_put_body[] = "INSERT OR IGNORE INTO body VALUES(?,?)";

constexpr std::int64_t flag_protect = 1;
constexpr std::int64_t flag_adopted = 2;
constexpr std::int64_t flag_unready = 4;

Result<void> read_row(const Stmt& s, const std::string& member, RecordedRow& row) {
  row.ref.member = member;
  row.ref.ns = s.text(0);
  row.ref.kind = s.text(1);
  row.ref.name = s.text(2);
  row.ref.api = s.text(3);
  auto address = Address::parse(s.text(4));
  if (!address)
    return fail("the state is damaged: " + row.ref.kind + " " + row.ref.name + " on " + member + " has an address that cannot be read",
                "move the state file away and make it again from the clusters: mcp state rebuild");
  row.address = *std::move(address);
  row.address.member = member;
  row.uid = s.text(5);
  row.body = digest_of(s.blob(6));
  row.owned = s.is_null(7) ? row.body : digest_of(s.blob(7));
  const std::int64_t flags = s.integer(8);
  row.protect = (flags & flag_protect) != 0;
  row.adopted = (flags & flag_adopted) != 0;
  row.unready = (flags & flag_unready) != 0;
  row.origin = s.text(9);
  row.deps = s.text(10);
  row.replicas = s.integer(11);
  row.run = s.integer(12);
  row.serial = row.run;
  return {};
}

void bind_key(Stmt& s, int at, std::int64_t member, const ObjectRef& ref) {
  s.bind(at, member).bind(at + 1, ref.ns).bind(at + 2, ref.kind).bind(at + 3, ref.name).bind(at + 4, ref.api);
}

}  // namespace

Result<void> Store::each_recorded(const std::function<void(RecordedRow&)>& visit) {
  std::vector<std::pair<std::int64_t, std::string>> names;
  Stmt& members = *MCP_TRY(impl_->use(sql_member_names));
  while (MCP_TRY(members.step())) names.emplace_back(members.integer(0), members.text(1));
  Stmt& s = *MCP_TRY(impl_->use(sql_objects_of));
  RecordedRow row;
  for (const auto& [id, name] : names) {
    s.bind(1, id);
    while (MCP_TRY(s.step())) {
      MCP_TRY(read_row(s, name, row));
      visit(row);
    }
  }
  return {};
}

Result<std::vector<RecordedRow>> Store::recorded() {
  std::vector<RecordedRow> out;
  out.reserve(static_cast<std::size_t>(MCP_TRY(recorded_count())));
  MCP_TRY(each_recorded([&](RecordedRow& row) { out.push_back(std::move(row)); }));
  return out;
}

Result<std::optional<RecordedRow>> Store::recorded(const ObjectRef& ref) {
  const std::int64_t member = MCP_TRY(impl_->member_id(ref.member));
  Stmt& s = *MCP_TRY(impl_->use(sql_object));
  bind_key(s, 1, member, ref);
  if (!MCP_TRY(s.step())) return std::optional<RecordedRow>();
  RecordedRow row;
  MCP_TRY(read_row(s, ref.member, row));
  s.reset();
  return std::optional<RecordedRow>(std::move(row));
}

Result<std::int64_t> Store::recorded_count() {
  Stmt& s = *MCP_TRY(impl_->use(sql_count));
  MCP_TRY(s.step());
  const std::int64_t count = s.integer(0);
  s.reset();
  return count;
}

Result<void> Store::set_ready(const ObjectRef& ref) {
  Stmt& s = *MCP_TRY(impl_->use(sql_set_ready));
  bind_key(s, 1, MCP_TRY(impl_->member_id(ref.member)), ref);
  return s.run();
}

Result<Value> Store::body(const Digest& digest) {
  Stmt& s = *MCP_TRY(impl_->use(sql_body));
  s.bind_blob(1, bytes_of(digest));
  if (!MCP_TRY(s.step())) return Value();
  Result<Value> out = value_of(s.text(0));
  s.reset();
  return out;
}

Result<void> Store::put_body(const Value& body) {
  const Digest digest = body.digest();
  Stmt& has = *MCP_TRY(impl_->use(sql_has_body));
  has.bind_blob(1, bytes_of(digest));
  const bool there = MCP_TRY(has.step());
  has.reset();
  if (there) return {};
  const std::string bytes = to_json(body);
  return MCP_TRY(impl_->use(sql_put_body))->bind_blob(1, bytes_of(digest)).bind(2, bytes).run();
}

Result<void> Store::put_recorded(const RecordedRow& row) {
  const std::int64_t member = MCP_TRY(impl_->make_member_id(row.ref.member));
  const std::string address = row.address.declared().text();
  Stmt& s = *MCP_TRY(impl_->use(sql_put_object));
  bind_key(s, 1, member, row.ref);
  s.bind(6, address).bind(7, row.uid).bind_blob(8, bytes_of(row.body));
  if (row.owned == row.body) s.bind_null(9);
  else s.bind_blob(9, bytes_of(row.owned));
  s.bind(10, (row.protect ? flag_protect : 0) | (row.adopted ? flag_adopted : 0) | (row.unready ? flag_unready : 0)).bind(11, row.origin).bind(12, row.deps)
      .bind(13, row.replicas).bind(14, row.run);
  MCP_TRY(s.run());
  return drop_observed(row.ref);
}

Result<void> Store::drop_recorded(const ObjectRef& ref) {
  const std::int64_t member = MCP_TRY(impl_->member_id(ref.member));
  Stmt& s = *MCP_TRY(impl_->use(sql_drop_object));
  bind_key(s, 1, member, ref);
  MCP_TRY(s.run());
  return drop_observed(ref);
}

}  // namespace mcp
