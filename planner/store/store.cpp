#include "planner/store/store.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "lang/value/json.hpp"
#include "planner/store/impl.hpp"
#include "planner/store/schema.hpp"

namespace mcp {

namespace fs = std::filesystem;

namespace {

constexpr std::int32_t application_id = 0x4D435031;   // "MCP1"

constexpr char sql_member_id[] = "SELECT id FROM member WHERE name=?";
constexpr char sql_make_member[] = "INSERT INTO member(name) VALUES(?) RETURNING id";
constexpr char sql_meta[] = "SELECT value FROM meta WHERE key=?";
constexpr char sql_set_meta[] = "INSERT INTO meta VALUES(?,?) ON CONFLICT DO UPDATE SET value=excluded.value";
constexpr char sql_members[] =
    "SELECT name,identity,version,row,protect,lost,first_failure_ms,failures FROM member WHERE joined=1 ORDER BY name";
constexpr char sql_put_member[] =
    "UPDATE member SET joined=1,identity=?,version=?,row=?,protect=?,lost=?,first_failure_ms=?,failures=? WHERE id=?";
constexpr char sql_drop_member[] =
    "UPDATE member SET joined=0,identity='',version='',row='null',protect=0,lost=0,first_failure_ms=0,failures=0 WHERE id=?";
constexpr char sql_failures[] = "SELECT name,failures,first_failure_ms FROM member WHERE failures>0";
constexpr char sql_put_failures[] = "UPDATE member SET failures=?,first_failure_ms=? WHERE id=?";
constexpr char sql_divisions[] = "SELECT address,inputs FROM division";
constexpr char sql_put_division[] = "INSERT INTO division VALUES(?,?) ON CONFLICT DO UPDATE SET inputs=excluded.inputs";
constexpr char sql_drop_division[] = "DELETE FROM division WHERE address=?";
constexpr char sql_shared[] = "SELECT value FROM shared WHERE key=?";
constexpr char sql_set_shared[] = "INSERT INTO shared VALUES(?,?) ON CONFLICT DO UPDATE SET value=excluded.value";

std::string file_of(const std::string& dir, const std::string& project) { return (fs::path(dir) / (project + ".db")).string(); }

DbOptions options_for(const std::string& dir, const std::string& project, Access access) {
  return {.path = file_of(dir, project),
          .application_id = application_id,
          .migrations = schema_steps,
          .access = access,
          .durability = Durability::Power,
          .what = "state file",
          .way_out = "`mcp state rebuild` makes a new one from the clusters"};
}

}  // namespace

std::string_view bytes_of(const Digest& digest) { return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()}; }

Digest digest_of(std::string_view bytes) {
  Digest out;
  if (bytes.size() == out.bytes.size()) std::memcpy(out.bytes.data(), bytes.data(), bytes.size());
  return out;
}

Result<Value> value_of(std::string_view json) {
  Parsed<Value> parsed = parse_json(json);
  if (!parsed) return fail("the state file holds a text that is no JSON: " + parsed.error().message);
  return *parsed;
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open_existing(const std::string& dir, const std::string& project, Access access) {
  std::error_code ignored;
  const std::string file = file_of(dir, project);
  if (!fs::exists(file, ignored)) return std::unique_ptr<Store>();
  auto impl = std::make_unique<Impl>();
  impl->dir = dir;
  impl->project = project;
  impl->db = MCP_TRY(Db::open(options_for(dir, project, access == Access::Create ? Access::Write : access)));
  Stmt tables = MCP_TRY(impl->db->prepare("SELECT count(*) FROM sqlite_schema"));
  MCP_TRY(tables.step());
  const bool empty = tables.integer(0) == 0;   // a first writer was killed before its schema was there
  tables.reset();
  if (empty) return std::unique_ptr<Store>();
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<std::unique_ptr<Store>> Store::open(const std::string& dir, const std::string& project) {
  std::error_code failed;
  fs::create_directories(dir, failed);
  if (failed)
    return fail("cannot make the folder " + dir + " of the state: " + failed.message(),
                "give yourself write permission there, or name another folder with MCP_STATE_DIR");
  auto impl = std::make_unique<Impl>();
  impl->dir = dir;
  impl->project = project;
  impl->db = MCP_TRY(Db::open(options_for(dir, project, Access::Create)));
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

std::vector<std::string> Store::projects(const std::string& dir) {
  std::vector<std::string> out;
  std::error_code failed;
  for (auto it = fs::directory_iterator(dir, failed); !failed && it != fs::directory_iterator(); it.increment(failed)) {
    const fs::path path = it->path();
    if (path.extension() == ".db" && path.filename() != "sim.db") out.push_back(path.stem().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

const std::string& Store::dir() const { return impl_->dir; }
const std::string& Store::project() const { return impl_->project; }
bool Store::read_only() const { return impl_->db->read_only(); }
// Numbers of members that a rolled back transaction had made are forgotten here.
Result<Txn> Store::begin() {
  impl_->ids.clear();
  return Txn::begin(*impl_->db);
}

Result<Stmt*> Store::Impl::use(const char* sql) {
  const auto it = statements.find(sql);
  if (it != statements.end()) return &it->second;
  Stmt made = MCP_TRY(db->prepare(sql));
  return &statements.emplace(sql, std::move(made)).first->second;
}

Result<std::int64_t> Store::Impl::member_id(const std::string& name) {
  const auto it = ids.find(name);
  if (it != ids.end()) return it->second;
  Stmt& s = *MCP_TRY(use(sql_member_id));
  s.bind(1, name);
  if (!MCP_TRY(s.step())) return 0;
  const std::int64_t id = s.integer(0);
  s.reset();
  ids.emplace(name, id);
  return id;
}

// Not remembered: the transaction that makes it may be rolled back.
Result<std::int64_t> Store::Impl::make_member_id(const std::string& name) {
  const std::int64_t known = MCP_TRY(member_id(name));
  if (known != 0) return known;
  Stmt& s = *MCP_TRY(use(sql_make_member));
  MCP_TRY(s.bind(1, name).step());
  const std::int64_t id = s.integer(0);
  s.reset();
  return id;
}

Result<std::int64_t> Store::Impl::meta(std::string_view key) {
  Stmt& s = *MCP_TRY(use(sql_meta));
  s.bind(1, key);
  if (!MCP_TRY(s.step())) return 0;
  const std::int64_t value = s.integer(0);
  s.reset();
  return value;
}

Result<void> Store::Impl::set_meta(std::string_view key, std::int64_t value) {
  return MCP_TRY(use(sql_set_meta))->bind(1, key).bind(2, value).run();
}

Result<std::vector<RecordedMember>> Store::members() {
  Stmt& s = *MCP_TRY(impl_->use(sql_members));
  std::vector<RecordedMember> out;
  while (MCP_TRY(s.step())) {
    RecordedMember m;
    m.name = s.text(0);
    m.identity = s.text(1);
    m.version = s.text(2);
    m.row = MCP_TRY(value_of(s.text(3)));
    m.protect = s.integer(4) != 0;
    m.lost = s.integer(5) != 0;
    m.first_failure_ms = s.integer(6);
    m.failures = static_cast<int>(s.integer(7));
    out.push_back(std::move(m));
  }
  return out;
}

Result<void> Store::put_member(const RecordedMember& member) {
  const std::int64_t id = MCP_TRY(impl_->make_member_id(member.name));
  const std::string row = to_json(member.row);
  Stmt& s = *MCP_TRY(impl_->use(sql_put_member));
  return s.bind(1, member.identity).bind(2, member.version).bind(3, row).bind(4, member.protect ? 1 : 0).bind(5, member.lost ? 1 : 0)
      .bind(6, member.first_failure_ms).bind(7, member.failures).bind(8, id).run();
}

Result<void> Store::drop_member(const std::string& name) {
  const std::int64_t id = MCP_TRY(impl_->member_id(name));
  if (id == 0) return {};
  MCP_TRY(drop_observed_of(name));
  return MCP_TRY(impl_->use(sql_drop_member))->bind(1, id).run();
}

Result<void> Store::put_failures(const std::string& member, int failures, std::int64_t first_failure_ms) {
  const std::int64_t id = MCP_TRY(impl_->make_member_id(member));
  return MCP_TRY(impl_->use(sql_put_failures))->bind(1, failures).bind(2, first_failure_ms).bind(3, id).run();
}

Result<std::map<std::string, Store::Failures>> Store::failures() {
  Stmt& s = *MCP_TRY(impl_->use(sql_failures));
  std::map<std::string, Failures> out;
  while (MCP_TRY(s.step())) out.emplace(std::string(s.text(0)), Failures{static_cast<int>(s.integer(1)), s.integer(2)});
  return out;
}

Result<std::map<std::string, std::string>> Store::divisions() {
  Stmt& s = *MCP_TRY(impl_->use(sql_divisions));
  std::map<std::string, std::string> out;
  while (MCP_TRY(s.step())) out.emplace(std::string(s.text(0)), std::string(s.text(1)));
  return out;
}

Result<void> Store::put_division(const std::string& address, const std::string& inputs) {
  return MCP_TRY(impl_->use(sql_put_division))->bind(1, address).bind(2, inputs).run();
}

Result<std::string> Store::shared(std::string_view key) {
  Stmt& s = *MCP_TRY(impl_->use(sql_shared));
  s.bind(1, key);
  if (!MCP_TRY(s.step())) return std::string();
  std::string out(s.text(0));
  s.reset();
  return out;
}

Result<void> Store::set_shared(std::string_view key, std::string_view value) {
  return MCP_TRY(impl_->use(sql_set_shared))->bind(1, key).bind(2, value).run();
}

Result<void> Store::drop_division(const std::string& address) { return MCP_TRY(impl_->use(sql_drop_division))->bind(1, address).run(); }

}  // namespace mcp
