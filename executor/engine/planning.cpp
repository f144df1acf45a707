#include "executor/engine/planning.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "executor/fleet/asking.hpp"
#include "executor/engine/drivers.hpp"
#include "executor/engine/existing.hpp"
#include "executor/engine/refresh.hpp"
#include "executor/engine/sharing.hpp"
#include "executor/engine/trial.hpp"
#include "executor/run/resume.hpp"
#include "executor/run/secrets.hpp"
#include "executor/run/settle.hpp"
#include "lang/base/large.hpp"
#include "lang/tree/source_tree.hpp"
#include "planner/store/store.hpp"

namespace mcp {

namespace {

class Phases {
 public:
  explicit Phases(std::map<std::string, double>& to) : to_(to), last_(std::chrono::steady_clock::now()) {}
  void end(const char* name) {
    const auto now = std::chrono::steady_clock::now();
    to_[name] += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }

 private:
  std::map<std::string, double>& to_;
  std::chrono::steady_clock::time_point last_;
};

/// A state folder that holds only states of other projects: the policy has lost its name, or its files.
Result<void> refuse_foreign_state(const Project& project) {
  const auto there = Store::projects(project.state_dir);
  if (there.empty() || std::find(there.begin(), there.end(), project.id()) != there.end()) return {};
  if (project.loaded.topology.project_declared) {
    // A new project or environment beside others is ordinary; an emptied one is not.
    if (!project.loaded.topology.clusters.empty()) return {};
  }
  std::string names;
  for (const std::string& name : there) names.append(names.empty() ? "" : ", ").append(name);
  return fail("this is project " + project.id() + ", and the state here is of " + names,
              "state the project's name again, `mcp " + there.front() + " { .. }`, or use another state folder", 5);
}

/// What can be read now, keyed: for the plan to show whether a secret changes, and for apply to hold it to that.
std::map<SecretKey, std::string> fingerprints(const Project& project, const std::vector<SecretUse>& secrets, const std::string& key) {
  std::map<SecretKey, std::string> out;
  const SecretWorld world = secret_world(project.dir);
  for (const SecretUse& use : secrets) {
    const auto value = resolve_secret(use.address, use.key, use.parts, world);
    if (!value) continue;
    out.emplace(SecretKey{use.address, use.key}, fingerprint(key, use.address.text(), use.key, *value));
  }
  return out;
}

/// Rows of objects that were not ready when last looked at, and are now.
Result<void> notice_ready(Store& store, Fleet& fleet, std::vector<RecordedRow>& rows, const std::vector<RefreshedMember>& members) {
  Asking<RecordedRow*> asking(fleet);
  for (RecordedRow& row : rows) {
    if (!row.unready) continue;
    const auto m = std::lower_bound(members.begin(), members.end(), row.ref.member, [](const RefreshedMember& a, const std::string& name) { return a.name < name; });
    if (m == members.end() || m->name != row.ref.member || m->reach != Reach::Answered) continue;
    asking.ask(&row, row.ref.member, Read{row.ref});
  }
  while (auto answer = asking.next()) {
    RecordedRow& row = *answer->about;
    const auto* got = std::get_if<Done>(&answer->outcome);
    if (got == nullptr || got->object.is_null() || uid_of(got->object) != row.uid) continue;
    if (readiness(ready_rule(row.ref.api, row.ref.kind), got->object, 0).state != Readiness::State::Ready) continue;
    row.unready = false;
    if (!store.read_only()) MCP_TRY(store.set_ready(row.ref));
  }
  return {};
}

/// Names of those that answered, sorted.
std::vector<std::string> answering(const std::vector<PlannedMember>& members) {
  std::vector<std::string> out;
  for (const PlannedMember& m : members)
    if (m.reach == Reach::Answered) out.push_back(m.name);
  return out;
}

/// Who did not say what stands where the plan wants something is written to by a later plan.
void defer_member(Planned& planned, const std::string& name, const std::string& why) {
  Inventory& inventory = planned.evaluated.inventory;
  if (const std::size_t at = inventory.index_of(name); at != Inventory::npos) inventory.members[at].reach = Reach::Refused;
  for (PlannedMember& m : planned.members)
    if (m.name == name) {
      m.reach = Reach::Refused;
      m.detail = why;
    }
}

/// Puts `more` among `rows`, both in row order; of equal ones the new one stays.
void merge_rows(std::vector<ObservedRow>& rows, std::vector<ObservedRow> more) {
  const auto before = [](const ObservedRow& a, const ObservedRow& b) { return row_before(a.ref, b.ref); };
  std::erase_if(rows, [&](const ObservedRow& row) { return std::binary_search(more.begin(), more.end(), row, before); });
  const auto middle = static_cast<std::ptrdiff_t>(rows.size());
  std::move(more.begin(), more.end(), std::back_inserter(rows));
  std::inplace_merge(rows.begin(), rows.begin() + middle, rows.end(), before);
}

}  // namespace

FleetOptions fleet_options(const Project& project, const std::vector<RecordedMember>& recorded) {
  FleetOptions out;
  out.driver = project.loaded.topology.driver == Driver::Sim ? "sim" : "kubernetes";
  out.state_dir = project.state_dir;
  out.project = project.id();
  out.connection = project.connection;
  out.mcp_cluster = project.loaded.topology.mcp_cluster;
  for (const RecordedMember& m : recorded)
    if (project.loaded.topology.cluster_index(m.name) == Topology::npos) add_member(out, m.name, m.row);
  for (const auto& cluster : project.loaded.topology.clusters) add_member(out, cluster.name, cluster.row);
  return out;
}

SecretWorld secret_world(const std::string& dir) {
  SecretWorld world;
  world.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  const std::shared_ptr<SourceTree> tree = folder_tree(dir);
  world.file = [tree](const std::string& path) -> Result<std::string> {
    auto bytes = tree->read(path, 4U << 20U);
    if (!bytes) return fail(bytes.error().detail);
    return std::move(*bytes);
  };
  return world;
}

Result<Planned> make_plan(Project& project, const PlanRequest& request) {
  Planned out;
  if (!project.loaded.ok()) return out;
  Phases phases(out.seconds);
  const std::string id = project.id();
  MCP_TRY(refuse_foreign_state(project));
  Fetched fetched;
  if (request.refresh != Refresh::None && request.may_write) fetched = MCP_TRY(fetch_shared(fleet_options(project)));
  out.shared_problem = fetched.problem;
  // A state that cannot be written can still be read: a plan is shown, and nothing is cached.
  std::unique_ptr<Store> store;
  {
    auto opened = Store::open_existing(project.state_dir, id, request.may_write ? Access::Write : Access::Read);
    if (!opened && request.may_write) opened = Store::open_existing(project.state_dir, id, Access::Read);
    store = MCP_TRY(std::move(opened));
  }
  PlanInput input;
  if (fetched.answered || !fetched.problem.empty()) out.recorded.mcp_cluster = fetched.answered;   // else it was not asked
  if (store) {
    give_back_memory();   // reading the policy has left much of it, and rows are one large array
    out.recorded.exists = true;
    input.rows = MCP_TRY(store->recorded());
    out.recorded.members = MCP_TRY(store->members());
    for (const RecordedRow& row : input.rows) {
      if (row.ref.kind == "Namespace") out.recorded.namespaces.emplace(row.ref.member, row.ref.name);
      if (row.replicas >= 0 && row.address.kind == AddressKind::Workload) out.recorded.replicas[row.address.declared()][row.ref.member] = row.replicas;
    }
    out.recorded.divisions = MCP_TRY(store->divisions());
    input.serial = MCP_TRY(store->serial());
    if (const auto open = MCP_TRY(store->open_runs()); !open.empty()) out.open_apply = open.front().id;
  }
  phases.end("read state");
  // ---- look at the members
  std::vector<std::string> names;
  for (const auto& cluster : project.loaded.topology.clusters) names.push_back(cluster.name);
  for (const RecordedMember& m : out.recorded.members) names.push_back(m.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const auto fleet = MCP_TRY(make_fleet(fleet_options(project, out.recorded.members)));
  const RefreshMode mode = request.refresh == Refresh::All ? RefreshMode::All : request.refresh == Refresh::None ? RefreshMode::None : RefreshMode::Changed;
  Refreshed seen = MCP_TRY(refresh(store.get(), input.rows, *fleet, id, names, mode, request.now_ms));
  for (const RefreshedMember& m : seen.members) {
    out.recorded.reach[m.name] = m.reach;
    if (m.failures > 0) out.recorded.failures[m.name] = {m.failures, m.failing_ms};
    out.members.push_back({m.name, m.reach, m.identity, m.version, m.detail});
    input.found.push_back({m.name, m.reach, m.identity});
  }
  if (store && mode != RefreshMode::None) MCP_TRY(notice_ready(*store, *fleet, input.rows, seen.members));
  for (const std::string& lost : request.options.lost) {
    const auto it = std::find_if(seen.members.begin(), seen.members.end(), [&](const RefreshedMember& m) { return m.name == lost; });
    if (it == seen.members.end()) return fail("there is no cluster `" + lost + "` to be lost", "name one of the project's clusters");
    if (it->reach == Reach::Answered && mode != RefreshMode::None)
      return fail("cluster " + lost + " answers, so it is not lost", "drain it instead: `drain = true`");
  }
  phases.end("refresh");
  // ---- place and model
  const std::vector<SecretUse> uses = collect_secrets(project.loaded.topology);
  if (!uses.empty()) {
    std::optional<std::string> key = MCP_TRY(read_secret_key(project.state_dir));
    if (!key && request.may_write) key = MCP_TRY(secret_key(project.state_dir));
    if (key) input.fingerprints = fingerprints(project, uses, *key);
    // A source that cannot be read now keeps the recorded value.
    if (store)
      for (const RecordedRow& row : input.rows) {
        if (row.ref.kind != "Secret") continue;
        const Value body = MCP_TRY(store->body(row.body));
        const Value* data = body.find("data");
        if (data == nullptr || !data->is_map()) continue;
        for (const Entry& e : data->entries())
          if (const Value* print = e.value.find("$secret"); print != nullptr && print->is_string() && print->size() > 0)
            input.fingerprints.emplace(SecretKey{row.address.declared(), std::string(e.name())}, std::string(print->as_string()));
      }
  }
  EvaluateOptions how;
  how.lost = request.options.lost;
  how.fingerprints = &input.fingerprints;
  how.destroy = request.options.destroy;
  out.evaluated = evaluate(project.loaded, out.recorded, how);
  phases.end("place and model");
  if (!project.loaded.ok()) return out;
  // ---- compare
  input.topology = &project.loaded.topology;
  input.sources = project.loaded.sources.get();
  input.inventory = &out.evaluated.inventory;
  input.placement = &out.evaluated.placement;
  input.desired = &out.evaluated.desired;
  input.members = out.recorded.members;
  input.observed = std::move(seen.observed);
  if (mode != RefreshMode::None) {
    Existing existing = find_existing(*fleet, id, out.evaluated.desired, input.rows, answering(out.members));
    for (const auto& [name, why] : existing.unclear) defer_member(out, name, why);
    merge_rows(input.observed, std::move(existing.rows));
  }
  input.body = [&](const Digest& digest) -> Result<Value> { return store->body(digest); };
  input.secrets = out.evaluated.secrets;
  input.division_inputs = out.evaluated.division_inputs;
  input.files = project.loaded.files;
  input.project = id;
  input.mcp_version = request.mcp_version;
  input.options = request.options;
  out.plan = MCP_TRY(assemble(input));
  if (mode != RefreshMode::None) try_on_servers(*fleet, out.plan);
  phases.end("compare and order");
  out.valid = true;
  return out;
}

Result<std::map<std::pair<std::string, std::string>, std::int64_t>> ready_replicas(const Project& project) {
  std::map<std::pair<std::string, std::string>, std::int64_t> out;
  const auto store = MCP_TRY(Store::open_existing(project.state_dir, project.id(), Access::Read));
  if (!store) return out;
  const auto fleet = MCP_TRY(make_fleet(fleet_options(project, MCP_TRY(store->members()))));
  Asking<std::pair<std::string, std::string>> asking(*fleet);
  MCP_TRY(store->each_recorded([&](RecordedRow& row) {
    if (row.replicas >= 0) asking.ask({row.address.declared().text(), row.ref.member}, row.ref.member, Read{row.ref});
  }));
  while (auto answer = asking.next())
    if (const auto* d = std::get_if<Done>(&answer->outcome)) {
      const Value* ready = d->object.is_null() ? nullptr : d->object.at("status", "readyReplicas");
      out[answer->about] = ready != nullptr && ready->is_int() ? ready->as_int() : 0;
    }
  return out;
}

}  // namespace mcp
