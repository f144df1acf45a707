#include "planner/diff/fields.hpp"

#include "lang/value/json.hpp"
#include "tests/support/property.hpp"
#include "tests/unit/planner/diff/yaml.hpp"

namespace mcp::test {

namespace {


std::string difference(std::string_view kind, std::string_view before, std::string_view after) {
  const Value a = yaml(before);
  const Value b = yaml(after);
  std::string out;
  for (const FieldDifference& d : compare_fields(kind, a, b))
    out += (out.empty() ? "" : "; ") + d.path.text() + " " + (d.before == nullptr ? "-" : to_json(*d.before)) + " " + (d.after == nullptr ? "-" : to_json(*d.after));
  return out;
}

/// Bodies of the shapes that Deployments have: maps, keyed lists, plain lists.
Value some_body(int depth) {
  MapBuilder out;
  const auto text = [] { return Value::string(std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 3)))); };
  if (*rc::gen::arbitrary<bool>()) out.set("image", text());
  if (*rc::gen::arbitrary<bool>()) out.set("a.b/c", text());
  if (*rc::gen::arbitrary<bool>()) out.set("args", Value::list({text(), text()}));
  if (*rc::gen::arbitrary<bool>()) out.set("n", Value::integer(*rc::gen::inRange(0, 3)));
  if (depth > 0) {
    if (*rc::gen::arbitrary<bool>()) out.set("spec", some_body(depth - 1));
    std::vector<Value> containers;
    for (const char* name : {"x", "y", "z"})
      if (*rc::gen::inRange(0, 3) == 0) containers.push_back(some_body(depth - 1).with("name", Value::string(name)));
    if (!containers.empty()) out.set("containers", Value::list(std::move(containers)));
  }
  return out.build();
}

}  // namespace

TEST_CASE("differences name the leaf by the keys of its lists") {
  CHECK(difference("Deployment", "{spec: {containers: [{name: web, image: a}]}}", "{spec: {containers: [{name: web, image: b}]}}") ==
        R"(spec.containers[name=web].image "a" "b")");
  CHECK(difference("Service", "{spec: {ports: [{port: 80, protocol: TCP, targetPort: 1}, {port: 53, protocol: UDP, targetPort: 1}]}}",
                   "{spec: {ports: [{port: 53, protocol: UDP, targetPort: 2}, {port: 80, targetPort: 1, protocol: TCP}]}}") ==
        R"(spec.ports[port=53,protocol=UDP].targetPort 1 2)");
  CHECK(difference("ConfigMap", "{data: {a.yaml: x}}", "{data: {a.yaml: y, b: z}}") == R"(data[a.yaml] "x" "y"; data.b - "z")");
  CHECK(difference("Deployment", "{spec: {args: [a, b]}}", "{spec: {args: [a]}}") == R"(spec.args ["a","b"] ["a"])");
  CHECK(difference("Deployment", "{spec: {a: 1}}", "{}") == "spec.a 1 -");
}

TEST_CASE("the order of a keyed list is no difference") {
  CHECK(difference("Deployment", "{containers: [{name: a, env: [{name: X}, {name: Y}]}, {name: b}]}", "{containers: [{name: b}, {name: a, env: [{name: Y}, {name: X}]}]}").empty());
  CHECK(same_content("Deployment", yaml("{containers: [{name: a}, {name: b}]}"), yaml("{containers: [{name: b}, {name: a}]}")));
  CHECK_FALSE(same_content("Deployment", yaml("{args: [a, b]}"), yaml("{args: [b, a]}")));
}

TEST_CASE("a body patched with its difference to another is the other") {
  property("any two bodies", [] {
    const Value a = some_body(3);
    const Value b = some_body(3);
    const auto differences = compare_fields("Deployment", a, b);
    const Value patched = patch(a, differences);
    RC_ASSERT(same_content("Deployment", patched, b));
    RC_ASSERT(compare_fields("Deployment", a, a).empty());
  });
}

TEST_CASE("paths read what they write") {
  property("any difference", [] {
    const Value a = some_body(3);
    const Value b = some_body(3);
    for (const FieldDifference& d : compare_fields("Deployment", a, b)) {
      const auto again = FieldPath::parse(d.path.text());
      RC_ASSERT(again.has_value());
      RC_ASSERT(again->text() == d.path.text());
      if (d.after != nullptr) RC_ASSERT(*again->in(b) == *d.after);
    }
  });
}

}  // namespace mcp::test
