#include <algorithm>

#include "cli/command.hpp"
#include "lang/base/lasting.hpp"
#include "lang/value/json.hpp"
#include "lang/value/yaml.hpp"

namespace mcp {

int run_render(Context& context) {
  const Options& options = context.options;
  if (options.cluster.empty()) throw UsageError{"`mcp render` needs `--cluster NAME`"};
  Project& project = lasting(open_project(project_options(options, file_word(options))));
  if (options.json) context.terminal.out(version_record());
  if (!project.loaded.ok()) return report(context, project.loaded);
  const auto& topology = project.loaded.topology;
  const std::size_t cluster = topology.cluster_index(options.cluster);
  if (cluster == Topology::npos) {
    std::vector<std::string_view> names;
    for (const auto& each : topology.clusters) names.push_back(each.name);
    const std::string best = nearest(options.cluster, names);
    return report(context, Error{"there is no cluster `" + options.cluster + "` in this project", best.empty() ? "" : "did you mean `" + best + "`?", exits::error, {}});
  }
  auto recorded = read_recorded(project.state_dir, project.id());
  if (!recorded) return report(context, recorded.error());
  EvaluateOptions how;
  how.secrets = SecretText::Sources;
  const Evaluated& evaluated = lasting(evaluate(project.loaded, *recorded, how));
  if (const int code = report(context, project.loaded); code != exits::ok) return code;
  // In the order in which they are applied: by rank, then address.
  std::vector<const DesiredEntry*> here;
  for (const DesiredEntry& entry : evaluated.desired.entries)
    if (entry.member == cluster) here.push_back(&entry);
  std::stable_sort(here.begin(), here.end(), [&](const DesiredEntry* a, const DesiredEntry* b) { return evaluated.desired.object_of(*a).rank < evaluated.desired.object_of(*b).rank; });
  if (options.json) {
    for (const DesiredEntry* entry : here) {
      const DesiredObject& o = evaluated.desired.object_of(*entry);
      MapBuilder record;
      record.set("type", "object").set("address", std::string_view(o.address.on(options.cluster).text())).set("member", std::string_view(options.cluster)).set("object", evaluated.desired.body_of(*entry));
      context.terminal.out(to_json(record.build()) + "\n");
    }
  } else if (options.format == "json") {
    std::vector<Value> items;
    for (const DesiredEntry* entry : here) items.push_back(evaluated.desired.body_of(*entry));
    context.terminal.out(to_json_pretty(MapBuilder().set("apiVersion", "v1").set("items", Value::list(std::move(items))).set("kind", "List").build()) + "\n");
  } else {
    std::string text;
    YamlWriter writer;
    for (const DesiredEntry* entry : here) {
      text += "---\n";
      writer.append(text, evaluated.desired.body_of(*entry));
      if (text.size() > (1U << 18U)) {
        context.terminal.out(text);
        text.clear();
      }
    }
    context.terminal.out(text);
  }
  return exits::ok;
}

}  // namespace mcp
