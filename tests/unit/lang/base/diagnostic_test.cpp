#include "lang/base/diagnostic.hpp"

#include "tests/support/catch.hpp"

using namespace mcp;

TEST_CASE("findings come sorted by place, equal ones once") {
  Diagnostics all;
  all.add(error("E0202", {9, 10}, "b"));
  all.add(warning("W0510", {3, 4}, "a"));
  all.add(error("E0201", {9, 10}, "b"));
  all.add(error("E0202", {9, 10}, "b"));
  std::string out;
  for (const Diagnostic& d : all.sorted()) out += d.code + " ";
  CHECK(out == "W0510 E0201 E0202 ");
  CHECK(all.errors() == 3);
  CHECK(all.warnings() == 1);
}

TEST_CASE("the nearest word is offered when it is near") {
  const std::vector<std::string_view> words = {"replicas", "region", "gold", "silver", "on"};
  CHECK(nearest("replica", words) == "replicas");
  CHECK(nearest("replcias", words) == "replicas");
  CHECK(nearest("glod", words) == "gold");
  CHECK(nearest("bronze", words).empty());
  CHECK(nearest("x", words).empty());
  CHECK(nearest("", {}).empty());
}

TEST_CASE("places count lines and code points from one") {
  SourceMap sources;
  sources.add("a.mcp", "x\n");
  const SourceFile& b = sources.add("b.mcp", "1\n\xC3\xBC\xE2\x82\xAC z\n");
  const Place place = sources.locate(b.base + 8);
  CHECK(place.file == "b.mcp");
  CHECK(place.line == 2);
  CHECK(place.column == 4);
  CHECK(place.offset == 8);
  CHECK(sources.brief({b.base, b.base + 1}) == "b.mcp:1");
  CHECK(sources.line(b, 2) == "\xC3\xBC\xE2\x82\xAC z");
  CHECK(sources.line(b, 9).empty());
}
