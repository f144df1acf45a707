#include "executor/fleet/owners.hpp"
#include "executor/sim/ownership.hpp"
#include "lang/value/json.hpp"
#include "tests/support/bodies.hpp"

using namespace mcp;
using mcp::test::yaml;

namespace {

const ApiType& deployment = api_type("apps/v1", "Deployment");

const char* live_text =
    "{spec: {replicas: 3, template: {spec: {containers: [{name: web, image: a, env: [{name: A, value: x}, {name: B, value: y}]}, {name: side, image: s}]}}}}";

std::string text(const std::vector<FieldConflict>& list) {
  std::string out;
  for (const auto& c : list) out += c.field + " " + c.manager + "\n";
  return out;
}

SimManager manager(const char* name, const char* shape) { return {name, false, Instant(0), yaml(shape)}; }

}  // namespace

TEST_CASE("only another owner of a different value conflicts") {
  const Value live = yaml(live_text);
  const std::vector<SimManager> managers{manager("edit", "{spec: {replicas: 3, template: {spec: {containers: [{name: web, image: a}]}}}}")};
  CHECK(text(conflicts(deployment, live, yaml("{spec: {replicas: 3}}"), "mcp", managers)).empty());
  CHECK(text(conflicts(deployment, live, yaml("{spec: {paused: true}}"), "mcp", managers)).empty());
  CHECK(text(conflicts(deployment, live, yaml("{spec: {replicas: 5, template: {spec: {containers: [{name: web, image: b}, {name: side, image: t}]}}}}"), "mcp",
                       managers)) == ".spec.replicas edit\n.spec.template.spec.containers[name=\"web\"].image edit\n");
  // Who updates and who applies are two, whatever they are called.
  CHECK(text(conflicts(deployment, live, yaml("{spec: {replicas: 5}}"), "edit", managers)) == ".spec.replicas edit\n");
  const std::vector<SimManager> applied{{"edit", true, Instant(0), managers[0].shape}};
  CHECK(text(conflicts(deployment, live, yaml("{spec: {replicas: 5}}"), "edit", applied)).empty());
}

TEST_CASE("applied fields are set and items of others stay") {
  const Value got = merged(deployment, yaml(live_text),
                           yaml("{spec: {template: {spec: {containers: [{name: web, image: b, env: [{name: C, value: z}]}]}}}}"));
  CHECK(got == yaml("{spec: {replicas: 3, template: {spec: {containers: [{name: web, image: b, env: [{name: A, value: x}, {name: B, value: y}, {name: "
                    "C, value: z}]}, {name: side, image: s}]}}}}"));
}

TEST_CASE("the applied order wins, and what others have stays between") {
  struct Row { const char* live; const char* applied; const char* merged; };
  const Row rows[] = {
      {"[{name: a}, {name: b}]", "[{name: b}, {name: a}]", "[{name: b}, {name: a}]"},
      {"[{name: x}, {name: a}, {name: b}]", "[{name: a}, {name: b}]", "[{name: x}, {name: a}, {name: b}]"},
      {"[{name: a}, {name: x}, {name: b}]", "[{name: a}, {name: b}]", "[{name: a}, {name: x}, {name: b}]"},
      {"[{name: a}, {name: x}]", "[{name: n}, {name: a}]", "[{name: n}, {name: a}, {name: x}]"},
      {"[{name: x}]", "[{name: a}]", "[{name: x}, {name: a}]"},
  };
  const ApiType& env = *api_type("v1", "Pod").field("spec")->field("containers")->item().field("env");
  for (const Row& row : rows) {
    INFO(row.live << " and " << row.applied);
    CHECK(to_json(merged(env, yaml(row.live), yaml(row.applied))) == to_json(yaml(row.merged)));
  }
  // Sets grow, and what has one owner is replaced.
  CHECK(merged(*deployment.field("metadata"), yaml("{finalizers: [a]}"), yaml("{finalizers: [b]}")) == yaml("{finalizers: [a, b]}"));
  CHECK(merged(*deployment.field("spec"), yaml("{selector: {matchLabels: {a: b}}}"), yaml("{selector: {matchLabels: {c: d}}}")) == yaml("{selector: {matchLabels: {c: d}}}"));
}

TEST_CASE("an empty list of keyed items says nothing") {
  CHECK(without_empty_lists(api_type("v1", "Service"), yaml("{metadata: {name: s, labels: {a: ''}}, spec: {ports: []}}")) == yaml("{metadata: {name: s, labels: {a: ''}}}"));
  CHECK(without_empty_lists(deployment, yaml("{spec: {template: {spec: {containers: [{name: web, env: [], command: []}]}}}}")) ==
        yaml("{spec: {template: {spec: {containers: [{name: web, command: []}]}}}}"));
}

TEST_CASE("fields with one owner are one field of managedFields") {
  const Value shape = yaml("{metadata: {name: d, finalizers: [x/y]}, spec: {selector: {matchLabels: {a: b}}, template: {spec: {imagePullSecrets: [{name: p}], containers: [{name: w, command: [a]}]}}}}");
  CHECK(to_json(fields_v1(deployment, shape)) ==
        R"({"f:metadata":{"f:finalizers":{"v:\"x/y\"":{}}},"f:spec":{"f:selector":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"w\"}":{".":{},"f:command":{},"f:name":{}}},)"
        R"("f:imagePullSecrets":{"k:{\"name\":\"p\"}":{}}}}}})");
}

TEST_CASE("what its owner leaves out goes, unless another holds it") {
  const Value before = yaml("{spec: {replicas: 3, template: {spec: {containers: [{name: web, image: a, env: [{name: A, value: x}]}, {name: side, image: s}]}}}}");
  const Value after = yaml("{spec: {template: {spec: {containers: [{name: web, image: a}]}}}}");
  const Value alone = released(deployment, yaml(live_text), before, after, {});
  CHECK(alone == yaml("{spec: {template: {spec: {containers: [{name: web, image: a}]}}}}"));   // with env, in which nobody holds anything
  const Value other = yaml("{spec: {replicas: 3, template: {spec: {containers: [{name: web, env: [{name: B, value: y}]}, {name: side, image: s}]}}}}");
  const Value shared = released(deployment, yaml(live_text), before, after, {&other});
  CHECK(shared == yaml("{spec: {replicas: 3, template: {spec: {containers: [{name: web, image: a, env: [{name: B, value: y}]}, {name: side, image: s}]}}}}"));
}

TEST_CASE("a manager loses the fields whose value another one changes") {
  const Value shape = yaml("{spec: {replicas: 3, template: {spec: {containers: [{name: web, image: a}]}}}}");
  CHECK(without_lost(deployment, shape, yaml("{spec: {replicas: 5}}"), yaml(live_text)) ==
        yaml("{spec: {template: {spec: {containers: [{name: web, image: a}]}}}}"));
  CHECK(without_lost(deployment, shape, yaml("{spec: {replicas: 3}}"), yaml(live_text)) == shape);
}

TEST_CASE("a path and a value make the smallest body that says so") {
  struct Row { const char* path; const char* value; const char* body; };
  const Row rows[] = {
      {"spec.replicas", "5", "{spec: {replicas: 5}}"},
      {"spec.template.spec.containers[name=web].image", "b", "{spec: {template: {spec: {containers: [{name: web, image: b}]}}}}"},
      {"spec.template.spec.containers[0].image", "b", "{spec: {template: {spec: {containers: [{name: web, image: b}]}}}}"},
      {"metadata.labels[a/b]", "c", "{metadata: {labels: {a/b: c}}}"},
  };
  for (const Row& row : rows) {
    INFO(row.path);
    auto body = body_for(deployment, yaml(live_text), *FieldPath::parse(row.path), parse_yaml(row.value)->front());
    REQUIRE(body);
    CHECK(*body == yaml(row.body));
  }
  CHECK_FALSE(body_for(deployment, yaml(live_text), *FieldPath::parse("spec.template.spec.containers[name=none].image"), Value::integer(1)));
}

TEST_CASE("managedFields name the owners of stated fields, and nobody else's") {
  const Value stated = yaml("{spec: {replicas: 3, template: {spec: {containers: [{name: web, image: a, ports: [{containerPort: 80}]}]}}}}");
  const Value held = yaml("{spec: {replicas: 5, template: {spec: {containers: [{name: web, image: b, ports: [{containerPort: 80, name: http}]}, {name: x, image: y}]}}}}");
  const Value live = Value().with("metadata", Value().with("managedFields", Value::list(std::vector<Value>{
      MapBuilder().set("manager", "kubectl-edit").set("operation", "Update").set("time", "T").set("fieldsV1", fields_v1(deployment, held)).build(),
      MapBuilder().set("manager", "mcp").set("operation", "Apply").set("time", "T").set("fieldsV1", fields_v1(deployment, stated)).build()})));
  std::string text;
  for (const FieldOwner& o : other_owners("Deployment", stated, live)) text += o.field + " " + o.manager + "\n";
  CHECK(text == "spec.replicas kubectl-edit\nspec.template.spec.containers[name=web].image kubectl-edit\n"
                "spec.template.spec.containers[name=web].name kubectl-edit\n"
                "spec.template.spec.containers[name=web].ports[containerPort=80].containerPort kubectl-edit\n");
  CHECK(held_by_us(live));
}
