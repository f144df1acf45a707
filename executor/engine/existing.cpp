#include "executor/engine/existing.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "executor/fleet/asking.hpp"
#include "executor/fleet/owners.hpp"
#include "executor/fleet/place.hpp"
#include "executor/fleet/text.hpp"
#include "executor/run/resume.hpp"
#include "planner/diff/normalize.hpp"

namespace mcp {

namespace {

/// Applied by mcp for this very project: the label alone may be a copy, the manager may have worked for another.
bool ours(const Value& live, const std::string& project) {
  const Value* label = live.at("metadata", "labels", "mcp.dev/project");
  return held_by_us(live) && label != nullptr && label->is_string() && label->as_string() == project;
}

struct Wanted {
  ObjectRef ref;
  const Value* body = nullptr;
};

ObservedRow row_of(const Wanted& wanted, const Value& live, const std::string& project) {
  ObservedRow out;
  out.ref = wanted.ref;
  out.uid = uid_of(live);
  out.version = version_of(live);
  out.fields = normalize(wanted.ref.kind, live);
  out.owned = out.fields.digest();
  out.owners = other_owners(wanted.ref.kind, *wanted.body, live);
  if (!out.owners.empty()) {
    out.manager = out.owners.back().manager;
    out.changed_at = out.owners.back().time;
  }
  out.ours = ours(live, project);
  out.deleting = is_deleting(live);
  return out;
}

/// What a member answered, if it was neither yes nor no; "": it was.
std::string unclear(const Outcome& outcome) {
  if (const auto* no = std::get_if<Rejected>(&outcome)) return no->code == 404 ? std::string() : no->detail;   // a kind that is still to come
  if (std::holds_alternative<Done>(outcome) || std::holds_alternative<Page>(outcome)) return {};
  return to_string(outcome);
}

constexpr int most_tries = 5;

/// What members answer about objects of these names; those that are not there are left out.
void look(Fleet& fleet, const std::vector<Wanted>& all, const std::string& project, Existing& into) {
  struct Question {
    std::span<const Wanted* const> what;
    bool list = false;
    int tries = 0;
  };
  Asking<Question> asking(fleet);
  const auto ask = [&](const Question& question, Instant at) {
    const ObjectRef& ref = question.what.front()->ref;
    if (question.list) asking.ask_at(at, question, ref.member, list_of_place(ref));
    else asking.ask_at(at, question, ref.member, Read{ref});
  };
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::vector<const Wanted*>> places;   // by member, namespace and kind
  for (const Wanted& wanted : all) places[{wanted.ref.member, wanted.ref.ns, wanted.ref.api, wanted.ref.kind}].push_back(&wanted);
  for (const auto& [place, names] : places) {
    const std::span<const Wanted* const> here(names);
    const bool list = names.size() > few_names && !fleet.capabilities(std::get<0>(place)).since;
    if (list) ask({here, true, 0}, fleet.now());
    else
      for (std::size_t i = 0; i < here.size(); ++i) ask({here.subspan(i, 1), false, 0}, fleet.now());
  }
  while (auto answer = asking.next()) {
    Question& question = answer->about;
    if (const std::string why = unclear(answer->outcome); !why.empty()) {
      const auto* throttled = std::get_if<Throttled>(&answer->outcome);
      if (!std::holds_alternative<Rejected>(answer->outcome) && ++question.tries < most_tries)
        ask(question, fleet.now() + (throttled != nullptr ? throttled->retry_after : Duration{200 * question.tries}));
      else
        into.unclear.emplace(question.what.front()->ref.member, why);
    } else if (const auto* got = std::get_if<Done>(&answer->outcome)) {
      if (!got->object.is_null()) into.rows.push_back(row_of(*question.what.front(), got->object, project));
    } else if (const auto* page = std::get_if<Page>(&answer->outcome)) {
      const auto there = by_name(*page);
      for (const Wanted* each : question.what)
        if (const auto found = there.find(each->ref.name); found != there.end()) into.rows.push_back(row_of(*each, *found->second, project));
    }
  }
  for (const Question& question : asking.open()) into.unclear.emplace(question.what.front()->ref.member, "no answer within 120 s");
}

/// Entries that no row records, on members of `answering`, in their order.
std::vector<const DesiredEntry*> unrecorded(const Desired& desired, const std::vector<RecordedRow>& rows, const std::vector<std::string>& answering) {
  std::vector<const DesiredEntry*> out;
  auto row = rows.begin();
  for (const DesiredEntry& entry : desired.entries) {
    const DesiredObject& o = desired.object_of(entry);
    const std::string& member = desired.members[entry.member];
    const auto key = std::tie(member, o.ns, o.kind, o.name);
    const auto key_of = [](const ObjectRef& ref) { return std::tie(ref.member, ref.ns, ref.kind, ref.name); };
    while (row != rows.end() && key_of(row->ref) < key) ++row;
    if (row != rows.end() && key_of(row->ref) == key) continue;
    if (std::binary_search(answering.begin(), answering.end(), member)) out.push_back(&entry);
  }
  return out;
}

}  // namespace

Existing find_existing(Fleet& fleet, const std::string& project, const Desired& desired, const std::vector<RecordedRow>& rows,
                       const std::vector<std::string>& answering) {
  const std::vector<const DesiredEntry*> all = unrecorded(desired, rows, answering);
  const auto wanted = [&](const DesiredEntry& entry) {
    const DesiredObject& o = desired.object_of(entry);
    return Wanted{{desired.members[entry.member], o.api, o.kind, o.ns, o.name}, &desired.bodies[entry.body].value};
  };
  // What is in no namespace first, namespaces among it: in those that are not there is nothing to be found.
  Existing out;
  std::vector<Wanted> outside;
  std::set<std::pair<std::string_view, std::string_view>> missing;   // (member, namespace) that the project states
  for (const DesiredEntry* entry : all) {
    const DesiredObject& o = desired.object_of(*entry);
    if (!o.ns.empty()) continue;
    outside.push_back(wanted(*entry));
    if (o.kind == "Namespace") missing.emplace(desired.members[entry->member], o.name);
  }
  look(fleet, outside, project, out);
  for (const ObservedRow& found : out.rows)
    if (found.ref.kind == "Namespace") missing.erase({found.ref.member, found.ref.name});
  std::vector<Wanted> inside;
  const DesiredEntry* last = nullptr;   // entries come by member and namespace: each place is thought about once
  bool here = false;
  for (const DesiredEntry* entry : all) {
    const std::string& ns = desired.object_of(*entry).ns;
    if (ns.empty()) continue;
    if (last == nullptr || last->member != entry->member || desired.object_of(*last).ns != ns) {
      const std::string& member = desired.members[entry->member];
      here = !out.unclear.contains(member) && !missing.contains({member, ns});
    }
    last = entry;
    if (here) inside.push_back(wanted(*entry));
  }
  look(fleet, inside, project, out);
  std::sort(out.rows.begin(), out.rows.end(), [](const ObservedRow& a, const ObservedRow& b) { return row_before(a.ref, b.ref); });
  return out;
}

}  // namespace mcp
