#include "cli/command.hpp"

#include <chrono>
#include <cstdlib>

#include "cli/help.hpp"
#include "executor/engine/planning.hpp"
#include "executor/engine/sharing.hpp"
#include "lang/base/diagnostic_text.hpp"

namespace mcp {

namespace {

struct Row {
  std::string_view verb;
  Command run;
};
constexpr Row commands[] = {
    {"init", run_init},     {"check", run_check},     {"fmt", run_fmt},       {"plan", run_plan},       {"show", run_show},     {"apply", run_apply},
    {"resume", run_resume}, {"destroy", run_destroy}, {"status", run_status}, {"drift", run_drift},     {"render", run_render}, {"graph", run_graph},
    {"why", run_why},       {"state", run_state},     {"history", run_history}, {"lock", run_lock}, {"sim", run_sim},       {"debug", run_debug},   {"completion", run_completion}};

}  // namespace

Command command_of(std::string_view verb) {
  for (const Row& row : commands)
    if (row.verb == verb) return row.run;
  return nullptr;
}

std::string_view help_of(std::string_view verb) {
  for (const auto& [name, text] : help_pages)
    if (name == verb) return text;
  return {};
}

ProjectOptions project_options(const Options& options, const std::string& file) {
  ProjectOptions out;
  out.dir = options.dir;
  out.file = file;
  out.env = options.env;
  out.set = options.set;
  if (!options.driver.empty()) out.driver = options.driver == "sim" ? Driver::Sim : Driver::Kubernetes;
  out.connection.kubeconfig = options.kubeconfig;
  out.connection.credential_plugins = options.credential_plugins;
  out.connection.version = mcp_version;
  if (options.trace_http) out.connection.trace = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  if (const char* dir = std::getenv("MCP_STATE_DIR"); dir != nullptr && *dir != 0) out.state_dir = dir;
  return out;
}

int report(Context& context, const Loaded& loaded) {
  if (context.options.json) {
    for (const Diagnostic& d : loaded.diagnostics.sorted()) context.terminal.out(to_json(d, *loaded.sources) + "\n");
  } else if (loaded.diagnostics.has_errors()) {
    context.terminal.err(to_text(loaded.diagnostics, *loaded.sources, context.terminal.err_colour()));
  } else {
    context.terminal.note(to_text(loaded.diagnostics, *loaded.sources, context.terminal.err_colour()));
  }
  return loaded.diagnostics.has_errors() ? exits::error : exits::ok;
}

int report(Context& context, const Error& error) {
  std::string text = "mcp: " + visible(error.text()) + "\n";
  if (!error.help.empty()) text += "  " + visible(error.help) + "\n";
  context.terminal.err(text);
  return error.exit_code;
}

namespace {

/// What the MCP cluster holds comes here first, where the project has one. Why it could not is said.
void fetch(Context& context, const Project& project) {
  const auto fetched = fetch_shared(fleet_options(project));
  if (!fetched) report(context, fetched.error());
  else if (!fetched->problem.empty()) context.terminal.err("Not up to date: " + visible(fetched->problem) + "\n");
}

}  // namespace

Result<StateView> state_of(Context& context, const ProjectOptions& where) {
  const Project project = open_project(where);
  if (project.loaded.ok()) fetch(context, project);
  else if (!context.options.env.empty()) return fail("there is no env `" + context.options.env + "`", "environments are not yet supported");
  // A policy that does not load still has a state; its name may be all that is known.
  const bool named = project.loaded.ok() || project.loaded.topology.project_declared;
  auto own = named ? read_state(project.state_dir, project.id()) : read_state(project.state_dir, {});
  if (own && !own->exists && !project.loaded.ok()) return read_state(project.state_dir, {});
  return own;
}

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string utc_text(std::int64_t ms) {
  // Days to a civil date, by the algorithm of proleptic Gregorian calendars: eras of 400 years.
  const std::int64_t seconds = ms / 1000;
  const std::int64_t days = seconds / 86'400;
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = shifted / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t m = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * m + 2) / 5 + 1;
  const std::int64_t month = m < 10 ? m + 3 : m - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::int64_t of_day = seconds % 86'400;
  return std::to_string(year) + "-" + two(month) + "-" + two(day) + " " + two(of_day / 3600) + ":" + two(of_day / 60 % 60) + " UTC";
}

std::string version_record() { return "{\"format\":1,\"mcp\":\"" + std::string(mcp_version) + "\",\"type\":\"version\"}\n"; }

std::string file_word(const Options& options) {
  if (options.words.empty()) return {};
  if (options.words.size() > 1) throw UsageError{"`mcp " + options.verb + "` takes one policy file, found " + std::to_string(options.words.size())};
  const std::string& file = options.words.front();
  if (!file.ends_with(".mcp")) throw UsageError{"`mcp " + options.verb + "` takes a policy file (*.mcp), found `" + visible(file) + "`"};
  return file;
}

}  // namespace mcp
