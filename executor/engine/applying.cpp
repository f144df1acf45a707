#include "executor/engine/applying.hpp"

#include <optional>

#include "executor/engine/locking.hpp"
#include "executor/engine/sharing.hpp"
#include "executor/run/store_journal.hpp"
#include "planner/plan/plan_file.hpp"
#include "planner/store/store.hpp"

namespace mcp {

namespace {

std::string text_of_blocks(const Plan& plan) {
  std::string out;
  for (const Blocked& b : plan.blocked) out.append(out.empty() ? "" : "; ").append(b.text);
  return out;
}

/// A plan as it is carried out. Steps that write secrets have fingerprints that the plan may lack, and so need a copy.
struct Resolved {
  std::optional<Plan> own;
  std::shared_ptr<const SecretBytes> secrets;
};

/// Steps that write secrets need the key; without any there is none to make.
Result<Resolved> resolved(const Plan& plan, const ApplyRequest& request) {
  Resolved out;
  if (plan.secrets.empty()) return out;
  const std::string key = MCP_TRY(secret_key(request.state_dir));
  out.secrets = MCP_TRY(resolve_secrets(out.own.emplace(plan), key, secret_world(request.dir)));
  return out;
}

LockRow lock_row(const ApplyRequest& request) {
  LockRow row;
  row.cells = {"*@*"};
  row.who = request.who;
  row.host = request.host;
  row.pid = request.pid;
  row.taken_ms = request.now_ms;
  return row;
}

SharingRequest sharing_request(const ApplyRequest& request) {
  SharingRequest out;
  out.who = request.who + " on " + request.host + " (process " + std::to_string(request.pid) + ")";
  out.host = request.host;
  out.timeout_ms = request.lock_timeout_ms;
  out.clock = request.clock;
  out.note = request.note;
  out.interrupt = request.interrupt;
  return out;
}

/// What whoever writes members or state holds: the lock here, a way to the members, and the lease where there is one. Given
/// back in the opposite order.
struct Held {
  std::unique_ptr<HeldLock> lock;
  std::unique_ptr<Fleet> fleet;
  std::unique_ptr<Sharing> sharing;   // null: the project names no MCP cluster
};

Result<Held> hold(Store& store, const FleetOptions& reach, const ApplyRequest& request) {
  Held out;
  out.lock = MCP_TRY(take_lock(store, lock_row(request), request.lock_timeout_ms));
  out.fleet = MCP_TRY(make_fleet(reach));
  if (!reach.mcp_cluster.empty()) out.sharing = MCP_TRY(Sharing::begin(store, *out.fleet, *out.lock, sharing_request(request)));
  return out;
}

/// Something is here that the MCP cluster does not know.
Result<bool> owes_news(Store& store) { return MCP_TRY(is_ahead(store)) || MCP_TRY(is_untold(store)); }

Result<RunResult> carry_out(Store& store, const Plan& reviewed, const ApplyRequest& request, std::int64_t resume) {
  // Of those that leave, only the plan knows how to reach them.
  FleetOptions reach = request.fleet;
  for (const PlanMember& m : reviewed.members) add_member(reach, m.name, m.row);
  const Held held = MCP_TRY(hold(store, reach, request));
  // All secret values are there before anything is written; their key may have come from the MCP cluster just now.
  const Resolved ready = MCP_TRY(resolved(reviewed, request));
  const Plan& plan = ready.own ? *ready.own : reviewed;
  const auto open = MCP_TRY(store.open_runs());
  if (resume == 0 && !open.empty())
    return fail("apply #" + std::to_string(open.front().id) + " was interrupted and is still open", "finish it with `mcp resume`, or close it with `mcp resume --abandon`", 6);
  if (resume != 0 && (open.empty() || open.front().id != resume)) return fail("somebody else has ended apply #" + std::to_string(resume) + " meanwhile", "see what is left: mcp plan", 3);
  RunNote note;
  note.plan_bytes = plan_bytes(reviewed);
  note.row.plan = sha256(std::string_view(note.plan_bytes).substr(0, note.plan_bytes.find('\n') + 1));
  note.row.changes = sha256(changes_digest(plan));
  note.row.token = held.lock->token();
  note.row.cells = lock_row(request).cells;
  note.row.who = request.who;
  note.row.host = request.host;
  note.row.pid = request.pid;
  note.row.started_ms = request.now_ms;
  note.lock = held.lock->id();
  note.clock = request.clock;
  RunInput input;
  if (resume == 0)
    if (const auto finished = MCP_TRY(store.finished_run(note.row.plan))) input.finished_as = finished->id;
  if (held.sharing) {
    RunRow begun = note.row;
    begun.id = resume != 0 ? resume : MCP_TRY(store.serial()) + 1;
    begun.state = RunState::Open;
    input.announce = [&held, begun = std::move(begun), bytes = note.plan_bytes] { return held.sharing->publish(begun, bytes); };
    input.lease = &held.sharing->lease();
  } else {
    input.announce = [&store] { return note_apart(store); };
  }
  StoreJournal journal(store, std::move(note));
  input.plan = &plan;
  input.fleet = held.fleet.get();
  input.journal = &journal;
  input.token = held.lock->token();
  input.resume = resume;
  input.secrets = ready.secrets;
  input.interrupt = request.interrupt;
  input.observer = request.observer;
  Result<RunResult> ran = run_plan(input);
  if (!held.sharing || !ran || ran->run == 0) return ran;   // what was not begun was not told
  // What was done is done, whoever hears of it.
  const auto rest = MCP_TRY(store.open_runs());
  const std::string bytes = rest.empty() ? std::string() : MCP_TRY(store.plan(rest.front().plan));
  if (auto told = held.sharing->publish(rest.empty() ? std::nullopt : std::optional(rest.front()), bytes); !told) ran->unshared = told.error();
  return ran;
}

}  // namespace

Result<RunResult> apply_plan(const Plan& plan, const ApplyRequest& request) {
  if (!plan.blocked.empty()) return fail("the plan is blocked: " + text_of_blocks(plan), plan.blocked.front().hint, 5);
  const auto store = MCP_TRY(Store::open(request.state_dir, plan.project));
  return carry_out(*store, plan, request, 0);
}

Result<void> await_lock(const std::string& project, const ApplyRequest& request) {
  if (!request.fleet.mcp_cluster.empty())
    if (auto waited = await_lease(request.fleet, request.lock_timeout_ms); !waited) {
      if (request.interrupt != nullptr && request.interrupt->level() > 0) return fail("interrupted while waiting for the lock; nothing was changed", {}, 130);
      return waited;
    }
  const auto store = MCP_TRY(Store::open_existing(request.state_dir, project, Access::Write));
  if (!store) return {};
  (void)MCP_TRY(take_lock(*store, lock_row(request), request.lock_timeout_ms));
  return {};
}

Result<std::int64_t> open_run_number(const std::string& state_dir, const std::string& project) {
  const auto store = MCP_TRY(Store::open_existing(state_dir, project, Access::Read));
  if (!store) return std::int64_t{0};
  const auto runs = MCP_TRY(store->open_runs());
  return runs.empty() ? std::int64_t{0} : runs.front().id;
}

Result<std::optional<OpenRun>> open_run(const std::string& state_dir, const std::string& project) {
  const auto store = MCP_TRY(Store::open_existing(state_dir, project, Access::Read));
  if (!store) return std::optional<OpenRun>();
  const auto runs = MCP_TRY(store->open_runs());
  if (runs.empty()) return std::optional<OpenRun>();
  OpenRun out;
  out.run = runs.front().id;
  out.project = project;
  const std::string bytes = MCP_TRY(store->plan(runs.front().plan));
  auto file = read_plan(bytes);
  if (!file)
    return fail("the plan of apply #" + std::to_string(out.run) + " is damaged in the state: " + file.error().message,
                "close the apply, `mcp resume --abandon`, and see what is left: mcp plan", file.error().exit_code);
  out.plan = std::move(file->plan);
  return std::optional(std::move(out));
}

Result<RunResult> resume_run(const OpenRun& open, const ApplyRequest& request) {
  const auto store = MCP_TRY(Store::open(request.state_dir, open.project));
  return carry_out(*store, open.plan, request, open.run);
}

Result<void> abandon_run(const ApplyRequest& request, std::int64_t run) {
  const auto store = MCP_TRY(Store::open(request.state_dir, request.fleet.project));
  const Held held = MCP_TRY(hold(*store, request.fleet, request));
  auto txn = MCP_TRY(store->begin());
  for (RunRow& row : MCP_TRY(store->open_runs())) {
    if (row.id != run) return fail("somebody else has ended apply #" + std::to_string(run) + " meanwhile, and #" + std::to_string(row.id) + " is open", "see what is left: mcp plan", 3);
    row.state = RunState::Abandoned;
    MCP_TRY(store->end_run(row));
  }
  MCP_TRY(txn.commit());
  if (held.sharing) MCP_TRY(held.sharing->publish(std::nullopt, {}));
  return {};
}

Result<bool> catch_up(const ApplyRequest& request) {
  if (request.fleet.mcp_cluster.empty()) return false;
  const auto store = MCP_TRY(Store::open_existing(request.state_dir, request.fleet.project, Access::Write));
  if (!store || !MCP_TRY(owes_news(*store))) return false;
  const Held held = MCP_TRY(hold(*store, request.fleet, request));
  if (!MCP_TRY(owes_news(*store)) || !MCP_TRY(store->open_runs()).empty()) return false;   // somebody else was there first
  MCP_TRY(held.sharing->publish(std::nullopt, {}));
  return true;
}

}  // namespace mcp
