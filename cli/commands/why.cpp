// Where a value comes from; why a replica is here, or not; what blocks a step.
#include "cli/command.hpp"
#include "lang/base/lasting.hpp"
#include "lang/topology/quantity.hpp"
#include "lang/value/json.hpp"
#include "planner/model/trace.hpp"
#include "planner/place/explain.hpp"

namespace mcp {

namespace {

std::string place_text(const Loaded& loaded, Span span) {
  if (!span.known() || loaded.sources->file_at(span.begin) == nullptr) return "(default)";
  const Place place = loaded.sources->locate(span.begin);
  return std::string(place.file) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string level_text(Level level) {
  return level == Level::SchemaDefault ? "level 0, the default" : "level " + std::to_string(static_cast<int>(level));
}

struct Answer {
  std::string value;
  std::string place;
  std::string what;
  std::string level;
  std::string rule;
};

int print(Context& context, const std::string& address, const std::string& path, const std::vector<Answer>& answers) {
  if (context.options.json) {
    context.terminal.out(version_record());
    for (const Answer& a : answers)
      context.terminal.out(to_json(MapBuilder().set("type", "origin").set("address", std::string_view(address)).set("path", std::string_view(path)).set("value", std::string_view(a.value)).set("origin", std::string_view(a.place)).set("what", std::string_view(a.what)).set("level", std::string_view(a.level)).set("rule", std::string_view(a.rule)).build()) + "\n");
    return exits::ok;
  }
  std::size_t width = 6;
  for (const Answer& a : answers) width = std::max(width, std::min<std::size_t>(a.value.size(), 40));
  for (const Answer& a : answers) {
    std::string value = a.value;
    std::string line;
    if (value.size() > 40) line = value + "\n" + std::string(width, ' ');
    else line = value + std::string(width - value.size(), ' ');
    line += "  " + a.place + "  " + a.what + (a.level.empty() ? "" : "   " + a.level) + "\n";
    context.terminal.out(line);
    if (!a.rule.empty()) context.terminal.out(std::string(width, ' ') + "  " + a.rule + "\n");
  }
  return exits::ok;
}

std::string shown(const Value& value, AttrType type) {
  if (value.is_int() && type == AttrType::Cpu) return value.as_int() % 1000 == 0 ? std::to_string(value.as_int() / 1000) : std::to_string(value.as_int()) + "m";
  if (value.is_int() && type == AttrType::Memory) return memory_text(value.as_int());
  if (value.is_int() && type == AttrType::Time) return value.as_int() % 1000 == 0 ? std::to_string(value.as_int() / 1000) + "s" : std::to_string(value.as_int()) + "ms";
  if (value.is_string()) return visible(value.as_string());
  if (value.is_null()) return "null";
  if (type == AttrType::SecretMap) return "(secret)";
  return visible(to_json(value));
}

int why_replicas(Context& context, const Project& project, const Evaluated& evaluated, const Address& address, const std::string& member) {
  std::size_t workload = 0;
  while (workload < evaluated.requests.size() && evaluated.requests[workload].address != address) ++workload;
  std::uint32_t at = 0;
  while (at < evaluated.inventory.members.size() && evaluated.inventory.members[at].name != member) ++at;
  const PlaceExplanation why = explain(evaluated.inventory, evaluated.requests, workload, at);
  if (context.options.json) {
    context.terminal.out(version_record());
    context.terminal.out(to_json(to_value(why, *project.loaded.sources)) + "\n");
  } else {
    context.terminal.out(to_text(why, *project.loaded.sources, ExplainOptions{context.options.steps}));
  }
  return exits::ok;
}

}  // namespace

int run_why(Context& context) {
  const auto& words = context.options.words;
  if (words.size() != 1) throw UsageError{"`mcp why` takes one ADDRESS[@CLUSTER][:PATH]"};
  std::string text = words[0];
  std::string path;
  if (const auto colon = text.find(':'); colon != std::string::npos) {
    path = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  const auto address = Address::parse(text);
  if (!address) return report(context, Error{"`" + words[0] + "` is no address", "write it like workload.shop/web@gcp-euw1:container.nginx.image", exits::error, {}});
  Project& project = lasting(open_project(project_options(context.options)));
  if (!project.loaded.ok()) return report(context, project.loaded);
  auto recorded = read_recorded(project.state_dir, project.id());
  if (!recorded) return report(context, recorded.error());
  EvaluateOptions how;
  how.secrets = SecretText::Sources;
  const Evaluated& evaluated = lasting(evaluate(project.loaded, *recorded, how));
  if (!project.loaded.ok()) return report(context, project.loaded);
  const auto& topology = project.loaded.topology;
  // Does it exist?
  Address block = address->declared();
  if (block.kind != AddressKind::Cluster) block.part.clear();
  const bool cluster_address = block.kind == AddressKind::Cluster;
  const Declared* declared = cluster_address ? nullptr : topology.find(block);
  if (cluster_address ? topology.cluster_index(block.name) == Topology::npos : declared == nullptr) {
    std::vector<std::string> texts;
    for (const Declared& each : topology.objects) texts.push_back(each.address.text());
    for (const auto& each : topology.clusters) texts.push_back("cluster." + each.name);
    const std::vector<std::string_view> known(texts.begin(), texts.end());
    const std::string best = nearest(block.text(), known);
    return report(context, Error{"there is no " + block.text() + " in this project", best.empty() ? "`mcp state list` and the policy files have the addresses" : "did you mean `" + best + "`?", exits::error, {}});
  }
  std::size_t cluster = 0;
  if (!address->member.empty()) {
    cluster = topology.cluster_index(address->member);
    if (cluster == Topology::npos) {
      std::vector<std::string_view> names;
      for (const auto& each : topology.clusters) names.push_back(each.name);
      const std::string best = nearest(address->member, names);
      return report(context, Error{"there is no cluster `" + address->member + "`", best.empty() ? "" : "did you mean `" + best + "`?", exits::error, {}});
    }
  }
  if (path.empty()) {
    if (declared != nullptr && declared->address.kind == AddressKind::Workload && !address->member.empty()) return why_replicas(context, project, evaluated, block, address->member);
    const Span span = cluster_address ? topology.clusters[topology.cluster_index(block.name)].block->origin.span : declared->block->origin.span;
    std::vector<Answer> answers = {{address->text(), place_text(project.loaded, span), "stated here", "", ""}};
    if (declared != nullptr && declared->address.kind == AddressKind::Workload)
      if (const WorkloadPlacement* placed = evaluated.placement.find(block))
        for (const Share& share : placed->shares)
          answers.push_back({std::to_string(share.after), "", evaluated.inventory.members[share.member].name, "", ""});
    return print(context, address->text(), path, answers);
  }
  // A path of the language?
  const TracedCell cell = trace_attribute(topology, *address, path);
  if (cell.cell != nullptr) {
    const Value& whole = cell.cell->at(cluster);
    const Value* value = &whole;
    if (!cell.key.empty() && whole.is_map()) value = whole.find(cell.key);
    const Origin origin = cell.key.empty() ? cell.cell->origin : cell.cell->origin_of(cell.key);
    return print(context, address->text(), path, {{value == nullptr ? "null" : shown(*value, cell.type), place_text(project.loaded, origin.span), cell.what, level_text(origin.level), ""}});
  }
  // A path of the rendered object.
  const auto field = FieldPath::parse(path);
  if (!field) return report(context, Error{"`" + path + "` is no path: " + field.error().message, "write it like spec.template.spec.containers[name=web].image", exits::error, {}});
  const Desired& desired = evaluated.desired;
  for (const DesiredEntry& entry : desired.entries) {
    const DesiredObject& o = desired.object_of(entry);
    if (o.address != address->declared() || (!address->member.empty() && desired.members[entry.member] != address->member)) continue;
    const Value* value = field->in(desired.body_of(entry));
    if (value == nullptr) continue;
    const Traced traced = trace_field(topology, o.address, *field);
    return print(context, address->text(), path, {{shown(*value, AttrType::Json), traced.origin.span.known() ? place_text(project.loaded, traced.origin.span) : "", traced.what, traced.origin.span.known() ? level_text(traced.origin.level) : "", traced.rule}});
  }
  return report(context, Error{address->text() + " has nothing at `" + path + "`", "paths are those of the language (container.nginx.cpu) or of the rendered object (spec.replicas)", exits::error, {}});
}

}  // namespace mcp
