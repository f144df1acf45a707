#include "cli/view/plan_json.hpp"

#include <algorithm>

#include "cli/view/value_text.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

/// Keys in any order become one canonical line.
class Record {
 public:
  explicit Record(std::string_view type) { fields_.set("type", type); }
  Record& text(std::string_view key, std::string_view value) {
    fields_.set(key, value);
    return *this;
  }
  /// null when there is none.
  Record& optional(std::string_view key, std::string_view value) {
    fields_.set(key, value.empty() ? Value() : Value::string(value));
    return *this;
  }
  Record& number(std::string_view key, std::int64_t value) {
    fields_.set(key, value);
    return *this;
  }
  Record& flag(std::string_view key, bool value) {
    fields_.set(key, Value::boolean(value));
    return *this;
  }
  Record& value(std::string_view key, Value value) {
    fields_.set(key, std::move(value));
    return *this;
  }
  std::string line() { return to_json(fields_.build()); }

 private:
  MapBuilder fields_;
};

/// null: stated nowhere.
Value origin_value(const Where& w) {
  if (w.line == 0) return {};
  return MapBuilder().set("column", static_cast<std::int64_t>(w.column)).set("file", std::string_view(w.file)).set("line", static_cast<std::int64_t>(w.line)).build();
}

/// Fingerprints are cut as for people: enough to compare by eye, too little to search for.
Value shown(const Value& value) { return view::masked(value, view::ValueOptions().secret_digits); }

std::string placement_record(const PlacementRow& row) {
  MapBuilder clusters;
  for (const auto& share : row.shares) clusters.set(share.member, MapBuilder().set("before", share.before).set("after", share.after).build());
  return Record("placement")
      .text("address", row.address.text())
      .value("clusters", clusters.build())
      .number("moved", row.moved)
      .number("unplaced", row.unplaced)
      .line();
}

std::string change_record(const Change& c, const Step& s) {
  std::vector<Value> fields;
  for (const FieldChange& f : c.fields)
    fields.push_back(MapBuilder()
                         .set("path", f.path)
                         .set("before", f.had ? shown(f.before) : Value())
                         .set("after", f.has ? shown(f.after) : Value())
                         .set("origin", origin_value(f.origin))
                         .build());
  const bool cluster = s.address.kind == AddressKind::Cluster;
  return Record("change")
      .text("address", s.address.declared().text())
      .text("member", cluster ? s.address.name : s.address.member)
      .text("action", to_string(s.action))
      .text("reason", to_string(c.reason))
      .optional("why", c.why)
      .optional("kind", s.ref.kind)
      .value("origin", origin_value(c.origin))
      .value("fields", Value::list(std::move(fields)))
      .line();
}

Record drift_record(const DriftRow& row) {
  Record out("drift");
  out.text("address", row.address.text()).text("member", row.address.member).optional("manager", row.manager).optional("time", row.time).flag("gone", row.gone);
  return out;
}

}  // namespace

std::vector<std::string> drift_records(const Plan& plan) {
  std::vector<std::string> out;
  for (const DriftRow& row : plan.drift) {
    if (row.fields.empty())
      out.push_back(drift_record(row).value("path", {}).value("recorded", {}).value("now", {}).optional("verdict", row.verdict).line());
    for (const DriftRow::Field& f : row.fields)
      out.push_back(drift_record(row)
                        .text("path", f.path)
                        .value("recorded", f.had ? shown(f.recorded) : Value())
                        .value("now", f.has ? shown(f.now) : Value())
                        .text("verdict", f.verdict)
                        .line());
  }
  return out;
}

std::vector<std::string> plan_records(const Plan& plan, const PlanDigests& digests) {
  std::vector<std::string> out;
  const bool all_read = std::all_of(plan.members.begin(), plan.members.end(), [](const PlanMember& m) { return m.answered || m.lost; });
  out.push_back(Record("plan")
                    .text("project", plan.project)
                    .text("driver", plan.driver)
                    .text("digest", digests.plan)
                    .text("changes", digests.changes)
                    .number("serial", plan.base_serial)
                    .flag("destroy", plan.destroy)
                    .flag("complete", all_read && plan.deferred.empty())
                    .flag("blocked", !plan.blocked.empty())
                    .line());
  for (const PlacementRow& row : plan.placement) out.push_back(placement_record(row));
  std::vector<std::string> drift = drift_records(plan);
  std::move(drift.begin(), drift.end(), std::back_inserter(out));
  for (const Change& c : plan.changes) out.push_back(change_record(c, plan.step_of(c)));
  for (const Deferral& d : plan.deferred) out.push_back(Record("deferred").text("member", d.member).text("why", d.why).number("changes", d.changes).line());
  const auto address_of = [&](std::uint32_t step) { return step < plan.steps.size() ? plan.steps[step].address.text() : std::string(); };
  for (const Edge& e : plan.edges)
    out.push_back(Record("edge").text("from", address_of(e.from)).text("to", address_of(e.to)).text("reason", to_string(e.reason)).line());
  for (const Blocked& b : plan.blocked)
    out.push_back(Record("blocked").text("by", to_string(b.what)).text("text", b.text).optional("hint", b.hint).value("origin", origin_value(b.origin)).line());
  for (const Risk& r : plan.risks)
    out.push_back(Record("risk").text("level", to_string(r.level)).text("rule", r.rule).text("text", r.text).value("origin", origin_value(r.origin)).line());
  MapBuilder actions;
  for (std::size_t i = 0; i < action_count; ++i) {
    const auto action = static_cast<Action>(i);
    if (const std::int64_t n = plan.count(action); n > 0 || action == Action::Delete) actions.set(to_string(action), n);
  }
  std::int64_t unplaced = 0;
  for (const PlacementRow& row : plan.placement) unplaced += row.unplaced;
  out.push_back(Record("summary")
                    .value("actions", actions.build())
                    .number("clusters", static_cast<std::int64_t>(plan.touched().size()))
                    .number("moved", plan.moved())
                    .value("replicas", MapBuilder().set("before", plan.replicas_before()).set("after", plan.replicas_after()).build())
                    .number("unchanged", plan.unchanged)
                    .number("unplaced", unplaced)
                    .line());
  return out;
}

}  // namespace mcp
