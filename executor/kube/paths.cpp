#include "executor/kube/paths.hpp"

#include <algorithm>
#include <set>

#include "executor/kube/http.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

const char* const discovery_accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

std::optional<KindPath> built_in_path(std::string_view api, std::string_view kind) {
  const KindInfo* info = kind_info(api, kind);
  if (info == nullptr) return std::nullopt;
  return KindPath{std::string(info->plural), info->namespaced, true, true};
}

std::string api_root(std::string_view api) { return (api.find('/') == std::string_view::npos ? "/api/" : "/apis/") + std::string(api); }

std::string list_path(std::string_view api, const KindPath& kind, std::string_view ns) {
  std::string out = api_root(api);
  if (kind.namespaced && !ns.empty()) out += "/namespaces/" + url_escape(ns);
  return out + "/" + kind.plural;
}

std::string object_path(const ObjectRef& ref, const KindPath& kind) { return list_path(ref.api, kind, ref.ns) + "/" + url_escape(ref.name); }

bool read_discovery(const Value& list, ServedKinds& into) {
  if (list.text_or("kind", "") != "APIGroupDiscoveryList") return false;
  const Value* groups = list.find("items");
  if (groups == nullptr || !groups->is_list()) return false;
  for (const Value& group : groups->items()) {
    const Value* metadata = group.find("metadata");
    const std::string name(metadata != nullptr ? metadata->text_or("name", "") : "");
    const Value* versions = group.find("versions");
    if (versions == nullptr || !versions->is_list()) continue;
    std::set<std::string> seen;   // versions come in the order of preference
    for (const Value& version : versions->items()) {
      const std::string api = (name.empty() ? "" : name + "/") + std::string(version.text_or("version", ""));
      const Value* resources = version.find("resources");
      if (resources == nullptr || !resources->is_list()) continue;
      for (const Value& r : resources->items()) {
        const Value* kind = r.at("responseKind", "kind");
        const std::string_view plural = r.text_or("resource", "");
        if (kind == nullptr || !kind->is_string() || plural.empty() || plural.find_first_of("/?#% ") != std::string_view::npos) continue;
        const Value* verbs = r.find("verbs");
        const bool lists = verbs != nullptr && verbs->is_list() &&
                           std::any_of(verbs->items().begin(), verbs->items().end(), [](const Value& v) { return v.is_string() && v.as_string() == "list"; });
        const bool preferred = seen.insert(std::string(plural)).second;
        into.emplace(std::pair(api, std::string(kind->as_string())), KindPath{std::string(plural), r.text_or("scope", "") == "Namespaced", lists, preferred});
      }
    }
  }
  return true;
}

std::vector<std::string> versions_of(const ServedKinds& served, std::string_view kind) {
  std::vector<std::string> out;
  for (const auto& [key, path] : served)
    if (key.second == kind) out.push_back(key.first);
  return out;
}

}  // namespace mcp
