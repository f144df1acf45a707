#pragma once
// Topology: what the policy files state, evaluated: the contract between lang and planner. Declared objects as blocks
// whose attributes hold lowered values (schema.hpp says their form) with the origin of every leaf; row expressions are
// evaluated per cluster already. Nothing here is placed yet.
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lang/base/diagnostic.hpp"
#include "lang/base/source.hpp"
#include "lang/topology/address.hpp"
#include "lang/topology/cells.hpp"
#include "lang/topology/schema.hpp"
#include "lang/value/value.hpp"

namespace mcp {

struct Block {
  BlockKind kind = BlockKind::Workload;
  std::string name;
  Origin origin;        // of its head; span covers `workload web in shop`
  Span name_span;
  Cells cells;                                          // by AttrId; size = number of attributes of the kind
  std::vector<std::shared_ptr<const Block>> children;   // in written order; equal ones of several objects are shared

  const Cell& cell(AttrId id) const { return cells[id]; }
  const Value& value(AttrId id, std::size_t cluster = 0) const { return cells[id].at(cluster); }
  const Block* child(BlockKind which) const;            // the only one of this kind, or null
  const Block* child(BlockKind which, std::string_view child_name) const;
};

/// A declared object of a kind with an address.
struct Declared {
  Address address;      // without member
  std::shared_ptr<const Block> block;
};

using ClusterId = std::uint32_t;   // index into Topology::clusters

struct Cluster {
  std::string name;
  std::shared_ptr<const Block> block;
  /// Row fields by name: cloud, region, zone, name, capacity (pods or null), cpu, memory, cordon, drain, and the labels.
  /// Null if the block is faulty.
  Value row;
};

struct Limits {
  Value max_deletes;    // int or null: no bound
  Value max_moved;      // int, string "30%", or null
  Value max_clusters;
  Origin origin;        // of the mcp or limits block
};

/// A value that fails on one member only: an error if the object comes to stand there.
struct RowFailure {
  Address address;
  ClusterId cluster = 0;
  Diagnostic diagnostic;
};

enum class Driver : std::uint8_t { Kubernetes, Sim };

struct Topology {
  std::string project;                  // of the mcp block, else the directory's name
  bool project_declared = false;
  std::string env;                      // empty: the unnamed one
  Driver driver = Driver::Kubernetes;
  std::string mcp_cluster;              // kubeconfig context; empty: there is none
  Limits limits;
  std::vector<Cluster> clusters;        // sorted by name
  std::vector<Declared> objects;        // sorted by address
  std::vector<std::string> notes;

  const Declared* find(const Address& address) const;
  std::size_t cluster_index(std::string_view name) const;   // npos if there is none
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  /// "shop" or "shop.staging": names the state and the label mcp.dev/project.
  std::string project_id() const { return env.empty() ? project : project + "." + env; }
};

}  // namespace mcp
