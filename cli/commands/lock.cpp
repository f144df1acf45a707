#include "cli/commands/lock.hpp"

#include "cli/commands/applying.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

int break_lock(Context& context, const FleetOptions& fleet) {
  if (fleet.mcp_cluster.empty())
    return report(context, Error{"this project names no MCP cluster, and a lock on this machine ends with its process", "end that process, if it hangs: mcp lock", exits::error, {}});
  const auto view = look_at_lease(fleet);
  if (!view) return report(context, view.error());
  if (view->holder.empty()) {
    context.terminal.note("Nobody holds the lock.\n");
    return exits::ok;
  }
  if (const int code = ask(context, "Take the lock from " + visible(view->holder) + "? What it sent last may still land within a minute."); code != 0) return code;
  const ApplyRequest request = apply_request(context, fleet);
  if (!context.options.force) context.terminal.note("Looking whether " + visible(view->holder) + " renews it.\n");
  if (auto done = break_lease(fleet, *view, context.options.force, request.clock); !done) return report(context, done.error());
  context.terminal.note("The lock is free. What is left open: mcp status\n");
  return exits::ok;
}

}  // namespace

int run_lock(Context& context) {
  const std::vector<std::string>& words = context.options.words;
  const std::string verb = words.empty() ? "ls" : words[0];
  if (words.size() > 1 || (verb != "ls" && verb != "break")) throw UsageError{"`mcp lock` takes ls or break"};
  if (context.options.force && verb != "break") throw UsageError{"--force is for `mcp lock break`"};
  const Project project = open_project(project_options(context.options));
  if (const int code = report(context, project.loaded); code != 0) return code;
  const FleetOptions fleet = fleet_options(project);
  if (verb == "break") return break_lock(context, fleet);
  const auto locks = read_locks(project.state_dir, project.id());
  if (!locks) return report(context, locks.error());
  LeaseView lease;
  if (!fleet.mcp_cluster.empty()) {
    auto view = look_at_lease(fleet);
    if (!view) return report(context, view.error());
    lease = *std::move(view);
  }
  if (context.options.json) {
    context.terminal.out(version_record());
    for (const LockRow& lock : *locks) context.terminal.out(lock_record(lock));
    if (!lease.holder.empty()) context.terminal.out(lock_record(lease));
    return exits::ok;
  }
  std::string text;
  for (const LockRow& lock : *locks) text += lock_text(lock);
  if (!lease.holder.empty()) text += lock_text(lease);
  context.terminal.out(text.empty() ? "Nobody holds the lock.\n" : text);
  return exits::ok;
}

std::string lock_record(const LockRow& lock) {
  return to_json(MapBuilder().set("type", "lock").set("id", std::string_view(lock.id)).set("who", std::string_view(lock.who)).set("host", std::string_view(lock.host)).set("pid", lock.pid).set("taken_ms", lock.taken_ms).build()) + "\n";
}

std::string lock_record(const LeaseView& lease) {
  return to_json(MapBuilder().set("type", "lock").set("id", "lease").set("holder", std::string_view(lease.holder)).set("since", std::string_view(lease.since)).set("renewed", std::string_view(lease.renewed)).set("token", lease.token).build()) + "\n";
}

std::string lock_text(const LockRow& lock) {
  return "Locked by " + visible(lock.who) + " on " + visible(lock.host) + ", process " + std::to_string(lock.pid) + ", since " + utc_text(lock.taken_ms) + ".\n";
}

std::string lock_text(const LeaseView& lease) {
  return "Locked in the MCP cluster by " + visible(lease.holder) + ",\n  since " + visible(lease.since) + ", renewed " + visible(lease.renewed) + ".\n";
}

}  // namespace mcp
