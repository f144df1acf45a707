#include "planner/pipeline/edges.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "lang/base/lines.hpp"
#include "planner/place/steps.hpp"

namespace mcp {

namespace {

class Connector {
 public:
  Connector(const PlanInput& input, const StepsOf& steps, Plan& plan) : in_(input), inventory_(*input.inventory), desired_(*input.desired), steps_(steps), plan_(plan) {}

  void objects() {
    // Creates and updates: after what they need, and after the join of their member.
    std::vector<std::uint32_t> entry_at(desired_.objects.size(), no_step);   // step by object, of the member at hand
    for (std::size_t begin = 0; begin < desired_.entries.size();) {
      std::size_t end = begin;
      const std::uint32_t cluster = desired_.entries[begin].member;
      while (end < desired_.entries.size() && desired_.entries[end].member == cluster) ++end;
      const std::uint32_t join = steps_.join[inventory_.index_of(desired_.members[cluster])];
      for (std::size_t e = begin; e < end; ++e) entry_at[desired_.bodies[desired_.entries[e].body].object] = steps_.entry[e];
      for (std::size_t e = begin; e < end; ++e) {
        const std::uint32_t step = steps_.entry[e];
        if (step == no_step) continue;
        const DesiredObject& o = desired_.object_of(desired_.entries[e]);
        bool waits = false;
        for (const std::uint32_t need : o.needs) {
          const std::uint32_t before = entry_at[need];
          if (before == no_step) continue;
          const Rank rank = desired_.objects[need].rank;
          edge(before, step, rank == Rank::Namespace ? EdgeReason::Namespace : rank == Rank::Guardrail || rank == Rank::Service ? EdgeReason::Order : EdgeReason::Reference);
          waits = true;
        }
        if (!waits) edge(join, step, EdgeReason::Order);
      }
      for (std::size_t e = begin; e < end; ++e) entry_at[desired_.bodies[desired_.entries[e].body].object] = no_step;
      begin = end;
    }
    // Deletes: whoever needed an object ends, or lets go of it, first.
    std::unordered_map<std::string, std::uint32_t> deleted;   // address with member
    for (std::size_t r = 0; r < in_.rows.size(); ++r) {
      const std::uint32_t step = steps_.row[r];
      if (step == no_step) continue;
      const Action action = plan_.steps[step].action;
      if (action == Action::Delete || action == Action::Forget) deleted.emplace(in_.rows[r].address.text(), step);
    }
    if (!deleted.empty())
      for (std::size_t r = 0; r < in_.rows.size(); ++r) {
        const std::uint32_t step = steps_.row[r];
        if (step == no_step) continue;
        for (const std::string& dep : split_lines(in_.rows[r].deps)) {
          const auto it = deleted.find(dep + "@" + in_.rows[r].ref.member);
          if (it == deleted.end()) continue;
          const Action action = plan_.steps[step].action;
          edge(step, it->second, action == Action::Delete || action == Action::Forget ? EdgeReason::Reverse : EdgeReason::Reference);
        }
      }
    // A member leaves when nothing of ours is left on it.
    for (std::size_t m = 0; m < steps_.leave.size(); ++m) {
      if (steps_.leave[m] == no_step) continue;
      const std::string& name = inventory_.members[m].name;
      const auto from = std::lower_bound(in_.rows.begin(), in_.rows.end(), name, [](const RecordedRow& r, const std::string& n) { return r.ref.member < n; });
      for (auto it = from; it != in_.rows.end() && it->ref.member == name; ++it)
        edge(steps_.row[static_cast<std::size_t>(it - in_.rows.begin())], steps_.leave[m], EdgeReason::Leave);
    }
  }

  /// Receivers are ready before donors shrink.
  void moves() {
    std::map<std::string, std::uint32_t> step_at;   // "workload.shop/web@c1"
    bool any = false;
    for (const WorkloadPlacement& placed : in_.placement->workloads) any = any || placed.moved > 0;
    if (!any) return;
    for (std::uint32_t s = 0; s < plan_.steps.size(); ++s)
      if (plan_.steps[s].address.kind == AddressKind::Workload) step_at.emplace(plan_.steps[s].address.text(), s);
    for (const WorkloadPlacement& placed : in_.placement->workloads) {
      if (placed.moved == 0) continue;
      const Declared* declared = in_.topology->find(placed.address);
      const Block* rollout = declared != nullptr ? declared->block->child(BlockKind::Rollout) : nullptr;
      const Value share = rollout != nullptr ? rollout->value(attr(BlockKind::Rollout, "surge")) : Value::string("25%");
      std::vector<std::uint32_t> before;
      for (const Stage& stage : stages(placed, surge_of(share, placed.replicas))) {
        std::vector<std::uint32_t> now;
        for (const std::uint32_t m : stage.members) {
          const auto it = step_at.find(placed.address.on(inventory_.members[m].name).text());
          if (it != step_at.end()) now.push_back(it->second);
        }
        for (const std::uint32_t from : before)
          for (const std::uint32_t to : now) edge(from, to, EdgeReason::Move);
        if (!now.empty()) before = std::move(now);
      }
    }
  }

 private:
  void edge(std::uint32_t from, std::uint32_t to, EdgeReason reason) {
    if (from == no_step || to == no_step || from == to) return;
    plan_.edges.push_back({from, to, reason});
  }

  const PlanInput& in_;
  const Inventory& inventory_;
  const Desired& desired_;
  const StepsOf& steps_;
  Plan& plan_;
};

}  // namespace

void connect_steps(const PlanInput& input, const StepsOf& steps, Plan& plan) {
  Connector connector(input, steps, plan);
  connector.objects();
  connector.moves();
}

}  // namespace mcp
