#pragma once
// What is known of Kubernetes kinds, as rows: order, scope, merge keys, immutable and quantity fields, ready rule.
// Knowledge is data here; algorithms elsewhere ask it and have no `if` about a kind.
#include <cstdint>
#include <span>
#include <string_view>

#include "lang/topology/address.hpp"
#include "lang/value/value.hpp"

namespace mcp {

/// Position in an apply; deletes run in the reverse order (design plan-and-apply.md section 4).
enum class Rank : std::uint8_t {
  Join, Namespace /* and CRD */, Guardrail /* quota, isolation, ServiceAccount, RBAC */, Config /* and secret */, Service,
  Workload, Custom /* other objects of manifests */,
};

enum class ReadyRule : std::uint8_t { AtOnce, Deployment, StatefulSet, Job, Established, Generic };

struct KindInfo {
  std::string_view api;       // "apps/v1"
  std::string_view kind;      // "Deployment"
  std::string_view plural;    // "deployments"
  bool namespaced;
  Rank rank;
  ReadyRule ready;
};

/// The row of a built-in kind, or null: then namespaced-ness is judged by the body and rank is Custom.
const KindInfo* kind_info(std::string_view api, std::string_view kind);
std::span<const KindInfo> all_kinds();
/// Whether fields mean what they are called by: in a kind that is not in the table, and in the schema that a CRD holds,
/// `limits` may be anything and an empty map a statement. An empty `api` (a part of a body) stands for any.
bool fields_known(std::string_view api, std::string_view kind);

/// Merge keys of the list `field` inside `parent` (the nearest enclosing field name: "containers" for a container's
/// ports, "spec" for a Service's). Empty: the list is atomic. Source: x-kubernetes-list-map-keys of Kubernetes' API.
std::span<const std::string_view> merge_keys(std::string_view kind, std::string_view parent, std::string_view field);
/// The value of a merge key in an item, with the default of a missing protocol ("TCP"); null if it has none.
Value merge_key_value(const Value& item, std::string_view key);

/// True if `parent.field` holds a quantity or a map of quantities (`requests`, `limits`, `hard`, `sizeLimit`).
bool is_quantity_map(std::string_view field);
bool is_quantity(std::string_view field);
/// "1000m" -> "1", "0.5Gi" -> "512Mi"; the text itself if it is no quantity. Family of the suffix is kept.
std::string canonical_quantity(std::string_view text);
/// "250m" -> 250, "1Ki" -> 1024000. Nullopt: no quantity, or more than 63 bits hold. What is finer than a thousandth rounds up.
std::optional<std::int64_t> quantity_thousandths(std::string_view text);

/// Names the field (dots) whose change the server refuses, or "" if an update will do. `before` and `after` are bodies.
std::string immutable_change(std::string_view kind, const Value& before, const Value& after);

}  // namespace mcp
