#include "cli/commands/planning.hpp"
#include "lang/base/lasting.hpp"
#include "lang/value/json.hpp"
#include "planner/order/graph.hpp"

namespace mcp {

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// What refers to what, from the model alone.
struct Model {
  std::vector<std::string> nodes;
  std::vector<std::pair<std::size_t, std::size_t>> edges;   // from needs to
};

Model model_of(const Desired& desired) {
  Model out;
  for (const DesiredObject& o : desired.objects) out.nodes.push_back(o.address.text());
  for (std::size_t i = 0; i < desired.objects.size(); ++i)
    for (const std::uint32_t need : desired.objects[i].needs) out.edges.emplace_back(i, need);
  return out;
}

int print_model(Context& context, const Model& model) {
  const std::string& format = context.options.format;
  std::string text;
  if (format == "json" || context.options.json) {
    context.terminal.out(version_record());
    for (const auto& [from, to] : model.edges) text += "{\"from\":" + quoted(model.nodes[from]) + ",\"to\":" + quoted(model.nodes[to]) + ",\"type\":\"reference\"}\n";
  } else if (format == "mermaid") {
    text = "flowchart LR\n";
    for (std::size_t i = 0; i < model.nodes.size(); ++i) text += "  n" + std::to_string(i) + "[" + quoted(model.nodes[i]) + "]\n";
    for (const auto& [from, to] : model.edges) text += "  n" + std::to_string(from) + " --> n" + std::to_string(to) + "\n";
  } else {
    text = "digraph model {\n  rankdir = LR\n  node [shape = box]\n";
    for (std::size_t i = 0; i < model.nodes.size(); ++i) text += "  n" + std::to_string(i) + " [label = " + quoted(model.nodes[i]) + "]\n";
    for (const auto& [from, to] : model.edges) text += "  n" + std::to_string(from) + " -> n" + std::to_string(to) + "\n";
    text += "}\n";
  }
  context.terminal.out(text);
  return exits::ok;
}

}  // namespace

int run_graph(Context& context) {
  const Options& options = context.options;
  Project& project = lasting(open_project(project_options(options, file_word(options))));
  if (options.model) {
    if (!project.loaded.ok()) return report(context, project.loaded);
    const Evaluated& evaluated = lasting(evaluate(project.loaded, Recorded{}, {}));
    if (const int code = report(context, project.loaded); code != 0) return code;
    return print_model(context, model_of(evaluated.desired));
  }
  PlanRequest request = plan_request(options);
  request.may_write = false;   // a question: nothing is made
  Outcome_& outcome = lasting(plan_project(context, project, request));
  if (outcome.code != 0) return outcome.code;
  const Plan& plan = outcome.planned.plan;
  if (options.json || options.format == "json") {
    context.terminal.out(version_record());
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
      context.terminal.out(to_json(MapBuilder().set("type", "step").set("step", static_cast<std::int64_t>(i)).set("action", to_string(plan.steps[i].action)).set("address", std::string_view(plan.steps[i].address.text())).build()) + "\n");
    for (const Edge& e : plan.edges)
      context.terminal.out(to_json(MapBuilder().set("type", "edge").set("from", static_cast<std::int64_t>(e.from)).set("to", static_cast<std::int64_t>(e.to)).set("reason", to_string(e.reason)).build()) + "\n");
  } else {
    context.terminal.out(options.format == "mermaid" ? graph_mermaid(plan) : graph_dot(plan));
  }
  return exits::ok;
}

}  // namespace mcp
