#include "executor/sim/sim_fleet.hpp"

#include "lang/base/check.hpp"

namespace mcp {

namespace {

constexpr Duration window{5};              // answers this close together come in one wait
constexpr Duration connect_timeout{10'000};
constexpr Duration retry_after{1'000};

bool writes(const Operation& op) { return std::holds_alternative<Write>(op.request) || std::holds_alternative<Swap>(op.request) || std::holds_alternative<Remove>(op.request); }

std::uint64_t number(OpId id) { return static_cast<std::uint64_t>(id); }

}  // namespace

Result<std::unique_ptr<SimFleet>> SimFleet::open(SimOptions options) {
  std::unique_ptr<SimFleet> fleet(new SimFleet(std::move(options)));
  fleet->store_ = MCP_TRY(SimStore::open(fleet->options_.path));
  fleet->now_ = fleet->store_->clock();
  return fleet;
}

SimMember& SimFleet::member(const MemberName& name) {
  auto& slot = servers_[name];
  if (slot) return *slot;
  auto traits = std::make_unique<SimTraits>();
  traits->seed = options_.project;
  traits->pace = options_.pace;
  for (const std::string& image : script(name).images) traits->pace.failing_images.push_back(image);
  if (const auto it = options_.capacity.find(name); it != options_.capacity.end()) traits->capacity = it->second;
  slot = std::make_unique<SimMember>(*store_, store_->member(name), *traits);
  traits_[name] = std::move(traits);
  return *slot;
}

SimScript& SimFleet::script(const MemberName& name) {
  const auto it = scripts_.find(name);
  if (it != scripts_.end()) return it->second;
  Result<SimScript> parsed = SimScript::parse(store_->member(name).faults);
  return scripts_.emplace(name, parsed ? *parsed : SimScript{}).first->second;
}

void SimFleet::keep_script(const MemberName& name) {
  SimMemberState& state = store_->member(name);
  std::string text = script(name).text();
  if (text == state.faults) return;
  state.faults = std::move(text);
  state.dirty = true;
}

// Each member has a latency of its own, a few milliseconds, that depends on its name only.
Duration SimFleet::one_way(const MemberName& name) {
  unsigned sum = 0;
  for (const char c : name) sum = sum * 31 + static_cast<unsigned char>(c);
  return Duration(2 + sum % 3) + store_->member(name).slow / 2;
}

void SimFleet::push(Instant at, What what, OpId id) { events_.push({at, order_++, what, id}); }

void SimFleet::submit(OpId id, Operation op) {
  const bool fresh = pending_.find(number(id)) == pending_.end();
  MCP_CHECK(fresh, "an operation was submitted twice");
  const Duration way = one_way(op.member);
  pending_.emplace(number(id), Pending{std::move(op), now_, std::nullopt});
  push(now_ + way, What::Arrive, id);
}

void SimFleet::cancel(OpId id) {
  const auto it = pending_.find(number(id));
  if (it == pending_.end() || it->second.outcome) return;
  it->second.outcome = Cancelled{};
  push(now_, What::Answer, id);
}

Outcome SimFleet::carry_out(const Operation& op) {
  SimMember& server = member(op.member);
  server.tick(now_);
  if (std::holds_alternative<Probe>(op.request)) return server.probe();
  if (const auto* read = std::get_if<Read>(&op.request)) return server.read(read->ref, now_);
  if (const auto* list = std::get_if<List>(&op.request)) return server.list(*list, now_);
  if (std::holds_alternative<Right>(op.request)) return Done{.object = MapBuilder().set("allowed", true).build(), .created = false, .deleting = false, .warnings = {}, .facts = {}};
  if (const auto* write = std::get_if<Write>(&op.request)) return server.write(*write, now_);
  if (const auto* swap = std::get_if<Swap>(&op.request)) return server.swap(*swap, now_);
  return server.remove(std::get<Remove>(op.request), now_);
}

void SimFleet::arrive(OpId id) {
  const auto it = pending_.find(number(id));
  if (it == pending_.end() || it->second.outcome) return;   // cancelled on its way
  Pending& p = it->second;
  const MemberName& name = p.op.member;
  SimMemberState& state = store_->member(name);
  const Duration way = one_way(name);
  if (state.lost) {
    p.outcome = Unreachable{"no answer from " + name + " within 10 s"};
    push(std::min(p.sent + connect_timeout, p.sent + p.op.timeout), What::Answer, id);
    return;
  }
  const auto request = static_cast<std::uint64_t>(state.requests++);
  SimFault fault = options_.inject ? options_.inject(name, request, p.op) : SimFault::None;
  if (fault == SimFault::None && !script(name).empty()) {
    fault = script(name).take(request, writes(p.op));
    keep_script(name);
    state.dirty = true;   // the number of requests decides seeded faults
  }
  switch (fault) {
    case SimFault::None: p.outcome = carry_out(p.op); break;
    case SimFault::Throttle: p.outcome = Throttled{retry_after}; break;
    case SimFault::Conflict: p.outcome = Mismatch{"the object has been modified", {}}; break;
    case SimFault::Error: p.outcome = Uncertain{"500 internal error"}; break;
    case SimFault::ErrorAfter:
      (void)carry_out(p.op);
      p.outcome = Uncertain{"500 internal error"};
      break;
    case SimFault::Refuse: p.outcome = Unreachable{"connection refused by " + name}; break;
    case SimFault::LostReply:
    case SimFault::LostRequest:
      if (fault == SimFault::LostReply) (void)carry_out(p.op);
      p.outcome = Uncertain{"no answer within " + std::to_string(p.op.timeout.count() / 1000) + " s"};
      push(p.sent + p.op.timeout, What::Answer, id);
      return;
  }
  push(now_ + way, What::Answer, id);
}

void SimFleet::handle(const Event& event, std::vector<Completion>& done) {
  if (event.what == What::Arrive) {
    arrive(event.id);
    return;
  }
  const auto it = pending_.find(number(event.id));
  if (it == pending_.end()) return;
  done.push_back({event.id, *std::move(it->second.outcome), event.at});
  pending_.erase(it);
}

// What members did is in their file before anybody hears of it: a killed process must not lose what it was told.
Result<void> SimFleet::keep() {
  store_->set_clock(now_);
  MCP_TRY(store_->flush());
  store_->trim();
  return {};
}

void SimFleet::wait(Instant until, std::vector<Completion>& done) {
  const std::size_t before = done.size();
  Instant last = until;
  while (!events_.empty() && events_.top().at <= last) {
    const Event event = events_.top();
    events_.pop();
    now_ = std::max(now_, event.at);
    handle(event, done);
    if (done.size() > before) last = std::min(last, done[before].at + window);
  }
  if (done.size() == before && until > now_ && until != Instant::max()) now_ = until;
  // What the file did not give or take is no answer: an object that cannot be read is not an object that is gone.
  std::optional<Error> error = store_->take_error();
  if (Result<void> kept = keep(); !kept) error = kept.error();
  if (error)
    for (std::size_t i = before; i < done.size(); ++i) done[i].outcome = Uncertain{error->text()};
}

// -- what `mcp sim` does

Result<void> SimFleet::lose(const MemberName& name) {
  SimMemberState& state = store_->member(name);
  state.lost = state.dirty = true;
  return keep();
}

Result<void> SimFleet::restore(const MemberName& name) {
  SimMemberState& state = store_->member(name);
  state.lost = false;
  state.slow = {};
  state.dirty = true;
  return keep();
}

Result<void> SimFleet::slow(const MemberName& name, Duration by) {
  SimMemberState& state = store_->member(name);
  state.slow = by;
  state.dirty = true;
  return keep();
}

Result<void> SimFleet::fault(const MemberName& name, std::string_view text) {
  scripts_[name] = MCP_TRY(SimScript::parse(text));
  keep_script(name);
  servers_.erase(name);   // its images are part of its traits
  traits_.erase(name);
  return keep();
}

Result<void> SimFleet::edit(const ObjectRef& ref, const FieldPath& path, const Value& value, const std::string& manager) {
  SimMember& server = member(ref.member);
  server.tick(now_);
  if (const auto wrong = server.edit(ref, path, value, manager, now_)) return fail(*wrong);
  return keep();
}

Result<void> SimFleet::erase(const ObjectRef& ref) {
  SimMember& server = member(ref.member);
  server.tick(now_);
  if (show(ref).is_null()) return fail("there is no " + ref.text());
  (void)server.remove({ref, {}}, now_);
  return keep();
}

std::vector<Value> SimFleet::show(const MemberName& name) {
  SimMember& server = member(name);
  server.tick(now_);
  return server.everything(now_);
}

Value SimFleet::show(const ObjectRef& ref) {
  const Outcome got = member(ref.member).read(ref, now_);
  return std::get<Done>(got).object;
}

bool SimFleet::lost(const MemberName& name) { return store_->member(name).lost; }
std::string SimFleet::faults(const MemberName& name) { return store_->member(name).faults; }

Result<void> SimFleet::sleep(Duration time) {
  std::vector<Completion> done;
  wait(now_ + time, done);
  return keep();
}

void SimFleet::crash(const std::function<bool(OpId)>& lands) {
  while (!events_.empty()) {
    const Event event = events_.top();
    events_.pop();
    if (event.what != What::Arrive || !lands(event.id)) continue;
    const auto it = pending_.find(number(event.id));
    if (it == pending_.end() || it->second.outcome || store_->member(it->second.op.member).lost) continue;
    (void)carry_out(it->second.op);
  }
  (void)keep();
}

}  // namespace mcp
