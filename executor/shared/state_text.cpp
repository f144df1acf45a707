#include "executor/shared/state_text.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_set>

#include "lang/base/lines.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

constexpr std::int64_t histories = 50;         // applies whose objects are told, as many as bodies are kept for
constexpr std::size_t history_block = 500;   // lines about one apply, at least, between two cuts

/// A digest of no bytes stands for "absent".
std::string hex(const Digest& digest) { return digest == Digest{} ? std::string() : digest.hex(); }

std::optional<Digest> digest_of(std::string_view hex) {
  if (hex.empty()) return Digest{};
  return Digest::from_hex(hex);
}

const char* const ref_keys[] = {"member", "api", "kind", "ns", "name"};

void put_ref(MapBuilder& to, const ObjectRef& ref) {
  const std::string* const parts[] = {&ref.member, &ref.api, &ref.kind, &ref.ns, &ref.name};
  for (std::size_t i = 0; i < 5; ++i) to.set(ref_keys[i], std::string_view(*parts[i]));
}

ObjectRef ref_of(const Value& v) {
  const auto at = [&](std::size_t i) { return std::string(v.text_or(ref_keys[i], "")); };
  return {at(0), at(1), at(2), at(3), at(4)};
}

Value member_value(const RecordedMember& m) {
  return MapBuilder().set("name", std::string_view(m.name)).set("identity", std::string_view(m.identity)).set("version", std::string_view(m.version)).set("row", m.row)
      .set("protect", m.protect).set("lost", m.lost).build();
}

Value object_value(const RecordedRow& row) {
  MapBuilder out;
  put_ref(out, row.ref);
  out.set("address", std::string_view(row.address.declared().text())).set("uid", std::string_view(row.uid)).set("body", std::string_view(hex(row.body)));
  if (row.owned != row.body) out.set("owned", std::string_view(hex(row.owned)));
  if (row.protect) out.set("protect", true);
  if (row.adopted) out.set("adopted", true);
  if (row.unready) out.set("unready", true);
  out.set("origin", std::string_view(row.origin)).set("deps", std::string_view(row.deps)).set("replicas", row.replicas).set("run", row.run);
  return out.build();
}

std::optional<RecordedRow> row_of(const Value& v) {
  RecordedRow row;
  row.ref = ref_of(v);
  const auto address = Address::parse(v.text_or("address", ""));
  const auto body = digest_of(v.text_or("body", ""));
  const auto owned = v.find("owned") != nullptr ? digest_of(v.text_or("owned", "")) : body;
  if (!address || !body || !owned || row.ref.member.empty() || row.ref.kind.empty()) return std::nullopt;
  const auto flag = [&](std::string_view name) { const Value* f = v.find(name); return f != nullptr && f->is_bool() && f->as_bool(); };
  row.address = address->on(row.ref.member);
  row.uid = v.text_or("uid", "");
  row.body = *body;
  row.owned = *owned;
  row.protect = flag("protect");
  row.adopted = flag("adopted");
  row.unready = flag("unready");
  row.origin = v.text_or("origin", "");
  row.deps = v.text_or("deps", "");
  row.replicas = v.int_or("replicas", -1);
  row.run = row.serial = v.int_or("run", 0);
  return row;
}

void one(PieceCutter& to, std::string_view what, const Value& value) { to.line(to_json(MapBuilder().set(what, value).build())); }

/// `whole`: with what it did to each object.
Result<void> put_history(PieceCutter& to, Store& store, const RunRow& run, bool whole) {
  const std::string key = "run " + std::to_string(run.id);
  to.begin(key);
  one(to, "apply", run_value(run));
  if (!whole) return {};
  std::size_t n = 0;
  for (const HistoryObject& h : MCP_TRY(store.history(run.id))) {
    if (++n % history_block == 0) to.begin(key + " " + std::to_string(n));
    MapBuilder line;
    put_ref(line, h.ref);
    line.set("apply", run.id).set("action", std::string_view(h.action)).set("before", std::string_view(hex(h.before))).set("after", std::string_view(hex(h.after)));
    one(to, "history", line.build());
  }
  return {};
}

Result<void> put_objects(PieceCutter& to, Store& store) {
  const std::vector<RecordedRow> rows = MCP_TRY(store.recorded());
  std::vector<std::uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto key = [&](std::uint32_t i) { const ObjectRef& r = rows[i].ref; return std::tie(r.ns, r.kind, r.name, r.api, r.member); };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
  std::set<Digest> told;   // bodies that the piece holds already
  const ObjectRef* last = nullptr;
  for (const std::uint32_t i : order) {
    const RecordedRow& row = rows[i];
    const bool same = last != nullptr && std::tie(last->ns, last->kind, last->name) == std::tie(row.ref.ns, row.ref.kind, row.ref.name);
    if (!same && to.begin(row.ref.ns + "/" + row.ref.kind + "/" + row.ref.name)) told.clear();
    last = &row.ref;
    if (told.insert(row.body).second) one(to, "body", MCP_TRY(store.body(row.body)));
    one(to, "object", object_value(row));
  }
  return {};
}

struct Line {
  std::string what;
  Value value;
};

Result<std::vector<Line>> lines_of(const std::vector<Piece>& pieces) {
  std::vector<Line> out;
  for (const Piece& piece : pieces)
    for (std::string_view rest = piece.text; !rest.empty();) {
      const auto end = rest.find('\n');
      const auto value = parse_json(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      if (!value || !value->is_map() || value->size() != 1) return fail("piece " + piece.name + " of the shared state holds a line that is none");
      const Entry& e = value->entries()[0];
      out.push_back({std::string(e.name()), e.value});
    }
  return out;
}

/// What a line is about: a later line about the same takes its place.
std::string subject(const Line& line) {
  if (line.what == "member") return "member " + std::string(line.value.text_or("name", ""));
  if (line.what == "division") return "division " + std::string(line.value.text_or("address", ""));
  if (line.what == "apply") return "apply " + std::to_string(line.value.int_or("id", 0));
  if (line.what != "object" && line.what != "history") return {};
  const ObjectRef ref = ref_of(line.value);
  return line.what + " " + std::to_string(line.value.int_or("apply", 0)) + " " + ref.member + "\n" + ref.api + "\n" + ref.kind + "\n" + ref.ns + "\n" + ref.name;
}

Result<void> drop(Store& store, const Line& line) {
  if (line.what == "division") return store.drop_division(std::string(line.value.text_or("address", "")));
  if (line.what == "apply") return store.drop_run(line.value.int_or("id", 0));
  if (line.what == "history") return store.drop_history(line.value.int_or("apply", 0), ref_of(line.value));
  if (line.what == "object") return store.drop_recorded(ref_of(line.value));
  return {};
}

Result<void> put(Store& store, const Line& line) {
  const Value& v = line.value;
  const auto damaged = [&] { return fail("the shared state holds a damaged line: " + line.what); };
  if (line.what == "member") {
    RecordedMember m;
    m.name = v.text_or("name", "");
    m.identity = v.text_or("identity", "");
    m.version = v.text_or("version", "");
    if (const Value* row = v.find("row")) m.row = *row;
    if (const Value* f = v.find("protect")) m.protect = f->is_bool() && f->as_bool();
    if (const Value* f = v.find("lost")) m.lost = f->is_bool() && f->as_bool();
    if (m.name.empty()) return damaged();
    // For how long a member has been silent is this machine's own.
    const auto failures = MCP_TRY(store.failures());
    if (const auto own = failures.find(m.name); own != failures.end()) {
      m.failures = own->second.count;
      m.first_failure_ms = own->second.first_ms;
    }
    return store.put_member(m);
  }
  if (line.what == "division") return store.put_division(std::string(v.text_or("address", "")), std::string(v.text_or("inputs", "")));
  if (line.what == "apply") {
    const auto run = run_of(v);
    if (!run) return damaged();
    MCP_TRY(store.drop_journal(run->id));   // of an attempt here that somebody else has ended
    return store.put_run(*run);
  }
  if (line.what == "history") {
    const auto before = digest_of(v.text_or("before", ""));
    const auto after = digest_of(v.text_or("after", ""));
    if (!before || !after) return damaged();
    return store.put_history(v.int_or("apply", 0), {ref_of(v), std::string(v.text_or("action", "")), *before, *after});
  }
  if (line.what == "body") return store.put_body(v);
  if (line.what == "object") {
    const auto row = row_of(v);
    if (!row || MCP_TRY(store.body(row->body)).is_null()) return damaged();
    return store.put_recorded(*row);
  }
  return {};   // of a later version: what it says is kept by those who know it
}

}  // namespace

Value run_value(const RunRow& run) {
  return MapBuilder().set("id", run.id).set("plan", std::string_view(hex(run.plan))).set("changes", std::string_view(hex(run.changes))).set("token", run.token)
      .set("cells", std::string_view(joined_lines(run.cells))).set("state", to_string(run.state)).set("who", std::string_view(run.who)).set("host", std::string_view(run.host))
      .set("pid", run.pid).set("started_ms", run.started_ms).set("ended_ms", run.ended_ms).set("revision", std::string_view(run.revision)).set("summary", run.summary).build();
}

std::optional<RunRow> run_of(const Value& value) {
  if (!value.is_map()) return std::nullopt;
  RunRow run;
  const auto plan = digest_of(value.text_or("plan", ""));
  const auto changes = digest_of(value.text_or("changes", ""));
  run.id = value.int_or("id", 0);
  if (run.id <= 0 || !plan || !changes) return std::nullopt;
  run.plan = *plan;
  run.changes = *changes;
  run.token = value.int_or("token", 0);
  run.cells = split_lines(value.text_or("cells", ""));
  for (const RunState state : {RunState::Open, RunState::Done, RunState::Partial, RunState::Abandoned})
    if (to_string(state) == value.text_or("state", "")) run.state = state;
  run.who = value.text_or("who", "");
  run.host = value.text_or("host", "");
  run.pid = value.int_or("pid", 0);
  run.started_ms = value.int_or("started_ms", 0);
  run.ended_ms = value.int_or("ended_ms", 0);
  run.revision = value.text_or("revision", "");
  if (const Value* summary = value.find("summary")) run.summary = *summary;
  return run;
}

Result<std::vector<Piece>> state_pieces(Store& store) {
  PieceCutter out;
  for (const RecordedMember& m : MCP_TRY(store.members())) one(out, "member", member_value(m));
  for (const auto& [address, inputs] : MCP_TRY(store.divisions()))
    one(out, "division", MapBuilder().set("address", std::string_view(address)).set("inputs", std::string_view(inputs)).build());
  std::vector<RunRow> runs = MCP_TRY(store.runs());
  std::reverse(runs.begin(), runs.end());
  for (const RunRow& run : runs)
    if (run.state != RunState::Open) MCP_TRY(put_history(out, store, run, run.id + histories > runs.back().id));
  MCP_TRY(put_objects(out, store));
  return out.finish();
}

Result<void> replace_pieces(Store& store, const std::vector<Piece>& stale, const std::vector<Piece>& fresh) {
  const std::vector<Line> before = MCP_TRY(lines_of(stale));
  const std::vector<Line> after = MCP_TRY(lines_of(fresh));
  std::unordered_set<std::string> stays;
  for (const Line& line : after)
    if (std::string about = subject(line); !about.empty()) stays.insert(std::move(about));
  for (const Line& line : before)
    if (const std::string about = subject(line); !about.empty() && !stays.contains(about)) MCP_TRY(drop(store, line));
  for (const Line& line : after) MCP_TRY(put(store, line));
  // A member goes last: no row may be left there.
  for (const Line& line : before)
    if (line.what == "member" && !stays.contains(subject(line))) MCP_TRY(store.drop_member(std::string(line.value.text_or("name", ""))));
  return {};
}

}  // namespace mcp
