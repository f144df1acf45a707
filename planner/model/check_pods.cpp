// What Kubernetes would refuse in Pods, said at the line that states it (checks.cpp has the rest).
#include <algorithm>
#include <set>

#include "planner/model/forms.hpp"
#include "planner/model/parts.hpp"

namespace mcp::model {

namespace {

using enum BlockKind;

/// Attributes of Container and Init have the same numbers, so one name serves both.
consteval AttrId c(std::string_view name) { return attr(Container, name); }
static_assert(attr(Container, "resources") == attr(Init, "resources") && attr(Container, "workdir") == attr(Init, "workdir"));

class PodChecks {
 public:
  PodChecks(const Topology& topology, Diagnostics& out) : topology_(topology), out_(out) {}

  void run() {
    for (const Declared& declared : topology_.objects)
      if (declared.block->kind == Workload) workload(*declared.block);
  }

 private:
  static Span at(const Cell& cell, std::string_view key) {
    const Origin origin = cell.origin_of(key);
    return origin.span.known() ? origin.span : cell.origin.span;
  }

  /// One finding for a place and code: loops and shared blocks state one thing many times.
  Diagnostic& once(Diagnostic d) {
    if (!seen_.insert(std::pair(d.span.begin, d.code)).second) {
      spare_ = {};
      return spare_;
    }
    return out_.add(std::move(d));
  }

  void workload(const Block& block) {
    for (const auto& child : block.children)
      if (child->kind == Container || child->kind == Init) container(*child);
  }

  void container(const Block& block) {
    resources(block.cells[c("resources")]);
  }

  void resources(const Cell& cell) {
    if (!cell.value.is_map()) return;
    for (const Entry& e : cell.value.entries()) {
      const std::string name(e.name().substr(0, 80));
      const bool plain = e.name().find('/') == std::string_view::npos;
      if (e.name() == "cpu" || e.name() == "memory") {
        once(error("E0917", at(cell, e.name()), "`resources` is for other resources than " + name)).help.push_back("write `" + name + " = ..` and `" + name + "_limit = ..`");
      } else if (!label_key(e.name()) || (plain && e.name() != "ephemeral-storage" && !e.name().starts_with("hugepages-"))) {
        auto& d = once(error("E0920", at(cell, e.name()), "`" + name + "` is no name of a resource"));
        d.notes.push_back("names are `ephemeral-storage`, `hugepages-SIZE`, or have a domain: `nvidia.com/gpu`");
      } else if (e.value.is_int() && e.value.as_int() < 0) {
        once(error("E0917", at(cell, e.name()), "`" + name + "` cannot be negative"));
      }
    }
  }

  const Topology& topology_;
  Diagnostics& out_;
  std::set<std::pair<std::uint32_t, std::string>> seen_;
  Diagnostic spare_;
};

}  // namespace

void check_pods(const Topology& topology, Diagnostics& out) { PodChecks(topology, out).run(); }

}  // namespace mcp::model
