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
  const auto names_of = [&](std::string_view in_ns) {
    std::vector<std::string_view> out;
    if (interp_.out().errors() > 100) return out;   // nobody reads so many suggestions
    for (const auto& [key, spaces] : by_name_)
      if (key.first == kind && (in_ns.empty() || std::find(spaces.begin(), spaces.end(), in_ns) != spaces.end())) out.push_back(key.second);
    return out;
  };
  if (const auto slash = name.find('/'); slash != std::string_view::npos && kind != BlockKind::Namespace) {
    const std::string_view in_ns = name.substr(0, slash);
    const std::string_view own = name.substr(slash + 1);
    const auto it = by_name_.find({kind, std::string(own)});
    if (it != by_name_.end() && std::find(it->second.begin(), it->second.end(), in_ns) != it->second.end()) return std::string(name);
    unknown(std::string(name), names_of(in_ns));
  }
  const auto it = by_name_.find({kind, std::string(name)});
  if (it == by_name_.end()) unknown(std::string(name), names_of({}));
  if (kind == BlockKind::Namespace) return std::string(name);
  const auto& spaces = it->second;
  if (std::find(spaces.begin(), spaces.end(), ns) != spaces.end()) {
    if (ns.empty()) return std::string(name);
    return std::string(ns) + "/" + std::string(name);
  }
  if (spaces.size() == 1) return spaces.front().empty() ? std::string(name) : spaces.front() + "/" + std::string(name);
  Diagnostic d = error("E0206", span, "`" + keyword + "." + std::string(name) + "` could mean " + std::to_string(spaces.size()) + " objects");
  std::vector<std::string> sorted = spaces;
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
