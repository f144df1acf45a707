#include "executor/engine/existing.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "executor/fleet/owners.hpp"
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

constexpr std::size_t few = 20;   // names in one place that are read one by one; more are listed with their neighbours

/// What members answer about objects of these names; those that are not there, or did not answer, are left out.
std::vector<ObservedRow> look(Fleet& fleet, const std::vector<Wanted>& all, const std::string& project) {
  // By place: member, namespace and kind.
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::vector<const Wanted*>> places;
  for (const Wanted& wanted : all) places[{wanted.ref.member, wanted.ref.ns, wanted.ref.api, wanted.ref.kind}].push_back(&wanted);
  std::map<std::uint64_t, std::span<const Wanted* const>> asked;
  std::uint64_t next = 4'000'000'000;
  const auto ask = [&](std::span<const Wanted* const> what, auto request) {
    asked.emplace(++next, what);
    fleet.submit(static_cast<OpId>(next), Operation{what.front()->ref.member, std::move(request), Duration(65'000)});
  };
  for (const auto& [place, names] : places) {
    const auto& [member, ns, api, kind] = place;
    const std::span<const Wanted* const> here(names);
    if (names.size() > few && !fleet.capabilities(member).since) {
      List list;
      list.ns = ns;
      list.kinds = {{api, kind}};
      ask(here, std::move(list));
      continue;
    }
    for (std::size_t i = 0; i < here.size(); ++i) ask(here.subspan(i, 1), Read{here[i]->ref});
  }
  std::vector<ObservedRow> out;
  std::vector<Completion> done;
  while (!asked.empty()) {
    done.clear();
    fleet.wait(fleet.now() + Instant(120'000), done);
    if (done.empty()) break;
    for (const Completion& c : done) {
      const auto it = asked.find(static_cast<std::uint64_t>(c.id));
      if (it == asked.end()) continue;
      const auto wanted = it->second;
      asked.erase(it);
      if (const auto* got = std::get_if<Done>(&c.outcome); got != nullptr && !got->object.is_null()) out.push_back(row_of(*wanted.front(), got->object, project));
      const auto* page = std::get_if<Page>(&c.outcome);
      if (page == nullptr) continue;
      std::map<std::string_view, const Value*> there;
      for (const Value& object : page->objects)
        if (const Value* metadata = object.find("metadata"); metadata != nullptr) there.emplace(metadata->text_or("name", ""), &object);
      for (const Wanted* each : wanted)
        if (const auto found = there.find(each->ref.name); found != there.end()) out.push_back(row_of(*each, *found->second, project));
    }
  }
  return out;
}

}  // namespace

std::vector<ObservedRow> find_existing(Fleet& fleet, const std::string& project, const Desired& desired, const std::vector<RecordedRow>& rows,
                                       const std::vector<std::string>& answering) {
  std::vector<Wanted> outside;   // in no namespace, namespaces themselves among them
  std::vector<Wanted> inside;
  std::set<std::pair<std::string, std::string>> there;   // (member, namespace)
  auto row = rows.begin();
  for (const DesiredEntry& entry : desired.entries) {
    const DesiredObject& o = desired.object_of(entry);
    const std::string& member = desired.members[entry.member];
    const auto key = std::tie(member, o.ns, o.kind, o.name);
    const auto key_of = [](const ObjectRef& ref) { return std::tie(ref.member, ref.ns, ref.kind, ref.name); };
    while (row != rows.end() && key_of(row->ref) < key) ++row;
    const bool recorded = row != rows.end() && key_of(row->ref) == key;
    if (recorded && o.kind == "Namespace") there.emplace(member, o.name);
    if (recorded || !std::binary_search(answering.begin(), answering.end(), member)) continue;
    (o.ns.empty() ? outside : inside).push_back({{member, o.api, o.kind, o.ns, o.name}, &desired.bodies[entry.body].value});
  }
  std::vector<ObservedRow> out = look(fleet, outside, project);
  for (const ObservedRow& found : out)
    if (found.ref.kind == "Namespace") there.emplace(found.ref.member, found.ref.name);
  // A namespace that no policy states, such as `default`, may be there as well.
  std::set<std::string> stated;
  for (const DesiredObject& o : desired.objects)
    if (o.kind == "Namespace") stated.insert(o.name);
  std::erase_if(inside, [&](const Wanted& w) { return stated.contains(w.ref.ns) && !there.contains({w.ref.member, w.ref.ns}); });
  std::vector<ObservedRow> more = look(fleet, inside, project);
  std::move(more.begin(), more.end(), std::back_inserter(out));
  std::sort(out.begin(), out.end(), [](const ObservedRow& a, const ObservedRow& b) { return row_before(a.ref, b.ref); });
  return out;
}

}  // namespace mcp
