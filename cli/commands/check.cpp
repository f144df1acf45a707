#include "cli/command.hpp"
#include "lang/base/lasting.hpp"

namespace mcp {

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
  return code;
}

}  // namespace mcp
