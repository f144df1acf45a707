#pragma once
// The follow rule: workloads stand where they are placed; what they use, their services and the manifests `with` them
// stand beside them; namespaces wherever something is in them, and stay. Internal to planner/model.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "planner/model/parts.hpp"

namespace mcp::model {

inline constexpr std::uint32_t nothing = 0xFFFF'FFFF;

/// Declared objects by kind and "ns/name", as references spell them.
class ObjectIndex {
 public:
  explicit ObjectIndex(const Topology& topology) : topology_(topology) {}
  /// Index into Topology::objects, or `nothing`.
  std::uint32_t find(AddressKind kind, std::string_view ref) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  const Topology& topology_;
  mutable std::array<std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>, 7> known_;   // what was asked for
};

struct Followed {
  /// Per declared object and cluster: does it stand there? Row `object` begins at object * clusters.
  std::vector<std::uint8_t> stands;
  std::size_t clusters = 0;
  /// Per workload (by declared object): the configs and secrets its Pods use on any cluster, sorted, each once.
  struct Uses {
    std::vector<std::uint32_t> configs;
    std::vector<std::uint32_t> secrets;
  };
  std::vector<Uses> uses;       // empty for other kinds

  bool on(std::size_t object, std::size_t cluster) const { return stands[object * clusters + cluster] != 0; }
  bool anywhere(std::size_t object) const;
};

Followed follow(const ModelInput& input, const ObjectIndex& index, Diagnostics& out);

}  // namespace mcp::model
