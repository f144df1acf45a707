#include <algorithm>

#include "cli/commands/applying.hpp"
#include "executor/engine/rebuild.hpp"
#include "executor/engine/queries.hpp"
#include "lang/value/json.hpp"
#include "lang/value/yaml.hpp"

namespace mcp {

namespace {

Value record(const RecordedRow& row) {
  return MapBuilder()
      .set("type", "object")
      .set("address", std::string_view(row.address.text()))
      .set("member", std::string_view(row.ref.member))
      .set("kind", std::string_view(row.ref.kind))
      .set("api", std::string_view(row.ref.api))
      .set("namespace", std::string_view(row.ref.ns))
      .set("name", std::string_view(row.ref.name))
      .set("uid", std::string_view(row.uid))
      .set("protect", row.protect)
      .set("serial", row.serial)
      .build();
}

int list(Context& context, const StateView& state) {
  if (context.options.json) {
    context.terminal.out(version_record());
    for (const RecordedMember& m : state.members)
      context.terminal.out(to_json(MapBuilder().set("type", "member").set("address", std::string_view("cluster." + m.name)).set("name", std::string_view(m.name)).set("identity", std::string_view(m.identity)).set("version", std::string_view(m.version)).set("lost", m.lost).build()) + "\n");
    for (const RecordedRow& row : state.rows) context.terminal.out(to_json(record(row)) + "\n");
    return exits::ok;
  }
  if (!state.exists) {
    context.terminal.out("Nothing is recorded: there was no apply yet.\n");
    return exits::ok;
  }
  std::vector<std::string> lines;
  for (const RecordedMember& m : state.members) lines.push_back("cluster." + m.name);
  for (const RecordedRow& row : state.rows) lines.push_back(row.address.text());
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) context.terminal.out(visible(line) + "\n");
  return exits::ok;
}

int show(Context& context, const StateView& state, const std::string& text) {
  const auto address = Address::parse(text);
  if (!address) return report(context, Error{"`" + text + "` is no address", "addresses are like workload.shop/web@gcp-euw1; `mcp state list` has them", exits::error, {}});
  std::vector<const RecordedRow*> found;
  std::vector<std::string_view> known;
  std::vector<std::string> texts;
  for (const RecordedRow& row : state.rows) {
    if (row.address == *address || (address->member.empty() && row.address.declared() == *address)) found.push_back(&row);
    texts.push_back(row.address.text());
  }
  known.assign(texts.begin(), texts.end());
  if (found.empty()) {
    const std::string best = nearest(text, known);
    return report(context, Error{text + " is not recorded", best.empty() ? "`mcp state list` lists what is" : "did you mean `" + best + "`?", exits::error, {}});
  }
  if (context.options.json) context.terminal.out(version_record());
  for (const RecordedRow* row : found) {
    auto body = read_body(state.dir, state.project, row->body);
    if (!body) return report(context, body.error());
    if (context.options.json) {
      context.terminal.out(to_json(record(*row).with("body", *body).with("origin", Value::string(row->origin))) + "\n");
      continue;
    }
    context.terminal.out(visible(row->address.text()) + "\n  uid     " + visible(row->uid) + "\n  apply   #" + std::to_string(row->run) + "\n" + (row->origin.empty() ? "" : "  stated  " + visible(row->origin) + "\n") +
                         (row->protect ? "  protected\n" : "") + "\n");
    std::string yaml;
    append_yaml(yaml, *body, 2);
    context.terminal.out(yaml);
  }
  return exits::ok;
}

}  // namespace

int show_state(Context& context, const StateView& state) { return list(context, state); }

int rebuild_state(Context& context) {
  const Options& options = context.options;
  const Project project = open_project(project_options(options));
  if (!project.loaded.ok()) return report(context, project.loaded);
  if (const int code = ask(context, "Make the state of project " + project.id() + " again from its clusters?"); code != 0) return code;
  auto done = rebuild(project, wall_ms());
  if (!done) return report(context, done.error());
  if (options.json) {
    context.terminal.out(version_record());
    context.terminal.out(to_json(MapBuilder().set("type", "rebuilt").set("objects", static_cast<std::int64_t>(done->objects)).set("members", static_cast<std::int64_t>(done->members.size())).build()) + "\n");
  } else {
    context.terminal.out("Recorded " + std::to_string(done->objects) + " objects on " + std::to_string(done->members.size()) + " clusters.\nNext: mcp plan\n");
  }
  for (const std::string& name : done->silent) context.terminal.note(visible(name) + " did not answer: its objects are not recorded\n");
  return done->silent.empty() ? exits::ok : exits::partial;
}

int run_state(Context& context) {
  const auto& words = context.options.words;
  if (words.empty()) throw UsageError{"`mcp state` takes list, show ADDRESS or rebuild"};
  if (words[0] != "list" && words[0] != "show" && words[0] != "rebuild") {
    const std::string best = nearest(words[0], {"list", "show", "rebuild"});
    throw UsageError{"`mcp state` takes list, show or rebuild, found `" + visible(words[0]) + "`" + (best.empty() ? "" : "; did you mean `" + best + "`?")};
  }
  const ProjectOptions where = project_options(context.options);
  if (words[0] == "rebuild") return rebuild_state(context);
  auto state = state_of(context, where);
  if (!state) return report(context, state.error());
  if (words[0] == "list") return list(context, *state);
  if (words.size() != 2) throw UsageError{"`mcp state show` takes one address"};
  return show(context, *state, words[1]);
}

}  // namespace mcp
