#include "executor/sim/sim_store.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "executor/sim/defaults.hpp"
#include "executor/sim/schema.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

constexpr std::int32_t application_id = 0x4D435353;   // "MCSS"

#define OBJECT_COLUMNS \
  "ns,kind,name,api,uid,version,generation,created,changed,applied,deleting,due,project,body,extra,rollout FROM object "
constexpr char sql_object[] = "SELECT " OBJECT_COLUMNS "WHERE member=? AND ns=? AND kind=? AND name=? AND api=?";
constexpr char sql_in_order[] =
    "SELECT " OBJECT_COLUMNS "WHERE member=?1 AND uid<>'' AND (?2='' OR project=?2) AND (?3='' OR ns=?3)"
    " AND (ns,kind,name,api)>(?4,?5,?6,?7) ORDER BY ns,kind,name,api LIMIT ?8";
constexpr char sql_changed[] = "SELECT " OBJECT_COLUMNS "WHERE member=? AND project=? AND version>? ORDER BY version LIMIT ?";
constexpr char sql_changed_any[] = "SELECT " OBJECT_COLUMNS "WHERE member=? AND version>? ORDER BY version LIMIT ?";
constexpr char sql_due[] = "SELECT due,ns,kind,name,api FROM object WHERE member=? AND due IS NOT NULL";
constexpr char sql_put[] = "INSERT OR REPLACE INTO object VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr char sql_blob[] = "SELECT bytes FROM blob WHERE digest=?";
constexpr char sql_put_blob[] = "INSERT OR IGNORE INTO blob VALUES(?,?)";
constexpr char sql_members[] = "SELECT id,name,version,pods,lost,slow_ms,requests,faults FROM member";
constexpr char sql_put_member[] =
    "INSERT INTO member(name,version,pods,lost,slow_ms,requests,faults) VALUES(?,?,?,?,?,?,?) ON CONFLICT(name) DO UPDATE SET"
    " version=excluded.version,pods=excluded.pods,lost=excluded.lost,slow_ms=excluded.slow_ms,requests=excluded.requests,"
    "faults=excluded.faults RETURNING id";
constexpr char sql_clock[] = "SELECT value FROM world WHERE key='clock'";
constexpr char sql_put_clock[] = "INSERT OR REPLACE INTO world VALUES('clock',?)";

struct KeyHash {
  std::size_t operator()(const SimKey& k) const {
    const std::hash<std::string> h;
    std::size_t out = h(k.name);
    for (const std::string* part : {&k.ns, &k.kind, &k.api}) out = out * 1099511628211ULL ^ h(*part);
    return out;
  }
};

Value rollout_value(const SimRollout& r) {
  std::vector<Value> out;
  for (const std::int64_t n : {r.start.count(), r.want, r.granted, r.have, r.old, r.first.count(), r.each.count(), r.deadline.count()})
    out.push_back(Value::integer(n));
  out.push_back(Value::string(r.pods.hex()));
  out.push_back(Value::string(r.failing));
  return Value::list(std::move(out));
}

Digest digest_from(std::string_view bytes) {
  Digest out;
  if (bytes.size() == out.bytes.size()) std::memcpy(out.bytes.data(), bytes.data(), bytes.size());
  return out;
}

std::string_view bytes_from(const Digest& d) { return {reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size()}; }

Digest digest_from_hex(std::string_view hex) {
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  Digest out;
  for (std::size_t i = 0; i < out.bytes.size() && 2 * i + 1 < hex.size(); ++i)
    out.bytes[i] = static_cast<std::uint8_t>(digit(hex[2 * i]) << 4U | digit(hex[2 * i + 1]));
  return out;
}

SimRollout rollout_of(const Value& v) {
  const auto at = [&](std::size_t i) { return v.items()[i].as_int(); };
  SimRollout r;
  r.start = Instant(at(0));
  r.want = at(1);
  r.granted = at(2);
  r.have = at(3);
  r.old = at(4);
  r.first = Duration(at(5));
  r.each = Duration(at(6));
  r.deadline = Duration(at(7));
  r.pods = digest_from_hex(v.items()[8].as_string());
  r.failing = v.items()[9].as_string();
  return r;
}

Value managers_value(const std::vector<SimManager>& managers) {
  std::vector<Value> out;
  for (const SimManager& m : managers)
    out.push_back(MapBuilder().set("name", m.name).set("apply", m.apply).set("time", m.time.count()).set("shape", m.shape).build());
  return Value::list(std::move(out));
}

std::vector<SimManager> managers_of(const Value& v) {
  std::vector<SimManager> out;
  for (const Value& m : v.items())
    out.push_back({std::string(m.text_or("name", "")), m.find("apply")->as_bool(), Instant(m.int_or("time", 0)), *m.find("shape")});
  return out;
}

}  // namespace

/// What is loaded of one member.
struct SimStore::Shelf {
  std::unordered_map<SimKey, std::unique_ptr<SimObject>, KeyHash> objects;
  std::vector<SimObject*> dirty;
  std::unordered_map<const SimObject*, Instant> timers;   // as they stand in `due`
  std::set<std::pair<Instant, SimKey>> due;
};

SimStore::SimStore() = default;

SimStore::~SimStore() {
  // Time alone is worth a write only when the last one leaves; losing it would hurt nobody.
  if (db_ && !db_->read_only() && clock_ != stored_clock_) (void)write_all();
}

Result<std::unique_ptr<SimStore>> SimStore::open(const std::string& path) {
  std::unique_ptr<SimStore> store(new SimStore);
  store->path_ = path;
  std::error_code ignored;
  if (path == ":memory:") {
    MCP_TRY(store->create());
  } else if (std::filesystem::exists(path, ignored)) {
    MCP_TRY(store->create());
  }
  return store;
}

Result<void> SimStore::create() {
  DbOptions options{.path = path_,
                    .application_id = application_id,
                    .migrations = sim_schema_steps,
                    .access = Access::Create,
                    .durability = Durability::Process,
                    .what = "file of the simulated members",
                    .way_out = "start over with an empty folder"};
  if (path_ != ":memory:") {
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), failed);
  }
  auto opened = Db::open(options);
  if (!opened && std::filesystem::exists(path_)) {
    // Looking is possible on read-only media too.
    options.access = Access::Read;
    if (auto again = Db::open(options)) opened = std::move(again);
  }
  if (!opened) return fail(opened.error());
  db_ = *std::move(opened);
  return load_members();
}

Result<Stmt*> SimStore::use(const char* sql) {
  const auto it = statements_.find(sql);
  if (it != statements_.end()) return &it->second;
  Stmt made = MCP_TRY(db_->prepare(sql));
  return &statements_.emplace(sql, std::move(made)).first->second;
}

Result<void> SimStore::load_members() {
  Stmt& s = *MCP_TRY(use(sql_members));
  while (MCP_TRY(s.step())) {
    SimMemberState m;
    m.id = s.integer(0);
    m.name = s.text(1);
    m.version = s.integer(2);
    m.pods = s.integer(3);
    m.lost = s.integer(4) != 0;
    m.slow = Duration(s.integer(5));
    m.requests = s.integer(6);
    m.faults = s.text(7);
    const std::string name = m.name;
    members_.insert_or_assign(name, std::move(m));
  }
  Stmt& clock = *MCP_TRY(use(sql_clock));
  if (MCP_TRY(clock.step())) {
    stored_clock_ = Instant(clock.integer(0));
    clock_ = std::max(clock_, stored_clock_);
    clock.reset();
  }
  return {};
}

template <class T>
T SimStore::checked(Result<T> result, T otherwise) {
  if (result) return *std::move(result);
  if (!error_) error_ = result.error();
  return otherwise;
}

SimMemberState& SimStore::member(const std::string& name) {
  const auto it = members_.find(name);
  if (it != members_.end()) return it->second;
  SimMemberState fresh;
  fresh.name = name;
  return members_.emplace(name, std::move(fresh)).first->second;
}

std::vector<std::string> SimStore::members() {
  std::vector<std::string> out;
  for (const auto& [name, state] : members_)
    if (state.id != 0 || state.version != 0) out.push_back(name);
  return out;
}

SimStore::Shelf& SimStore::shelf(SimMemberState& member) {
  auto& slot = shelves_[member.name];
  if (slot) return *slot;
  slot = std::make_unique<Shelf>();
  if (!db_ || member.id == 0) return *slot;
  const auto load = [&]() -> Result<bool> {
    Stmt& s = *MCP_TRY(use(sql_due));
    s.bind(1, member.id);
    while (MCP_TRY(s.step()))
      slot->due.emplace(Instant(s.integer(0)), SimKey{std::string(s.text(1)), std::string(s.text(2)), std::string(s.text(3)), std::string(s.text(4))});
    return true;
  };
  checked(load(), true);
  return *slot;
}

const std::set<std::pair<Instant, SimKey>>& SimStore::due(SimMemberState& member) { return shelf(member).due; }

Result<Value> SimStore::blob(std::string_view digest) {
  const Digest key = digest_from(digest);
  std::optional<Error> failed;
  const Value& out = memo_.get("blob", key, [&]() -> Value {
    const auto load = [&]() -> Result<Value> {
      Stmt& s = *MCP_TRY(use(sql_blob));
      s.bind_blob(1, digest);
      if (!MCP_TRY(s.step())) return Value();
      Parsed<Value> parsed = parse_json(s.text(0));
      s.reset();
      if (!parsed) return fail("the file of the simulated members holds a text that is no JSON");
      return *parsed;
    };
    Result<Value> got = load();
    if (!got) failed = got.error();
    return got ? *got : Value();
  });
  if (failed) return fail(*failed);
  return out;
}

Result<SimObject> SimStore::read(const Stmt& s) {
  SimObject o;
  o.key = {std::string(s.text(0)), std::string(s.text(1)), std::string(s.text(2)), std::string(s.text(3))};
  o.uid = s.text(4);
  o.version = s.integer(5);
  o.generation = s.integer(6);
  o.created = Instant(s.integer(7));
  o.changed = Instant(s.integer(8));
  if (!s.is_null(10)) o.deleting = Instant(s.integer(10));
  if (!s.is_null(11)) o.due = Instant(s.integer(11));
  o.project = s.text(12);
  if (!s.is_null(13)) {
    const Value body = MCP_TRY(blob(s.blob(13)));
    o.managers.push_back({"mcp", true, Instant(s.integer(9)), body});
    o.content = memo_.get("content", body.digest(), [&] { return with_defaults(o.key.api, o.key.kind, body); });
    o.derived = true;
  } else if (!s.is_null(14)) {
    Parsed<Value> extra = parse_json(s.text(14));
    if (!extra) return fail("the file of the simulated members holds a text that is no JSON");
    o.content = *extra->find("content");
    o.managers = managers_of(*extra->find("managers"));
  }
  if (!s.is_null(15)) {
    Parsed<Value> rollout = parse_json(s.text(15));
    if (rollout) o.rollout = rollout_of(*rollout);
  }
  return o;
}

SimObject& SimStore::object(SimMemberState& member, const SimKey& key) {
  Shelf& on = shelf(member);
  const auto it = on.objects.find(key);
  if (it != on.objects.end()) return *it->second;
  auto made = std::make_unique<SimObject>();
  if (db_ && member.id != 0) {
    const auto load = [&]() -> Result<SimObject> {
      Stmt& s = *MCP_TRY(use(sql_object));
      s.bind(1, member.id).bind(2, key.ns).bind(3, key.kind).bind(4, key.name).bind(5, key.api);
      if (!MCP_TRY(s.step())) return SimObject{};
      Result<SimObject> out = read(s);
      s.reset();
      return out;
    };
    *made = checked(load(), SimObject{});
  }
  made->key = key;
  SimObject& out = *on.objects.emplace(key, std::move(made)).first->second;
  if (out.due) on.timers.emplace(&out, *out.due);
  return out;
}

void SimStore::touch(SimMemberState& member, SimObject& object) {
  Shelf& on = shelf(member);
  member.dirty = true;
  on.dirty.push_back(&object);
  const auto timer = on.timers.find(&object);
  if (timer != on.timers.end()) {
    on.due.erase({timer->second, object.key});
    on.timers.erase(timer);
  }
  if (object.due) {
    on.due.emplace(*object.due, object.key);
    on.timers.emplace(&object, *object.due);
  }
}

std::vector<SimObject*> SimStore::gather(SimMemberState& member, Stmt& s) {
  Shelf& on = shelf(member);
  std::vector<SimObject*> out;
  const auto load = [&]() -> Result<bool> {
    SimKey key;
    while (MCP_TRY(s.step())) {
      key.ns = s.text(0);
      key.kind = s.text(1);
      key.name = s.text(2);
      key.api = s.text(3);
      auto it = on.objects.find(key);
      if (it == on.objects.end()) {
        auto made = std::make_unique<SimObject>(MCP_TRY(read(s)));
        it = on.objects.emplace(key, std::move(made)).first;
        if (it->second->due) on.timers.emplace(it->second.get(), *it->second->due);
      }
      out.push_back(it->second.get());
    }
    return true;
  };
  checked(load(), true);
  return out;
}

std::vector<SimObject*> SimStore::in_order(SimMemberState& member, const std::string& project, const std::string& ns, const SimKey& after, int limit) {
  if (Result<void> flushed = flush(); !flushed) error_ = flushed.error();
  if (!db_ || member.id == 0) return {};
  const auto ask = [&]() -> Result<Stmt*> {
    Stmt& s = *MCP_TRY(use(sql_in_order));
    s.bind(1, member.id).bind(2, project).bind(3, ns).bind(4, after.ns).bind(5, after.kind).bind(6, after.name).bind(7, after.api).bind(8, limit);
    return &s;
  };
  Stmt* s = checked<Stmt*>(ask(), nullptr);
  return s == nullptr ? std::vector<SimObject*>() : gather(member, *s);
}

std::vector<SimObject*> SimStore::changed(SimMemberState& member, const std::string& project, std::int64_t since, int limit) {
  if (Result<void> flushed = flush(); !flushed) error_ = flushed.error();
  if (!db_ || member.id == 0) return {};
  const auto ask = [&]() -> Result<Stmt*> {
    if (project.empty()) {
      Stmt& any = *MCP_TRY(use(sql_changed_any));
      any.bind(1, member.id).bind(2, since).bind(3, limit);
      return &any;
    }
    Stmt& s = *MCP_TRY(use(sql_changed));
    s.bind(1, member.id).bind(2, project).bind(3, since).bind(4, limit);
    return &s;
  };
  Stmt* s = checked<Stmt*>(ask(), nullptr);
  return s == nullptr ? std::vector<SimObject*>() : gather(member, *s);
}

Result<void> SimStore::put_blob(const Value& value) {
  const Digest digest = value.digest();
  const std::string bytes = to_json(value);
  return MCP_TRY(use(sql_put_blob))->bind_blob(1, bytes_from(digest)).bind(2, bytes).run();
}

Result<void> SimStore::write_object(const SimMemberState& member, const SimObject& o) {
  Stmt& s = *MCP_TRY(use(sql_put));
  s.bind(1, member.id).bind(2, o.key.ns).bind(3, o.key.kind).bind(4, o.key.name).bind(5, o.key.api).bind(6, o.uid).bind(7, o.version)
      .bind(8, o.generation).bind(9, o.created.count()).bind(10, o.changed.count());
  s.bind(11, o.derived ? o.managers.front().time.count() : 0);
  if (o.deleting) s.bind(12, o.deleting->count());
  else s.bind_null(12);
  if (o.due) s.bind(13, o.due->count());
  else s.bind_null(13);
  s.bind(14, o.project);
  std::string extra;
  std::string rollout;
  Digest body;
  s.bind_null(15).bind_null(16).bind_null(17);
  if (o.exists() && o.derived) {
    body = o.managers.front().shape.digest();
    MCP_TRY(put_blob(o.managers.front().shape));
    s.bind_blob(15, bytes_from(body));
  } else if (o.exists()) {
    extra = to_json(MapBuilder().set("content", o.content).set("managers", managers_value(o.managers)).build());
    s.bind(16, extra);
  }
  if (o.exists() && o.rollout) {
    rollout = to_json(rollout_value(*o.rollout));
    s.bind(17, rollout);
  }
  return s.run();
}

Result<void> SimStore::write_all() {
  Txn txn = MCP_TRY(Txn::begin(*db_));
  for (auto& [name, m] : members_) {
    if (!m.dirty) continue;
    Stmt& s = *MCP_TRY(use(sql_put_member));
    s.bind(1, name).bind(2, m.version).bind(3, m.pods).bind(4, m.lost ? 1 : 0).bind(5, m.slow.count()).bind(6, m.requests).bind(7, m.faults);
    MCP_TRY(s.step());
    m.id = s.integer(0);
    s.reset();
  }
  for (auto& [name, on] : shelves_)
    for (const SimObject* o : on->dirty) MCP_TRY(write_object(members_.at(name), *o));
  MCP_TRY(MCP_TRY(use(sql_put_clock))->bind(1, clock_.count()).run());
  return txn.commit();
}

Result<void> SimStore::flush() {
  const bool changes = std::any_of(members_.begin(), members_.end(), [](const auto& m) { return m.second.dirty; });
  if (!changes) return {};
  if (!db_) MCP_TRY(create());
  MCP_TRY(write_all());
  for (auto& [name, m] : members_) m.dirty = false;
  for (auto& [name, on] : shelves_) on->dirty.clear();
  stored_clock_ = clock_;
  return {};
}

void SimStore::trim(std::size_t keep) {
  for (auto& [name, on] : shelves_) {
    if (on->objects.size() <= keep || !on->dirty.empty()) continue;
    on->timers.clear();   // `due` stays: it has keys, and a timer is found again when its object is loaded
    on->objects.clear();
  }
}

}  // namespace mcp
