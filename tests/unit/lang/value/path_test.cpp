#include "lang/value/path.hpp"

#include "lang/value/json.hpp"
#include "tests/support/catch.hpp"

using namespace mcp;

TEST_CASE("a path is printed as it is read") {
  for (const char* text : {"spec.replicas", "data[application.yaml]", "spec.template.spec.containers[name=web].image", "spec.args[0]", "a[0][1].b",
                           "spec.ports[port=80,protocol=TCP].targetPort", "metadata.labels[app.kubernetes.io/name]"}) {
    const auto path = FieldPath::parse(text);
    REQUIRE(path);
    CHECK(path->text() == text);
  }
}

TEST_CASE("a path that is none is refused") {
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a[", "a[]", "a b", "a[0]b", "a[=x]"}) {
    INFO(text);
    CHECK(!FieldPath::parse(text));
  }
}

TEST_CASE("a path finds what it names, and nothing else") {
  const Value body = *parse_json(R"({"spec":{"args":["x","y"],"containers":[{"name":"a","image":"i"},{"name":"web","image":"j"}],
                                     "ports":[{"port":80},{"port":80,"protocol":"UDP","n":1}]},"data":{"a.yaml":"t"}})");
  const auto at = [&](const char* path) {
    const Value* found = FieldPath::parse(path)->in(body);
    return found == nullptr ? std::string("none") : to_json(*found);
  };
  CHECK(at("spec.args[1]") == "\"y\"");
  CHECK(at("spec.args[2]") == "none");
  CHECK(at("spec.containers[name=web].image") == "\"j\"");
  CHECK(at("spec.containers[name=x].image") == "none");
  CHECK(at("data[a.yaml]") == "\"t\"");
  CHECK(at("spec.ports[port=80,protocol=UDP].n") == "1");
  CHECK(at("spec.ports[port=80,protocol=TCP].n") == "none");
  CHECK(at("spec.none.at.all") == "none");
  CHECK(at("data.x.y") == "none");
}
