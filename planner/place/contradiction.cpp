#include "planner/place/contradiction.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mcp {

namespace {

/// A rule as an error names it: its place and its words.
struct Rule {
  Origin origin;
  std::string text;
};

/// An error about two rules: the later one is pointed at, the other is a label.
Diagnostic about(const char* code, std::string message, Rule a, Rule b) {
  if (a.origin.span.begin < b.origin.span.begin) std::swap(a, b);
  Diagnostic d = error(code, a.origin.span, std::move(message), std::move(a.text));
  if (b.origin.span.known() && b.origin.span != a.origin.span) d.labels.push_back({b.origin.span, std::move(b.text)});
  return d;
}

Origin first_known(const Origin& a, const Origin& b) { return a.span.known() ? a : b; }

std::string plural(std::int64_t n, const char* word) { return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s"); }

struct Sums {
  std::int64_t min = 0;
  std::int64_t weight = 0;
  std::int64_t floors = 0;   // members with a min above 0
  bool equal = true;         // all of them the same
};

Sums sums_of(const PlaceRules& rules) {
  Sums out;
  std::int64_t one = 0;
  for (const auto& row : rules.on) {
    out.min += row.min;
    out.weight += row.weight;
    if (row.min == 0) continue;
    if (out.floors > 0 && row.min != one) out.equal = false;
    one = row.min;
    ++out.floors;
  }
  return out;
}

class Checker {
 public:
  Checker(const Inventory& inventory, const PlaceRequest& request, Diagnostics& out)
      : inventory_(inventory), r_(request), rules_(*request.rules), out_(out) {}

  void run() {
    const std::size_t errors = out_.errors();
    ranges();
    if (out_.errors() > errors) return;   // sums of what is out of range say nothing
    selection();
    bounds();
    if (out_.errors() > errors) return;
    sums();
    mode();
  }

 private:
  std::string what() const { return r_.address.text(); }
  const std::string& name(const PlaceRules::Row& row) const { return inventory_.members[row.member].name; }
  Origin replicas_origin() const { return first_known(r_.replicas_origin, r_.origin); }

  void range(const Origin& origin, const char* attribute, std::int64_t value, std::int64_t most, const std::string& where) {
    Diagnostic d = error("E0508", first_known(origin, r_.origin).span, fmt::format("{} = {} of {}{} is out of range", attribute, value, what(), where),
                         fmt::format("from 0 to {}", most));
    d.help.push_back(fmt::format("the nearest is {} = {}", attribute, value < 0 ? 0 : most));
    out_.add(std::move(d));
  }

  void ranges() {
    if (r_.replicas < 0 || r_.replicas > max_replicas) range(r_.replicas_origin, "replicas", r_.replicas, max_replicas, "");
    bool weight = false, min = false, max = false;   // once each
    for (const auto& row : rules_.on) {
      const std::string where = " on " + name(row);
      if (!weight && (row.weight < 0 || row.weight > max_weight)) weight = true, range(rules_.weight_origin, "weight", row.weight, max_weight, where);
      if (!min && (row.min < 0 || row.min > max_replicas)) min = true, range(rules_.min_origin, "min", row.min, max_replicas, where);
      if (!max && row.max != unbounded && row.max < 0) max = true, range(rules_.max_origin, "max", row.max, max_replicas, where);
    }
    if (rules_.by.size() > 8)
      out_.add(error("E0508", first_known(rules_.by_origin, r_.origin).span, fmt::format("`by` of {} has {} levels", what(), rules_.by.size()), "at most 8"));
  }

  void selection() {
    if (!rules_.on.empty() || r_.replicas == 0) return;
    const auto members = std::count_if(inventory_.members.begin(), inventory_.members.end(), [](const Member& m) { return !m.leaving; });
    Diagnostic d = about("E0501", what() + " has no cluster to run on",
                         {first_known(rules_.on_origin, r_.origin), fmt::format("none of {}", plural(members, "cluster"))},
                         {replicas_origin(), fmt::format("replicas = {}", r_.replicas)});
    d.help.push_back("choose at least one cluster, or set replicas = 0");
    out_.add(std::move(d));
  }

  void bounds() {
    for (const auto& row : rules_.on) {
      if (row.min <= row.max) continue;
      Diagnostic d = about("E0502", fmt::format("{} must have at least {} and at most {} on {}", what(), row.min, row.max, name(row)),
                           {rules_.min_origin, fmt::format("min = {}", row.min)}, {rules_.max_origin, fmt::format("max = {}", row.max)});
      d.help.push_back(fmt::format("min = {} or max = {} resolves it", row.max, row.min));
      out_.add(std::move(d));
      return;
    }
  }

  void sums() {
    const Sums s = sums_of(rules_);
    const Replicas n = r_.replicas;
    if (rules_.mode == Mode::Copy || n == 0 || rules_.on.empty()) return;
    if (s.min > n) {
      Diagnostic d = about("E0503", fmt::format("`min` of {} asks for {} on {}, but there are {}", what(), s.min, plural(s.floors, "cluster"), plural(n, "replica")),
                           {rules_.min_origin, fmt::format("{} in all", s.min)}, {replicas_origin(), fmt::format("replicas = {}", n)});
      const std::string lower = s.equal ? fmt::format("min = {}", n / s.floors) : fmt::format("{} less in `min`", s.min - n);
      d.help.push_back(fmt::format("replicas = {} or {} resolves it", s.min, lower));
      out_.add(std::move(d));
      return;
    }
    if (s.weight == 0 && n > s.min) {
      Diagnostic d = about("E0504", fmt::format("no cluster of {} has a weight, so {} of {} can go nowhere", what(), n - s.min, plural(n, "replica")),
                           {first_known(rules_.weight_origin, r_.origin), "0 on each chosen cluster"}, {replicas_origin(), fmt::format("replicas = {}", n)});
      d.help.push_back(fmt::format("a weight of 1 on one cluster, or replicas = {}, resolves it", s.min));
      out_.add(std::move(d));
    }
  }

  void mode() {
    if (rules_.mode != Mode::Copy) return;
    const bool min = sums_of(rules_).min > 0;
    if (!min && rules_.by.empty()) return;
    const char* other = min ? "min" : "by";
    Diagnostic d = about("E0507", fmt::format("{} copies all replicas to each cluster, so `{}` has no meaning", what(), other),
                         {first_known(rules_.mode_origin, r_.origin), "mode = \"copy\""}, {min ? rules_.min_origin : rules_.by_origin, std::string(other)});
    d.help.push_back(fmt::format("leave `{}` out, or set mode = \"sticky\"", other));
    out_.add(std::move(d));
  }

  const Inventory& inventory_;
  const PlaceRequest& r_;
  const PlaceRules& rules_;
  Diagnostics& out_;
};

}  // namespace

void find_contradictions(const Inventory& inventory, const PlaceRequest& request, Diagnostics& out) {
  Checker(inventory, request, out).run();
}

void find_contradictions(const Inventory& inventory, Diagnostics& out) {
  if (!inventory.complete) {
    Diagnostic d = error("E0509", {}, "the inventory of members could not be read whole");
    d.notes.push_back("nothing is placed on a guess: what runs would look as if it were gone");
    out.add(std::move(d));
  }
  if (inventory.members.size() > max_members)
    out.add(error("E0508", inventory.members[max_members].origin.span, fmt::format("there are {} clusters", inventory.members.size()), fmt::format("at most {}", max_members)));
  for (const Member& m : inventory.members) {
    const auto check = [&](const std::optional<std::int64_t>& value, const char* name) {
      if (value && *value < 0)
        out.add(error("E0508", first_known(m.capacity_origin, m.origin).span, fmt::format("capacity of cluster.{} is {} {}", m.name, *value, name), "at least 0"));
    };
    check(m.capacity.pods, "pods");
    check(m.capacity.cpu, "m of cpu");
    check(m.capacity.memory, "bytes of memory");
  }
}

}  // namespace mcp
