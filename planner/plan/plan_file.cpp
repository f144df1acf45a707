#include "planner/plan/plan_file.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "lang/base/crypto.hpp"
#include "lang/base/lines.hpp"
#include "lang/value/json.hpp"
#include "lang/value/path.hpp"
#include "planner/diff/fields.hpp"

namespace mcp {

namespace {

// ---- writing

/// What a plan of minor 0 does not hold is left out, so that older readers take it.
int minor_of(const Plan& plan) { return plan.mcp_cluster.empty() ? 0 : Plan::format_minor; }

class Writer {
 public:
  explicit Writer(const Plan& plan) : plan_(plan) {}

  Value run() {
    MapBuilder out;
    out.set("format", std::string_view(std::to_string(Plan::format_major) + "." + std::to_string(minor_of(plan_))));
    out.set("mcp", std::string_view(plan_.mcp_version));
    out.set("project", std::string_view(plan_.project));
    out.set("driver", std::string_view(plan_.driver));
    if (!plan_.mcp_cluster.empty()) out.set("mcp_cluster", std::string_view(plan_.mcp_cluster));
    out.set("policy", std::string_view(plan_.policy.hex()));
    out.set("inventory", std::string_view(plan_.inventory.hex()));
    out.set("base_serial", plan_.base_serial);
    out.set("destroy", plan_.destroy);
    out.set("unchanged", plan_.unchanged);
    out.set("objects", plan_.objects);
    out.set("files", texts(plan_.files));
    out.set("allow", texts(plan_.allow));
    {
      std::vector<Entry> limits;
      for (const auto& [name, value] : plan_.limits) limits.push_back(entry(name, value));
      out.set("limits", Value::map(std::move(limits)));
    }
    out.set("notes", strings(plan_.notes));
    out.set("members", list(plan_.members, [&](const PlanMember& m) { return member(m); }));
    out.set("placement", list(plan_.placement, [&](const PlacementRow& p) { return placement(p); }));
    out.set("steps", list(plan_.steps, [&](const Step& s) { return step(s); }));
    out.set("changes", list(plan_.changes, [&](const Change& c) { return change(c); }));
    out.set("edges", list(plan_.edges, [&](const Edge& e) { return Value::list({Value::integer(e.from), Value::integer(e.to), Value::string(to_string(e.reason))}); }));
    out.set("drift", list(plan_.drift, [&](const DriftRow& d) { return drift(d); }));
    out.set("deferred", list(plan_.deferred, [](const Deferral& d) { return MapBuilder().set("member", std::string_view(d.member)).set("why", std::string_view(d.why)).set("changes", static_cast<std::int64_t>(d.changes)).build(); }));
    out.set("blocked", list(plan_.blocked, [&](const Blocked& b) {
              return MapBuilder().set("what", to_string(b.what)).set("text", std::string_view(b.text)).set("hint", std::string_view(b.hint)).set("origin", where(b.origin)).build();
            }));
    out.set("risks", list(plan_.risks, [&](const Risk& r) {
              return MapBuilder().set("level", to_string(r.level)).set("rule", std::string_view(r.rule)).set("text", std::string_view(r.text)).set("origin", where(r.origin)).build();
            }));
    out.set("secrets", list(plan_.secrets, [](const SecretSource& s) {
              return MapBuilder().set("fingerprint", std::string_view(s.fingerprint)).set("address", std::string_view(s.address.text())).set("key", std::string_view(s.key)).set("parts", s.parts).build();
            }));
    out.set("bodies", Value::list(std::move(bodies_)));
    return out.build();
  }

 private:
  template <class T, class F>
  static Value list(const std::vector<T>& items, F&& make) {
    std::vector<Value> out;
    out.reserve(items.size());
    for (const T& item : items) out.push_back(make(item));
    return Value::list(std::move(out));
  }
  static Value strings(const std::vector<std::string>& items) {
    return list(items, [](const std::string& s) { return Value::string(s); });
  }
  static Value texts(const std::map<std::string, std::string>& map) {
    std::vector<Entry> out;
    for (const auto& [key, value] : map) out.push_back(entry(key, Value::string(value)));
    return Value::map(std::move(out));
  }
  static Value where(const Where& w) {
    if (w.line == 0) return {};
    return MapBuilder().set("file", std::string_view(w.file)).set("line", static_cast<std::int64_t>(w.line)).set("column", static_cast<std::int64_t>(w.column)).build();
  }
  static Value ref(const ObjectRef& r) {
    if (r.kind.empty()) return {};
    return Value::list({Value::string(r.api), Value::string(r.kind), Value::string(r.ns), Value::string(r.name)});
  }
  static Value digest(const Digest& d) { return d.empty() ? Value() : Value::string(d.hex()); }

  Value member(const PlanMember& m) {
    MapBuilder out;
    out.set("name", std::string_view(m.name)).set("cloud", std::string_view(m.cloud)).set("region", std::string_view(m.region));
    out.set("capacity", m.capacity ? Value::integer(*m.capacity) : Value());
    out.set("joined", m.joined).set("leaving", m.leaving).set("drains", m.drains).set("answered", m.answered).set("lost", m.lost);
    out.set("identity", std::string_view(m.identity)).set("row", m.row);
    return out.build();
  }
  Value placement(const PlacementRow& p) {
    MapBuilder shares;
    std::vector<Entry> all;
    for (const auto& s : p.shares) all.push_back(entry(s.member, Value::list({Value::integer(s.before), Value::integer(s.after)})));
    return MapBuilder()
        .set("address", std::string_view(p.address.text()))
        .set("shares", Value::map(std::move(all)))
        .set("unplaced", p.unplaced)
        .set("moved", p.moved)
        .set("inputs", std::string_view(p.inputs))
        .build();
  }

  /// Id of a body; equal ones stand once, later ones of an address as what differs from its first.
  std::int64_t body(const Step& s) {
    if (s.body.is_null()) return -1;
    const std::string key = s.body.digest().hex();
    if (const auto it = known_.find(key); it != known_.end()) return it->second;
    const auto id = static_cast<std::int64_t>(bodies_.size());
    known_.emplace(key, id);
    const std::string address = s.address.declared().text();
    const auto first = first_.find(address);
    if (first != first_.end()) {
      const auto differences = compare_fields(s.ref.kind, first->second.second, s.body);
      if (differences.size() <= 32 && patch(first->second.second, differences) == s.body) {
        std::vector<Entry> set;
        std::vector<Value> unset;
        bool clean = true;
        for (const FieldDifference& d : differences) {
          const std::string path = d.path.text();
          const auto back = FieldPath::parse(path);
          clean = clean && back && *back == d.path;
          if (d.after != nullptr) set.push_back(entry(path, *d.after));
          else unset.push_back(Value::string(path));
        }
        if (clean) {
          MapBuilder out;
          out.set("like", first->second.first);
          if (!set.empty()) out.set("set", Value::map(std::move(set)));
          if (!unset.empty()) out.set("unset", Value::list(std::move(unset)));
          bodies_.push_back(out.build());
          return id;
        }
      }
    } else {
      first_.emplace(address, std::pair(id, s.body));
    }
    bodies_.push_back(MapBuilder().set("value", s.body).build());
    return id;
  }

  Value step(const Step& s) {
    MapBuilder out;
    out.set("action", to_string(s.action)).set("address", std::string_view(s.address.text()));
    if (!s.ref.kind.empty()) out.set("ref", ref(s.ref));
    if (!s.identity.empty()) out.set("identity", std::string_view(s.identity));
    if (!s.uid.empty()) out.set("uid", std::string_view(s.uid));
    if (!s.before.empty()) out.set("before", digest(s.before));
    if (!s.after.empty()) out.set("after", digest(s.after));
    if (const std::int64_t id = body(s); id >= 0) out.set("body", id);
    if (!s.takeovers.empty())
      out.set("takeovers", list(s.takeovers, [](const Takeover& t) { return Value::list({Value::string(t.field), Value::string(t.manager)}); }));
    if (!s.deps.empty()) out.set("deps", strings(split_lines(s.deps)));
    if (s.wait_ready) out.set("wait_ready", true);
    if (s.deadline_ms > 0) out.set("deadline_ms", s.deadline_ms);
    if (s.replicas >= 0) out.set("replicas", s.replicas);
    if (s.protect) out.set("protect", true);
    if (!s.origin.empty()) out.set("origin", std::string_view(s.origin));
    return out.build();
  }
  Value change(const Change& c) {
    MapBuilder out;
    out.set("step", static_cast<std::int64_t>(c.step)).set("reason", to_string(c.reason));
    if (!c.why.empty()) out.set("why", std::string_view(c.why));
    if (c.origin.line != 0) out.set("origin", where(c.origin));
    if (!c.fields.empty())
      out.set("fields", list(c.fields, [](const FieldChange& f) {
                MapBuilder one;
                one.set("path", std::string_view(f.path));
                if (f.had) one.set("before", f.before);
                if (f.has) one.set("after", f.after);
                if (f.origin.line != 0) one.set("origin", where(f.origin));
                return one.build();
              }));
    return out.build();
  }
  Value drift(const DriftRow& d) {
    MapBuilder out;
    out.set("address", std::string_view(d.address.text())).set("gone", d.gone).set("manager", std::string_view(d.manager)).set("time", std::string_view(d.time)).set("verdict", std::string_view(d.verdict));
    out.set("fields", list(d.fields, [](const DriftRow::Field& f) {
              MapBuilder one;
              one.set("path", std::string_view(f.path)).set("verdict", std::string_view(f.verdict));
              if (f.had) one.set("recorded", f.recorded);
              if (f.has) one.set("now", f.now);
              return one.build();
            }));
    return out.build();
  }

  const Plan& plan_;
  std::vector<Value> bodies_;
  std::unordered_map<std::string, std::int64_t> known_;
  std::unordered_map<std::string, std::pair<std::int64_t, Value>> first_;
};

// ---- reading

struct Bad {
  std::string why;
};

/// A map whose keys are all looked at: a leftover is a key that this version does not know.
class Reader {
 public:
  Reader(const Value& map, std::string what) : map_(map), what_(std::move(what)) {
    if (!map.is_map()) throw Bad{what_ + " is no map"};
  }
  const Value* get(std::string_view key) {
    used_.emplace_back(key);
    return map_.find(key);
  }
  const Value& need(std::string_view key) {
    const Value* v = get(key);
    if (v == nullptr) throw Bad{what_ + " has no `" + std::string(key) + "`"};
    return *v;
  }
  std::string text(std::string_view key) {
    const Value* v = get(key);
    if (v == nullptr) return {};
    if (!v->is_string()) throw wrong(key);
    return std::string(v->as_string());
  }
  std::int64_t number(std::string_view key, std::int64_t otherwise) {
    const Value* v = get(key);
    if (v == nullptr) return otherwise;
    if (!v->is_int()) throw wrong(key);
    return v->as_int();
  }
  bool flag(std::string_view key) {
    const Value* v = get(key);
    if (v == nullptr) return false;
    if (!v->is_bool()) throw wrong(key);
    return v->as_bool();
  }
  std::span<const Value> items(std::string_view key) {
    const Value* v = get(key);
    if (v == nullptr) return {};
    if (!v->is_list()) throw wrong(key);
    return v->items();
  }
  std::map<std::string, std::string> texts(std::string_view key) {
    std::map<std::string, std::string> out;
    const Value* v = get(key);
    if (v == nullptr) return out;
    if (!v->is_map()) throw wrong(key);
    for (const Entry& e : v->entries()) {
      if (!e.value.is_string()) throw wrong(key);
      out.emplace(e.name(), e.value.as_string());
    }
    return out;
  }
  Digest digest(std::string_view key) {
    const std::string hex = text(key);
    Digest out;
    if (hex.empty()) return out;
    if (hex.size() != 64) throw wrong(key);
    for (std::size_t i = 0; i < 32; ++i) {
      const auto nibble = [&](char c) -> unsigned { return c >= '0' && c <= '9' ? static_cast<unsigned>(c - '0') : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10) : 99U; };
      const unsigned a = nibble(hex[2 * i]);
      const unsigned b = nibble(hex[2 * i + 1]);
      if (a > 15 || b > 15) throw wrong(key);
      out.bytes[i] = static_cast<std::uint8_t>(a * 16 + b);
    }
    return out;
  }
  void done() const {
    for (const Entry& e : map_.entries())
      if (std::find(used_.begin(), used_.end(), e.name()) == used_.end()) throw Bad{what_ + " holds `" + std::string(e.name()) + "`, which this version does not know"};
  }
  Bad wrong(std::string_view key) const { return {"`" + std::string(key) + "` of " + what_ + " is of another type"}; }

 private:
  const Value& map_;
  std::string what_;
  std::vector<std::string> used_;
};

Address address_of(const std::string& text) {
  const auto a = Address::parse(text);
  if (!a) throw Bad{"`" + text + "` is no address"};
  return *a;
}

Where where_of(const Value* v) {
  Where out;
  if (v == nullptr || v->is_null()) return out;
  Reader r(*v, "an origin");
  out.file = r.text("file");
  out.line = static_cast<std::uint32_t>(r.number("line", 0));
  out.column = static_cast<std::uint32_t>(r.number("column", 0));
  r.done();
  return out;
}

template <class E>
E named(const std::optional<E>& value, const std::string& text) {
  if (!value) throw Bad{"`" + text + "` means nothing to this version"};
  return *value;
}

Plan read(const Value& root) {
  Plan plan;
  Reader r(root, "the plan");
  r.get("format");
  plan.mcp_version = r.text("mcp");
  plan.project = r.text("project");
  plan.driver = r.text("driver");
  plan.mcp_cluster = r.text("mcp_cluster");
  plan.policy = r.digest("policy");
  plan.inventory = r.digest("inventory");
  plan.base_serial = r.number("base_serial", 0);
  plan.destroy = r.flag("destroy");
  plan.unchanged = r.number("unchanged", 0);
  plan.objects = r.number("objects", 0);
  plan.files = r.texts("files");
  plan.allow = r.texts("allow");
  if (const Value& limits = r.need("limits"); limits.is_map())
    for (const Entry& e : limits.entries()) plan.limits.emplace(e.name(), e.value);
  for (const Value& note : r.items("notes")) plan.notes.emplace_back(note.is_string() ? note.as_string() : "");
  for (const Value& v : r.items("members")) {
    Reader m(v, "a member");
    PlanMember out;
    out.name = m.text("name");
    out.cloud = m.text("cloud");
    out.region = m.text("region");
    if (const Value* c = m.get("capacity"); c != nullptr && c->is_int()) out.capacity = c->as_int();
    out.joined = m.flag("joined");
    out.leaving = m.flag("leaving");
    out.drains = m.flag("drains");
    out.answered = m.flag("answered");
    out.lost = m.flag("lost");
    out.identity = m.text("identity");
    if (const Value* row = m.get("row")) out.row = *row;
    m.done();
    plan.members.push_back(std::move(out));
  }
  for (const Value& v : r.items("placement")) {
    Reader p(v, "a placement");
    PlacementRow out;
    out.address = address_of(p.text("address"));
    if (const Value& shares = p.need("shares"); shares.is_map())
      for (const Entry& e : shares.entries()) {
        if (!e.value.is_list() || e.value.size() != 2 || !e.value.items()[0].is_int() || !e.value.items()[1].is_int()) throw p.wrong("shares");
        out.shares.push_back({std::string(e.name()), e.value.items()[0].as_int(), e.value.items()[1].as_int()});
      }
    out.unplaced = p.number("unplaced", 0);
    out.moved = p.number("moved", 0);
    out.inputs = p.text("inputs");
    p.done();
    plan.placement.push_back(std::move(out));
  }
  std::vector<Value> bodies;
  for (const Value& v : r.items("bodies")) {
    Reader b(v, "a body");
    if (const Value* value = b.get("value")) {
      bodies.push_back(*value);
    } else {
      const std::int64_t like = b.number("like", -1);
      if (like < 0 || static_cast<std::size_t>(like) >= bodies.size()) throw Bad{"a body is like one that is not there"};
      std::vector<FieldDifference> differences;
      const Value* set = b.get("set");
      if (set != nullptr && set->is_map())
        for (const Entry& e : set->entries()) {
          auto path = FieldPath::parse(e.name());
          if (!path) throw Bad{"`" + std::string(e.name()) + "` is no path"};
          differences.push_back({std::move(*path), nullptr, &e.value});
        }
      for (const Value& path_text : b.items("unset")) {
        auto path = FieldPath::parse(path_text.is_string() ? path_text.as_string() : "");
        if (!path) throw Bad{"a path of `unset` is none"};
        differences.push_back({std::move(*path), nullptr, nullptr});
      }
      bodies.push_back(patch(bodies[static_cast<std::size_t>(like)], differences));
    }
    b.done();
  }
  for (const Value& v : r.items("steps")) {
    Reader s(v, "a step");
    Step out;
    const std::string action = s.text("action");
    out.action = named(action_of(action), action);
    out.address = address_of(s.text("address"));
    if (const Value* ref = s.get("ref"); ref != nullptr) {
      if (!ref->is_list() || ref->size() != 4) throw s.wrong("ref");
      for (const Value& part : ref->items())
        if (!part.is_string()) throw s.wrong("ref");
      const auto parts = ref->items();
      out.ref = {out.address.member, std::string(parts[0].as_string()), std::string(parts[1].as_string()), std::string(parts[2].as_string()), std::string(parts[3].as_string())};
    }
    out.identity = s.text("identity");
    out.uid = s.text("uid");
    out.before = s.digest("before");
    out.after = s.digest("after");
    if (const std::int64_t id = s.number("body", -1); id >= 0) {
      if (static_cast<std::size_t>(id) >= bodies.size()) throw Bad{"a step has a body that is not there"};
      out.body = bodies[static_cast<std::size_t>(id)];
    }
    for (const Value& t : s.items("takeovers")) {
      if (!t.is_list() || t.size() != 2 || !t.items()[0].is_string() || !t.items()[1].is_string()) throw s.wrong("takeovers");
      out.takeovers.push_back({std::string(t.items()[0].as_string()), std::string(t.items()[1].as_string())});
    }
    for (const Value& d : s.items("deps")) add_line(out.deps, d.is_string() ? d.as_string() : "");
    out.wait_ready = s.flag("wait_ready");
    out.deadline_ms = s.number("deadline_ms", 0);
    out.replicas = s.number("replicas", -1);
    out.protect = s.flag("protect");
    out.origin = s.text("origin");
    s.done();
    plan.steps.push_back(std::move(out));
  }
  for (const Value& v : r.items("changes")) {
    Reader c(v, "a change");
    Change out;
    const std::int64_t step = c.number("step", -1);
    if (step < 0 || static_cast<std::size_t>(step) >= plan.steps.size()) throw Bad{"a change has no step"};
    out.step = static_cast<std::uint32_t>(step);
    const std::string reason = c.text("reason");
    out.reason = named(reason_of(reason), reason);
    out.why = c.text("why");
    out.origin = where_of(c.get("origin"));
    for (const Value& f : c.items("fields")) {
      Reader one(f, "a field");
      FieldChange field;
      field.path = one.text("path");
      if (const Value* before = one.get("before")) {
        field.had = true;
        field.before = *before;
      }
      if (const Value* after = one.get("after")) {
        field.has = true;
        field.after = *after;
      }
      field.origin = where_of(one.get("origin"));
      one.done();
      out.fields.push_back(std::move(field));
    }
    c.done();
    plan.changes.push_back(std::move(out));
  }
  for (const Value& v : r.items("edges")) {
    if (!v.is_list() || v.size() != 3 || !v.items()[0].is_int() || !v.items()[1].is_int() || !v.items()[2].is_string()) throw Bad{"an edge is of another form"};
    const auto count = static_cast<std::int64_t>(plan.steps.size());
    const std::int64_t from = v.items()[0].as_int();
    const std::int64_t to = v.items()[1].as_int();
    if (from < 0 || to >= count || from >= to) throw Bad{"an edge leads from a later step to an earlier one"};
    plan.edges.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), named(edge_reason_of(v.items()[2].as_string()), std::string(v.items()[2].as_string()))});
  }
  for (const Value& v : r.items("drift")) {
    Reader d(v, "drift");
    DriftRow out;
    out.address = address_of(d.text("address"));
    out.gone = d.flag("gone");
    out.manager = d.text("manager");
    out.time = d.text("time");
    out.verdict = d.text("verdict");
    for (const Value& f : d.items("fields")) {
      Reader one(f, "a field");
      DriftRow::Field field;
      field.path = one.text("path");
      field.verdict = one.text("verdict");
      if (const Value* recorded = one.get("recorded")) {
        field.had = true;
        field.recorded = *recorded;
      }
      if (const Value* now = one.get("now")) {
        field.has = true;
        field.now = *now;
      }
      one.done();
      out.fields.push_back(std::move(field));
    }
    d.done();
    plan.drift.push_back(std::move(out));
  }
  for (const Value& v : r.items("deferred")) {
    Reader d(v, "a deferral");
    plan.deferred.push_back({d.text("member"), d.text("why"), static_cast<std::uint32_t>(d.number("changes", 0))});
    d.done();
  }
  for (const Value& v : r.items("blocked")) {
    Reader b(v, "a block");
    const std::string what = b.text("what");
    Blocked out;
    out.what = named(blocked_by_of(what), what);
    out.text = b.text("text");
    out.hint = b.text("hint");
    out.origin = where_of(b.get("origin"));
    b.done();
    plan.blocked.push_back(std::move(out));
  }
  for (const Value& v : r.items("risks")) {
    Reader k(v, "a risk");
    const std::string level = k.text("level");
    Risk out;
    out.level = named(risk_level_of(level), level);
    out.rule = k.text("rule");
    out.text = k.text("text");
    out.origin = where_of(k.get("origin"));
    k.done();
    plan.risks.push_back(std::move(out));
  }
  for (const Value& v : r.items("secrets")) {
    Reader s(v, "a secret");
    SecretSource out;
    out.fingerprint = s.text("fingerprint");
    out.address = address_of(s.text("address"));
    out.key = s.text("key");
    if (const Value* parts = s.get("parts")) out.parts = *parts;
    s.done();
    plan.secrets.push_back(std::move(out));
  }
  r.done();
  return plan;
}

}  // namespace

std::string plan_bytes(const Plan& plan) {
  std::string out = to_json(Writer(plan).run());
  out += '\n';
  out += sha256(out).hex();
  out += '\n';
  return out;
}

std::string plan_digest(const Plan& plan) {
  std::string out = to_json(Writer(plan).run());
  out += '\n';
  return sha256(out).hex();
}

std::string changes_digest(const Plan& plan) {
  std::vector<std::string> rows;
  rows.reserve(plan.steps.size());
  for (const Step& s : plan.steps) rows.push_back(s.address.text() + " " + std::string(to_string(s.action)) + " " + s.before.hex() + " " + s.after.hex() + "\n");
  std::sort(rows.begin(), rows.end());
  std::string all;
  for (const std::string& row : rows) all += row;
  return sha256(all).hex();
}

Result<PlanFile> read_plan(std::string_view bytes) {
  const auto end = bytes.find('\n');
  if (bytes.empty()) return fail("the plan file is empty: it was cut short", "plan again: `mcp plan --out FILE`", 3);
  if (bytes.front() != '{') return fail("this is no saved plan", "make one: `mcp plan --out FILE`");
  if (end == std::string_view::npos) return fail("the plan file is cut short: its second line, the check sum, is missing", "plan again: `mcp plan --out FILE`", 3);
  const std::string_view first = bytes.substr(0, end + 1);
  std::string_view second = bytes.substr(end + 1);
  if (second.ends_with('\n')) second.remove_suffix(1);
  const std::string sum = sha256(first).hex();
  // The format comes first: a newer file is named as such, whatever its sum.
  const auto json = parse_json(first.substr(0, end));
  if (json && json->is_map()) {
    const std::string_view format = json->text_or("format", "");
    const std::string_view major = format.substr(0, format.find('.'));
    if (!format.empty() && major != std::to_string(Plan::format_major))
      return fail("the plan file has format " + std::string(format.substr(0, 20)) + ", and this mcp reads " + std::to_string(Plan::format_major) + "." + std::to_string(Plan::format_minor),
                  "use the version of mcp that wrote it, or plan again");
  }
  if (second == sum && bytes.back() != '\n') return fail("the plan file is cut short: its last byte, the end of the line, is missing", "plan again: `mcp plan --out FILE`", 3);
  if (second != sum)
    return fail(second.size() < 64 ? "the plan file is cut short: its check sum is not whole" : "the plan file was changed after it was saved: its check sum does not match",
                "plan again: `mcp plan --out FILE`", 3);
  if (!json) return fail("the plan file is no JSON: " + json.error().message, "plan again: `mcp plan --out FILE`", 3);
  if (!json->is_map() || json->find("format") == nullptr || json->find("steps") == nullptr) return fail("this is no saved plan", "make one: `mcp plan --out FILE`");
  try {
    return PlanFile{read(*json), sum};
  } catch (const Bad& bad) {
    return fail("the plan file cannot be used: " + bad.why, "plan again: `mcp plan --out FILE`");
  }
}

}  // namespace mcp
