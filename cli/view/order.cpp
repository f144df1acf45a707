// ORDER: what waits for what, in a few rows. A row waits for the row above; `>` waits for what stands left of it on the
// same cluster. Computed from the edges of the plan, so it says what the executor will do.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "cli/view/names.hpp"
#include "cli/view/parts.hpp"

namespace mcp::view {

namespace {

enum class Verb : std::uint8_t { Plain, Raise, Lower, Delete };

struct Label {
  Verb verb = Verb::Plain;
  std::string noun;
  auto operator<=>(const Label&) const = default;
};

struct Count {
  std::uint32_t depth = 0;         // steps of the same cluster and row that come before
  std::uint32_t first = 0;         // lowest step number: order among equals
  std::int64_t steps = 0;
};

struct Row {
  std::vector<std::string> members;
  std::map<Label, Count> labels;
};

/// `moves`: replicas move in this plan, so raising and lowering their number is told apart.
Label label_of(const Step& step, const Change* change, bool moves) {
  Label out;
  if (step.action == Action::Join || step.action == Action::Leave) {
    out.noun = to_string(step.action);
    return out;
  }
  if (step.action == Action::Delete || step.action == Action::Forget) out.verb = Verb::Delete;
  const Address& a = step.address;
  out.noun = a.kind == AddressKind::Namespace && !a.part.empty() ? a.part : std::string(to_string(a.kind));
  if (moves && step.action == Action::Update && change != nullptr && change->fields.size() == 1) {
    const FieldChange& f = change->fields.front();
    if (f.path == "spec.replicas" && f.before.is_int() && f.after.is_int()) out.verb = f.before.as_int() < f.after.as_int() ? Verb::Raise : Verb::Lower;
  }
  return out;
}

/// "join 3 > namespace 3 > config 3, secret 3 > delete workload 2 > service 2"
std::string chain(const Row& row) {
  std::vector<std::pair<Label, Count>> labels(row.labels.begin(), row.labels.end());
  std::sort(labels.begin(), labels.end(), [](const auto& x, const auto& y) {
    const auto key = [](const auto& each) { return std::tuple(each.second.depth, each.first.verb == Verb::Delete, each.second.first); };
    return key(x) < key(y);
  });
  std::string out;
  bool deleting = false;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& [label, count] = labels[i];
    if (i > 0) out += labels[i - 1].second.depth == count.depth ? ", " : " ";
    std::string item = i > 0 && labels[i - 1].second.depth != count.depth ? "> " : "";
    const bool deletes = label.verb == Verb::Delete;
    if (deletes && !deleting) item += "delete ";
    deleting = deletes;
    item += label.noun + " " + std::to_string(count.steps);
    if (label.verb == Verb::Raise) item += " raised";
    if (label.verb == Verb::Lower) item += " lowered";
    out += unbroken(item);   // a line is broken between items only
  }
  return out;
}

std::vector<Row> rows_of(const Plan& plan) {
  const std::size_t n = plan.steps.size();
  std::vector<const Change*> change_of(n, nullptr);
  for (const Change& c : plan.changes)
    if (c.step < n) change_of[c.step] = &c;
  // By step, a number for its member: an edge then asks nothing of the steps themselves, which are large.
  std::map<std::string_view, std::uint32_t> numbers;
  std::vector<std::uint32_t> member(n, 0);
  for (std::size_t s = 0; s < n; ++s) {
    const std::string& name = member_name(plan.steps[s].address);
    const bool again = s > 0 && name == member_name(plan.steps[s - 1].address);
    member[s] = again ? member[s - 1] : numbers.emplace(name, static_cast<std::uint32_t>(numbers.size())).first->second;
  }
  // Edges lead from lower to higher numbers, so one pass over them in order settles both depths.
  std::vector<std::uint32_t> row(n, 0);
  std::vector<std::uint32_t> depth(n, 0);
  for (const Edge& e : plan.edges) {
    if (e.from >= n || e.to >= n) continue;
    const bool same = member[e.from] == member[e.to];
    const std::uint32_t to_row = row[e.from] + (same ? 0 : 1);
    row[e.to] = std::max(row[e.to], to_row);
  }
  for (const Edge& e : plan.edges) {
    if (e.from >= n || e.to >= n || row[e.from] != row[e.to]) continue;
    depth[e.to] = std::max(depth[e.to], depth[e.from] + 1);
  }
  std::vector<Row> rows;
  const bool moves = plan.moved() > 0;
  std::vector<std::set<std::string>> members;
  for (std::uint32_t s = 0; s < n; ++s) {
    if (row[s] >= rows.size()) {
      rows.resize(row[s] + 1);
      members.resize(row[s] + 1);
    }
    const Label label = label_of(plan.steps[s], change_of[s], moves);
    const auto [at, fresh] = rows[row[s]].labels.emplace(label, Count{depth[s], s, 0});
    at->second.depth = std::max(at->second.depth, depth[s]);
    at->second.first = std::min(at->second.first, s);
    ++at->second.steps;
    members[row[s]].insert(member_name(plan.steps[s].address));
  }
  for (std::size_t r = 0; r < rows.size(); ++r)
    rows[r].members.assign(members[r].begin(), members[r].end());
  return rows;
}

}  // namespace

void put_order(Sheet& sheet, const Context& context) {
  if (context.plan.edges.empty() || context.plan.steps.size() < 2) return;
  const std::vector<Row> rows = rows_of(context.plan);
  sheet.section();
  sheet.put("ORDER", Tone::Bold);
  if (rows.size() == 1) {
    const Row& row = rows.front();
    const std::string lead = row.members.size() == 1 ? visible(row.members.front()) : counted(static_cast<std::int64_t>(row.members.size()), "cluster", "clusters") + ", each at its own pace";
    sheet.wrap(Line("  " + lead + ":  "), chain(row), 6);
    return;
  }
  std::vector<std::string> names;
  std::size_t wide = 0;
  for (const Row& row : rows) {
    names.push_back(visible(names_text(row.members, context.members, 24)));
    if (columns(names.back()) <= 30) wide = std::max(wide, columns(names.back()));
  }
  const std::size_t number = std::to_string(rows.size()).size();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    Line line("  ");
    line.ending(2 + number, std::to_string(r + 1)).add("  ").add(names[r]).to(2 + number + 2 + wide).add("    ");
    sheet.wrap(line, chain(rows[r]), std::min<std::size_t>(2 + number + 2 + wide + 4 + 4, 40));
  }
}

}  // namespace mcp::view
