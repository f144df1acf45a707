#pragma once
// Address: the one identity of a declared thing, with one string form for every message, plan and command:
// `cluster.gcp-euw1`, `namespace.shop/isolation`, `workload.shop/web`, `manifest.shop/svc/Service/web`, each with
// `@member` for what stands on one member.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcp {

enum class AddressKind : std::uint8_t { Cluster, Namespace, Config, Secret, Workload, Service, Manifest };
std::string_view to_string(AddressKind kind);
std::optional<AddressKind> address_kind(std::string_view text);

struct Address {
  AddressKind kind = AddressKind::Workload;
  std::string ns;      // empty for clusters, namespaces and manifests without one
  std::string name;
  std::string part;    // "isolation", "quota" of a namespace; "Service/web" of a manifest
  std::string member;  // empty: the declaration itself

  auto operator<=>(const Address&) const = default;
  /// "workload.shop/web@gcp-euw1"
  std::string text() const;
  /// The same without member.
  Address declared() const;
  Address on(std::string_view member_name) const;
  /// Reads what text() writes; nullopt for anything else. A field path after ':' is the caller's to cut off.
  static std::optional<Address> parse(std::string_view text);
};

/// One Kubernetes object on one member. `kind` is "Deployment", `api` is "apps/v1"; `ns` is empty for cluster-scoped kinds.
struct ObjectRef {
  std::string member;
  std::string api;
  std::string kind;
  std::string ns;
  std::string name;

  auto operator<=>(const ObjectRef&) const = default;
  /// "Deployment shop/web on gcp-euw1"
  std::string text() const;
};

}  // namespace mcp
