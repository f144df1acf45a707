#include "executor/engine/refresh.hpp"

#include <algorithm>
#include <set>

#include "executor/fleet/asking.hpp"
#include "executor/fleet/owners.hpp"
#include "executor/run/marker.hpp"
#include "executor/run/resume.hpp"
#include "planner/diff/fields.hpp"
#include "planner/diff/rows.hpp"
#include "planner/diff/normalize.hpp"

namespace mcp {

namespace {

enum class Asked : std::uint8_t { Probe, Marker, List, Object };

struct Question {
  std::size_t member = 0;
  Asked what = Asked::Probe;
  std::optional<ObjectRef> object = {};   // of an Object
  int tries = 0;                          // answers to it that were none
};

/// What the lists of one member have told so far.
struct Listing {
  bool full = false;                          // everything was asked for
  std::string since;
  std::vector<Value> objects;
  std::vector<ObjectRef> gone;
  std::string version;
  bool complete = false;
  std::vector<std::pair<std::string, std::string>> kinds;   // to be listed, where the driver lists by kind
};

class Refresher {
 public:
  Refresher(Store* store, Fleet& fleet, const std::string& project, RefreshMode mode, std::int64_t now_ms)
      : store_(store), fleet_(fleet), project_(project), mode_(mode), now_ms_(now_ms), asking_(fleet) {}

  Result<Refreshed> run(const std::vector<std::string>& members) {
    for (const std::string& name : members) {
      RefreshedMember m;
      m.name = name;
      out_.members.push_back(std::move(m));
    }
    listings_.resize(members.size());
    std::set<std::string> recorded;
    std::map<std::string, Store::Failures> failures;
    if (store_ != nullptr) {
      for (const RecordedMember& m : MCP_TRY(store_->members())) recorded.insert(m.name);
      failures = MCP_TRY(store_->failures());
    }
    if (mode_ != RefreshMode::None) {
      for (std::size_t i = 0; i < members.size(); ++i) {
        ask({i, Asked::Probe});
        if (!recorded.contains(members[i])) {
          ask({i, Asked::Marker});
          continue;
        }
        Listing& listing = listings_[i];
        const bool by_kind = !fleet_.capabilities(members[i]).since;
        if (by_kind) {
          listing.kinds = MCP_TRY(store_->kinds(members[i]));
          if (listing.kinds.empty()) continue;   // nothing is recorded of it, so nothing of it can have changed
        }
        if (mode_ == RefreshMode::Changed && !by_kind)
          if (const auto scan = MCP_TRY(store_->scan(members[i]))) listing.since = scan->list_version;
        listing.full = listing.since.empty();
        ask({i, Asked::List});
      }
      MCP_TRY(gather());
      if (store_ != nullptr) {
        MCP_TRY(look_for_missing());
        MCP_TRY(gather());
      }
    }
    for (RefreshedMember& m : out_.members) {
      const auto it = failures.find(m.name);
      const Store::Failures before = it == failures.end() ? Store::Failures{} : it->second;
      if (mode_ == RefreshMode::None) {
        // Nobody was asked: those that did not answer the last time are taken as silent still.
        if (before.count > 0) m.reach = Reach::Unreachable;
        m.failures = before.count;
        m.failing_ms = before.count > 0 ? std::max<std::int64_t>(0, now_ms_ - before.first_ms) : 0;
        continue;
      }
      if (m.reach != Reach::Unreachable) continue;
      m.failures = before.count + 1;
      m.failing_ms = before.count > 0 ? std::max<std::int64_t>(0, now_ms_ - before.first_ms) : 0;
    }
    if (store_ != nullptr && mode_ != RefreshMode::None) MCP_TRY(keep(failures));
    if (store_ != nullptr) {
      for (ObservedRow& row : MCP_TRY(store_->observed())) out_.observed.push_back(std::move(row));
    }
    // Read-only: what the cache could not take stands beside it.
    for (ObservedRow& row : fresh_) {
      const auto same = [&](const ObservedRow& o) { return o.ref == row.ref; };
      std::erase_if(out_.observed, same);
      out_.observed.push_back(std::move(row));
    }
    std::erase_if(out_.observed, [&](const ObservedRow& row) { return cleared_.contains(row.ref); });
    std::sort(out_.observed.begin(), out_.observed.end(), [](const ObservedRow& a, const ObservedRow& b) { return row_before(a.ref, b.ref); });
    return std::move(out_);
  }

 private:
  const std::string& name(const Question& question) const { return out_.members[question.member].name; }

  /// Puts the question, a list from `cursor` on.
  void ask(const Question& question, Instant at, std::string cursor = {}) {
    switch (question.what) {
      case Asked::Probe: return asking_.ask_at(at, question, name(question), Probe{});
      case Asked::Marker: return asking_.ask_at(at, question, name(question), Read{marker_ref(name(question), project_)});
      case Asked::Object: return asking_.ask_at(at, question, name(question), Read{*question.object});
      case Asked::List: {
        const Listing& listing = listings_[question.member];
        List list{project_, listing.since, std::move(cursor), {}};
        list.kinds = listing.kinds;
        return asking_.ask_at(at, question, name(question), std::move(list));
      }
    }
  }
  void ask(const Question& question) { ask(question, fleet_.now()); }

  /// Puts it once more; what a list has told so far counts for nothing then.
  void ask_again(const Question& question, Instant at) {
    if (question.what == Asked::List) {
      listings_[question.member].objects.clear();
      listings_[question.member].gone.clear();
    }
    ask(question, at);
  }

  /// Lists go by label. What is recorded and not listed may be gone, or have lost its label: its name decides.
  Result<void> look_for_missing() {
    std::map<std::string, std::size_t> full;
    std::vector<std::set<ObjectRef>> seen(listings_.size());
    for (std::size_t i = 0; i < listings_.size(); ++i) {
      if (!listings_[i].full || !listings_[i].complete || out_.members[i].reach != Reach::Answered) continue;
      full.emplace(out_.members[i].name, i);
      for (const Value& object : listings_[i].objects) seen[i].insert(ref_of(out_.members[i].name, object));
    }
    if (full.empty()) return {};
    return store_->each_recorded([&](RecordedRow& row) {
      const auto it = full.find(row.ref.member);
      if (it != full.end() && !seen[it->second].contains(row.ref) && !is_marker(row.ref, project_)) ask({it->second, Asked::Object, row.ref});
    });
  }

  void silent(std::size_t member, std::string detail, Reach reach, bool probe = false) {
    RefreshedMember& m = out_.members[member];
    // The first reason stays: what comes after it mostly follows from it.
    if (m.reach == reach && !m.detail.empty() && !probe) return;
    m.reach = reach;
    m.detail = std::move(detail);
  }

  Result<void> gather() {
    while (auto got = asking_.next()) MCP_TRY(answer(got->about, got->outcome));
    for (const Question& question : asking_.open()) silent(question.member, "no answer within 120 s", Reach::Unreachable);
    return {};
  }

  Result<void> answer(Question& question, Outcome& outcome) {
    RefreshedMember& m = out_.members[question.member];
    if (auto* page = std::get_if<Page>(&outcome)) {
      Listing& listing = listings_[question.member];
      for (Value& object : page->objects) listing.objects.push_back(std::move(object));
      for (ObjectRef& ref : page->gone) listing.gone.push_back(std::move(ref));
      if (page->cursor.empty()) {
        listing.version = page->version;
        listing.complete = true;
      } else {
        ask({question.member, Asked::List}, fleet_.now(), page->cursor);
      }
    } else if (auto* got = std::get_if<Done>(&outcome)) {
      if (question.what == Asked::Probe && got->facts) {
        m.identity = got->facts->identity;
        m.version = got->facts->version;
      }
      if (question.what == Asked::Object) {
        Listing& listing = listings_[question.member];
        if (got->object.is_null()) listing.gone.push_back(*question.object);
        else listing.objects.push_back(std::move(got->object));
      }
      if (question.what == Asked::Marker && !got->object.is_null() && store_ == nullptr)
        return fail("cluster " + m.name + " holds objects of project " + project_ + ", and there is no state of it here",
                    "make the state again from the clusters: `mcp state rebuild`");
    } else if (const auto* r = std::get_if<Rejected>(&outcome)) {
      if (r->code == 410 && question.what == Asked::List) {
        // The list version is too old: everything once more.
        Listing& listing = listings_[question.member];
        Listing fresh;
        fresh.full = true;
        fresh.kinds = std::move(listing.kinds);
        listing = std::move(fresh);
        ask({question.member, Asked::List});
      } else if (r->code == 404 && question.what == Asked::Object) {
        listings_[question.member].gone.push_back(*question.object);   // its very kind is gone
      } else {
        // It has answered, so it is there: this is never the silence from which a loss is concluded.
        silent(question.member, r->detail.empty() ? r->reason : r->detail, Reach::Refused, question.what == Asked::Probe);
      }
    } else if (const auto* t = std::get_if<Throttled>(&outcome)) {
      if (++question.tries < 8) ask_again(question, fleet_.now() + t->retry_after);
      else silent(question.member, "it asks to wait, again and again", Reach::Unreachable);
    } else if (const auto* u = std::get_if<Uncertain>(&outcome)) {
      if (++question.tries < 4) ask_again(question, fleet_.now());
      else silent(question.member, u->detail, Reach::Unreachable);
    } else if (const auto* gone = std::get_if<Unreachable>(&outcome)) {
      silent(question.member, gone->detail, Reach::Unreachable);
    }
    return {};
  }

  static ObjectRef ref_of(const std::string& member, const Value& object) {
    const Value* meta = object.find("metadata");
    return {member, std::string(object.text_or("apiVersion", "")), std::string(object.text_or("kind", "")),
            std::string(meta != nullptr ? meta->text_or("namespace", "") : ""), std::string(meta != nullptr ? meta->text_or("name", "") : "")};
  }

  /// What a listed object says against its recorded row; nothing if it is as recorded.
  Result<std::optional<ObservedRow>> compare(const ObjectRef& ref, const Value& object) {
    const auto recorded = MCP_TRY(store_->recorded(ref));
    ObservedRow row;
    row.ref = ref;
    row.uid = uid_of(object);
    row.version = version_of(object);
    row.deleting = is_deleting(object);
    row.ours = held_by_us(object);
    if (!recorded) {
      if (!row.ours) return std::optional<ObservedRow>();
      row.fields = normalize(ref.kind, object);
      row.owned = row.fields.digest();
      return std::optional(std::move(row));
    }
    const Value stated = MCP_TRY(store_->body(recorded->body));
    row.fields = owned_fields(ref.kind, stated, object);
    row.owned = row.fields.digest();
    // Values that are as recorded may still be held by others too: whoever changes them takes them over.
    row.owners = other_owners(ref.kind, stated, object);
    if (row.owned == recorded->owned && row.uid == recorded->uid && !row.deleting && row.owners.empty()) return std::optional<ObservedRow>();
    if (row.owned != recorded->owned) {
      std::vector<std::string> differ;
      for (const FieldDifference& d : compare_fields(ref.kind, stated, row.fields)) differ.push_back(d.path.text());
      const auto touched = [&](const FieldOwner& o) {
        return std::any_of(differ.begin(), differ.end(), [&](const std::string& path) { return is_within(o.field, path) || is_within(path, o.field); });
      };
      for (const FieldOwner& o : row.owners)
        if (touched(o) && (row.manager.empty() || o.time >= row.changed_at)) {
          row.manager = o.manager;
          row.changed_at = o.time;
        }
    }
    return std::optional(std::move(row));
  }

  Result<void> keep(const std::map<std::string, Store::Failures>& failures) {
    const bool writable = !store_->read_only();
    std::optional<Txn> txn;
    if (writable) txn.emplace(MCP_TRY(store_->begin()));
    for (std::size_t i = 0; i < out_.members.size(); ++i) {
      const RefreshedMember& m = out_.members[i];
      const auto it = failures.find(m.name);
      const int before = it == failures.end() ? 0 : it->second.count;
      if (writable && (m.failures > 0 || before > 0)) {
        const std::int64_t first = before > 0 ? it->second.first_ms : now_ms_;
        if (m.reach == Reach::Unreachable) MCP_TRY(store_->put_failures(m.name, m.failures, first));
        else MCP_TRY(store_->put_failures(m.name, 0, 0));
      }
      const Listing& listing = listings_[i];
      if (!listing.complete || m.reach != Reach::Answered) continue;
      if (listing.full && writable) MCP_TRY(store_->drop_observed_of(m.name));
      for (const Value& object : listing.objects) {
        const ObjectRef ref = ref_of(m.name, object);
        if (is_marker(ref, project_)) continue;
        auto row = MCP_TRY(compare(ref, object));
        if (!row) {
          if (writable && !listing.full) MCP_TRY(store_->drop_observed(ref));
          if (!writable) cleared_.insert(ref);
          continue;
        }
        if (writable) MCP_TRY(store_->put_observed(*row));
        else fresh_.push_back(std::move(*row));
      }
      const auto gone = [&](const ObjectRef& ref) -> Result<void> {
        if (is_marker(ref, project_)) return {};
        if (!MCP_TRY(store_->recorded(ref))) {
          if (writable) MCP_TRY(store_->drop_observed(ref));
          return {};
        }
        ObservedRow row;
        row.ref = ref;
        if (writable) MCP_TRY(store_->put_observed(row));
        else fresh_.push_back(std::move(row));
        return {};
      };
      for (const ObjectRef& ref : listing.gone) MCP_TRY(gone(ref));
      if (writable) MCP_TRY(store_->put_scan(m.name, ScanRow{listing.version, static_cast<std::int64_t>(fleet_.now().count())}));
    }
    if (txn) MCP_TRY(txn->commit());
    return {};
  }

  Store* store_;
  Fleet& fleet_;
  const std::string& project_;
  RefreshMode mode_;
  std::int64_t now_ms_;
  Refreshed out_;
  std::vector<Listing> listings_;
  Asking<Question> asking_;
  std::vector<ObservedRow> fresh_;
  std::set<ObjectRef> cleared_;
};

}  // namespace

Result<Refreshed> refresh(Store* store, Fleet& fleet, const std::string& project, const std::vector<std::string>& members, RefreshMode mode, std::int64_t now_ms) {
  return Refresher(store, fleet, project, mode, now_ms).run(members);
}

}  // namespace mcp
