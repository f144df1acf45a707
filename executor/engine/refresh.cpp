#include "executor/engine/refresh.hpp"

#include <algorithm>
#include <set>

#include "executor/engine/listing.hpp"
#include "executor/fleet/asking.hpp"
#include "executor/run/marker.hpp"

namespace mcp {

namespace {

constexpr int most_restarts = 3;   // of one list that cannot go on where it was

enum class Asked : std::uint8_t { Probe, Marker, List, Object };

struct Question {
  std::size_t member = 0;
  Asked what = Asked::Probe;
  std::size_t listing = 0;                // of a List; of an Object the one that should have told of it
  std::string cursor = {};                // of a List: where its page begins
  std::optional<ObjectRef> object = {};   // of an Object
  int tries = 0;                          // answers to it that were none
};

class Refresher {
 public:
  Refresher(Store* store, std::span<const RecordedRow> rows, Fleet& fleet, const std::string& project, RefreshMode mode, std::int64_t now_ms)
      : store_(store), rows_(rows), fleet_(fleet), project_(project), mode_(mode), now_ms_(now_ms), asking_(fleet) {}

  Result<Refreshed> run(const std::vector<std::string>& members) {
    for (const std::string& name : members) {
      RefreshedMember m;
      m.name = name;
      out_.members.push_back(std::move(m));
    }
    std::set<std::string> recorded;
    std::map<std::string, Store::Failures> failures;
    if (store_ != nullptr) {
      for (const RecordedMember& m : MCP_TRY(store_->members())) recorded.insert(m.name);
      failures = MCP_TRY(store_->failures());
      out_.observed = MCP_TRY(store_->observed());
    }
    if (mode_ != RefreshMode::None) {
      for (std::size_t i = 0; i < members.size(); ++i)
        if (recorded.contains(members[i])) MCP_TRY(plan_lists(i));
      std::size_t listing = 0;
      for (std::size_t i = 0; i < members.size(); ++i) {
        ask({i, Asked::Probe});
        if (!recorded.contains(members[i])) ask({i, Asked::Marker});
        for (; listing < listings_.size() && listings_[listing].member == i; ++listing) ask({i, Asked::List, listing});
      }
      MCP_TRY(gather());
      look_for_missing();
      MCP_TRY(gather());
    }
    count_failures(failures);
    if (store_ != nullptr && mode_ != RefreshMode::None) {
      if (!store_->read_only()) MCP_TRY(keep(failures));
      tell_news();
    }
    return std::move(out_);
  }

 private:
  const std::string& name(std::size_t member) const { return out_.members[member].name; }

  /// The lists that tell how the objects of a member are: one a kind where the driver lists by kind.
  Result<void> plan_lists(std::size_t member) {
    Listing listing;
    listing.member = member;
    if (fleet_.capabilities(name(member)).since) {
      if (mode_ == RefreshMode::Changed)
        if (const auto scan = MCP_TRY(store_->scan(name(member)))) listing.since = scan->list_version;
      listings_.push_back(std::move(listing));
      return {};
    }
    for (auto& kind : kinds_of(rows_, name(member))) {   // where nothing is recorded, nothing can have changed
      listing.kinds = {std::move(kind)};
      listings_.push_back(listing);
    }
    return {};
  }

  void ask(const Question& question, Instant at) {
    const std::string& to = name(question.member);
    switch (question.what) {
      case Asked::Probe: return asking_.ask_at(at, question, to, Probe{});
      case Asked::Marker: return asking_.ask_at(at, question, to, Read{marker_ref(to, project_)});
      case Asked::Object: return asking_.ask_at(at, question, to, Read{*question.object});
      case Asked::List: {
        const Listing& listing = listings_[question.listing];
        List list{project_, listing.since, question.cursor, {}};
        list.kinds = listing.kinds;
        if (listing.kinds.size() == 1) list.page = page_of(listings_.size());
        return asking_.ask_at(at, question, to, std::move(list));
      }
    }
  }
  void ask(const Question& question) { ask(question, fleet_.now()); }

  bool answered(std::size_t member) const { return out_.members[member].reach == Reach::Answered; }

  /// Members that told all they were asked for, by index; true: of all their objects.
  std::map<std::size_t, bool> read_members() const {
    std::map<std::size_t, bool> out;
    std::set<std::size_t> in_part;
    for (const Listing& listing : listings_) {
      if (!listing.complete || !answered(listing.member)) in_part.insert(listing.member);
      out[listing.member] = listing.full();
    }
    std::erase_if(out, [&](const auto& each) { return in_part.contains(each.first); });
    return out;
  }

  /// Lists go by label. What is recorded and not listed may be gone, or have lost its label: its name decides.
  void look_for_missing() {
    std::vector<bool> present(rows_.size());
    for (const Listing& listing : listings_)
      for (const std::uint32_t row : listing.present) present[row] = true;
    const auto read = read_members();
    std::map<std::string_view, std::size_t> last;   // a list of each member that was read whole
    for (std::size_t i = 0; i < listings_.size(); ++i)
      if (const auto it = read.find(listings_[i].member); it != read.end() && it->second) last[name(listings_[i].member)] = i;
    if (last.empty()) return;
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      const ObjectRef& ref = rows_[row].ref;
      if (present[row] || is_marker(ref, project_)) continue;
      if (const auto it = last.find(ref.member); it != last.end()) ask({listings_[it->second].member, Asked::Object, it->second, {}, ref});
    }
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
      Listing& listing = listings_[question.listing];
      if (!page->cursor.empty()) ask({question.member, Asked::List, question.listing, page->cursor});
      for (const Value& object : page->objects) MCP_TRY(there(listing, object));
      for (const ObjectRef& ref : page->gone) gone(listing, ref);
      listing.version = std::move(page->version);
      listing.complete = page->cursor.empty();
    } else if (auto* got = std::get_if<Done>(&outcome)) {
      if (question.what == Asked::Probe && got->facts) {
        m.identity = got->facts->identity;
        m.version = got->facts->version;
      }
      if (question.what == Asked::Object) {
        if (!got->object.is_null()) return there(listings_[question.listing], got->object);
        gone(listings_[question.listing], *question.object);
      }
      if (question.what == Asked::Marker && !got->object.is_null() && store_ == nullptr)
        return fail("cluster " + m.name + " holds objects of project " + project_ + ", and there is no state of it here",
                    "make the state again from the clusters: `mcp state rebuild`");
    } else if (const auto* r = std::get_if<Rejected>(&outcome)) {
      if (r->code == 410 && question.what == Asked::List && listings_[question.listing].restarts < most_restarts) {
        // The list version, or the page to go on from, is too old: everything once more.
        listings_[question.listing] = begun_anew(listings_[question.listing]);
        ask({question.member, Asked::List, question.listing});
      } else if (r->code == 404 && question.what == Asked::Object) {
        gone(listings_[question.listing], *question.object);   // its very kind is gone
      } else {
        // It has answered, so it is there: this is never the silence from which a loss is concluded.
        silent(question.member, r->detail.empty() ? r->reason : r->detail, Reach::Refused, question.what == Asked::Probe);
      }
    } else if (const auto* t = std::get_if<Throttled>(&outcome)) {
      if (++question.tries < 8) ask(question, fleet_.now() + t->retry_after);
      else silent(question.member, "it asks to wait, again and again", Reach::Unreachable);
    } else if (const auto* u = std::get_if<Uncertain>(&outcome)) {
      if (++question.tries < 4) ask(question);
      else silent(question.member, u->detail, Reach::Unreachable);
    } else if (const auto* gone = std::get_if<Unreachable>(&outcome)) {
      silent(question.member, gone->detail, Reach::Unreachable);
    }
    return {};
  }

  /// An object that stands on the member. Only what is to be kept of it stays.
  Result<void> there(Listing& listing, const Value& object) {
    const ObjectRef ref = ref_of(name(listing.member), object);
    if (is_marker(ref, project_)) return {};
    const RecordedRow* row = recorded_row(rows_, ref);
    if (row != nullptr) listing.present.push_back(static_cast<std::uint32_t>(row - rows_.data()));
    const Value stated = row != nullptr ? MCP_TRY(store_->body(row->body)) : Value();
    note(listing, ref, compare(ref, object, row, stated));
    return {};
  }

  void gone(Listing& listing, const ObjectRef& ref) {
    if (is_marker(ref, project_)) return;
    std::optional<ObservedRow> word;
    if (recorded_row(rows_, ref) != nullptr) word.emplace().ref = ref;
    note(listing, ref, std::move(word));
  }

  /// That nothing is to be told is kept only where something was told before.
  void note(Listing& listing, const ObjectRef& ref, std::optional<ObservedRow> word) {
    const auto known = [&] {
      const auto before = [](const ObservedRow& row, const ObjectRef& r) { return stored_before(row.ref, r); };
      const auto at = std::lower_bound(out_.observed.begin(), out_.observed.end(), ref, before);
      return (at != out_.observed.end() && at->ref == ref) || listing.news.contains(ref);
    };
    if (word || known()) listing.news.insert_or_assign(ref, std::move(word));
  }

  void count_failures(const std::map<std::string, Store::Failures>& failures) {
    for (RefreshedMember& m : out_.members) {
      const auto it = failures.find(m.name);
      const Store::Failures before = it == failures.end() ? Store::Failures{} : it->second;
      if (mode_ == RefreshMode::None) {
        // Nobody was asked: those that did not answer the last time are taken as silent still.
        if (before.count > 0) m.reach = Reach::Unreachable;
        m.failures = before.count;
      } else if (m.reach == Reach::Unreachable) {
        m.failures = before.count + 1;
      } else {
        continue;
      }
      m.failing_ms = before.count > 0 ? std::max<std::int64_t>(0, now_ms_ - before.first_ms) : 0;
    }
  }

  /// An apply that ran meanwhile may have written the row anew: what was told before says nothing of it then.
  Result<bool> still_recorded_so(const ObjectRef& ref) {
    const RecordedRow* then = recorded_row(rows_, ref);
    const auto now = MCP_TRY(store_->recorded(ref));
    return then == nullptr || !now ? (then == nullptr) == !now : *then == *now;
  }

  /// Into the cache with it.
  Result<void> keep(const std::map<std::string, Store::Failures>& failures) {
    Txn txn = MCP_TRY(store_->begin());
    for (const RefreshedMember& m : out_.members) {
      const auto it = failures.find(m.name);
      const int before = it == failures.end() ? 0 : it->second.count;
      if (m.failures == 0 && before == 0) continue;
      const std::int64_t first = before > 0 ? it->second.first_ms : now_ms_;
      if (m.reach == Reach::Unreachable) MCP_TRY(store_->put_failures(m.name, m.failures, first));
      else MCP_TRY(store_->put_failures(m.name, 0, 0));
    }
    const auto read = read_members();
    for (const auto& [member, whole] : read)
      if (whole) MCP_TRY(store_->drop_observed_of(name(member)));
    for (const Listing& listing : listings_) {
      if (!read.contains(listing.member)) continue;
      for (const auto& [ref, word] : listing.news) {
        if (!word) MCP_TRY(store_->drop_observed(ref));
        else if (MCP_TRY(still_recorded_so(ref))) MCP_TRY(store_->put_observed(*word));
      }
      MCP_TRY(store_->put_scan(name(listing.member), ScanRow{listing.version, static_cast<std::int64_t>(fleet_.now().count())}));
    }
    return txn.commit();
  }

  /// What is told now stands instead of what the cache said.
  void tell_news() {
    News news;
    std::set<std::string_view> whole;
    const auto read = read_members();
    for (const auto& [member, all] : read)
      if (all) whole.insert(name(member));
    for (Listing& listing : listings_)
      if (read.contains(listing.member)) news.merge(listing.news);
    std::erase_if(out_.observed, [&](const ObservedRow& row) { return whole.contains(row.ref.member) || news.contains(row.ref); });
    for (auto& [ref, word] : news)
      if (word) out_.observed.push_back(*std::move(word));
    std::sort(out_.observed.begin(), out_.observed.end(), [](const ObservedRow& a, const ObservedRow& b) { return stored_before(a.ref, b.ref); });
  }

  Store* store_;
  std::span<const RecordedRow> rows_;
  Fleet& fleet_;
  const std::string& project_;
  RefreshMode mode_;
  std::int64_t now_ms_;
  Refreshed out_;                    // `observed`: what the cache says, until all have answered
  std::vector<Listing> listings_;    // by member
  Asking<Question> asking_;
};

}  // namespace

Result<Refreshed> refresh(Store* store, std::span<const RecordedRow> rows, Fleet& fleet, const std::string& project, const std::vector<std::string>& members,
                          RefreshMode mode, std::int64_t now_ms) {
  return Refresher(store, rows, fleet, project, mode, now_ms).run(members);
}

}  // namespace mcp
