#include "cli/command.hpp"
#include "executor/engine/simulate.hpp"
#include "lang/value/json.hpp"
#include "lang/value/yaml.hpp"

namespace mcp {

namespace {

int show(Context& context, const Project& project, const std::string& member) {
  auto objects = sim_show(project, member);
  if (!objects) return report(context, objects.error());
  if (context.options.json) {
    context.terminal.out(version_record());
    for (const Value& object : *objects) {
      const Value* annotations = object.at("metadata", "annotations");
      const std::string address = annotations != nullptr ? std::string(annotations->text_or("mcp.dev/address", "")) : std::string();
      context.terminal.out(to_json(MapBuilder().set("type", "object").set("address", std::string_view(address.empty() ? address : address + "@" + member)).set("member", std::string_view(member)).set("object", object).build()) + "\n");
    }
  } else if (context.options.format == "json") {
    context.terminal.out(to_json_pretty(MapBuilder().set("apiVersion", "v1").set("items", Value::list(*objects)).set("kind", "List").build()) + "\n");
  } else {
    for (const Value& object : *objects) context.terminal.out("---\n" + to_yaml(object));
  }
  return exits::ok;
}

}  // namespace

int run_sim(Context& context) {
  const auto& words = context.options.words;
  constexpr std::string_view verbs_of_sim = "lose, restore, slow, fault, edit or show";
  if (words.empty()) throw UsageError{"`mcp sim` takes " + std::string(verbs_of_sim)};
  const std::string& what = words[0];
  const auto need = [&](std::size_t count, const char* form) {
    if (words.size() != count) throw UsageError{"write it like `mcp sim " + std::string(form) + "`"};
  };
  if (what == "lose") need(2, "lose CLUSTER");
  else if (what == "restore") need(2, "restore CLUSTER");
  else if (what == "slow") need(3, "slow CLUSTER DURATION");
  else if (what == "fault") need(3, "fault CLUSTER SCRIPT");
  else if (what == "edit") need(context.options.remove ? 2 : 3, context.options.remove ? "edit ADDRESS@CLUSTER --delete" : "edit ADDRESS@CLUSTER:PATH VALUE");
  else if (what == "show") need(2, "show CLUSTER");
  else {
    const std::string best = nearest(what, {"lose", "restore", "slow", "fault", "edit", "show"});
    throw UsageError{"`mcp sim` takes " + std::string(verbs_of_sim) + ", found `" + visible(what) + "`" + (best.empty() ? "" : "; did you mean `" + best + "`?")};
  }
  const Project project = open_project(project_options(context.options));
  if (!project.loaded.ok() && project.loaded.topology.clusters.empty()) return report(context, project.loaded);
  Result<void> done;
  std::string said;
  if (what == "show") return show(context, project, words[1]);
  if (what == "lose") {
    done = sim_lose(project, words[1]);
    said = words[1] + " does not answer any more.";
  } else if (what == "restore") {
    done = sim_restore(project, words[1]);
    said = words[1] + " answers.";
  } else if (what == "slow") {
    const auto ms = duration_ms(words[2]);
    if (!ms) throw UsageError{"a duration is like 500ms, 2s or 1min, found `" + visible(words[2]) + "`"};
    done = sim_slow(project, words[1], *ms);
    said = words[1] + " answers " + words[2] + " later.";
  } else if (what == "fault") {
    done = sim_fault(project, words[1], words[2]);
    said = words[1] + (words[2] == "off" ? " has no faults any more." : " has a script of faults.");
  } else if (context.options.remove) {
    done = sim_delete(project, words[1]);
    said = words[1] + " is gone.";
  } else {
    const auto colon = words[1].find(':');
    if (colon == std::string::npos) throw UsageError{"write it like `mcp sim edit ADDRESS@CLUSTER:PATH VALUE`"};
    done = sim_edit(project, words[1].substr(0, colon), words[1].substr(colon + 1), words[2], context.options.as);
    said = words[1] + " is " + visible(words[2]) + " now.";
  }
  if (!done) return report(context, done.error());
  if (context.options.json) context.terminal.out(version_record());
  else context.terminal.note(visible(said) + "\n");
  return exits::ok;
}

}  // namespace mcp
