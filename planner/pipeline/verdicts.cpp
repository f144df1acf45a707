#include "planner/pipeline/verdicts.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>


namespace mcp {

namespace {

struct Limit {
  bool bounded = false;
  bool percent = false;
  std::int64_t value = 0;
  std::string text;
};

/// Digits in front of `text`; what no 64 bits hold bounds nothing.
std::int64_t number(std::string_view text) {
  std::int64_t n = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
  return read.ec == std::errc::result_out_of_range ? std::numeric_limits<std::int64_t>::max() : n;
}

Limit limit_of(const Value& value) {
  Limit out;
  if (value.is_int()) {
    out = {true, false, value.as_int(), std::to_string(value.as_int())};
  } else if (value.is_string()) {
    const std::string_view text = value.as_string();
    const std::int64_t n = number(text);
    out = {true, text.ends_with('%'), n, std::string(text)};
    if (out.percent) out.text = std::to_string(n) + " %";
  }
  return out;
}

Value allowed(const std::string& text) {
  if (text.ends_with('%')) return Value::string(text);
  return Value::integer(number(text));
}

Limit effective(const PlanInput& in, const Plan& plan, const std::string& name) {
  if (const auto it = in.options.allow.find(name); it != in.options.allow.end()) return limit_of(allowed(it->second));
  const auto it = plan.limits.find(name);
  return it == plan.limits.end() ? Limit{} : limit_of(it->second);
}

Where limits_origin(const PlanInput& in) {
  Where out;
  const Span span = in.topology->limits.origin.span;
  if (!span.known() || in.sources == nullptr || in.sources->file_at(span.begin) == nullptr) return out;
  const Place place = in.sources->locate(span.begin);
  return {std::string(place.file), place.line, place.column};
}

/// Replicas that move, of those that run on clusters that are not lost.
struct Moves {
  std::int64_t moved = 0;
  std::int64_t running = 0;
  std::int64_t percent = 0;   // rounded up
};

Moves moves_of(const Plan& plan) {
  Moves out;
  out.moved = plan.moved();
  for (const PlacementRow& row : plan.placement)
    for (const auto& share : row.shares) {
      const auto it = std::lower_bound(plan.members.begin(), plan.members.end(), share.member, [](const PlanMember& m, const std::string& n) { return m.name < n; });
      if (it != plan.members.end() && it->name == share.member && it->lost) continue;
      out.running += share.before;
    }
  if (out.running > 0) out.percent = (100 * out.moved + out.running - 1) / out.running;
  return out;
}

std::string moves_text(const Moves& m) {
  return std::to_string(m.moved) + " of " + std::to_string(m.running) + " replicas move (" + std::to_string(m.percent) + " %";
}

void limits(const PlanInput& in, Plan& plan) {
  if (plan.destroy) return;
  const Where origin = limits_origin(in);
  const auto block = [&](const std::string& text, const std::string& hint) { plan.blocked.push_back({BlockedBy::Limit, text, hint, origin}); };
  const std::int64_t deletes = plan.count(Action::Delete);
  if (const Limit l = effective(in, plan, "max_deletes"); l.bounded && deletes > l.value)
    block("max_deletes: " + std::to_string(deletes) + " objects are deleted, limit " + l.text, "once: mcp plan --allow max_deletes=" + std::to_string(deletes));
  const Moves m = moves_of(plan);
  if (const Limit l = effective(in, plan, "max_moved"); l.bounded && m.moved > 0 && (l.percent ? m.running == 0 || m.percent > l.value : m.moved > l.value))
    block("max_moved: " + moves_text(m) + "), limit " + l.text, "once: mcp plan --allow max_moved=" + (l.percent ? std::to_string(m.percent) + "%" : std::to_string(m.moved)));
  const auto touched = static_cast<std::int64_t>(plan.touched().size());
  if (const Limit l = effective(in, plan, "max_clusters"); l.bounded && touched > l.value)
    block("max_clusters: " + std::to_string(touched) + " clusters change, limit " + l.text, "once: mcp plan --allow max_clusters=" + std::to_string(touched));
}

void empty_input(const PlanInput& in, Plan& plan) {
  if (plan.destroy || in.rows.empty()) return;
  if (in.topology->clusters.empty()) {
    plan.blocked.push_back({BlockedBy::Empty, "no cluster is stated any more, and " + std::to_string(in.rows.size()) + " objects are recorded", "to remove everything: mcp destroy", {}});
  } else if (in.topology->objects.empty()) {
    plan.blocked.push_back({BlockedBy::Empty, "no object is stated any more, and " + std::to_string(in.rows.size()) + " are recorded", "to remove everything: mcp destroy", {}});
  }
}

std::string counted(std::int64_t n, const char* one, const char* many) { return std::to_string(n) + " " + (n == 1 ? one : many); }

void risks(const PlanInput& in, Plan& plan) {
  const auto add = [&](RiskLevel level, const char* rule, std::string text) { plan.risks.push_back({level, rule, std::move(text), {}}); };
  std::int64_t namespaces = 0;
  for (const Step& s : plan.steps)
    if (s.action == Action::Delete && s.ref.kind == "Namespace") ++namespaces;
  if (namespaces > 0) add(RiskLevel::Critical, "MCP-R001", counted(namespaces, "namespace is", "namespaces are") + " deleted, with all that is in " + (namespaces == 1 ? "it" : "them"));
  for (const PlacementRow& row : plan.placement) {
    std::int64_t before = 0;
    std::int64_t after = 0;
    for (const auto& s : row.shares) {
      before += s.before;
      after += s.after;
    }
    if (before > 0 && after == 0 && !plan.destroy) {
      const bool stated = in.topology->find(row.address) != nullptr;
      add(RiskLevel::High, stated ? "MCP-R010" : "MCP-R002", row.address.text() + (stated ? ": no replica is left" : " ends") + ", " + counted(before, "replica", "replicas"));
    }
  }
  if (const std::int64_t leaves = plan.count(Action::Leave); leaves > 0) add(RiskLevel::High, "MCP-R004", counted(leaves, "cluster leaves", "clusters leave"));
  for (const Change& c : plan.changes)
    if (const Step& s = plan.step_of(c); s.action == Action::Replace) add(RiskLevel::High, "MCP-R005", s.address.text() + " is replaced: " + c.why);
  if (const std::int64_t adopted = plan.count(Action::Adopt); adopted > 0) add(RiskLevel::High, "MCP-R031", counted(adopted, "existing object is", "existing objects are") + " taken over");
  std::int64_t unread = 0;
  for (const SecretSource& s : plan.secrets)
    if (s.fingerprint.empty()) ++unread;
  if (unread > 0) add(RiskLevel::High, "MCP-R025", counted(unread, "secret value", "secret values") + " could not be read while planning");
  for (const auto& [name, value] : plan.allow)
    if (name.starts_with("max_")) add(RiskLevel::Medium, "MCP-R008", "limit " + name + " is set to " + value + " for this plan");
  if (plan.count(Action::Forget) > 0) {
    std::int64_t forgotten = 0;
    for (const Change& c : plan.changes)
      if (plan.step_of(c).action == Action::Forget && c.why != "gone already") ++forgotten;
    if (forgotten > 0) add(RiskLevel::Medium, "MCP-R007", counted(forgotten, "object stays", "objects stay") + " without an owner");
  }
  if (const Moves m = moves_of(plan); m.moved > 0) {
    const Limit l = effective(in, plan, "max_moved");
    add(RiskLevel::Medium, "MCP-R015", moves_text(m) + (l.bounded ? ", limit " + l.text : "") + ")");
  }
  std::int64_t put_back = 0;
  std::int64_t again = 0;
  for (const DriftRow& d : plan.drift) {
    if (d.gone) ++again;
    for (const auto& f : d.fields)
      if (f.verdict == "put back") ++put_back;
  }
  if (put_back + again > 0) {
    std::string text;
    if (put_back > 0) text = counted(put_back, "field", "fields") + " put back";
    if (again > 0) text += (text.empty() ? "" : ", ") + counted(again, "object", "objects") + " created again";
    add(RiskLevel::Medium, "MCP-R032", text);
  }
  for (const Deferral& d : plan.deferred)
    if (d.changes > 0) add(RiskLevel::Medium, "MCP-R063", d.member + (d.why == "unreachable" ? " is " : " ") + d.why + ", " + counted(d.changes, "change", "changes") + " deferred");
  // Objects in namespaces that this plan makes could not be tried on the server.
  std::set<std::pair<std::string, std::string>> fresh;
  for (const Step& s : plan.steps)
    if (s.action == Action::Create && s.ref.kind == "Namespace") fresh.emplace(s.ref.member, s.ref.name);
  std::int64_t untried = 0;
  if (!fresh.empty())
    for (const Step& s : plan.steps)
      if (s.action == Action::Create && fresh.contains({s.ref.member, s.ref.ns})) ++untried;
  if (untried > 0) add(RiskLevel::Low, "MCP-R062", counted(untried, "object", "objects") + " checked by schema only: " + (untried == 1 ? "its" : "their") + " namespace is new");
  if (const std::int64_t joins = plan.count(Action::Join); joins > 0) add(RiskLevel::Low, "MCP-R065", counted(joins, "cluster joins", "clusters join"));
  std::stable_sort(plan.risks.begin(), plan.risks.end(), [](const Risk& a, const Risk& b) { return a.level < b.level; });
}

}  // namespace

void judge(const PlanInput& input, Plan& plan) {
  limits(input, plan);
  empty_input(input, plan);
  risks(input, plan);
  for (const Step& s : plan.steps)
    if (s.ref.kind == "NetworkPolicy" && s.action == Action::Create) {
      plan.notes.push_back("isolation acts where a cluster's network plug-in enforces NetworkPolicy");
      break;
    }
}

}  // namespace mcp
