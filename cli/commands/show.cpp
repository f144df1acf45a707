#include "cli/commands/planning.hpp"
#include "planner/plan/plan_file.hpp"

namespace mcp {

int run_show(Context& context) {
  const auto& words = context.options.words;
  if (words.size() > 1) throw UsageError{"`mcp show` takes one saved plan"};
  const bool json = context.options.json || context.options.format == "json";
  if (words.empty()) {
    auto state = state_of(context, project_options(context.options));
    if (!state) return report(context, state.error());
    return show_state(context, *state);
  }
  auto bytes = read_file_bytes(words[0]);
  if (!bytes) return report(context, bytes.error());
  auto file = read_plan(*bytes);
  if (!file) {
    Error error = file.error();
    error.context.push_back("reading " + words[0]);
    return report(context, error);
  }
  if (json) {
    context.terminal.out(version_record());
    print_records(context, file->plan);
  } else {
    context.terminal.out(plan_text_of(context, file->plan));
  }
  return exits::ok;
}

}  // namespace mcp
