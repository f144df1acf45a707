#include "cli/command.hpp"
#include "executor/engine/rights.hpp"
#include "lang/base/diagnostic_text.hpp"
#include "lang/base/lasting.hpp"
#include "lang/value/json.hpp"

#include <algorithm>

namespace mcp {

namespace {

/// Members with the rights that lack there, and the role that would do.
int check_members(Context& context, Project& project) {
  const auto rights = check_rights(project);
  if (!rights) return report(context, rights.error());
  bool fine = true;
  std::size_t wide = 0;
  for (const MemberRights& m : rights->members) wide = std::max(wide, m.name.size());
  std::string text;
  for (const MemberRights& m : rights->members) {
    fine = fine && m.silent.empty() && m.missing.empty();
    if (context.options.json) {
      std::vector<Value> missing;
      for (const NeededRight& r : m.missing) missing.push_back(Value::string(r.text()));
      context.terminal.out(to_json(MapBuilder()
                                       .set("type", "rights")
                                       .set("member", std::string_view(m.name))
                                       .set("version", std::string_view(m.version))
                                       .set("error", m.silent.empty() ? Value() : Value::string(m.silent))
                                       .set("missing", Value::list(std::move(missing)))
                                       .build()) +
                           "\n");
      continue;
    }
    const std::string lead = "  " + visible(m.name) + std::string(wide - m.name.size() + 2, ' ');
    if (!m.silent.empty()) text += lead + "cannot be asked: " + visible(m.silent) + "\n";
    else if (m.missing.empty()) text += lead + (m.version.empty() ? "" : visible(m.version) + "  ") + "has all rights\n";
    else
      for (const NeededRight& r : m.missing) text += lead + "lacks " + r.text() + "\n";
  }
  if (context.options.json) return fine ? exits::ok : exits::error;
  context.terminal.out("MEMBERS\n" + text);
  const bool lacks = std::any_of(rights->members.begin(), rights->members.end(), [](const MemberRights& m) { return !m.missing.empty(); });
  if (lacks) context.terminal.out("\nThis role would do; bind it to the user of the member's context:\n\n" + cluster_role(rights->needed));
  return fine ? exits::ok : exits::error;
}

}  // namespace

int run_check(Context& context) {
  Project& project = lasting(open_project(project_options(context.options, file_word(context.options))));
  if (context.options.json) context.terminal.out(version_record());
  if (project.loaded.ok()) lasting(evaluate(project.loaded, Recorded{}, {}));
  const int code = report(context, project.loaded);
  if (code == exits::ok && !context.options.json) {
    const auto& t = project.loaded.topology;
    const auto count = [](std::size_t n, const char* one, const char* many) { return std::to_string(n) + " " + (n == 1 ? one : many); };
    context.terminal.note("Fine: " + count(t.objects.size(), "object", "objects") + " for " + count(t.clusters.size(), "cluster", "clusters") + " in " +
                          count(project.loaded.files.size(), "file", "files") + ".\n");
  }
  return code == exits::ok && context.options.members ? check_members(context, project) : code;
}

}  // namespace mcp
