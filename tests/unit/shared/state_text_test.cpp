// The state as text and back: whatever a store held, it says what the other says once the pieces were exchanged.
#include "executor/shared/state_text.hpp"

#include "tests/unit/shared/random_state.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

std::vector<std::string> names(const std::vector<Piece>& pieces) {
  std::vector<std::string> out;
  for (const Piece& piece : pieces) out.push_back(piece.name);
  return out;
}

std::vector<Piece> without(const std::vector<Piece>& pieces, const std::vector<Piece>& others) {
  std::vector<Piece> out;
  for (const Piece& piece : pieces)
    if (std::none_of(others.begin(), others.end(), [&](const Piece& other) { return other.name == piece.name; })) out.push_back(piece);
  return out;
}

}  // namespace

TEST_CASE("a store that takes over another's pieces says what the other says") {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    const TempDir a_dir;
    const TempDir b_dir;
    const auto a = fresh_store(a_dir.file("a"));
    const auto b = fresh_store(b_dir.file("b"));
    RandomState random(seed);
    random.fill(*a, static_cast<int>(random.below(200)), static_cast<int>(random.below(6)));
    if (seed % 4 != 0) random.fill(*b, static_cast<int>(random.below(200)), static_cast<int>(random.below(6)));
    const auto of_a = state_pieces(*a);
    const auto of_b = state_pieces(*b);
    REQUIRE(of_a);
    REQUIRE(of_b);
    auto txn = b->begin();
    REQUIRE(txn);
    const auto replaced = replace_pieces(*b, without(*of_b, *of_a), without(*of_a, *of_b));
    INFO((replaced ? "" : replaced.error().text()));
    REQUIRE(replaced);
    REQUIRE(txn->commit());
    CHECK(names(*state_pieces(*b)) == names(*of_a));
    CHECK(b->recorded().value() == a->recorded().value());
    CHECK(b->runs().value() == a->runs().value());
  }
}

TEST_CASE("damaged lines are refused, not guessed at") {
  const TempDir dir;
  const auto store = fresh_store(dir.file("a"));
  for (const char* line : {"{", "[]", "{}", "{\"object\":{}}", "{\"object\":{\"member\":\"a\",\"kind\":\"ConfigMap\",\"address\":\"config.shop/c\",\"body\":\"00\"}}", "{\"apply\":{\"id\":0}}",
                           "{\"member\":{}}", "{\"member\":7}", "{\"history\":{\"before\":\"zz\"}}"}) {
    INFO(line);
    auto txn = store->begin();
    REQUIRE(txn);
    CHECK_FALSE(replace_pieces(*store, {}, {{"x", std::string(line) + "\n"}}));
  }
  CHECK(store->recorded_count().value() == 0);
}

TEST_CASE("lines of a later version are passed over") {
  const TempDir dir;
  const auto store = fresh_store(dir.file("a"));
  CHECK(replace_pieces(*store, {}, {{"x", "{\"approval\":{\"by\":\"ana\"}}\n"}}));
}
