#include "executor/engine/trial.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "executor/fleet/asking.hpp"
#include "planner/diff/fields.hpp"
#include "planner/diff/normalize.hpp"

namespace mcp {

namespace {

constexpr std::size_t enough_alike = 50;

bool writes(Action action) { return action == Action::Create || action == Action::Update || action == Action::Adopt; }

/// Equal news of one declared object, over members.
struct News {
  RiskLevel level = RiskLevel::High;
  const char* rule = "";
  std::string text;
  std::vector<std::string> members;
};

std::string members_text(const std::vector<std::string>& members) {
  if (members.size() > 3) return std::to_string(members.size()) + " clusters";
  std::string out;
  for (const std::string& m : members) out.append(out.empty() ? "" : ", ").append(m);
  return out;
}

}  // namespace

void try_on_servers(Fleet& fleet, Plan& plan, std::size_t most) {
  std::set<std::string> tries;   // members that can
  for (const PlanMember& m : plan.members)
    if (fleet.capabilities(m.name).trial) tries.insert(m.name);
  if (tries.empty()) return;
  std::set<std::pair<std::string, std::string>> fresh;   // (member, namespace) that this plan makes
  for (const Step& s : plan.steps)
    if (s.action == Action::Create && s.ref.kind == "Namespace") fresh.emplace(s.ref.member, s.ref.name);
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> alike;
  Asking<const Step*> asking(fleet);
  for (const Step& s : plan.steps) {
    // Of a Secret the values are not at hand, and it cannot be tried without.
    if (s.ref.kind == "Secret" && s.ref.api == "v1") continue;
    if (!writes(s.action) || !s.body.is_map() || !tries.contains(s.ref.member)) continue;
    if (fresh.contains({s.ref.member, s.ref.ns})) continue;
    if (asking.asked() >= most) break;
    // Many new objects of one kind in one place are much alike: the first of them speak for the rest.
    if (s.action == Action::Create && ++alike[{s.ref.member, s.ref.ns, s.ref.kind}] > enough_alike) continue;
    Write write{.ref = s.ref, .body = s.body, .expect = {}, .secrets = {}, .trial = true};
    if (s.action != Action::Create) write.expect.uid = s.uid;
    write.force = Force::Yes;   // who else holds a field is known from reading; here it would only hide the rest
    asking.ask(&s, s.ref.member, std::move(write), Duration{40'000});
  }
  std::map<std::pair<Address, std::string>, News> news;
  const auto tell = [&](const Step& s, RiskLevel level, const char* rule, const std::string& text) {
    News& n = news[{s.address.declared(), text}];
    n.level = level;
    n.rule = rule;
    n.text = text;
    n.members.push_back(s.ref.member);
  };
  while (auto answer = asking.next()) {
    const Step& s = *answer->about;
    if (const auto* no = std::get_if<Rejected>(&answer->outcome)) {
      // A kind or a namespace that comes with the plan is not there to be tried.
      if (no->code != 404 && no->code != 0) tell(s, RiskLevel::High, "MCP-R066", "the server would refuse it: " + no->detail);
    } else if (const auto* yes = std::get_if<Done>(&answer->outcome)) {
      const Value held = owned_fields(s.ref.kind, s.body, yes->object);
      std::string fields;
      for (const FieldDifference& d : compare_fields(s.ref.kind, s.body, held))
        if (const std::string path = d.path.text(); path != "spec.replicas") fields.append(fields.empty() ? "" : ", ").append(path);
      if (!fields.empty()) tell(s, RiskLevel::Low, "MCP-R033", "admission rewrites " + fields);
    }
  }
  for (auto& [key, n] : news) {
    std::sort(n.members.begin(), n.members.end());
    plan.risks.push_back({n.level, n.rule, key.first.text() + " on " + members_text(n.members) + ": " + n.text, {}});
  }
  std::stable_sort(plan.risks.begin(), plan.risks.end(), [](const Risk& a, const Risk& b) { return a.level < b.level; });
}

}  // namespace mcp
