#include "executor/engine/sharing.hpp"

#include <algorithm>
#include <filesystem>

#include "executor/fleet/asking.hpp"
#include "executor/shared/answers.hpp"
#include "lang/base/crypto.hpp"

namespace mcp {

namespace {

constexpr Duration patience{30'000};    // with an MCP cluster that says nothing, until the lease is ours
constexpr Duration onlooking{25'000};   // more than two renewals
constexpr Duration goodbye{10'000};     // for giving it back

/// Two processes with this in common share an OS lock, so of the two only one can be alive.
std::string place_of(const std::string& host, const std::string& dir) {
  std::error_code ignored;
  return sha256(host + "\n" + std::filesystem::absolute(dir, ignored).lexically_normal().string()).brief(16);
}

}  // namespace

Result<Fetched> fetch_shared(const FleetOptions& options) {
  Fetched out;
  if (options.mcp_cluster.empty()) return out;
  const bool there = MCP_TRY(Store::open_existing(options.state_dir, options.project, Access::Read)) != nullptr;
  const auto fleet = MCP_TRY(make_fleet(options));
  if (!there) {
    // Who only looks makes no state, where there is none to fetch.
    out.answered = true;
    if (!MCP_TRY(has_head(*fleet, options.project))) return out;
  }
  auto opened = Store::open(options.state_dir, options.project);
  if (!opened && there) {   // it can be read: what is known here will have to do
    out.problem = opened.error().text();
    return out;
  }
  const auto store = MCP_TRY(std::move(opened));
  const auto lock = MCP_TRY(try_lock(*store));
  if (!lock) return out;
  Exchange exchange(*store, *fleet);
  const auto pulled = exchange.pull();
  out.answered = pulled.has_value();
  if (pulled) return out;
  if (!there || exchange.strange()) return fail(pulled.error());
  out.problem = pulled.error().message;
  return out;
}

namespace {

/// One question about the lease, at `at`. Nullopt: it is another one by now.
template <class Request>
Result<std::optional<LeaseView>> ask_lease(Fleet& fleet, Instant at, Request request) {
  Asking<int> asking(fleet);
  asking.ask_at(at, 0, Operation{mcp_cluster, std::move(request), Duration{10'000}});
  const auto answer = asking.next();
  if (!answer) return fail(mcp_cluster_silent("no answer"));
  if (const auto* done = std::get_if<Done>(&answer->outcome)) return std::optional(read_lease(done->object));
  if (std::holds_alternative<Mismatch>(answer->outcome)) return std::optional<LeaseView>();
  if (const auto* no = std::get_if<Rejected>(&answer->outcome)) return fail(mcp_cluster_refuses(*no));
  return fail(mcp_cluster_silent(no_answer(answer->outcome)));
}

}  // namespace

Result<LeaseView> look_at_lease(const FleetOptions& options) {
  const auto fleet = MCP_TRY(make_fleet(options));
  return *MCP_TRY(ask_lease(*fleet, fleet->now(), Read{lease_ref(options.project)}));
}

Result<void> await_lease(const FleetOptions& options, std::int64_t timeout_ms) {
  const auto fleet = MCP_TRY(make_fleet(options));
  const Instant until = fleet->now() + Duration{timeout_ms};
  Instant changed = fleet->now();
  LeaseView last;
  for (Instant at = fleet->now();; at = fleet->now() + Duration{2'000}) {
    LeaseView view = *MCP_TRY(ask_lease(*fleet, at, Read{lease_ref(options.project)}));
    if (view.holder.empty() || fleet->now() >= until) return {};
    if (view != last) changed = fleet->now();
    if (fleet->now() >= changed + view.lasts) return {};   // whoever it was is dead: the apply will take it over
    last = std::move(view);
  }
}

Result<void> break_lease(const FleetOptions& options, const LeaseView& view, bool force, const std::function<std::int64_t()>& clock) {
  const auto fleet = MCP_TRY(make_fleet(options));
  LeaseView now = view;
  const Instant until = fleet->now() + onlooking;
  while (!force && fleet->now() < until) {
    now = *MCP_TRY(ask_lease(*fleet, fleet->now() + Duration{2'000}, Read{lease_ref(options.project)}));
    if (now.token != view.token) return fail(now.holder.empty() ? "it has been given back meanwhile" : now.holder + " has it now", {}, 6);
    if (now.renewed != view.renewed) return fail(view.holder + " renews it, so it is alive", "take it all the same: mcp lock break --force", 6);
  }
  for (int tries = 0; tries < 3; ++tries) {
    LeaseView free = now.freed();
    ++free.token;   // by which its holder sees, when it looks, that it has lost it
    free.renewed = micro_time(clock());
    if (MCP_TRY(ask_lease(*fleet, fleet->now(), Swap{lease_ref(options.project), lease_body(options.project, free), {now.uid, now.version}}))) return {};
    now = *MCP_TRY(ask_lease(*fleet, fleet->now(), Read{lease_ref(options.project)}));
    if (now.token != view.token) break;
  }
  return fail(now.holder.empty() ? "it has been given back meanwhile" : now.holder + " has it now", {}, 6);
}

Result<std::unique_ptr<Sharing>> Sharing::begin(Store& store, Fleet& fleet, HeldLock& lock, const SharingRequest& request) {
  // The lock here was free, so whoever had it before us is dead; its token is the one below ours.
  Lease::Holder holder{request.who, place_of(request.host, store.dir()), to_hex(random_bytes(8)), lock.token(), lock.token() - 1};
  std::unique_ptr<Sharing> out(new Sharing(store, fleet, store.project(), std::move(holder), request));
  MCP_TRY(out->take());
  MCP_TRY(lock.raise(out->lease_.token()));
  MCP_TRY(out->exchange_.pull());
  if (out->exchange_.head().token > out->lease_.token())
    return fail("the lease in the MCP cluster has been made anew: its token is below that of the state there", "try again: the next holder is above it", 6);
  return out;
}

Result<void> Sharing::step(Instant until) {
  if (!out_)
    if (auto op = lease_.due(fleet_.now())) {
      out_ = next_question();
      fleet_.submit(*out_, *std::move(op));
    }
  std::vector<Completion> done;
  fleet_.wait(std::min(until, lease_.next()), done);
  for (const Completion& one : done) {
    if (!out_ || one.id != *out_) continue;
    out_.reset();
    trouble_ = no_answer(one.outcome);
    if (trouble_.empty()) answered_ = fleet_.now();
    MCP_TRY(lease_.answer(one.outcome, fleet_.now()));
  }
  return {};
}

Result<void> Sharing::take() {
  const Instant start = answered_ = fleet_.now();
  bool told = false;
  while (!lease_.holds(fleet_.now())) {
    if (request_.interrupt != nullptr && request_.interrupt->level() > 0) return fail("interrupted while waiting for the lock; nothing was changed", {}, 130);
    const LeaseView& view = lease_.view();
    const bool waits = lease_.waits(fleet_.now());
    const Duration waited = fleet_.now() - start;
    if (waits && waited >= Duration{request_.timeout_ms})
      return fail("the project is locked: " + view.holder + " is applying, since " + view.since, "wait for it: `--lock-timeout 5min`, which takes the lock over if it is not renewed for a minute", 6);
    if (fleet_.now() - answered_ >= patience) return fail(mcp_cluster_silent(trouble_.empty() ? "no answer" : trouble_));
    if (waits && !told && request_.note) request_.note("Waiting for " + view.holder + ", who is applying since " + view.since + ".");
    told = told || waits;
    MCP_TRY(step(std::min(answered_ + patience, waits ? start + Duration{request_.timeout_ms} : Instant::max())));
  }
  return {};
}

Result<void> Sharing::publish(const std::optional<RunRow>& open, std::string_view plan) {
  return exchange_.push(lease_.token(), open, plan, &lease_);
}

Sharing::~Sharing() {
  lease_.forget_request();
  lease_.leave();
  const Instant until = fleet_.now() + goodbye;
  while (!lease_.lost() && !lease_.left() && fleet_.now() < until)
    if (!step(until)) return;   // it ends by itself, when nobody renews it
}

}  // namespace mcp
