#include <map>
#include <set>

#include "executor/sim/member.hpp"
#include "lang/value/json.hpp"
#include "planner/diff/normalize.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/property.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

const ObjectRef ref = config_ref("aws", "c");
const char* const managers[] = {"mcp", "helm", "edit"};

/// One thing that somebody does to the object: an apply of some keys, or an edit of one.
struct Move {
  int manager = 0;
  bool edit = false;
  bool force = false;
  std::map<char, char> data;   // keys a..d, values 0..2
};

void showValue(const Move& m, std::ostream& out) {
  out << managers[m.manager] << (m.edit ? " edits" : m.force ? " forces" : " applies");
  for (const auto& [k, v] : m.data) out << ' ' << k << '=' << v;
}

Value body(const std::map<char, char>& data) {
  MapBuilder values;
  for (const auto& [k, v] : data) values.set(std::string(1, k), std::string(1, v));
  return MapBuilder().set("apiVersion", "v1").set("kind", "ConfigMap").set("metadata", yaml("{name: c, namespace: shop}")).set("data", values.build()).build();
}

rc::Gen<Move> moves() {
  const auto pairs = rc::gen::container<std::vector<std::pair<char, char>>>(3, rc::gen::pair(rc::gen::inRange('a', 'e'), rc::gen::inRange('0', '3')));
  const auto data = rc::gen::map(pairs, [](const std::vector<std::pair<char, char>>& all) { return std::map<char, char>(all.begin(), all.end()); });
  return rc::gen::build<Move>(rc::gen::set(&Move::manager, rc::gen::inRange(0, 3)), rc::gen::set(&Move::edit), rc::gen::set(&Move::force),
                              rc::gen::set(&Move::data, data));
}

std::set<std::string> keys(const Value& content) {
  std::set<std::string> out;
  if (const Value* data = content.find("data"))
    for (const Entry& e : data->entries()) out.emplace(e.name());
  return out;
}

struct World {
  std::unique_ptr<SimStore> store = *SimStore::open(":memory:");
  SimTraits traits{.seed = "shop", .version = "v1.36.0", .pace = {}, .capacity = {}};
  SimMember member{*store, store->member("aws"), traits};

  World() { (void)member.write({namespace_ref("aws", "shop"), namespace_body("shop"), {}, Force::No, "mcp", nullptr}, Instant(0)); }
  const SimObject& object() { return store->object(store->member("aws"), key_of(ref)); }
  Outcome apply(const Move& m, Force force) { return member.write({ref, body(m.data), {}, force, managers[m.manager], nullptr}, Instant(0)); }
};

}  // namespace

TEST_CASE("ownership keeps its laws whoever applies and edits") {
  test::property("laws of server-side apply", [] {
    const auto script = *rc::gen::container<std::vector<Move>>(moves());
    World w;
    for (const Move& m : script) {
      const SimObject before = w.object();
      if (m.edit && before.exists()) {
        const auto& [key, value] = *m.data.begin();
        const auto path = *FieldPath::parse("data." + std::string(1, key));
        RC_ASSERT_FALSE(w.member.edit(ref, path, Value::string(std::string(1, value)), "edit", Instant(0)).has_value());
      } else {
        const Outcome got = w.apply(m, m.force ? Force::Yes : Force::No);
        if (std::holds_alternative<Contested>(got)) {
          RC_ASSERT(!m.force);
          RC_ASSERT(w.object().version == before.version);
          RC_ASSERT(w.object().content == before.content);
          continue;
        }
        RC_ASSERT(std::holds_alternative<Done>(got));
        // What was applied is there, and applying it again is nothing.
        for (const auto& [k, v] : m.data) RC_ASSERT(w.object().content.at("data", std::string(1, k))->as_string() == std::string(1, v));
        const std::int64_t version = w.object().version;
        RC_ASSERT(std::holds_alternative<Done>(w.apply(m, Force::No)));
        RC_ASSERT(w.object().version == version);
      }
      // Every key has an owner, every owner's key is there with the owner's value.
      std::set<std::string> owned;
      for (const SimManager& o : w.object().managers)
        if (const Value* data = o.shape.find("data"))
          for (const Entry& e : data->entries()) {
            owned.emplace(e.name());
            RC_ASSERT(*w.object().content.at("data", e.name()) == e.value);
          }
      RC_ASSERT(owned == keys(w.object().content));
    }
  });
}

TEST_CASE("what a file of members gives back is what was put") {
  test::property("views before and after", [] {
    const auto script = *rc::gen::container<std::vector<Move>>(moves());
    World w;
    for (const Move& m : script) {
      (void)w.apply(m, m.force ? Force::Yes : Force::No);
      if (m.edit) (void)w.member.edit(ref, *FieldPath::parse("data.z"), Value::string("1"), "edit", Instant(0));
    }
    const auto before = w.member.everything(Instant(5'000));
    RC_ASSERT(w.store->flush().has_value());
    w.store->trim(0);
    RC_ASSERT(w.member.everything(Instant(5'000)) == before);
  });
}
