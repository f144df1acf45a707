#include "cli/command.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

std::string counts_text(const Value& summary) {
  std::string out;
  if (!summary.is_map()) return out;
  for (const std::string_view name : {"join", "leave", "create", "adopt", "update", "replace", "delete", "forget", "done", "failed", "skipped", "deferred", "recorded"})
    if (const std::int64_t n = summary.int_or(name, 0); n > 0) out.append(out.empty() ? "" : ", ").append(std::to_string(n)).append(" ").append(name);
  return out;
}

}  // namespace

int run_history(Context& context) {
  auto state = state_of(context, project_options(context.options));
  if (!state) return report(context, state.error());
  if (context.options.json) {
    context.terminal.out(version_record());
    for (const RunRow& run : state->runs) {
      MapBuilder r;
      r.set("type", "apply").set("number", run.id).set("plan", std::string_view(run.plan.hex())).set("changes", std::string_view(run.changes.hex())).set("result", to_string(run.state));
      r.set("who", std::string_view(run.who)).set("host", std::string_view(run.host)).set("started_ms", run.started_ms).set("ended_ms", run.ended_ms).set("summary", run.summary);
      context.terminal.out(to_json(r.build()) + "\n");
    }
    return exits::ok;
  }
  if (state->runs.empty()) {
    context.terminal.out("No apply yet.\n");
    return exits::ok;
  }
  for (const RunRow& run : state->runs) {
    std::string line = "#" + std::to_string(run.id);
    line.resize(std::max<std::size_t>(line.size() + 1, 6), ' ');
    line += utc_text(run.started_ms) + "  " + run.plan.brief(12) + "  ";
    std::string result(to_string(run.state));
    result.resize(std::max<std::size_t>(result.size(), 9), ' ');
    line += result + "  " + visible(run.who.substr(0, 16));
    context.terminal.out(line + "\n");
    if (const std::string counts = counts_text(run.summary); !counts.empty()) context.terminal.out("      " + counts + "\n");
  }
  return exits::ok;
}

}  // namespace mcp
