#include "executor/run/resume.hpp"

#include <fmt/format.h>

#include "planner/diff/fields.hpp"
#include "planner/diff/normalize.hpp"

namespace mcp {

namespace {

std::string metadata(const Value& live, std::string_view key) {
  const Value* m = live.find("metadata");
  return m != nullptr ? std::string(m->text_or(key, "")) : std::string();
}

Digest cut(const Step& step, const Value& stated, const Value& live) { return owned_fields(step.ref.kind, stated, live).digest(); }

/// The plan's digest is of the fields that the recorded body states, or the desired one, or (unrecorded) of all of them.
bool at_before(const Step& step, const Known& known, const Value& live) {
  if (known.body.is_map() && cut(step, known.body, live) == step.before) return true;
  if (step.body.is_map() && cut(step, step.body, live) == step.before) return true;
  return step.action == Action::Adopt && normalize(step.ref.kind, live).digest() == step.before;
}

bool at_after(const Step& step, const Value& live) { return step.body.is_map() && cut(step, step.body, live) == step.after; }

Judgement conflict(std::string why) { return {Verdict::Conflict, std::move(why)}; }

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Send: return "send";
    case Verdict::Create: return "create";
    case Verdict::Done: return "done";
    case Verdict::Wait: return "wait";
    case Verdict::Conflict: return "conflict";
  }
  return "";
}

std::string uid_of(const Value& live) { return metadata(live, "uid"); }
std::string version_of(const Value& live) { return metadata(live, "resourceVersion"); }
bool is_deleting(const Value& live) { return live.at("metadata", "deletionTimestamp") != nullptr; }

bool is_ours(const Value& live) {
  const Value* managers = live.at("metadata", "managedFields");
  if (managers == nullptr || !managers->is_list()) return false;
  for (const Value& one : managers->items())
    if (one.text_or("manager", "") == "mcp") return true;
  return false;
}

Judgement judge(const Step& step, const Known& known, const Value& live) {
  const bool absent = live.is_null();
  const bool deleting = !absent && is_deleting(live);
  const std::string uid = absent ? std::string() : uid_of(live);
  switch (step.action) {
    case Action::Create:
      if (absent) return {};
      if (deleting) return {Verdict::Wait, {}};   // a namesake that is ending: the name is free soon
      if (at_after(step, live) && is_ours(live)) return {Verdict::Done, {}};
      return conflict(is_ours(live) ? "exists already with other content" : "exists already, and not by mcp");
    case Action::Update:
    case Action::Adopt:
      if (absent) return conflict("is gone");
      if (uid != step.uid) return conflict("is another object of that name");
      if (deleting) return conflict("is being deleted");
      if (step.action == Action::Adopt && known.uid == uid && at_after(step, live)) return {Verdict::Done, {}};
      // `before` first: an update that only gives fields up leaves the stated ones as they are.
      if (at_before(step, known, live)) return {};
      if (at_after(step, live)) return {Verdict::Done, {}};
      return conflict("fields differ");
    case Action::Replace:
      if (absent) return {Verdict::Create, {}};
      if (uid != step.uid) {
        if (deleting) return {Verdict::Wait, {}};
        if (at_after(step, live) && is_ours(live)) return {Verdict::Done, {}};
        return conflict("is another object of that name");
      }
      if (deleting) return {Verdict::Wait, {}};
      if (at_before(step, known, live)) return {};
      return conflict("fields differ");
    case Action::Delete:
      if (absent || uid != step.uid) return {Verdict::Done, {}};
      if (deleting) return {Verdict::Wait, {}};
      if (at_before(step, known, live)) return {};
      return conflict("fields differ");
    case Action::Join:
    case Action::Leave:
    case Action::Forget: break;
  }
  return {};
}

StaleObject stale_object(const Step& step, const Known& known, const Value& live, const Change* change, std::string why) {
  StaleObject out;
  out.address = step.address;
  out.ref = step.ref;
  out.why = std::move(why);
  if (live.is_map()) {
    // The newest other manager; times of one form, so bytes compare as times do.
    if (const Value* managers = live.at("metadata", "managedFields"); managers != nullptr && managers->is_list())
      for (const Value& one : managers->items()) {
        if (one.text_or("manager", "") == "mcp" || one.text_or("subresource", "") == "status") continue;
        if (out.manager.empty() || one.text_or("time", "") >= out.time) {
          out.manager = one.text_or("manager", "");
          out.time = one.text_or("time", "");
        }
      }
  }
  if (!live.is_map() || out.why != "fields differ") return out;
  const Value& stated = known.body.is_map() ? known.body : step.body;
  const Value present = owned_fields(step.ref.kind, stated, live);
  for (const FieldDifference& d : compare_fields(step.ref.kind, stated, present)) {
    StaleObject::Field field;
    field.path = d.path.text();
    field.had = d.before != nullptr;
    field.has = d.after != nullptr;
    if (d.before != nullptr) field.planned = *d.before;
    if (d.after != nullptr) field.present = *d.after;
    // Where the plan showed a drift, its own "before" is what was planned on.
    if (change != nullptr)
      for (const FieldChange& f : change->fields)
        if (f.path == field.path) {
          field.had = f.had;
          field.planned = f.before;
        }
    if (field.had == field.has && field.planned == field.present) continue;
    out.fields.push_back(std::move(field));
  }
  return out;
}

}  // namespace mcp
