// What a reference means: the object of that name in the enclosing namespace, else the only one of that name.
#include <algorithm>

#include "lang/eval/expander.hpp"
#include "lang/sema/checker.hpp"

namespace mcp {

const Value& Expander::clusters() {
  if (clusters_state_ == Clusters::Known) return cluster_names_;
  interp_.fail("E0401", current_ != nullptr ? current_->head : Span{}, "the clusters of the project need the list `clusters` themselves",
               "state the cluster blocks without `clusters`");
}

const Value* Expander::cluster_row(std::string_view name) {
  if (clusters_state_ != Clusters::Known) clusters();
  const std::size_t at = topology_.cluster_index(name);
  return at == Topology::npos ? nullptr : &topology_.clusters[at].row;
}

/// Enters what was declared since the last question: most references name objects of their own namespace and never ask.
Expander::Namesakes Expander::namesakes(AddressKind kind, std::string_view name) {
  for (; named_ < pending_.size(); ++named_) {
    const Pending& pending = pending_[named_];
    if (pending.code->kind == BlockKind::Cluster || pending.code->kind == BlockKind::Mcp) continue;
    Namesakes& same = by_name_[{pending.address.kind, {}, pending.address.name}];
    if (same.count++ == 0) same.first = &pending;
  }
  const auto it = by_name_.find({kind, {}, name});
  return it == by_name_.end() ? Namesakes{} : it->second;
}

std::vector<std::string_view> Expander::names_of(AddressKind kind, const std::string_view* ns) const {
  std::vector<std::string_view> out;
  for (const auto& [key, pending] : by_address_)
    if (key.kind == kind && (ns == nullptr || key.ns == *ns)) out.push_back(key.name);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string Expander::resolve(BlockKind kind, std::string_view name, std::string_view ns, Span span) {
  const std::string keyword(spec_of(kind).keyword);
  const auto unknown = [&](const std::string& what, const std::vector<std::string_view>& known) {
    Diagnostic d = error("E0202", span, "there is no " + keyword + " `" + what + "`");
    const auto slash = what.rfind('/');
    if (interp_.out().errors() <= 100) suggest(d, slash == std::string::npos ? std::string_view(what) : std::string_view(what).substr(slash + 1), known);
    if (d.help.empty() && known.size() <= 8 && !known.empty()) {
      std::string all;
      for (const std::string_view each : known) all.append(all.empty() ? "" : ", ").append(each);
      d.notes.push_back("there is " + all);
    }
    interp_.report_once(std::move(d));
    throw Failed{};
  };
  if (kind == BlockKind::Cluster) {
    if (cluster_row(name) != nullptr) return std::string(name);
    std::vector<std::string_view> known;
    for (const Cluster& each : topology_.clusters) known.push_back(each.name);
    unknown(std::string(name), known);
  }
  const AddressKind address_kind = address_kind_of(kind);
  const auto suggestions = [&](const std::string_view* in_ns) {
    // Nobody reads very many of them.
    return interp_.out().errors() > 100 ? std::vector<std::string_view>() : names_of(address_kind, in_ns);
  };
  if (const auto slash = name.find('/'); slash != std::string_view::npos && kind != BlockKind::Namespace) {
    const std::string_view in_ns = name.substr(0, slash);
    if (!declared(address_kind, in_ns, name.substr(slash + 1))) unknown(std::string(name), suggestions(in_ns.empty() ? nullptr : &in_ns));
    return std::string(name);
  }
  const auto in_space = [&](std::string_view space) { return space.empty() ? std::string(name) : std::string(space) + "/" + std::string(name); };
  if (kind != BlockKind::Namespace && declared(address_kind, ns, name)) return in_space(ns);
  const Namesakes same = namesakes(address_kind, name);
  if (same.count == 0) unknown(std::string(name), suggestions(nullptr));
  if (kind == BlockKind::Namespace) return std::string(name);
  if (same.count == 1) return in_space(same.first->address.ns);
  Diagnostic d = error("E0206", span, "`" + keyword + "." + std::string(name) + "` could mean " + std::to_string(same.count) + " objects");
  std::vector<std::string> sorted;
  for (const auto& [key, pending] : by_address_)
    if (key.kind == address_kind && key.name == name) sorted.emplace_back(key.ns);
  std::sort(sorted.begin(), sorted.end());
  std::string all;
  for (const std::string& each : sorted) all.append(all.empty() ? "" : ", ").append(each + "/" + std::string(name));
  d.notes.push_back("they are " + all);
  d.help.push_back("name one exactly: `" + keyword + "[\"" + sorted.front() + "/" + std::string(name) + "\"]`");
  interp_.report_once(std::move(d));
  throw Failed{};
}

void Expander::needs_key(BlockKind kind, std::string ref, std::string key, Span span) {
  key_uses_.push_back({kind, std::move(ref), std::move(key), span});
}

}  // namespace mcp
