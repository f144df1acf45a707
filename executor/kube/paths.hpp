#pragma once
// Where objects stand below a server's URL, and the kinds that a server says it has (aggregated discovery). Pure.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/topology/address.hpp"
#include "lang/value/value.hpp"

namespace mcp {

/// What a path needs to know of a kind.
struct KindPath {
  std::string plural;
  bool namespaced = true;
  bool lists = true;        // the kind can be listed
  bool preferred = true;    // under no other version that the server likes better
};

/// Kinds served, by (apiVersion, kind).
using ServedKinds = std::map<std::pair<std::string, std::string>, KindPath, std::less<>>;

/// The built-in kind, which every server has; null for others: discovery knows them.
std::optional<KindPath> built_in_path(std::string_view api, std::string_view kind);

/// "/api/v1" or "/apis/apps/v1"
std::string api_root(std::string_view api);
/// Path of all objects of a kind, in `ns` or, if that is empty, everywhere.
std::string list_path(std::string_view api, const KindPath& kind, std::string_view ns);
std::string object_path(const ObjectRef& ref, const KindPath& kind);

/// The kinds of an APIGroupDiscoveryList (of /api or /apis). Subresources are left out; false for what is no such list.
bool read_discovery(const Value& list, ServedKinds& into);
/// The Accept header that asks for one.
extern const char* const discovery_accept;
/// API versions under which `kind` is served, in order.
std::vector<std::string> versions_of(const ServedKinds& served, std::string_view kind);

}  // namespace mcp
