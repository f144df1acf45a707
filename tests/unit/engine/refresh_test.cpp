// A refresh over a fleet that lists by kind and in pages, as Kubernetes members do, with whatever comes between two pages.
#include "executor/engine/refresh.hpp"

#include <algorithm>
#include <functional>

#include "executor/engine/listing.hpp"
#include "executor/fleet/text.hpp"
#include "executor/run/marker.hpp"
#include "planner/diff/normalize.hpp"
#include "planner/store/store.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

/// `body` as a member answers it.
Value live(const Value& body, const std::string& uid, const std::string& manager = "mcp") {
  const Value managed = yaml("[{manager: " + manager + ", operation: Apply, fieldsV1: {}}]");
  return body.with("metadata", body.find("metadata")->with("uid", Value::string(uid)).with("resourceVersion", Value::string("7")).with("managedFields", managed));
}

std::string config_name(int i) { return "c" + std::to_string(100 + i); }

/// What a member holds at a moment, as its lists tell it, and what only a read finds: it has lost its label.
struct Moment {
  std::vector<Value> listed;
  std::vector<Value> unlabelled;
};

/// Members that all hold the same. `trouble` may say what becomes of the n-th request for a page instead of an answer; a 410
/// is the end of a moment.
class PagedFleet final : public Fleet {
 public:
  PagedFleet(std::vector<Moment> moments, std::size_t page) : moments_(std::move(moments)), page_(page) {}
  std::function<std::optional<Outcome>(const List&, std::size_t)> trouble = [](const List&, std::size_t) { return std::nullopt; };
  std::size_t pages = 0;       // asked for so far
  std::size_t most_held = 0;   // objects that somebody else held when a page was asked for

  Capabilities capabilities(const MemberName&) const override { return {.since = false, .pods = true, .trial = true}; }
  void submit(OpId id, Operation op) override { done_.push_back({id, answer(op), now_}); }
  void cancel(OpId) override {}
  void wait(Instant until, std::vector<Completion>& done) override {
    if (done_.empty()) now_ = until;
    std::move(done_.begin(), done_.end(), std::back_inserter(done));
    done_.clear();
  }
  Instant now() const override { return now_; }

 private:
  const Moment& moment() const { return moments_[at_]; }

  Outcome answer(const Operation& op) {
    if (std::holds_alternative<Probe>(op.request)) return Done{.object = {}, .warnings = {}, .facts = MemberFacts{"id-" + op.member, "v1.36.0"}};
    if (const auto* read = std::get_if<Read>(&op.request)) {
      for (const auto* all : {&moment().listed, &moment().unlabelled})
        for (const Value& object : *all)
          if (ref_of(op.member, object) == read->ref) return Done{.object = object, .warnings = {}, .facts = {}};
      return Done{};
    }
    return page(std::get<List>(op.request));
  }

  Outcome page(const List& list) {
    const auto held = [](const Value& object) { return object.held_by(2); };
    most_held = std::max(most_held, static_cast<std::size_t>(std::count_if(moment().listed.begin(), moment().listed.end(), held)));
    if (auto instead = trouble(list, pages++)) {
      const auto* rejected = std::get_if<Rejected>(&*instead);
      if (rejected != nullptr && rejected->code == 410 && at_ + 1 < moments_.size()) ++at_;
      return *std::move(instead);
    }
    REQUIRE(list.kinds.size() == 1);
    REQUIRE(list.page > 0);
    std::vector<const Value*> all;
    for (const Value& object : moment().listed)
      if (object.text_or("apiVersion", "") == list.kinds[0].first && object.text_or("kind", "") == list.kinds[0].second) all.push_back(&object);
    const std::size_t from = list.cursor.empty() ? 0 : std::stoul(list.cursor);
    const std::size_t to = std::min(all.size(), from + std::min(page_, list.page));
    Page out;
    for (std::size_t i = from; i < to; ++i) out.objects.push_back(*all[i]);
    if (to < all.size()) out.cursor = std::to_string(to);
    return out;
  }

  std::vector<Moment> moments_;
  std::size_t page_;
  std::size_t at_ = 0;
  Instant now_{1000};
  std::vector<Completion> done_;
};

/// A state that records a namespace and `count` configs on member `m`.
struct Recorded {
  TempDir dir;
  std::unique_ptr<Store> store;
  std::vector<RecordedRow> rows;

  explicit Recorded(int count) {
    store = *Store::open(dir.path(), "shop");
    auto txn = *store->begin();
    RecordedMember member;
    member.name = "m";
    member.identity = "id-m";
    REQUIRE(store->put_member(member));
    put(namespace_ref("m", "shop"), namespace_body("shop"), "namespace.shop");
    for (int i = 0; i < count; ++i) put(config_ref("m", config_name(i)), config_body(config_name(i), "stated"), "config.shop/" + config_name(i));
    REQUIRE(txn.commit());
    rows = *store->recorded();
  }
  void put(const ObjectRef& ref, const Value& stated, const std::string& address) {
    const Value body = normalize(ref.kind, stated);
    RecordedRow row;
    row.ref = ref;
    row.address = *Address::parse(address + "@m");
    row.uid = "u-" + ref.name;
    row.body = body.digest();
    row.owned = owned_fields(ref.kind, body, body).digest();
    REQUIRE(store->put_body(body));
    REQUIRE(store->put_recorded(row));
  }
  Refreshed refreshed(Fleet& fleet) const {
    auto out = refresh(store.get(), rows, fleet, "shop", {"m"}, RefreshMode::Changed, 0);
    REQUIRE(out);
    return *std::move(out);
  }
};

Value as_recorded(int i) { return live(config_body(config_name(i), "stated"), "u-" + config_name(i)); }

/// Everything that an object can be: as recorded, changed, ended, made anew, ours without a row, a stranger's, our marker.
Moment mixed(int count) {
  Moment out;
  out.listed = {live(namespace_body("shop"), "u-shop"), live(namespace_body("mcp-system"), "home")};
  for (int i = 0; i < count; ++i) {
    const std::string name = config_name(i);
    switch (i % 9) {
      case 2: out.listed.push_back(live(config_body(name, "drifted"), "u-" + name)); break;
      case 3: out.listed.push_back(live(config_body(name, "stated"), "another")); break;
      case 4: break;   // gone
      case 5: out.unlabelled.push_back(as_recorded(i)); break;
      case 6: out.unlabelled.push_back(live(config_body(name, "drifted"), "u-" + name)); break;
      default: out.listed.push_back(as_recorded(i));
    }
  }
  out.listed.push_back(live(config_body("ours", "x"), "u1"));
  out.listed.push_back(live(config_body("theirs", "x"), "u2", "kubectl"));
  out.listed.push_back(live(marker_body("shop", 1, 1), "u3"));
  return out;
}

std::string said(const Refreshed& refreshed) {
  const RefreshedMember& m = refreshed.members.at(0);
  return m.name + " " + std::to_string(static_cast<int>(m.reach)) + " " + m.identity + " " + m.version + " " + std::to_string(m.failures) + " " + m.detail;
}

}  // namespace

TEST_CASE("a list in pages tells what it tells in one, whatever comes between two pages") {
  constexpr int count = 27;
  const Recorded whole(count);
  PagedFleet at_once({mixed(count)}, 1000);
  const Refreshed expected = whole.refreshed(at_once);
  CHECK(expected.observed.size() == 4 * 3 + 1);   // changed, made anew, gone, changed and without a label; ours
  CHECK(*whole.store->observed() == expected.observed);
  const std::vector<std::optional<Outcome>> troubles = {std::nullopt, Throttled{}, Uncertain{"cut"}, Rejected{410, "Expired", "too old"}};
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000}})
    for (const auto& trouble : troubles) {
      std::size_t pages = 1;
      for (std::size_t n = 0; n < pages; ++n) {
        CAPTURE(size, n, trouble ? to_string(*trouble) : "none");
        const Recorded recorded(count);
        PagedFleet fleet({mixed(count)}, size);
        fleet.trouble = [&](const List&, std::size_t page) { return page == n ? trouble : std::nullopt; };
        const Refreshed refreshed = recorded.refreshed(fleet);
        CHECK(said(refreshed) == said(expected));
        CHECK(refreshed.observed == expected.observed);
        CHECK(*recorded.store->observed() == expected.observed);
        CHECK(*recorded.store->scan("m"));
        pages = trouble ? fleet.pages : 1;
      }
    }
}

TEST_CASE("what the pages before a new beginning told counts for nothing") {
  constexpr int count = 12;
  Moment after;   // all is well again, and the last object is gone
  after.listed.push_back(live(namespace_body("shop"), "u-shop"));
  for (int i = 0; i + 1 < count; ++i) after.listed.push_back(as_recorded(i));
  for (std::size_t n = 0; n < 4; ++n) {   // configs fill four pages of the first moment
    CAPTURE(n);
    const Recorded recorded(count);
    PagedFleet fleet({mixed(count), after}, 3);
    std::size_t configs = 0;
    fleet.trouble = [&](const List& list, std::size_t) -> std::optional<Outcome> {
      if (list.kinds[0].second != "ConfigMap" || configs++ != n) return std::nullopt;
      CHECK(list.cursor.empty() == (n == 0));
      return Rejected{410, "Expired", "too old"};
    };
    const Refreshed refreshed = recorded.refreshed(fleet);
    REQUIRE(refreshed.observed.size() == 1);
    CHECK(refreshed.observed[0].ref == config_ref("m", config_name(count - 1)));
    CHECK(refreshed.observed[0].uid.empty());
    CHECK(*recorded.store->observed() == refreshed.observed);
  }
}

TEST_CASE("a list that does not come to its end says of nothing that it is gone") {
  constexpr int count = 12;
  const Recorded recorded(count);
  PagedFleet first({mixed(count)}, 3);
  const std::vector<ObservedRow> before = recorded.refreshed(first).observed;
  const std::vector<Outcome> ends = {Unreachable{"no route"}, Rejected{403, "Forbidden", "no right"}, Rejected{410, "Expired", "too old"}, Uncertain{"cut"}, Throttled{}};
  for (const Outcome& end : ends) {
    CAPTURE(to_string(end));
    PagedFleet fleet({Moment{}}, 3);   // a member that lost everything, if its lists were believed
    fleet.trouble = [&](const List&, std::size_t page) -> std::optional<Outcome> { return page > 0 ? std::optional(end) : std::nullopt; };
    const Refreshed refreshed = recorded.refreshed(fleet);
    CHECK(refreshed.members[0].reach == (std::holds_alternative<Rejected>(end) ? Reach::Refused : Reach::Unreachable));
    CHECK_FALSE(refreshed.members[0].detail.empty());
    CHECK(refreshed.observed == before);
    CHECK(*recorded.store->observed() == before);
  }
}

TEST_CASE("a refresh says the same where the state cannot be written") {
  constexpr int count = 27;
  const Recorded recorded(count);
  PagedFleet drifted({mixed(count)}, 5);
  recorded.refreshed(drifted);
  Moment well;
  well.listed.push_back(live(namespace_body("shop"), "u-shop"));
  for (int i = 0; i < count; ++i) well.listed.push_back(as_recorded(i));
  for (const Moment& now : {well, mixed(count), Moment{}}) {
    auto reading = *Store::open_existing(recorded.dir.path(), "shop", Access::Read);
    PagedFleet one({now}, 5);
    PagedFleet other({now}, 5);
    const auto read = refresh(reading.get(), recorded.rows, one, "shop", {"m"}, RefreshMode::Changed, 0);
    REQUIRE(read);
    CHECK(read->observed == recorded.refreshed(other).observed);
    CHECK(read->observed == *recorded.store->observed());
  }
}

TEST_CASE("what an apply recorded meanwhile is not judged by an older list") {
  const Recorded recorded(3);
  PagedFleet fleet({mixed(3)}, 1000);
  fleet.trouble = [&](const List&, std::size_t page) -> std::optional<Outcome> {
    if (page == 0) {
      RecordedRow row = *recorded_row(recorded.rows, config_ref("m", config_name(2)));
      row.uid = "newer";
      REQUIRE(recorded.store->put_recorded(row));
    }
    return std::nullopt;
  };
  CHECK(recorded.refreshed(fleet).observed.size() == 2);   // against what was recorded when it began
  const auto cached = *recorded.store->observed();
  REQUIRE(cached.size() == 1);
  CHECK(cached[0].ref == config_ref("m", "ours"));
}

TEST_CASE("a refresh holds pages, not lists") {
  constexpr int count = 3000;
  const Recorded recorded(count);
  Moment all;
  all.listed.push_back(live(namespace_body("shop"), "u-shop"));
  for (int i = 0; i < count; ++i) all.listed.push_back(as_recorded(i));
  PagedFleet fleet({std::move(all)}, count);   // it would give all at once
  CHECK(recorded.refreshed(fleet).observed.empty());
  CHECK(fleet.pages == count / 500 + 1);
  CHECK(fleet.most_held <= 500 + 1);   // one page of each kind
}

TEST_CASE("the more lists are read at once, the smaller are their pages") {
  CHECK(page_of(0) == 500);
  CHECK(page_of(3) == 500);
  CHECK(page_of(40) == 500);
  CHECK(page_of(100) == 200);
  CHECK(page_of(100'000) == 100);   // smaller ones would make more requests than they save memory
}
