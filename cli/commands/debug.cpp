// Any stage as text, for people who work on mcp. No promise of form.
#include <algorithm>

#include "cli/commands/planning.hpp"
#include "lang/program/stages.hpp"
#include "lang/value/json.hpp"
#include "lang/value/yaml.hpp"

namespace mcp {

namespace {

void print_block(std::string& out, const Block& block, int depth) {
  const BlockSpec& spec = spec_of(block.kind);
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  for (AttrId i = 0; i < block.cells.size(); ++i) {
    const Cell& cell = block.cells[i];
    if (!cell.written()) continue;
    const Value value = cell.by_cluster ? Value::list(std::span<const Value>(*cell.by_cluster)) : cell.value;
    out += indent + std::string(spec.attrs[i].name) + (cell.by_cluster ? " = each " : " = ") + visible(to_json(value)) + "\n";
  }
  for (const auto& child : block.children) {
    out += indent + std::string(spec_of(child->kind).keyword) + (child->name.empty() ? "" : " " + visible(child->name)) + "\n";
    print_block(out, *child, depth + 1);
  }
}

std::string topology_text(const Topology& t) {
  std::string out = "project " + t.project_id() + (t.driver == Driver::Sim ? " (sim)\n" : " (kubernetes)\n");
  for (const auto& cluster : t.clusters) out += "cluster." + cluster.name + "\n  " + to_json(cluster.row) + "\n";
  for (const Declared& declared : t.objects) {
    out += declared.address.text() + "\n";
    print_block(out, *declared.block, 1);
  }
  return out;
}

}  // namespace

int run_debug(Context& context) {
  const auto& words = context.options.words;
  const std::vector<std::string_view> stages = {"ast", "topology", "placement", "desired", "graph", "schedule"};
  if (words.empty()) throw UsageError{"`mcp debug` takes a stage: ast, topology, placement, desired, graph or schedule"};
  if (std::find(stages.begin(), stages.end(), words[0]) == stages.end()) {
    const std::string best = nearest(words[0], stages);
    throw UsageError{"there is no stage `" + visible(words[0]) + "`" + (best.empty() ? "; stages are ast, topology, placement, desired, graph, schedule" : "; did you mean `" + best + "`?")};
  }
  const std::string file = words.size() > 1 ? words[1] : std::string();
  const ProjectOptions where = project_options(context.options, file);
  std::string out;
  if (words[0] == "ast") {
    const Stages found = print_stages(*folder_tree(where.dir), file);
    context.terminal.out(found.ast);
    if (!found.findings.empty()) context.terminal.err(found.findings);
    return found.faulty ? exits::error : exits::ok;
  }
  Project project = open_project(where);
  if (!project.loaded.ok()) return report(context, project.loaded);
  if (words[0] == "topology") {
    context.terminal.out(topology_text(project.loaded.topology));
    return exits::ok;
  }
  if (words[0] == "graph" || words[0] == "schedule") {
    PlanRequest request = plan_request(context.options);
    request.may_write = false;
    Outcome_ outcome = plan_project(context, project, request);
    if (outcome.code != 0) return outcome.code;
    const Plan& plan = outcome.planned.plan;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      out += std::to_string(i) + "  " + std::string(to_string(plan.steps[i].action)) + " " + plan.steps[i].address.text();
      for (const Edge& e : plan.edges)
        if (e.to == i) out += "  <" + std::to_string(e.from) + " " + std::string(to_string(e.reason));
      out += "\n";
    }
    context.terminal.out(out);
    return exits::ok;
  }
  auto recorded = read_recorded(project.state_dir, project.id());
  if (!recorded) return report(context, recorded.error());
  EvaluateOptions how;
  how.secrets = SecretText::Sources;
  const Evaluated evaluated = evaluate(project.loaded, *recorded, how);
  if (const int code = report(context, project.loaded); code != 0) return code;
  if (words[0] == "placement") {
    for (const WorkloadPlacement& placed : evaluated.placement.workloads) {
      out += placed.address.text() + "  " + std::to_string(placed.replicas) + " replicas, " + std::to_string(placed.unplaced) + " unplaced, " + std::to_string(placed.moved) + " moved\n";
      for (const Share& share : placed.shares)
        out += "  " + evaluated.inventory.members[share.member].name + "  " + std::to_string(share.before) + " -> " + std::to_string(share.after) + "  " + std::string(to_string(share.state)) + "\n";
    }
  } else {
    for (const DesiredEntry& entry : evaluated.desired.entries) {
      const DesiredObject& o = evaluated.desired.object_of(entry);
      out += o.address.on(evaluated.desired.members[entry.member]).text() + "  body " + evaluated.desired.body_of(entry).digest().brief(12) + "\n";
    }
  }
  context.terminal.out(out);
  return exits::ok;
}

}  // namespace mcp
