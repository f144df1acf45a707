#include <algorithm>
#include <cstdio>
#include <map>

#include "cli/commands/lock.hpp"
#include "cli/commands/planning.hpp"
#include "executor/engine/room.hpp"
#include "lang/base/lasting.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

const char* reach_text(Reach reach) {
  switch (reach) {
    case Reach::Answered: return "answers";
    case Reach::Unreachable: return "unreachable";
    case Reach::Refused: return "refuses us";
    case Reach::NeverReached: return "never reached";
  }
  return "";
}

/// "room for 97 Pods, 3.5 cpu, 12.4 GiB on 3 nodes"
std::string room_text(const MemberRoom& room) {
  char sizes[96];
  std::snprintf(sizes, sizeof sizes, "%.1f cpu, %.1f GiB", static_cast<double>(room.cpu_milli) / 1000, static_cast<double>(room.memory) / (1024.0 * 1024 * 1024));
  return "room for " + std::to_string(room.pods) + " Pods, " + sizes + " on " + std::to_string(room.nodes) + (room.nodes == 1 ? " node" : " nodes");
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

}  // namespace

int run_status(Context& context) {
  const Options& options = context.options;
  Project& project = lasting(open_project(project_options(options)));
  if (options.json) context.terminal.out(version_record());
  Outcome_& outcome = lasting(plan_project(context, project, plan_request(options)));
  if (outcome.code != 0) return outcome.code;
  const Planned& planned = outcome.planned;
  auto state = read_state(project.state_dir, project.id());
  if (!state) return report(context, state.error());
  LeaseView lease;
  if (!project.loaded.topology.mcp_cluster.empty() && planned.shared_problem.empty())
    if (const auto view = look_at_lease(fleet_options(project))) lease = *view;
  auto ready = ready_replicas(project);
  if (!ready) return report(context, ready.error());
  std::map<std::string, MemberRoom> rooms;
  if (options.capacity) {
    auto observed = observe_room(project);
    if (!observed) return report(context, observed.error());
    rooms = *std::move(observed);
  }
  std::map<std::string, std::int64_t> replicas_on;
  for (const RecordedRow& row : state->rows)
    if (row.replicas > 0) replicas_on[row.ref.member] += row.replicas;
  const std::size_t drifted = planned.plan.drift.size();
  if (options.json) {
    for (const PlannedMember& m : planned.members) {
      const auto it = std::find_if(planned.plan.members.begin(), planned.plan.members.end(), [&](const PlanMember& p) { return p.name == m.name; });
      MapBuilder b;
      b.set("type", "member").set("name", std::string_view(m.name)).set("reach", reach_text(m.reach)).set("version", std::string_view(m.version)).set("replicas", replicas_on[m.name]);
      if (it != planned.plan.members.end()) b.set("cloud", std::string_view(it->cloud)).set("region", std::string_view(it->region)).set("joined", it->joined).set("lost", it->lost).set("capacity", it->capacity ? Value::integer(*it->capacity) : Value());
      if (const auto room = rooms.find(m.name); room != rooms.end())
        b.set("room", MapBuilder().set("nodes", room->second.nodes).set("pods", room->second.pods).set("cpu_milli", room->second.cpu_milli).set("memory", room->second.memory).build());
      context.terminal.out(to_json(b.build()) + "\n");
    }
    for (const PlacementRow& p : planned.plan.placement) {
      std::vector<Entry> clusters;
      for (const auto& s : p.shares) {
        const auto r = ready->find({p.address.text(), s.member});
        clusters.push_back(entry(s.member, MapBuilder().set("wanted", s.before).set("ready", r == ready->end() ? Value() : Value::integer(r->second)).build()));
      }
      context.terminal.out(to_json(MapBuilder().set("type", "workload").set("address", std::string_view(p.address.text())).set("clusters", Value::map(std::move(clusters))).set("unplaced", p.unplaced).build()) + "\n");
    }
    if (!state->runs.empty()) {
      const RunRow& run = state->runs.front();
      context.terminal.out(to_json(MapBuilder().set("type", "apply").set("number", run.id).set("result", to_string(run.state)).set("who", std::string_view(run.who)).set("started_ms", run.started_ms).set("plan", std::string_view(run.plan.hex())).build()) + "\n");
    }
    for (const LockRow& lock : state->locks)
      context.terminal.out(lock_record(lock));
    if (!lease.holder.empty()) context.terminal.out(lock_record(lease));
    return exits::ok;
  }
  std::size_t width = 8;
  for (const PlannedMember& m : planned.members) width = std::max(width, m.name.size());
  for (const PlacementRow& p : planned.plan.placement) width = std::max(width, p.address.text().size());
  width = std::min<std::size_t>(width, 44);
  std::string text = "CLUSTERS\n";
  for (const PlannedMember& m : planned.members) {
    const auto it = std::find_if(planned.plan.members.begin(), planned.plan.members.end(), [&](const PlanMember& p) { return p.name == m.name; });
    std::string state_text = reach_text(m.reach);
    if (it != planned.plan.members.end()) {
      if (it->lost) state_text = "lost";
      else if (!it->joined) state_text += ", not joined";
      else if (it->leaving) state_text += ", leaves";
      else if (it->drains) state_text += ", drains";
    }
    text += "  " + padded(m.name, width) + "  " + padded(state_text, 22) + "  " + std::to_string(replicas_on[m.name]) + (it != planned.plan.members.end() && it->capacity ? " of " + std::to_string(*it->capacity) : "") + " replicas\n";
    if (options.capacity) {
      const auto room = rooms.find(m.name);
      text += "  " + std::string(width, ' ') + "  " + (room == rooms.end() ? "its nodes were not told" : room_text(room->second)) + "\n";
    }
  }
  if (!planned.plan.placement.empty()) {
    text += "\nWORKLOADS" + std::string(width > 7 ? width - 7 : 1, ' ') + "  ready/wanted\n";
    for (const PlacementRow& p : planned.plan.placement) {
      std::string line = "  " + padded(p.address.text(), width);
      std::string rest;
      for (const auto& s : p.shares) {
        if (s.before == 0) continue;
        const auto r = ready->find({p.address.text(), s.member});
        const std::string cell = "  " + s.member + " " + (r == ready->end() ? std::string("?") : std::to_string(r->second)) + "/" + std::to_string(s.before);
        if (line.size() + cell.size() > 80) {
          text += line + "\n";
          line = "  " + std::string(width, ' ');
        }
        line += cell;
      }
      text += line + "\n";
    }
  }
  text += "\n";
  if (state->runs.empty()) {
    text += "No apply yet.\n";
  } else {
    const RunRow& run = state->runs.front();
    text += "Last apply #" + std::to_string(run.id) + ": " + std::string(to_string(run.state)) + ", " + utc_text(run.started_ms) + ", by " + visible(run.who) + ".\n";
    if (run.state == RunState::Open) text += !lease.holder.empty() ? "It is open, and " + visible(lease.holder) + " holds the lock.\n" : "It is still open: `mcp resume` goes on with it.\n";
  }
  text += drifted == 0 ? "No drift.\n" : std::to_string(drifted) + (drifted == 1 ? " object has" : " objects have") + " drifted: mcp drift\n";
  if (!planned.plan.empty()) text += std::to_string(planned.plan.steps.size()) + (planned.plan.steps.size() == 1 ? " change is" : " changes are") + " planned: mcp plan\n";
  for (const LockRow& lock : state->locks) text += lock_text(lock);
  if (!lease.holder.empty()) text += lock_text(lease);
  context.terminal.out(text);
  return exits::ok;
}

}  // namespace mcp
