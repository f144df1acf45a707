#include "planner/pipeline/assemble.hpp"

#include <algorithm>

#include "lang/base/large.hpp"
#include "lang/base/lines.hpp"
#include "planner/diff/fields.hpp"
#include "planner/pipeline/edges.hpp"
#include "planner/pipeline/join.hpp"
#include "planner/pipeline/reading.hpp"
#include "planner/diff/normalize.hpp"
#include "planner/model/trace.hpp"
#include "planner/order/graph.hpp"
#include "planner/pipeline/verdicts.hpp"

namespace mcp {

namespace {

class Assembler {
 public:
  explicit Assembler(const PlanInput& input) : in_(input), topology_(*input.topology), inventory_(*input.inventory), desired_(*input.desired) {}

  Result<Plan> run() {
    plan_.mcp_version = in_.mcp_version;
    plan_.project = in_.project;
    plan_.driver = topology_.driver == Driver::Sim ? "sim" : "kubernetes";
    plan_.mcp_cluster = topology_.mcp_cluster;
    plan_.files = in_.files;
    plan_.base_serial = in_.serial;
    plan_.destroy = in_.options.destroy;
    plan_.allow = in_.options.allow;
    for (const std::string& name : in_.options.lost) plan_.allow["lost " + name] = "";
    for (const std::string& name : in_.options.adopt) plan_.allow["adopt " + name] = "";
    for (const std::string& name : in_.options.forget) plan_.allow["forget " + name] = "";
    plan_.limits["max_deletes"] = topology_.limits.max_deletes;
    plan_.limits["max_moved"] = topology_.limits.max_moved;
    plan_.limits["max_clusters"] = topology_.limits.max_clusters;
    plan_.objects = static_cast<std::int64_t>(desired_.entries.size());
    members();
    placement();
    MCP_TRY(objects());
    sort_for_reading(desired_, steps_, plan_);
    connect_steps(in_, steps_, plan_);
    plan_.policy = policy_digest();
    plan_.inventory = inventory_digest();
    std::vector<std::uint32_t> moved_to;
    MCP_TRY(order_steps(plan_.steps, plan_.edges, moved_to));
    for (Change& change : plan_.changes) change.step = moved_to[change.step];
    secrets();
    judge(in_, plan_);
    return std::move(plan_);
  }

 private:
  struct MemberWork {
    const Member* member = nullptr;
    bool recorded = false;
    bool reachable = false;
    bool lost = false;
    bool joins = false;
    bool leaves = false;
    std::string identity;
    std::uint32_t deferred = 0;
  };

  Where where(Span span) const {
    Where out;
    if (!span.known() || in_.sources == nullptr || in_.sources->file_at(span.begin) == nullptr) return out;
    // Many changes come from one line: the last answer is kept.
    if (span == last_span_) return last_where_;
    const Place place = in_.sources->locate(span.begin);
    out = {std::string(place.file), place.line, place.column};
    last_span_ = span;
    last_where_ = out;
    return out;
  }

  static std::string origin_text(const Where& w) { return w.line == 0 ? std::string() : w.file + ":" + std::to_string(w.line) + ":" + std::to_string(w.column); }

  void members() {
    for (std::size_t i = 0; i < inventory_.members.size(); ++i) {
      const Member& m = inventory_.members[i];
      names_.push_back(m.name);
      MemberWork w;
      w.member = &m;
      const auto recorded = std::lower_bound(in_.members.begin(), in_.members.end(), m.name, [](const RecordedMember& r, const std::string& n) { return r.name < n; });
      w.recorded = recorded != in_.members.end() && recorded->name == m.name;
      w.reachable = m.reach == Reach::Answered;
      w.lost = i < in_.placement->lost.size() && in_.placement->lost[i];
      if (m.said_lost) w.lost = true;
      w.leaves = m.leaving || (in_.options.destroy && w.recorded);
      w.joins = !w.recorded && !w.leaves && w.reachable && !in_.options.destroy;
      w.identity = w.recorded ? recorded->identity : std::string();
      const std::size_t cluster = topology_.cluster_index(m.name);
      PlanMember p;
      p.name = m.name;
      if (cluster != Topology::npos) {
        p.row = topology_.clusters[cluster].row;
        p.cloud = p.row.text_or("cloud", "");
        p.region = p.row.text_or("region", "");
      } else if (w.recorded) {
        p.row = recorded->row;
        p.cloud = p.row.text_or("cloud", "");
        p.region = p.row.text_or("region", "");
      }
      if (m.capacity.pods) p.capacity = m.capacity.pods;
      p.joined = w.recorded;
      p.leaving = w.leaves;
      p.drains = m.drain;
      p.answered = w.reachable;
      p.lost = w.lost;
      p.identity = i < in_.found.size() && !in_.found[i].identity.empty() ? in_.found[i].identity : w.identity;
      plan_.members.push_back(std::move(p));
      work_.push_back(w);
    }
    steps_.join.assign(work_.size(), no_step);
    steps_.leave.assign(work_.size(), no_step);
    for (MemberWork& w : work_) {
      if (!w.joins) continue;
      Step step;
      step.action = Action::Join;
      step.address.kind = AddressKind::Cluster;
      step.address.name = w.member->name;
      Change change;
      change.reason = Reason::New;
      change.origin = where(w.member->origin.span);
      step.origin = origin_text(change.origin);
      const std::size_t cluster = topology_.cluster_index(w.member->name);
      if (cluster != Topology::npos) step.protect = topology_.clusters[cluster].block->value(attr(BlockKind::Cluster, "protect")).as_bool();
      steps_.join[static_cast<std::size_t>(&w - work_.data())] = add(std::move(step), std::move(change));
    }
  }

  void placement() {
    plan_.placement.reserve(in_.placement->workloads.size());
    for (const WorkloadPlacement& placed : in_.placement->workloads) {
      PlacementRow row;
      row.address = placed.address;
      row.unplaced = placed.unplaced;
      row.moved = placed.moved;
      if (const auto it = in_.division_inputs.find(placed.address); it != in_.division_inputs.end()) row.inputs = it->second;
      for (const Share& share : placed.shares)
        if (share.before > 0 || share.after > 0 || share.state == MemberState::Open || share.state == MemberState::Hold)
          row.shares.push_back({inventory_.members[share.member].name, share.before, share.after});
      std::sort(row.shares.begin(), row.shares.end(), [](const auto& a, const auto& b) { return a.member < b.member; });
      plan_.placement.push_back(std::move(row));
    }
    // Workloads that are gone from the policy: their replicas end.
    std::map<Address, PlacementRow> gone;
    for (const RecordedRow& row : in_.rows) {
      if (row.replicas < 0 || row.address.kind != AddressKind::Workload) continue;
      const Address declared = row.address.declared();
      if (in_.placement->find(declared) != nullptr) continue;
      PlacementRow& p = gone[declared];
      p.address = declared;
      const std::size_t m = inventory_.index_of(row.ref.member);
      if (m < work_.size() && work_[m].lost) continue;
      p.shares.push_back({row.ref.member, row.replicas, m < work_.size() && !work_[m].reachable ? row.replicas : 0});
    }
    for (auto& [address, row] : gone) {
      std::sort(row.shares.begin(), row.shares.end(), [](const auto& a, const auto& b) { return a.member < b.member; });
      plan_.placement.push_back(std::move(row));
    }
    std::sort(plan_.placement.begin(), plan_.placement.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
  }

  std::uint32_t add(Step step, Change change) {
    const auto number = static_cast<std::uint32_t>(plan_.steps.size());
    change.step = number;
    plan_.steps.push_back(std::move(step));
    plan_.changes.push_back(std::move(change));
    return number;
  }

  Result<Value> recorded_body(const RecordedRow& row) { return in_.body(row.body); }

  Result<void> objects() {
    const Joined joined = join(std::span<const std::string>(names_), desired_, in_.rows, in_.observed);
    plan_.unchanged = joined.unchanged;
    const std::size_t most = joined.met.size() + 2 * work_.size();   // a member may join or leave, too
    reserve_large(plan_.steps, most);
    reserve_large(plan_.changes, most);
    // The steps of each member's objects, for edges: by entry and by row.
    steps_.entry.assign(desired_.entries.size(), no_step);
    steps_.row.assign(in_.rows.size(), no_step);
    for (const Met& met : joined.met) {
      MemberWork& w = work_[met.member];
      if (w.lost) continue;                       // its objects are left alone
      if (!w.reachable) {
        const bool stays = met.what == Finding::Drifted || met.what == Finding::Unready;
        if (!stays) ++w.deferred;
        continue;
      }
      if (!w.recorded && !w.joins) continue;
      switch (met.what) {
        case Finding::Missing: MCP_TRY(missing(met, w)); break;
        case Finding::Surplus: surplus(met, w); break;
        case Finding::Changed: MCP_TRY(changed(met, w)); break;
        case Finding::Drifted: MCP_TRY(drifted(met, w)); break;
        case Finding::Unready: as_recorded(met, w); break;
      }
    }
    for (MemberWork& w : work_) {
      const bool new_and_silent = !w.recorded && !w.reachable && !w.leaves && !in_.options.destroy;
      if (!w.lost && !w.reachable && (w.deferred > 0 || new_and_silent || (w.leaves && w.recorded)))
        plan_.deferred.push_back({w.member->name, w.member->reach == Reach::Refused ? "refuses us" : "unreachable", w.deferred + (new_and_silent || w.leaves ? 1U : 0U)});
      if (w.lost && new_and_silent) plan_.deferred.push_back({w.member->name, "unreachable", 1});
      if (!w.leaves || !w.recorded || !w.reachable) continue;
      Step step;
      step.action = Action::Leave;
      step.address.kind = AddressKind::Cluster;
      step.address.name = w.member->name;
      step.identity = w.identity;
      Change change;
      change.reason = Reason::Removed;
      change.why = in_.options.destroy ? "everything is destroyed" : "no longer stated";
      steps_.leave[static_cast<std::size_t>(&w - work_.data())] = add(std::move(step), std::move(change));
    }
    return {};
  }

  Step base_step(Action action, const ObjectRef& ref, const Address& address, const MemberWork& w) {
    Step step;
    step.action = action;
    step.ref = ref;
    step.address = address;
    step.identity = w.recorded ? w.identity : std::string();
    return step;
  }

  ObjectRef ref_of(const DesiredEntry& entry) const {
    const DesiredObject& o = desired_.object_of(entry);
    return {desired_.members[entry.member], o.api, o.kind, o.ns, o.name};
  }

  void fill(Step& step, const DesiredEntry& entry) {
    const DesiredObject& o = desired_.object_of(entry);
    const DesiredBody& body = desired_.bodies[entry.body];
    step.body = body.value;
    step.after = body.value.digest();
    step.replicas = body.replicas;
    step.wait_ready = o.wait_ready;
    step.deadline_ms = o.deadline_ms;
    step.protect = o.protect;
    step.origin = origin_text(where(o.origin.span));
    for (const std::uint32_t need : o.needs) add_line(step.deps, desired_.objects[need].address.text());
  }

  bool ours_elsewhere(const Address& address) {
    // The workload stands on another member already: this is a placement, not something new.
    if (placed_before_.empty() && !built_placed_) {
      built_placed_ = true;
      for (const RecordedRow& row : in_.rows) placed_before_.insert(row.address.declared());
    }
    return placed_before_.contains(address);
  }

  Result<void> missing(const Met& met, MemberWork& w) {
    const DesiredEntry& entry = desired_.entries[met.entry];
    const DesiredObject& o = desired_.object_of(entry);
    const Address address = o.address.on(desired_.members[entry.member]);
    Step step = base_step(Action::Create, ref_of(entry), address, w);
    fill(step, entry);
    Change change;
    change.origin = where(o.origin.span);
    const bool before = ours_elsewhere(o.address);
    change.reason = !before ? Reason::New : o.rank == Rank::Workload ? Reason::Placed : Reason::Follows;
    const WorkloadPlacement* placed = o.address.kind == AddressKind::Workload ? in_.placement->find(o.address) : nullptr;
    if (placed != nullptr && placed->replaced > 0) change.reason = Reason::Lost;
    if (met.observed != no_index) {
      const ObservedRow& seen = in_.observed[met.observed];
      if (seen.deleting) {
        change.why = "a namesake is being deleted";
      } else if (!seen.uid.empty()) {
        step.action = Action::Adopt;
        step.uid = seen.uid;
        const Value there = owned_fields(o.kind, step.body, seen.fields);
        step.before = there.digest();
        for (const FieldDifference& d : compare_fields(o.kind, there, step.body)) change.fields.push_back(field_change(o, d));
        change.why = seen.ours ? "ours, but not recorded" : "exists already";
        takeovers(step, change, seen);
        if (!seen.ours) block_unless_adopted(address, change.origin);
      }
    }
    steps_.entry[met.entry] = add(std::move(step), std::move(change));
    return {};
  }

  /// What others made is taken over only by those who name it.
  void block_unless_adopted(const Address& address, const Where& origin) {
    const std::string declared = address.declared().text();
    const auto& adopt = in_.options.adopt;
    if (adopt.contains("all") || adopt.contains(address.text()) || adopt.contains(declared)) return;
    plan_.blocked.push_back({BlockedBy::Foreign, address.text() + " exists already, and is not this project's", "take it over: mcp plan --adopt " + declared, origin});
  }

  FieldChange field_change(const DesiredObject& o, const FieldDifference& d) {
    FieldChange out;
    out.path = d.path.text();
    out.had = d.before != nullptr;
    out.has = d.after != nullptr;
    if (d.before != nullptr) out.before = *d.before;
    if (d.after != nullptr) out.after = *d.after;
    const Traced traced = trace_field(topology_, o.address, d.path);
    out.origin = where(traced.origin.span);
    return out;
  }

  /// Fields that change and that others hold: they are taken from them, which the plan shows.
  static void takeovers(Step& step, const Change& change, const ObservedRow& seen) {
    for (const FieldChange& f : change.fields)
      for (const FieldOwner& owner : seen.owners)
        if (is_within(owner.field, f.path) || is_within(f.path, owner.field)) {
          const bool known = std::any_of(step.takeovers.begin(), step.takeovers.end(), [&](const Takeover& t) { return t.field == owner.field && t.manager == owner.manager; });
          if (!known) step.takeovers.push_back({owner.field, owner.manager});
        }
  }

  /// Why an object that is not wanted on this member any more goes.
  std::pair<Reason, std::string> why_gone(const RecordedRow& row, const MemberWork& w) const {
    if (in_.options.destroy) return {Reason::Removed, "everything is destroyed"};
    if (w.member->leaving) return {Reason::Removed, "the cluster leaves"};
    Address block = row.address.declared();
    const bool manifest = block.kind == AddressKind::Manifest;
    const bool derived = block.kind == AddressKind::Namespace && !block.part.empty();
    const std::string part = block.part;
    block.part.clear();
    const Declared* declared = topology_.find(block);
    if (declared == nullptr) return {Reason::Removed, "no longer stated"};
    if (derived) return {Reason::Changed, part == "isolation" ? "no longer isolated" : "no longer bounded"};
    if (block.kind == AddressKind::Workload) {
      if (w.member->drain) return {Reason::Drain, "the cluster drains"};
      if (w.member->was_lost) return {Reason::Lost, "its replicas stand elsewhere"};
      return {Reason::Placed, "placed elsewhere"};
    }
    if (manifest) {
      // The object may have left the text, or its workload the cluster.
      for (const DesiredObject& o : desired_.objects)
        if (o.address == row.address.declared()) return {Reason::Follows, "its workload has left"};
      return {Reason::Removed, "no longer in the manifest"};
    }
    if (block.kind == AddressKind::Service) return {Reason::Follows, "its target has left"};
    if (block.kind == AddressKind::Config || block.kind == AddressKind::Secret) return {Reason::Follows, "no longer used here"};
    return {Reason::Follows, "nothing of it is left here"};
  }

  void surplus(const Met& met, MemberWork& w) {
    const RecordedRow& row = in_.rows[met.row];
    const bool gone = met.observed != no_index && in_.observed[met.observed].uid.empty();
    const bool forget = in_.options.forget.contains(row.address.text()) || in_.options.forget.contains(row.address.declared().text());
    Step step = base_step(gone || forget ? Action::Forget : Action::Delete, row.ref, row.address, w);
    step.uid = row.uid;
    step.before = met.observed != no_index && !gone ? in_.observed[met.observed].owned : row.owned;
    step.protect = row.protect;
    step.deps = row.deps;
    step.origin = row.origin;
    Change change;
    std::tie(change.reason, change.why) = why_gone(row, w);
    if (gone) change.why = "gone already";
    if (forget) change.why = "forgotten, the object stays";
    if (row.protect && !forget && !gone) {
      const std::string text = row.address.text() + " is protected and would be deleted";
      plan_.blocked.push_back({BlockedBy::Protect, text, "apply `protect = false` first, then remove the block", {}});
    }
    steps_.row[met.row] = add(std::move(step), std::move(change));
  }

  /// Records what changed outside; false: nothing has.
  bool note_drift(const RecordedRow& row, const ObservedRow& seen, const Value& recorded, std::string_view kind) {
    DriftRow drift;
    drift.address = row.address;
    drift.manager = seen.manager;
    drift.time = seen.changed_at;
    if (ends(seen)) {
      drift.gone = true;
      drift.verdict = seen.uid.empty() ? "create again" : "create again, once it has gone";
    } else {
      for (const FieldDifference& d : compare_fields(kind, recorded, seen.fields)) {
        DriftRow::Field field;
        field.path = d.path.text();
        field.had = d.before != nullptr;
        field.has = d.after != nullptr;
        if (d.before != nullptr) field.recorded = *d.before;
        if (d.after != nullptr) field.now = *d.after;
        field.verdict = "put back";
        drift.fields.push_back(std::move(field));
      }
      if (seen.uid != row.uid && drift.fields.empty()) drift.verdict = "another object of its name";
      if (seen.uid == row.uid && drift.fields.empty()) return false;
    }
    plan_.drift.push_back(std::move(drift));
    return true;
  }

  /// Replicas that come to `member` from a cluster that drains or is lost are made by nobody else, whoever has the say
  /// over their number otherwise.
  bool takes_over(const Address& workload, const std::string& member) const {
    const WorkloadPlacement* placed = in_.placement->find(workload);
    if (placed == nullptr || placed->moved + placed->replaced == 0) return false;
    const Share* share = placed->on(static_cast<std::uint32_t>(inventory_.index_of(member)));
    return share != nullptr && share->after > share->before;
  }

  /// Paths left to other writers keep what the member holds.
  Value with_ignored(const DesiredObject& o, const std::string& member, const Value& body, const Value& live) {
    if (o.ignore.empty() || !live.is_map()) return body;
    Value out = body;
    for (const std::string& text : o.ignore) {
      const auto path = FieldPath::parse(text);
      if (!path) continue;
      const Value* there = path->in(live);
      if (there == nullptr) continue;
      if (text == "spec.replicas" && there->is_int() && takes_over(o.address, member)) {
        const Value* wanted = path->in(body);
        if (wanted != nullptr && wanted->is_int() && wanted->as_int() > there->as_int()) continue;
      }
      FieldDifference d{*path, path->in(out), there};
      out = patch(out, {d});
    }
    return out;
  }

  /// It is not there, or will not be for long: what is to stand there has to be made again.
  static bool ends(const ObservedRow& seen) { return seen.uid.empty() || seen.deleting; }

  void made_again(const Met& met, const ObservedRow& seen, const Value& recorded, const MemberWork& w) {
    const DesiredEntry& entry = desired_.entries[met.entry];
    const DesiredObject& o = desired_.object_of(entry);
    const RecordedRow& row = in_.rows[met.row];
    note_drift(row, seen, recorded, o.kind);
    Step step = base_step(Action::Create, row.ref, row.address, w);
    step.ref.api = o.api;
    fill(step, entry);
    Change change;
    change.reason = Reason::Drift;
    change.why = seen.uid.empty() ? "it is gone" : "it is being deleted";
    change.origin = where(o.origin.span);
    put(met, std::move(step), std::move(change));
  }

  /// The step of an object that is both desired and recorded.
  void put(const Met& met, Step step, Change change) {
    steps_.entry[met.entry] = add(std::move(step), std::move(change));
    steps_.row[met.row] = steps_.entry[met.entry];
  }

  /// Another object than the recorded one has its name, and it is not the project's: it is taken over only when asked.
  bool stranger(const ObservedRow* seen, const RecordedRow& row, Step& step, Change& change) {
    if (seen == nullptr || ends(*seen) || seen->uid == row.uid || seen->ours) return false;
    step.action = Action::Adopt;
    change.reason = Reason::New;
    change.why = "another object has its name";
    block_unless_adopted(row.address, change.origin);
    return true;
  }

  /// What becomes of those fields of the last drift that are not among the `written` ones.
  template <class Verdict>
  void settle_drift(const Verdict& verdict, const std::vector<FieldDifference>& written) {
    for (DriftRow::Field& field : plan_.drift.back().fields)
      if (std::none_of(written.begin(), written.end(), [&](const FieldDifference& d) { return d.path.text() == field.path; })) field.verdict = verdict(field.path);
  }

  static bool ignores(const DesiredObject& o, const std::string& path) {
    return std::any_of(o.ignore.begin(), o.ignore.end(), [&](const std::string& each) { return is_within(path, each); });
  }

  Result<void> changed(const Met& met, MemberWork& w) {
    const DesiredEntry& entry = desired_.entries[met.entry];
    const DesiredObject& o = desired_.object_of(entry);
    const RecordedRow& row = in_.rows[met.row];
    const Value recorded = MCP_TRY(recorded_body(row));
    const ObservedRow* seen = met.observed != no_index ? &in_.observed[met.observed] : nullptr;
    if (seen != nullptr && ends(*seen)) {
      made_again(met, *seen, recorded, w);
      return {};
    }
    Step step = base_step(Action::Update, row.ref, row.address, w);
    step.ref.api = o.api;
    fill(step, entry);
    step.body = with_ignored(o, desired_.members[entry.member], step.body, seen != nullptr ? seen->fields : recorded);
    step.after = step.body.digest();
    step.uid = row.uid;
    step.before = row.owned;
    Change change;
    change.origin = where(o.origin.span);
    const Value& base = seen != nullptr ? seen->fields : recorded;
    const bool drifted = seen != nullptr && note_drift(row, *seen, recorded, o.kind);
    if (seen != nullptr) {
      step.before = seen->owned;
      step.uid = seen->uid;
    }
    std::vector<FieldDifference> shown = compare_fields(o.kind, base, step.body);
    std::vector<FieldDifference> stated = seen != nullptr ? compare_fields(o.kind, recorded, step.body) : shown;
    std::erase_if(stated, [&](const FieldDifference& d) { return ignores(o, d.path.text()); });
    if (drifted) settle_drift([&](const std::string& path) { return ignores(o, path) ? "left to its owner" : "as stated now"; }, shown);
    if (shown.empty() && stated.empty()) {
      ++plan_.unchanged;   // only the order of a keyed list, or what is left to others
      return {};
    }
    // What the policy no longer states is given up, even where somebody has taken it away meanwhile.
    for (const FieldDifference& d : stated) {
      const auto same_path = [&](const FieldDifference& other) { return other.path.text() == d.path.text(); };
      if (d.after == nullptr && std::none_of(shown.begin(), shown.end(), same_path)) shown.push_back(d);
    }
    bool only_replicas = !shown.empty();
    for (const FieldDifference& d : shown) {
      FieldChange f = field_change(o, d);
      only_replicas = only_replicas && f.path == "spec.replicas";
      if (f.origin.line != 0 && f.path != "spec.replicas" && !origin_from_field_) {
        change.origin = f.origin;
        origin_from_field_ = true;
      }
      if (only_replicas && f.origin.line != 0) change.origin = f.origin;
      change.fields.push_back(std::move(f));
    }
    origin_from_field_ = false;
    if (seen != nullptr) takeovers(step, change, *seen);
    const std::string immutable = immutable_change(o.kind, recorded, step.body);
    if (stranger(seen, row, step, change)) {
      // blocked, or adopted as asked
    } else if (!immutable.empty()) {
      step.action = Action::Replace;
      change.reason = Reason::Immutable;
      change.why = immutable + " cannot be changed in place";
      if (row.protect)
        plan_.blocked.push_back({BlockedBy::Protect, row.address.text() + " is protected and would be replaced", "apply `protect = false` first", change.origin});
    } else if (only_replicas) {
      const WorkloadPlacement* placed = in_.placement->find(o.address);
      change.reason = placed != nullptr && placed->replaced > 0 ? Reason::Lost : placed != nullptr && placed->moved > 0 ? Reason::Placed : Reason::Scaled;
      const auto drained = [](const Share& share) { return share.cause == Cause::Drain && share.before > share.after; };
      if (change.reason == Reason::Placed && std::any_of(placed->shares.begin(), placed->shares.end(), drained)) change.reason = Reason::Drain;
    } else {
      change.reason = Reason::Changed;
    }
    put(met, std::move(step), std::move(change));
    return {};
  }

  /// Nothing of it changes. If it has never become ready, its apply is not over: the step writes the same and waits.
  void as_recorded(const Met& met, MemberWork& w) {
    const DesiredEntry& entry = desired_.entries[met.entry];
    const RecordedRow& row = in_.rows[met.row];
    if (!row.unready) {
      ++plan_.unchanged;
      return;
    }
    Step step = base_step(Action::Update, row.ref, row.address, w);
    fill(step, entry);
    step.uid = row.uid;
    step.before = met.observed != no_index ? in_.observed[met.observed].owned : row.owned;
    if (met.observed != no_index) step.body = with_ignored(desired_.object_of(entry), desired_.members[entry.member], step.body, in_.observed[met.observed].fields);
    step.after = step.body.digest();
    Change change;
    change.reason = Reason::Deferred;
    change.why = "not ready when it was applied";
    change.origin = where(desired_.object_of(entry).origin.span);
    put(met, std::move(step), std::move(change));
  }

  Result<void> drifted(const Met& met, MemberWork& w) {
    const DesiredEntry& entry = desired_.entries[met.entry];
    const DesiredObject& o = desired_.object_of(entry);
    const RecordedRow& row = in_.rows[met.row];
    const ObservedRow& seen = in_.observed[met.observed];
    const Value recorded = desired_.body_of(entry);
    if (ends(seen)) {
      made_again(met, seen, recorded, w);
      return {};
    }
    Step step = base_step(Action::Update, row.ref, row.address, w);
    fill(step, entry);
    Change change;
    change.reason = Reason::Drift;
    change.origin = where(o.origin.span);
    step.body = with_ignored(o, desired_.members[entry.member], step.body, seen.fields);
    step.after = step.body.digest();
    const std::vector<FieldDifference> differences = compare_fields(o.kind, seen.fields, step.body);
    const std::vector<FieldDifference> all = compare_fields(o.kind, seen.fields, recorded);
    if (all.empty() && seen.uid == row.uid) {
      as_recorded(met, w);
      return {};
    }
    note_drift(row, seen, recorded, o.kind);
    settle_drift([](const std::string&) { return "left to its owner"; }, differences);   // only `ignore` leaves one
    if (differences.empty() && seen.uid == row.uid) {
      as_recorded(met, w);
      return {};
    }
    step.uid = seen.uid;
    step.before = seen.owned;
    for (const FieldDifference& d : differences) {
      change.fields.push_back(field_change(o, d));
    }
    (void)stranger(&seen, row, step, change);
    takeovers(step, change, seen);
    put(met, std::move(step), std::move(change));
    return {};
  }

  Digest policy_digest() const {
    std::string bytes;
    bytes.reserve(desired_.entries.size() * 64);
    std::vector<Digest> digests(desired_.bodies.size());
    for (std::size_t b = 0; b < desired_.bodies.size(); ++b) digests[b] = desired_.bodies[b].value.digest();
    for (const DesiredEntry& e : desired_.entries) {
      bytes += desired_.members[e.member];
      bytes += '\0';
      const Digest& d = digests[e.body];
      bytes.append(reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size());
    }
    for (const auto& cluster : topology_.clusters) {
      const Digest d = cluster.row.digest();
      bytes += cluster.name;
      bytes.append(reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size());
    }
    return sha256(bytes);
  }

  Digest inventory_digest() const {
    std::string bytes;
    for (const PlanMember& m : plan_.members)
      bytes += m.name + " " + m.identity + " " + (m.joined ? "j" : "-") + (m.answered ? "a" : "-") + (m.lost ? "l" : "-") + (m.leaving ? "x" : "-") + "\n";
    return sha256(bytes);
  }

  void secrets() {
    std::set<Address> touched;
    for (const Step& step : plan_.steps)
      if (step.address.kind == AddressKind::Secret && !step.body.is_null()) touched.insert(step.address.declared());
    for (const SecretUse& use : in_.secrets) {
      if (!touched.contains(use.address)) continue;
      SecretSource source;
      source.address = use.address;
      source.key = use.key;
      source.parts = use.parts;
      if (const auto it = in_.fingerprints.find({use.address, use.key}); it != in_.fingerprints.end()) source.fingerprint = it->second;
      plan_.secrets.push_back(std::move(source));
    }
  }

  const PlanInput& in_;
  const Topology& topology_;
  const Inventory& inventory_;
  const Desired& desired_;
  Plan plan_;
  std::vector<std::string> names_;
  std::vector<MemberWork> work_;
  StepsOf steps_;
  std::set<Address> placed_before_;
  bool built_placed_ = false;
  bool origin_from_field_ = false;
  mutable Span last_span_;
  mutable Where last_where_;
};

}  // namespace

Result<Plan> assemble(const PlanInput& input) { return Assembler(input).run(); }

}  // namespace mcp
