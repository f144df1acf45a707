#include "planner/model/follow.hpp"

#include <algorithm>

#include "planner/model/pod.hpp"

namespace mcp::model {

using enum BlockKind;

std::uint32_t ObjectIndex::find(AddressKind kind, std::string_view ref) const {
  auto& known = known_[static_cast<std::size_t>(kind)];
  if (const auto it = known.find(ref); it != known.end()) return it->second;
  Address address;
  address.kind = kind;
  const auto slash = ref.find('/');
  if (slash != std::string_view::npos) address.ns = ref.substr(0, slash);
  address.name = slash == std::string_view::npos ? ref : ref.substr(slash + 1);
  const Declared* found = topology_.find(address);
  const std::uint32_t index = found == nullptr ? nothing : static_cast<std::uint32_t>(found - topology_.objects.data());
  known.emplace(std::string(ref), index);
  return index;
}

bool Followed::anywhere(std::size_t object) const {
  const auto row = stands.begin() + static_cast<std::ptrdiff_t>(object * clusters);
  return std::any_of(row, row + static_cast<std::ptrdiff_t>(clusters), [](std::uint8_t s) { return s != 0; });
}

namespace {

class Follower {
 public:
  Follower(const ModelInput& input, const ObjectIndex& index, Diagnostics& out)
      : in_(input), topology_(input.topology), index_(index), out_(out), used_(topology_.objects.size()) {
    result_.clusters = topology_.clusters.size();
    result_.stands.resize(topology_.objects.size() * result_.clusters);
    result_.uses.resize(topology_.objects.size());
    for (const auto& cluster : topology_.clusters) drained_.push_back(flag(cluster.block->value(attr(BlockKind::Cluster, "drain"))));
  }

  Followed run() {
    workloads();
    for (std::uint32_t i = 0; i < topology_.objects.size(); ++i) dependant(i);
    namespaces();
    return std::move(result_);
  }

 private:
  std::uint8_t* row(std::size_t object) { return result_.stands.data() + object * result_.clusters; }

  void beside(std::uint32_t object, std::uint32_t leader) {
    if (leader == nothing) return;
    std::uint8_t* to = row(object);
    const std::uint8_t* from = row(leader);
    for (std::size_t c = 0; c < result_.clusters; ++c) to[c] |= from[c];
  }

  void workloads() {
    std::size_t placed = 0;
    const auto& all = in_.placement.workloads;
    std::vector<std::uint32_t> cluster_of;   // by member
    for (std::uint32_t c = 0; c < in_.member_of.size(); ++c) {
      if (in_.member_of[c] >= cluster_of.size()) cluster_of.resize(in_.member_of[c] + 1, nothing);
      cluster_of[in_.member_of[c]] = c;
    }
    for (std::uint32_t i = 0; i < topology_.objects.size(); ++i) {
      const Declared& declared = topology_.objects[i];
      if (declared.address.kind != AddressKind::Workload) continue;
      while (placed < all.size() && all[placed].address < declared.address) ++placed;
      if (placed < all.size() && all[placed].address == declared.address)
        for (const Share& share : all[placed].shares)
          if (share.after > 0 && share.member < cluster_of.size() && cluster_of[share.member] != nothing) row(i)[cluster_of[share.member]] = 1;
      Followed::Uses& uses = result_.uses[i];
      each_use(*declared.block, all_clusters, [&](AddressKind kind, std::string_view ref) {
        const std::uint32_t at = index_.find(kind, ref);
        if (at == nothing) return;
        auto& list = kind == AddressKind::Config ? uses.configs : uses.secrets;
        if (std::find(list.begin(), list.end(), at) != list.end()) return;
        list.push_back(at);
        used_[at] = true;
        beside(at, i);
      });
      std::sort(uses.configs.begin(), uses.configs.end());
      std::sort(uses.secrets.begin(), uses.secrets.end());
    }
  }

  /// `on = ...`: a drained cluster gives up what was put there, too.
  void stand_on(std::uint32_t object, const Value& names) {
    if (!names.is_list()) return;
    for (const Value& name : names.items())
      if (const auto at = topology_.cluster_index(name.as_string()); at != Topology::npos && !drained_[at]) row(object)[at] = 1;
  }

  void dependant(std::uint32_t i) {
    const Declared& declared = topology_.objects[i];
    const Block& block = *declared.block;
    switch (declared.address.kind) {
      case AddressKind::Service: {
        stand_on(i, block.value(attr(Service, "on")));
        if (const Value& target = block.value(attr(Service, "target")); target.is_string()) beside(i, index_.find(AddressKind::Workload, target.as_string()));
        break;
      }
      case AddressKind::Manifest: {
        stand_on(i, block.value(attr(Manifest, "on")));
        if (const Value& with = block.value(attr(Manifest, "with")); with.is_string()) {
          beside(i, index_.find(AddressKind::Workload, with.as_string()));
        } else if (!block.cell(attr(Manifest, "on")).written()) {
          auto& d = out_.add(error("E0510", block.origin.span, declared.address.text() + " follows nobody and stands nowhere"));
          d.help.push_back("say whom it follows, `with = workload.NAME`, or where it stands, `on = clusters`");
        }
        break;
      }
      case AddressKind::Config:
      case AddressKind::Secret: {
        const Cell& on = block.cell(declared.address.kind == AddressKind::Config ? attr(Config, "on") : attr(Secret, "on"));
        stand_on(i, on.value);
        if (!used_[i] && !on.written()) {
          auto& d = out_.add(warning("W0510", block.origin.span, declared.address.text() + " is used by nobody and goes nowhere"));
          d.help.push_back("mount it or read it in a workload, or say `on = clusters`");
        }
        break;
      }
      case AddressKind::Namespace: stand_on(i, block.value(attr(Namespace, "on"))); break;
      case AddressKind::Workload:
      case AddressKind::Cluster: break;
    }
  }

  void namespaces() {
    const std::string* last = nullptr;   // objects of one namespace stand together
    std::uint32_t ns = nothing;
    for (std::uint32_t i = 0; i < topology_.objects.size(); ++i) {
      const Address& address = topology_.objects[i].address;
      if (address.ns.empty() || address.kind == AddressKind::Namespace) continue;
      if (last == nullptr || *last != address.ns) ns = index_.find(AddressKind::Namespace, address.ns);
      last = &address.ns;
      if (ns != nothing) beside(ns, i);
    }
    if (in_.namespaces == nullptr) return;
    for (const auto& [member, name] : *in_.namespaces) {
      const std::uint32_t at = index_.find(AddressKind::Namespace, name);
      const auto cluster = topology_.cluster_index(member);
      if (at != nothing && cluster != Topology::npos) row(at)[cluster] = 1;
    }
  }

  const ModelInput& in_;
  const Topology& topology_;
  const ObjectIndex& index_;
  Diagnostics& out_;
  std::vector<bool> used_;
  std::vector<bool> drained_;
  Followed result_;
};

}  // namespace

Followed follow(const ModelInput& input, const ObjectIndex& index, Diagnostics& out) { return Follower(input, index, out).run(); }

}  // namespace mcp::model
