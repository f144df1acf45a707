#include "executor/engine/existing.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "executor/fleet/owners.hpp"
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

constexpr std::size_t few = 20;   // names in one place that are read one by one; more are listed with their neighbours

/// What a member answered, if it was neither yes nor no; "": it was.
std::string unclear(const Outcome& outcome) {
  if (const auto* no = std::get_if<Rejected>(&outcome)) return no->code == 404 ? std::string() : no->detail;   // a kind that is still to come
  if (std::holds_alternative<Done>(outcome) || std::holds_alternative<Page>(outcome)) return {};
  return to_string(outcome);
}

constexpr int most_tries = 5;

/// What members answer about objects of these names; those that are not there are left out.
void look(Fleet& fleet, const std::vector<Wanted>& all, const std::string& project, Existing& into) {
  // By place: member, namespace and kind.
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::vector<const Wanted*>> places;
  for (const Wanted& wanted : all) places[{wanted.ref.member, wanted.ref.ns, wanted.ref.api, wanted.ref.kind}].push_back(&wanted);
  struct Question {
    std::span<const Wanted* const> what;
    bool list = false;
    int tries = 0;
  };
  std::map<std::uint64_t, Question> asked;
  std::multimap<Instant, Question> later;
  std::uint64_t next = 4'000'000'000;
  const auto ask = [&](const Question& question) {
    const ObjectRef& ref = question.what.front()->ref;
    asked.emplace(++next, question);
    if (!question.list) return fleet.submit(static_cast<OpId>(next), Operation{ref.member, Read{ref}, Duration(65'000)});
    List list;
    list.ns = ref.ns;
    list.kinds = {{ref.api, ref.kind}};
    fleet.submit(static_cast<OpId>(next), Operation{ref.member, std::move(list), Duration(65'000)});
  };
  for (const auto& [place, names] : places) {
    const std::span<const Wanted* const> here(names);
    if (names.size() > few && !fleet.capabilities(std::get<0>(place)).since) ask({here, true, 0});
    else
      for (std::size_t i = 0; i < here.size(); ++i) ask({here.subspan(i, 1), false, 0});
  }
  std::vector<Completion> done;
  while (!asked.empty() || !later.empty()) {
    while (!later.empty() && later.begin()->first <= fleet.now()) ask(later.extract(later.begin()).mapped());
    done.clear();
    const Instant patience = fleet.now() + Instant(120'000);
    fleet.wait(later.empty() ? patience : std::min(patience, later.begin()->first), done);
    if (done.empty() && later.empty()) break;
    for (const Completion& c : done) {
      const auto it = asked.find(static_cast<std::uint64_t>(c.id));
      if (it == asked.end()) continue;
      Question question = it->second;
      asked.erase(it);
      if (const std::string why = unclear(c.outcome); !why.empty()) {
        const auto* throttled = std::get_if<Throttled>(&c.outcome);
        if (!std::holds_alternative<Rejected>(c.outcome) && ++question.tries < most_tries)
          later.emplace(fleet.now() + (throttled != nullptr ? throttled->retry_after : Duration{200 * question.tries}), question);
        else
          into.unclear.emplace(question.what.front()->ref.member, why);
      } else if (const auto* got = std::get_if<Done>(&c.outcome)) {
        if (!got->object.is_null()) into.rows.push_back(row_of(*question.what.front(), got->object, project));
      } else if (const auto* page = std::get_if<Page>(&c.outcome)) {
        std::map<std::string_view, const Value*> there;
        for (const Value& object : page->objects)
          if (const Value* metadata = object.find("metadata"); metadata != nullptr) there.emplace(metadata->text_or("name", ""), &object);
        for (const Wanted* each : question.what)
          if (const auto found = there.find(each->ref.name); found != there.end()) into.rows.push_back(row_of(*each, *found->second, project));
      }
    }
  }
  for (const auto& [id, question] : asked) into.unclear.emplace(question.what.front()->ref.member, "no answer within 120 s");
}

}  // namespace

namespace {

/// Calls `visit` for each desired entry, in order, with whether a row records it.
template <class Visit>
void each_entry(const Desired& desired, const std::vector<RecordedRow>& rows, const Visit& visit) {
  auto row = rows.begin();
  for (const DesiredEntry& entry : desired.entries) {
    const DesiredObject& o = desired.object_of(entry);
    const std::string& member = desired.members[entry.member];
    const auto key = std::tie(member, o.ns, o.kind, o.name);
    const auto key_of = [](const ObjectRef& ref) { return std::tie(ref.member, ref.ns, ref.kind, ref.name); };
    while (row != rows.end() && key_of(row->ref) < key) ++row;
    visit(entry, o, member, row != rows.end() && key_of(row->ref) == key);
  }
}

}  // namespace

Existing find_existing(Fleet& fleet, const std::string& project, const Desired& desired, const std::vector<RecordedRow>& rows,
                       const std::vector<std::string>& answering) {
  const auto wanted = [&](const DesiredEntry& entry, const DesiredObject& o, const std::string& member) {
    return Wanted{{member, o.api, o.kind, o.ns, o.name}, &desired.bodies[entry.body].value};
  };
  const auto answers = [&](const std::string& member) { return std::binary_search(answering.begin(), answering.end(), member); };
  std::set<std::pair<std::string, std::string>> there;   // (member, namespace)
  std::vector<Wanted> outside;                           // in no namespace, namespaces themselves among them
  each_entry(desired, rows, [&](const DesiredEntry& entry, const DesiredObject& o, const std::string& member, bool recorded) {
    if (!o.ns.empty()) return;
    if (recorded && o.kind == "Namespace") there.emplace(member, o.name);
    if (!recorded && answers(member)) outside.push_back(wanted(entry, o, member));
  });
  Existing out;
  look(fleet, outside, project, out);
  for (const ObservedRow& found : out.rows)
    if (found.ref.kind == "Namespace") there.emplace(found.ref.member, found.ref.name);
  // A namespace that no policy states, such as `default`, may be there as well. Entries come by member and namespace, so
  // that each place is thought about once.
  std::set<std::string> stated;
  for (const DesiredObject& o : desired.objects)
    if (o.kind == "Namespace") stated.insert(o.name);
  std::vector<Wanted> inside;
  const std::string* last_member = nullptr;
  const std::string* last_ns = nullptr;
  bool here = false;
  each_entry(desired, rows, [&](const DesiredEntry& entry, const DesiredObject& o, const std::string& member, bool recorded) {
    if (recorded || o.ns.empty()) return;
    if (last_member == nullptr || *last_member != member || *last_ns != o.ns) {
      last_member = &member;
      last_ns = &o.ns;
      here = answers(member) && !out.unclear.contains(member) && (!stated.contains(o.ns) || there.contains({member, o.ns}));
    }
    if (here) inside.push_back(wanted(entry, o, member));
  });
  look(fleet, inside, project, out);
  std::sort(out.rows.begin(), out.rows.end(), [](const ObservedRow& a, const ObservedRow& b) { return row_before(a.ref, b.ref); });
  return out;
}

}  // namespace mcp
