#pragma once
// The kinds of the language and their attributes: one table from which checking, evaluation, docs and completion come.
// It is part of the contract between lang and planner: the planner names attributes by `attr("replicas", Workload)`,
// which is resolved while compiling.
#include <cstdint>
#include <span>
#include <string_view>

namespace mcp {

enum class BlockKind : std::uint8_t {
  Mcp, Limits, Cluster, Capacity, Namespace, Quota, Config, Secret, Workload, Container, Init, Mount, Probe, Security,
  Place, Spread, Rollout, Wave, Service, Traffic, Manifest,
};
inline constexpr std::size_t block_kinds = 21;

/// What a value of an attribute is after evaluation ("lowered"): see docs/language.md and the comments here.
enum class AttrType : std::uint8_t {
  Bool, Int, String,
  Time,            // int, milliseconds
  Cpu,             // int, millicores
  Memory,          // int, bytes
  Share,           // int, or string "30%"
  Percent,
  Image,           // string, checked
  Json,            // any
  ListString, MapString,
  MapInt,
  ListCluster,     // list of member names, sorted by name
  RefWorkload,     // string "shop/web"
  ListRefNamespace,        // list of strings
  ListRefSecret,           // list of strings "shop/pull"
  ListRefConfigOrSecret,   // list of {"config": "shop/c"} or {"secret": "shop/s"}
  MountFrom,       // {"config": ".."} | {"secret": ".."} | {"scratch": true}
  EnvMap,          // name to string | {"config","key"} | {"secret","key"} | {"field": path}
  PortMap,         // name to {"port": int, "to": string?, "protocol": "TCP" | "UDP" | "SCTP"}
  DataMap,         // key to string (bytes, maybe no UTF-8)
  SecretMap,       // key to list of parts: {"text"} | {"env"} | {"file"}
  StringOrInt,     // port of a probe
  StringOrTrue,    // tcp of a probe
  IntOrCapacity,   // cluster.capacity: int; the block form is BlockKind::Capacity
  ByKeys,          // string, or list of strings
  Union,           // one of AttrSpec::choices
  Prefer,
};

/// A plain value serves every cluster; a row expression (`.cloud`) gives one value per cluster.
enum class Rows : std::uint8_t { No, Yes };
enum class Nullable : std::uint8_t { No, Yes };
enum class Support : std::uint8_t { Now, Later };   // Later: answered with "not yet supported" (E0299)

struct AttrSpec {
  std::string_view name;
  AttrType type;
  Rows rows = Rows::No;
  Nullable nullable = Nullable::No;
  bool required = false;
  std::string_view default_text = {};   // as people read it: "30s", "clusters"; empty: null, false or empty
  std::string_view choices = {};        // Union: `"always" | "missing"`, else empty
  std::string_view doc = {};
  Support support = Support::Now;
};

enum class NameRule : std::uint8_t { None, Required, Optional, Choice };
struct ChildSpec {
  BlockKind kind;
  bool many;       // several, told apart by name; else at most one
  bool named_many() const { return many; }
};

struct BlockSpec {
  BlockKind kind;
  std::string_view keyword;
  NameRule name;
  bool in_namespace;                 // takes `in NS`
  bool top_level;
  bool object_attrs;                 // has protect, ignore, labels, annotations, k8s, on
  std::span<const AttrSpec> attrs;   // own ones first, then the common ones
  std::span<const ChildSpec> children;
  std::string_view doc;
  Support support = Support::Now;
};

using AttrId = std::uint16_t;   // labels of a cluster follow its attributes, and there may be many

const BlockSpec& spec_of(BlockKind kind);
std::span<const BlockSpec> all_blocks();
/// The spec of a top-level or child keyword, or null. `probe`, `mount` and so on are children only.
const BlockSpec* block_of(std::string_view keyword);

namespace detail {
struct AttrTable {
  const AttrSpec* data;
  std::size_t size;
};
constexpr AttrTable attr_table(BlockKind kind);
}  // namespace detail

}  // namespace mcp

#include "lang/topology/schema_table.hpp"

namespace mcp {

/// Number of the attribute in its block; a name that the table lacks does not compile.
consteval AttrId attr(BlockKind kind, std::string_view name) {
  const auto table = detail::attr_table(kind);
  for (std::size_t i = 0; i < table.size; ++i)
    if (table.data[i].name == name) return static_cast<AttrId>(i);
  throw "no such attribute";
}

}  // namespace mcp
