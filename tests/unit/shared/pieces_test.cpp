// Texts cut into pieces: nothing is lost, a small change stays small, and what was packed comes back or is refused.
#include "executor/shared/pieces.hpp"

#include <random>
#include <set>

#include "tests/support/catch.hpp"

using namespace mcp;

namespace {

/// A line of `size` bytes about each key; key `changed` says something else.
std::vector<Piece> cut(int keys, std::size_t size, int changed = -1) {
  PieceCutter cutter;
  for (int i = 0; i < keys; ++i) {
    const std::string key = "shop/ConfigMap/c-" + std::to_string(i);
    cutter.begin(key);
    cutter.line(key + std::string(size, i == changed ? 'y' : 'x'));
  }
  return cutter.finish();
}

std::string joined(const std::vector<Piece>& pieces) {
  std::string out;
  for (const Piece& piece : pieces) out += piece.text;
  return out;
}

}  // namespace

TEST_CASE("pieces together are the whole text, each of a bounded size") {
  for (const std::size_t size : {10U, 3'000U, 100'000U, 5'000'000U}) {
    const int keys = size > 1'000'000 ? 3 : 2'000;
    const std::vector<Piece> pieces = cut(keys, size);
    std::size_t bytes = 0;
    for (const Piece& piece : pieces) {
      CHECK(piece.text.size() <= (2U << 20U) + size + 100);
      bytes += piece.text.size();
    }
    const std::string whole = joined(pieces);
    CHECK(bytes == whole.size());
    CHECK(std::count(whole.begin(), whole.end(), '\n') == keys);
  }
  CHECK(PieceCutter().finish().empty());
}

TEST_CASE("a change in one place changes one piece") {
  const std::vector<Piece> before = cut(20'000, 500);
  REQUIRE(before.size() > 20);
  std::set<std::string> names;
  for (const Piece& piece : before) names.insert(piece.name);
  for (const int changed : {0, 4'711, 19'999}) {
    std::size_t other = 0;
    for (const Piece& piece : cut(20'000, 500, changed))
      if (!names.contains(piece.name)) ++other;
    CHECK(other == 1);
  }
}

TEST_CASE("what was packed comes back") {
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    std::string text(random() % 100000, char{0});
    for (char& c : text) c = static_cast<char>(i % 2 == 0 ? random() % 4 : random());
    const std::string bytes = packed(text);
    CHECK(unpacked(bytes, text.size()).value() == text);
    if (!text.empty()) CHECK_FALSE(unpacked(bytes, text.size() - 1));
    CHECK_FALSE(unpacked(std::string_view(bytes).substr(0, bytes.size() - 1 - random() % 10), std::size_t{1} << 20U));
  }
  CHECK_FALSE(unpacked("", 100));
  CHECK_FALSE(unpacked("no gzip at all", 100));
}
