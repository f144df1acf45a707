#include "cli/commands/applying.hpp"
#include "executor/engine/sharing.hpp"

namespace mcp {

int run_resume(Context& context) {
  const Options& options = context.options;
  if (options.json) context.terminal.out(version_record());
  const Project project = open_project(project_options(options));
  std::string id = project.id();
  if (!options.env.empty() && !project.loaded.ok()) return report(context, project.loaded);   // another state than the unnamed one
  if (project.loaded.ok()) {
    const auto fetched = fetch_shared(fleet_options(project));
    if (!fetched) return report(context, fetched.error());
    if (!fetched->problem.empty()) return report(context, Error{fetched->problem, "whether an apply is open is known there", exits::error, {}});
  } else {
    // A run is resumed from its own plan; the policy may be broken by now.
    auto state = state_of(context, project_options(options));
    if (!state) return report(context, state.error());
    id = state->project;
  }
  if (options.abandon) {
    const auto number = open_run_number(project.state_dir, id);
    if (!number) return report(context, number.error());
    const std::int64_t run = *number;
    if (run == 0) {
      context.terminal.note("Nothing to close: the last apply has ended.\n");
      return exits::ok;
    }
    if (const int code = ask(context, "Close apply #" + std::to_string(run) + " without carrying on?"); code != 0) return code;
    FleetOptions fleet = fleet_options(project);
    fleet.project = id;
    if (auto done = abandon_run(apply_request(context, fleet), run); !done) return report(context, done.error());
    context.terminal.note("Apply #" + std::to_string(run) + " is closed. What is left: mcp plan\n");
    return exits::ok;
  }
  auto open = open_run(project.state_dir, id);
  if (!open) return report(context, open.error());
  if (!*open) {
    const auto told = catch_up(apply_request(context, fleet_options(project)));
    if (!told) return report(context, told.error());
    if (*told) {
      context.terminal.note("The last apply had ended; the MCP cluster knows it now, too.\n");
      return exits::ok;
    }
    context.terminal.note("Nothing to resume: the last apply has ended.\n");
    return exits::ok;
  }
  const std::int64_t run = (*open)->run;
  if (const int code = ask(context, "Go on with apply #" + std::to_string(run) + " (" + std::to_string((*open)->plan.steps.size()) + " steps)?"); code != 0) return code;
  FleetOptions fleet = fleet_options(project);
  fleet.driver = (*open)->plan.driver;
  if (fleet.mcp_cluster.empty()) fleet.mcp_cluster = (*open)->plan.mcp_cluster;
  fleet.project = id;
  return carry_out(context, (*open)->plan, apply_request(context, fleet), [&](const ApplyRequest& request) { return resume_run(**open, request); });
}

}  // namespace mcp
