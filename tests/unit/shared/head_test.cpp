// The objects of the MCP cluster: what is written reads as it was meant, and what others left there is not trusted.
#include "executor/shared/head.hpp"

#include <random>

#include "lang/base/crypto.hpp"
#include "lang/value/json.hpp"
#include "tests/support/catch.hpp"

using namespace mcp;

namespace {

/// As a server answers it.
Value live(const Value& body) { return body.with("metadata", body.find("metadata")->with("uid", Value::string("u")).with("resourceVersion", Value::string("5"))); }

Value with_head(std::string_view json, std::string_view format = "1") {
  Head empty;
  empty.present = true;
  return live(head_body("shop", empty)).with("data", MapBuilder().set("format", format).set("head", json).build());
}

}  // namespace

TEST_CASE("a head reads as it was written") {
  Head head;
  head.present = true;
  head.serial = 7;
  head.token = 9;
  head.pieces = {{"aa", 1}, {"bb", 3}};
  CHECK(read_head(live(head_body("shop", head)))->same_content(head));
  RunRow open;
  open.id = 8;
  open.plan = Value::integer(1).digest();
  open.changes = open.plan;
  open.cells = {"*@*"};
  open.who = "ana";
  head.open = open;
  head.plan = {{"cc", 1}};
  const auto read = read_head(live(head_body("shop", head)));
  REQUIRE(read);
  CHECK(read->same_content(head));
  CHECK(read->uid == "u");
  CHECK(read->version == "5");
  CHECK_FALSE(read_head(Value())->present);
}

TEST_CASE("a head of a newer format, or a damaged one, is refused") {
  CHECK_FALSE(read_head(with_head("{}", "2")));
  CHECK_FALSE(read_head(with_head("{}", "")));
  CHECK_FALSE(read_head(with_head("{")));
  CHECK_FALSE(read_head(with_head("[]")));
  CHECK_FALSE(read_head(live(MapBuilder().set("metadata", Value::empty_map()).build())));
  CHECK(read_head(with_head("{\"pieces\":[7,\"a*0\",\"b*99999999999999999999\",\"c*\"]}"))->pieces == std::vector<PieceName>{{"a", 1}, {"b", 1}, {"c", 1}});
}

TEST_CASE("a piece that packs badly goes in several objects, none above the limit of a ConfigMap") {
  std::string noise(3U << 20U, '\0');
  std::mt19937 random(3);
  for (char& c : noise) c = static_cast<char>(random());
  const Piece piece{sha256(noise).hex().substr(0, 32), noise};
  const auto objects = piece_objects("shop", piece);
  REQUIRE(objects.size() > 1);
  std::string bytes;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    CHECK(objects[i].first == piece_ref("shop", piece.name, i));
    const auto part = read_part(objects[i].second);
    REQUIRE(part);
    CHECK(part->size() <= 900U << 10U);
    bytes += *part;
  }
  CHECK(joined_piece(piece.name, bytes)->text == noise);
  bytes[1000] = static_cast<char>(bytes[1000] + 1);
  CHECK_FALSE(joined_piece(piece.name, bytes));
  CHECK_FALSE(joined_piece("0123", packed("text")));
}

TEST_CASE("environments share the key of their project") {
  CHECK(key_ref("shop.staging") == key_ref("shop"));
  CHECK(head_ref("shop.staging") != head_ref("shop"));
  CHECK(read_key(key_body("shop", std::string("\0\1\2", 3))) == std::string("\0\1\2", 3));
  CHECK(read_key(Value()).empty());
}
