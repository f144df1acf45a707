#include "planner/pipeline/join.hpp"

#include <algorithm>
#include <tuple>

namespace mcp {

namespace {

int order(std::string_view ns_a, std::string_view kind_a, std::string_view name_a, std::string_view ns_b, std::string_view kind_b, std::string_view name_b) {
  if (const int c = ns_a.compare(ns_b); c != 0) return c;
  if (const int c = kind_a.compare(kind_b); c != 0) return c;
  return name_a.compare(name_b);
}

int order(const DesiredObject& a, const ObjectRef& b) { return order(a.ns, a.kind, a.name, b.ns, b.kind, b.name); }
int order(const ObjectRef& a, const ObjectRef& b) { return order(a.ns, a.kind, a.name, b.ns, b.kind, b.name); }

}  // namespace

Joined join(std::span<const std::string> members, const Desired& desired, std::span<const RecordedRow> rows, std::span<const ObservedRow> observed) {
  Joined out;
  // Digests of desired bodies are computed once per body, and only where a row is met.
  std::vector<Digest> digests(desired.bodies.size());
  std::vector<std::uint8_t> known(desired.bodies.size(), 0);
  const auto digest = [&](std::uint32_t body) -> const Digest& {
    if (known[body] == 0) {
      digests[body] = desired.bodies[body].value.digest();
      known[body] = 1;
    }
    return digests[body];
  };
  std::size_t d = 0;
  std::size_t r = 0;
  std::size_t o = 0;
  for (std::uint32_t m = 0; m < members.size(); ++m) {
    const std::string& name = members[m];
    const auto desired_here = [&] { return d < desired.entries.size() && desired.members[desired.entries[d].member] == name; };
    while (d < desired.entries.size() && desired.members[desired.entries[d].member] < name) ++d;
    while (r < rows.size() && rows[r].ref.member < name) ++r;
    while (o < observed.size() && observed[o].ref.member < name) ++o;
    while (desired_here() || (r < rows.size() && rows[r].ref.member == name)) {
      const bool have_d = desired_here();
      const bool have_r = r < rows.size() && rows[r].ref.member == name;
      const int side = !have_d ? 1 : !have_r ? -1 : order(desired.object_of(desired.entries[d]), rows[r].ref);
      Met met;
      met.member = m;
      if (side <= 0) met.entry = static_cast<std::uint32_t>(d);
      if (side >= 0) met.row = static_cast<std::uint32_t>(r);
      // The observed row of this object, if there is one.
      const auto compare_observed = [&](const ObjectRef& ref) { return side <= 0 ? -order(desired.object_of(desired.entries[d]), ref) : order(ref, rows[r].ref); };
      while (o < observed.size() && observed[o].ref.member == name && compare_observed(observed[o].ref) < 0) ++o;
      if (o < observed.size() && observed[o].ref.member == name && compare_observed(observed[o].ref) == 0) met.observed = static_cast<std::uint32_t>(o);
      if (side < 0) {
        met.what = Finding::Missing;
        out.met.push_back(met);
        ++d;
      } else if (side > 0) {
        met.what = Finding::Surplus;
        out.met.push_back(met);
        ++r;
      } else {
        const bool same = digest(desired.entries[d].body) == rows[r].body;
        if (!same || met.observed != no_index) {
          met.what = same ? Finding::Drifted : Finding::Changed;
          out.met.push_back(met);
        } else if (rows[r].unready) {
          met.what = Finding::Unready;
          out.met.push_back(met);
        } else {
          ++out.unchanged;
        }
        ++d;
        ++r;
      }
    }
  }
  return out;
}

}  // namespace mcp
