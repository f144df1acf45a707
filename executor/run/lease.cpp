#include "executor/run/lease.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>

#include "executor/run/marker.hpp"
#include "executor/run/resume.hpp"

namespace mcp {

namespace {

constexpr std::string_view place_note = "mcp.dev/place";
constexpr std::string_view nonce_note = "mcp.dev/process";

std::string text_at(const Value* map, std::string_view key) { return map != nullptr ? std::string(map->text_or(key, "")) : std::string(); }

}  // namespace

std::string micro_time(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}000Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, unix_ms % 1000);
}

Value kept_metadata(const ObjectRef& ref, const std::string& project) {
  const Value labels = MapBuilder().set("app.kubernetes.io/managed-by", "mcp").set("mcp.dev/state-of", std::string_view(project)).build();
  return MapBuilder().set("name", std::string_view(ref.name)).set("namespace", std::string_view(ref.ns)).set("labels", labels).build();
}

ObjectRef lease_ref(const std::string& project) { return {mcp_cluster, "coordination.k8s.io/v1", "Lease", marker_home, "mcp.lock." + project}; }

LeaseView read_lease(const Value& live) {
  LeaseView out;
  const Value* metadata = live.find("metadata");
  if (metadata == nullptr) return out;
  out.present = true;
  out.uid = uid_of(live);
  out.version = version_of(live);
  out.place = text_at(metadata->find("annotations"), place_note);
  out.nonce = text_at(metadata->find("annotations"), nonce_note);
  const Value* spec = live.find("spec");
  if (spec == nullptr || !spec->is_map()) return out;
  out.holder = spec->text_or("holderIdentity", "");
  out.token = std::max<std::int64_t>(0, spec->int_or("leaseTransitions", 0));
  out.since = spec->text_or("acquireTime", "");
  out.renewed = spec->text_or("renewTime", "");
  out.lasts = std::chrono::seconds(std::clamp<std::int64_t>(spec->int_or("leaseDurationSeconds", 60), 1, 3600));
  return out;
}

Value lease_body(const std::string& project, const LeaseView& view) {
  const ObjectRef ref = lease_ref(project);
  Value metadata = kept_metadata(ref, project);
  if (!view.place.empty()) metadata = metadata.with("annotations", MapBuilder().set(place_note, std::string_view(view.place)).set(nonce_note, std::string_view(view.nonce)).build());
  MapBuilder spec;
  // Without a holder the API wants no identity at all.
  if (!view.holder.empty()) spec.set("holderIdentity", std::string_view(view.holder));
  spec.set("leaseDurationSeconds", static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(view.lasts).count()));
  spec.set("leaseTransitions", view.token);
  if (!view.since.empty()) spec.set("acquireTime", std::string_view(view.since));
  if (!view.renewed.empty()) spec.set("renewTime", std::string_view(view.renewed));
  return MapBuilder().set("apiVersion", std::string_view(ref.api)).set("kind", std::string_view(ref.kind)).set("metadata", std::move(metadata)).set("spec", spec.build()).build();
}

LeaseView LeaseView::freed() const {
  LeaseView out = *this;
  out.holder.clear();
  out.place.clear();
  out.nonce.clear();
  return out;
}

Lease::Lease(std::string project, Holder holder, std::function<std::int64_t()> clock, LeasePace pace)
    : project_(std::move(project)), holder_(std::move(holder)), clock_(std::move(clock)), pace_(pace) {}

bool Lease::free_to_take(Instant now) const {
  if (view_.holder.empty()) return true;
  if (holder_.dead > 0 && view_.token == holder_.dead && view_.place == holder_.place) return true;
  return now >= unchanged_ + view_.lasts;
}

LeaseView Lease::taken() const {
  LeaseView out = view_;
  out.holder = holder_.name;
  out.place = holder_.place;
  out.nonce = holder_.nonce;
  out.token = std::max(view_.token, holder_.token) + 1;
  out.since = out.renewed = micro_time(clock_());
  out.lasts = pace_.lasts;
  return out;
}

Operation Lease::put(const LeaseView& view) const {
  Swap swap{lease_ref(project_), lease_body(project_, view), {}};
  if (view_.present) swap.expect = {.uid = view_.uid, .version = view_.version};
  // An answer later than this is worth nothing: by then it is time to ask again.
  return {mcp_cluster, std::move(swap), pace_.renew};
}

std::optional<Operation> Lease::due(Instant now) {
  if (out_ != Move::None || lost() || left() || now < at_) return std::nullopt;
  sent_ = now;
  if (no_home_) {
    out_ = Move::MakeHome;
    return Operation{mcp_cluster, Write{.ref = marker_namespace_ref(mcp_cluster), .body = marker_namespace_body(), .expect = {}, .secrets = {}, .trial = false}};
  }
  if (look_ || (state_ == State::Seeking && !free_to_take(now))) {
    out_ = Move::Look;
    return Operation{mcp_cluster, Read{lease_ref(project_)}, pace_.renew};
  }
  if (state_ == State::Seeking) {
    out_ = Move::Take;
    asked_ = taken();
    return put(asked_);
  }
  asked_ = view_;
  asked_.renewed = micro_time(clock_());   // an equal object would keep its version, and a rival's PUT would still pass
  out_ = Move::Renew;
  if (state_ == State::Leaving) {
    out_ = Move::GiveBack;
    asked_ = asked_.freed();
  }
  return put(asked_);
}

Error Lease::loss() const {
  return {"the lock was lost to " + (view_.holder.empty() ? std::string("somebody who has given it back") : view_.holder), "nothing was sent since; see what is left: mcp plan", 6, {}};
}

Instant Lease::next() const { return out_ != Move::None || lost() || left() ? Instant::max() : at_; }

void Lease::forget_request() {
  if (out_ == Move::None) return;
  out_ = Move::None;
  look_ = true;
  at_ = Instant{0};
}

void Lease::leave() {
  if (state_ == State::Seeking) state_ = State::Left;
  if (state_ != State::Held) return;
  state_ = State::Leaving;
  at_ = Instant{0};
}

/// What the object says, whoever wrote it. Of two that ask for the same token one gets it: the nonce tells who.
void Lease::looked(LeaseView view, Instant now) {
  look_ = false;
  if (view != view_) unchanged_ = now;
  view_ = std::move(view);
  const bool token = asked_.token > 0 && view_.token == asked_.token;
  const bool ours = token && view_.nonce == holder_.nonce && view_.place == holder_.place && !view_.holder.empty();
  at_ = now;
  switch (state_) {
    case State::Seeking:
      if (ours) state_ = State::Held;   // taken, although nobody told us
      else if (!free_to_take(now)) at_ = now + pace_.retry;
      break;
    case State::Held:
      if (!ours) state_ = State::Lost;
      break;
    case State::Leaving:
      if (!ours) state_ = State::Left;
      break;
    case State::Lost:
    case State::Left: break;
  }
}

Result<void> Lease::answer(const Outcome& outcome, Instant now) {
  const Move was = out_;
  out_ = Move::None;
  if (lost() || left()) return {};
  if (const auto* no = std::get_if<Rejected>(&outcome)) {
    no_home_ = was == Move::Take && no->code == 404;
    at_ = now;
    if (no_home_) return {};
    return fail(fmt::format("the lock in {} cannot be had: {}", mcp_cluster, no->detail.empty() ? no->reason : no->detail), "docs/kubernetes.md lists the rights that are needed there");
  }
  at_ = now + pace_.retry;
  const auto* done = std::get_if<Done>(&outcome);
  if (done == nullptr) {
    // Another object than we expected, or no answer: what was asked for may be there all the same.
    look_ = true;
    if (std::holds_alternative<Mismatch>(outcome)) at_ = now;
    return {};
  }
  switch (was) {
    case Move::Look: looked(read_lease(done->object), now); break;
    case Move::MakeHome:
      no_home_ = false;
      at_ = now;
      break;
    case Move::Take:
    case Move::Renew:
      view_ = read_lease(done->object);
      if (state_ == State::Seeking) state_ = State::Held;
      renewed_ = sent_;
      at_ = state_ == State::Leaving ? now : sent_ + pace_.renew;
      break;
    case Move::GiveBack: state_ = State::Left; break;
    case Move::None: break;
  }
  return {};
}

}  // namespace mcp
