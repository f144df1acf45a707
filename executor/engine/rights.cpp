#include "executor/engine/rights.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "executor/fleet/asking.hpp"
#include "executor/engine/planning.hpp"
#include "lang/value/yaml.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

// Create is asked for where an apply finds nothing; patch is the apply itself. Source: docs/kubernetes.md, "Rights".
constexpr std::string_view on_objects[] = {"create", "delete", "get", "list", "patch"};

constexpr Duration patience{20'000};

struct Ask {
  std::string verb;
  std::string api;
  std::string kind;
  auto operator<=>(const Ask&) const = default;
};

std::string group_of(const std::string& api) {
  const auto slash = api.find('/');
  return slash == std::string::npos ? std::string() : api.substr(0, slash);
}

/// What members call the kinds that are not built in.
using Plurals = std::map<std::pair<std::string, std::string>, std::string>;

/// The resource of a kind. Of one that no member has yet, what its definition is called by nearly all.
std::string resource_of(const Plurals& plurals, const std::string& api, const std::string& kind) {
  if (const auto it = plurals.find({api, kind}); it != plurals.end()) return it->second;
  if (const KindInfo* info = kind_info(api, kind); info != nullptr) return std::string(info->plural);
  std::string out;
  for (const char c : kind) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out + "s";
}

std::vector<NeededRight> folded(const std::set<Ask>& asks, const Plurals& plurals) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> verbs;
  for (const Ask& a : asks) verbs[{group_of(a.api), resource_of(plurals, a.api, a.kind)}].insert(a.verb);
  std::vector<NeededRight> out;
  for (const auto& [key, set] : verbs) out.push_back({key.first, key.second, {set.begin(), set.end()}});
  return out;
}

}  // namespace

std::string NeededRight::text() const {
  std::string out;
  for (const std::string& verb : verbs) out.append(out.empty() ? "" : ", ").append(verb);
  return out + " " + resource + (group.empty() ? "" : "." + group);
}

Result<Rights> check_rights(Project& project) {
  Rights out;
  const Evaluated evaluated = evaluate(project.loaded, Recorded{}, {});
  std::map<std::string, std::set<Ask>> asks;
  const auto need = [&](const std::string& member, const std::string& api, const std::string& kind) {
    for (const std::string_view verb : on_objects) asks[member].insert({std::string(verb), api, kind});
  };
  for (const auto& cluster : project.loaded.topology.clusters) {
    need(cluster.name, "v1", "Namespace");
    need(cluster.name, "v1", "ConfigMap");   // markers
    asks[cluster.name].insert({"list", "v1", "Pod"});
  }
  for (const DesiredEntry& entry : evaluated.desired.entries) {
    const DesiredObject& o = evaluated.desired.object_of(entry);
    need(evaluated.desired.members[entry.member], o.api, o.kind);
  }
  const auto fleet = MCP_TRY(make_fleet(fleet_options(project)));
  struct Question {
    std::size_t member = 0;
    const Ask* ask = nullptr;   // null: the probe
  };
  Asking<Question> asking(*fleet);
  std::vector<std::set<Ask>> missing;
  std::set<Ask> all;
  Plurals plurals;
  for (const auto& [name, set] : asks) {
    out.members.push_back({name, {}, {}, {}});
    missing.emplace_back();
    asking.ask({out.members.size() - 1, nullptr}, name, Probe{}, patience);
    for (const Ask& ask : set) {
      all.insert(ask);
      asking.ask({out.members.size() - 1, &ask}, name, Right{ask.verb, ask.api, ask.kind}, patience);
    }
  }
  while (auto answer = asking.next()) {
    const Question& question = answer->about;
    MemberRights& m = out.members[question.member];
    if (const auto* got = std::get_if<Done>(&answer->outcome)) {
      if (question.ask == nullptr) {
        if (got->facts) m.version = got->facts->version;
        continue;
      }
      if (const std::string_view plural = got->object.text_or("resource", ""); !plural.empty()) plurals[{question.ask->api, question.ask->kind}] = plural;
      const Value* allowed = got->object.find("allowed");
      if (allowed == nullptr || !allowed->is_bool() || !allowed->as_bool()) missing[question.member].insert(*question.ask);
    } else if (const auto* no = std::get_if<Rejected>(&answer->outcome)) {
      // Not to see kube-system is a right that lacks, which its own question tells; kinds may come with the project.
      if (no->code != 403 && no->code != 404 && m.silent.empty()) m.silent = no->detail;
    } else if (const auto* gone = std::get_if<Unreachable>(&answer->outcome)) {
      if (m.silent.empty()) m.silent = gone->detail;
    } else if (const auto* doubt = std::get_if<Uncertain>(&answer->outcome)) {
      if (m.silent.empty()) m.silent = doubt->detail;
    } else if (m.silent.empty()) {
      m.silent = "it asks to wait";
    }
  }
  for (const Question& question : asking.open())
    if (out.members[question.member].silent.empty()) out.members[question.member].silent = "no answer";
  for (std::size_t i = 0; i < out.members.size(); ++i) out.members[i].missing = folded(missing[i], plurals);
  out.needed = folded(all, plurals);
  return out;
}

std::string cluster_role(const std::vector<NeededRight>& rights) {
  std::map<std::pair<std::string, std::vector<std::string>>, std::vector<Value>> resources;   // by group and verbs
  for (const NeededRight& r : rights) resources[{r.group, r.verbs}].push_back(Value::string(r.resource));
  std::vector<Value> rules;
  for (auto& [key, names] : resources) {
    std::vector<Value> verbs;
    for (const std::string& verb : key.second) verbs.push_back(Value::string(verb));
    rules.push_back(MapBuilder()
                        .set("apiGroups", Value::list({Value::string(key.first)}))
                        .set("resources", Value::list(std::move(names)))
                        .set("verbs", Value::list(std::move(verbs)))
                        .build());
  }
  return to_yaml(MapBuilder()
                     .set("apiVersion", "rbac.authorization.k8s.io/v1")
                     .set("kind", "ClusterRole")
                     .set("metadata", MapBuilder().set("name", "mcp").build())
                     .set("rules", Value::list(std::move(rules)))
                     .build());
}

}  // namespace mcp
