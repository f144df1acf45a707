#include "executor/fleet/text.hpp"
#include "executor/sim/member.hpp"
#include "lang/value/json.hpp"
#include "tests/support/bodies.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

struct World {
  std::unique_ptr<SimStore> store = *SimStore::open(":memory:");
  SimTraits traits{.seed = "shop", .version = "v1.36.0", .pace = {}, .capacity = {}};
  SimMember member{*store, store->member("aws"), traits};
  Instant now{0};

  Done done(const Outcome& outcome) {
    INFO(to_string(outcome));
    REQUIRE(std::holds_alternative<Done>(outcome));
    return std::get<Done>(outcome);
  }
  Outcome apply(const ObjectRef& ref, const Value& body, Precondition expect = {}, Force force = Force::No) {
    return member.write({ref, body, std::move(expect), force, "mcp", nullptr}, now);
  }
  Outcome apply_as(const std::string& manager, const ObjectRef& ref, const std::string& body) {
    return member.write({.ref = ref, .body = yaml(body), .expect = {}, .manager = manager, .secrets = nullptr}, now);
  }
  Value object(const ObjectRef& ref) { return done(member.read(ref, now)).object; }
  void shop() { done(apply(namespace_ref("aws", "shop"), namespace_body("shop"))); }
};

std::string uid(const Value& object) { return std::string(object.find("metadata")->text_or("uid", "")); }
std::string version(const Value& object) { return std::string(object.find("metadata")->text_or("resourceVersion", "")); }

}  // namespace

TEST_CASE("the first apply makes an object, the same again changes nothing") {
  World w;
  w.shop();
  const ObjectRef ref = config_ref("aws", "c");
  const Done first = w.done(w.apply(ref, config_body("c", "1")));
  CHECK(first.created);
  const Done again = w.done(w.apply(ref, config_body("c", "1")));
  CHECK_FALSE(again.created);
  CHECK(version(again.object) == version(first.object));
  const Done changed = w.done(w.apply(ref, config_body("c", "2"), {uid(first.object), {}}));
  CHECK(version(changed.object) != version(first.object));
  CHECK(uid(changed.object) == uid(first.object));
  CHECK(changed.object.at("data", "a")->as_string() == "2");
}

TEST_CASE("preconditions answer as Kubernetes does") {
  World w;
  w.shop();
  const ObjectRef ref = config_ref("aws", "c");
  CHECK(std::holds_alternative<Mismatch>(w.apply(ref, config_body("c", "1"), {"nobody", {}})));
  CHECK(std::holds_alternative<Done>(w.apply(ref, config_body("c", "1"), {{}, "77"})));   // absent: a version is ignored
  const Value live = w.object(ref);
  CHECK(std::holds_alternative<Mismatch>(w.apply(ref, config_body("c", "2"), {"nobody", {}})));
  CHECK(std::holds_alternative<Mismatch>(w.apply(ref, config_body("c", "2"), {uid(live), "1"})));
  CHECK(std::holds_alternative<Done>(w.apply(ref, config_body("c", "2"), {uid(live), version(live)})));
  CHECK(std::holds_alternative<Mismatch>(w.member.remove({ref, {"nobody", {}}}, w.now)));
  CHECK(std::holds_alternative<Done>(w.member.remove({ref, {uid(live), {}}}, w.now)));
  CHECK(w.done(w.member.remove({ref, {uid(live), {}}}, w.now)).object.is_null());
}

TEST_CASE("what somebody else changed is contested, then taken by force") {
  World w;
  w.shop();
  const ObjectRef ref = deployment_ref("aws", "web");
  w.done(w.apply(ref, deployment_body("web", 3)));
  CHECK_FALSE(w.member.edit(ref, *FieldPath::parse("spec.replicas"), Value::integer(5), "sim-edit", w.now));
  CHECK(w.object(ref).at("spec", "replicas")->as_int() == 5);
  const Outcome first = w.apply(ref, deployment_body("web", 3));
  REQUIRE(std::holds_alternative<Contested>(first));
  REQUIRE(std::get<Contested>(first).fields.size() == 1);
  CHECK(std::get<Contested>(first).fields[0].field == ".spec.replicas");
  CHECK(std::get<Contested>(first).fields[0].manager == "sim-edit");
  w.done(w.apply(ref, deployment_body("web", 3), {}, Force::Yes));
  CHECK(w.object(ref).at("spec", "replicas")->as_int() == 3);
  CHECK(w.object(ref).at("metadata", "managedFields")->size() == 1);
}

TEST_CASE("servers complete what is left out, and only that") {
  World w;
  w.shop();
  w.done(w.apply(deployment_ref("aws", "web"), deployment_body("web", 1, "web")));
  const Value d = w.object(deployment_ref("aws", "web"));
  CHECK(d.at("spec", "strategy", "type")->as_string() == "RollingUpdate");
  const Value container = d.at("spec", "template", "spec", "containers")->items()[0];
  CHECK(container.text_or("imagePullPolicy", "") == "Always");
  CHECK(container.find("ports")->items()[0].text_or("protocol", "") == "TCP");
  CHECK(w.object(namespace_ref("aws", "shop")).at("metadata", "labels")->text_or("kubernetes.io/metadata.name", "") == "shop");
  CHECK_FALSE(w.object(config_ref("aws", "kube-root-ca.crt")).is_null());
}

TEST_CASE("refusals are final and say why") {
  World w;
  w.shop();
  struct Row { const char* name; ObjectRef ref; Value body; const char* expect; };
  w.done(w.apply(deployment_ref("aws", "web"), deployment_body("web", 1)));
  const Value other = deployment_body("web", 1).with("spec", deployment_body("web", 1).find("spec")->with("selector", yaml("{matchExpressions: [{key: app, operator: Exists}]}")));
  ObjectRef nowhere = config_ref("aws", "c");
  nowhere.ns = "none";
  const Row rows[] = {
      {"no namespace", nowhere, config_body("c", "1"), "refused (404 NotFound): namespaces \"none\" not found"},
      {"another name", config_ref("aws", "d"), config_body("c", "1"), "refused (400 BadRequest): metadata.name of the body is not that of the request"},
      {"immutable", deployment_ref("aws", "web"), other, "refused (422 Invalid): spec.selector: field is immutable"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(to_string(w.apply(row.ref, row.body)) == row.expect);
  }
}

TEST_CASE("of several reasons to refuse a server tells the first it comes to") {
  World w;
  w.shop();
  const ObjectRef ref = config_ref("aws", "c");
  w.done(w.apply_as("other", ref, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: theirs}}"));
  const auto what = [&](const ObjectRef& at, const Value& body, Precondition expect) { return to_string(w.apply(at, body, std::move(expect))).substr(0, 33); };
  const Value mine = config_body("c", "mine");
  const Value misfit = mine.with("data", yaml("{a: 1}"));
  const Value invalid = mine.with("data", yaml("{a/b: x}"));
  ObjectRef nowhere = ref;
  nowhere.ns = "none";
  CHECK(what(ref, misfit, {"nobody", {}}) == "refused (500): failed to create t");
  CHECK(what(ref, mine, {"nobody", "1"}) == "fields of other managers: .data.a");
  CHECK(what(ref, invalid, {"nobody", {}}) == "not the object that was planned: ");
  CHECK(what(nowhere, mine, {"nobody", {}}) == "not the object that was planned: ");
  CHECK(what(nowhere, invalid, {}) == "refused (404 NotFound): namespace");
  CHECK(what(ref, invalid, {}) == "refused (422 Invalid): data: a ke");
}

TEST_CASE("a trial says what would be and stores nothing") {
  World w;
  w.shop();
  const ObjectRef ref = config_ref("aws", "c");
  const auto attempt = [&](const char* value) { return w.done(w.member.write({.ref = ref, .body = config_body("c", value), .expect = {}, .secrets = nullptr, .trial = true}, w.now)); };
  CHECK(attempt("1").created);
  CHECK(w.object(ref).is_null());
  const Value live = w.done(w.apply(ref, config_body("c", "1"))).object;
  CHECK(attempt("2").object.at("data", "a")->as_string() == "2");
  CHECK(w.object(ref) == live);
  CHECK(to_string(w.member.write({.ref = ref, .body = config_body("c", "1"), .expect = {"nobody", {}}, .secrets = nullptr, .trial = true}, w.now)).starts_with("not the object"));
}

TEST_CASE("what nobody holds any more is of before the first apply") {
  World w;
  w.shop();
  const ObjectRef ref = config_ref("aws", "c");
  w.done(w.apply(ref, config_body("c", "1")));
  const Value bare = yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}}");
  const Value left = w.done(w.apply(ref, bare)).object;
  CHECK(left.find("data") == nullptr);
  CHECK(left.at("metadata", "managedFields") == nullptr);
  w.done(w.apply(ref, config_body("c", "1")));
  CHECK(w.object(ref).at("metadata", "managedFields")->size() == 1);
  // A Secret keeps its type, which the next one to apply did not state.
  const ObjectRef secret{"aws", "v1", "Secret", "shop", "s"};
  const std::string name = "{apiVersion: v1, kind: Secret, metadata: {name: s}";
  w.done(w.apply_as("mcp", secret, name + ", data: {a: {$secret: x}}}"));
  w.done(w.apply_as("mcp", secret, name + "}"));
  w.done(w.apply_as("mcp", secret, name + ", data: {a: {$secret: y}}}"));
  const Value managers = *w.object(secret).at("metadata", "managedFields");
  REQUIRE(managers.size() == 2);
  CHECK(managers.items()[0].text_or("manager", "") == "before-first-apply");
  CHECK(to_json(*managers.items()[0].find("fieldsV1")) == R"({"f:type":{}})");
}

TEST_CASE("who applies the same again beside others changes nothing") {
  World w;
  w.shop();
  const ObjectRef ref = config_ref("aws", "c");
  const std::string body = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: '1'}}";
  w.done(w.apply_as("one", ref, body));
  w.done(w.apply_as("two", ref, body));
  const std::string before = version(w.object(ref));
  w.done(w.apply_as("one", ref, body));
  CHECK(version(w.object(ref)) == before);
}

TEST_CASE("what a server filled in once stays until its place goes") {
  World w;
  w.shop();
  const ObjectRef ref = deployment_ref("aws", "web");
  const auto container = [&] { return w.object(ref).at("spec", "template", "spec", "containers")->items()[0]; };
  w.done(w.apply(ref, deployment_body("web", 1, "registry.example/web:latest")));
  w.done(w.apply(ref, deployment_body("web", 1, "registry.example/web:1")));
  CHECK(container().text_or("imagePullPolicy", "") == "Always");
  // An account is said by two names, so leaving one out takes nothing away.
  const std::string body = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {";
  w.done(w.apply(ref, yaml(body + "serviceAccountName: robot, containers: [{name: web, image: x}]}}}}")));
  w.done(w.apply(ref, yaml(body + "containers: [{name: web, image: x}]}}}}")));
  CHECK(w.object(ref).at("spec", "template", "spec")->text_or("serviceAccountName", "") == "robot");
}

TEST_CASE("a Service keeps its address, and has ports on nodes where its type wants them") {
  World w;
  w.shop();
  const ObjectRef ref{"aws", "v1", "Service", "shop", "s"};
  const auto body = [](const char* spec) { return yaml(std::string("{apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop}, spec: {selector: {a: b}, ports: [{port: 80}]") + spec + "}}"); };
  w.done(w.apply(ref, body("")));
  const std::string address(w.object(ref).find("spec")->text_or("clusterIP", ""));
  CHECK(to_string(w.apply(ref, body(", clusterIP: None"))) == "refused (422 Invalid): spec.clusterIP: field is immutable");
  CHECK(to_string(w.apply(ref, body(", clusterIP: 10.9.9.9"))) == "refused (422 Invalid): spec.clusterIP: field is immutable");
  w.done(w.apply(ref, body(", type: NodePort, sessionAffinity: ClientIP")));
  const Value outside = *w.object(ref).find("spec");
  CHECK(outside.text_or("clusterIP", "") == address);
  CHECK(outside.find("ports")->items()[0].int_or("nodePort", 0) >= 30000);
  CHECK(outside.text_or("externalTrafficPolicy", "") == "Cluster");
  CHECK(outside.at("sessionAffinityConfig", "clientIP")->int_or("timeoutSeconds", 0) == 10800);
  w.done(w.apply(ref, body("")));
  const Value inside = *w.object(ref).find("spec");
  CHECK(inside.find("ports")->items()[0].find("nodePort") == nullptr);
  CHECK(inside.find("externalTrafficPolicy") == nullptr);
  CHECK(inside.find("sessionAffinityConfig") == nullptr);
  // Without an address is a thing for good, even when it is said no longer.
  w.done(w.member.remove({ref, {}}, w.now));
  w.done(w.apply(ref, body(", clusterIP: None")));
  w.done(w.apply(ref, body("")));
  CHECK(w.object(ref).find("spec")->text_or("clusterIP", "") == "None");
}

TEST_CASE("each kind is completed as servers do") {
  World w;
  w.shop();
  struct Row { const char* api; const char* kind; const char* said; const char* held; };
  const Row rows[] = {
      {"networking.k8s.io/v1", "NetworkPolicy", "", R"({"podSelector":{},"policyTypes":["Ingress"]})"},
      {"networking.k8s.io/v1", "NetworkPolicy", "spec: {podSelector: {}, egress: [{ports: [{port: 53}]}]}",
       R"({"egress":[{"ports":[{"port":53,"protocol":"TCP"}]}],"podSelector":{},"policyTypes":["Ingress","Egress"]})"},
      {"v1", "ResourceQuota", "", "{}"},
      {"v1", "Service", "spec: {clusterIP: None}",
       R"({"clusterIP":"None","clusterIPs":["None"],"internalTrafficPolicy":"Cluster","ipFamilies":["IPv4","IPv6"],"ipFamilyPolicy":"RequireDualStack","sessionAffinity":"None","type":"ClusterIP"})"},
  };
  int n = 0;
  for (const Row& row : rows) {
    const std::string name = "x" + std::to_string(n++);
    const ObjectRef ref{"aws", row.api, row.kind, "shop", name};
    w.done(w.apply(ref, yaml(std::string("{apiVersion: ") + row.api + ", kind: " + row.kind + ", metadata: {name: " + name + ", namespace: shop}, " + row.said + "}")));
    CHECK(to_json(*w.object(ref).find("spec")) == row.held);
  }
  CHECK(to_json(*w.object(namespace_ref("aws", "shop")).find("spec")) == R"({"finalizers":["kubernetes"]})");
}

TEST_CASE("only what controllers follow makes a generation") {
  World w;
  w.shop();
  const ObjectRef ref{"aws", "networking.k8s.io/v1", "NetworkPolicy", "shop", "n"};
  const auto generation = [&](const ObjectRef& of) { return w.object(of).find("metadata")->int_or("generation", 0); };
  const auto policy = [](const char* note) { return yaml(std::string("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: n, annotations: {note: ") + note + "}}, spec: {podSelector: {}}}"); };
  w.done(w.apply(ref, policy("a")));
  w.done(w.apply(ref, policy("b")));
  CHECK(generation(ref) == 1);
  const Value web = deployment_body("web", 1);
  const auto noted = [&](const char* note) { return web.with("metadata", web.find("metadata")->with("annotations", MapBuilder().set("note", note).build())); };
  w.done(w.apply(deployment_ref("aws", "web"), noted("a")));
  w.done(w.apply(deployment_ref("aws", "web"), noted("b")));
  CHECK(generation(deployment_ref("aws", "web")) == 2);
}

TEST_CASE("whoever takes the last finalizer of an ending object ends it") {
  World w;
  w.shop();
  const ObjectRef ref = config_ref("aws", "c");
  const std::string body = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c";
  w.done(w.apply_as("other", ref, body + ", finalizers: [x/y]}}"));
  CHECK(w.done(w.member.remove({ref, {}}, w.now)).deleting);
  CHECK(w.done(w.apply_as("other", ref, body + "}}")).deleting);
  CHECK(w.object(ref).is_null());
}

TEST_CASE("a namespace takes its content along and ends after a while") {
  World w;
  w.shop();
  w.done(w.apply(config_ref("aws", "c"), config_body("c", "1")));
  CHECK(w.done(w.member.remove({namespace_ref("aws", "shop"), {}}, w.now)).deleting);
  CHECK(w.object(config_ref("aws", "c")).is_null());
  CHECK(to_string(w.apply(config_ref("aws", "c"), config_body("c", "1"))).find("NamespaceTerminating") != std::string::npos);
  w.now += Duration(4'999);
  w.member.tick(w.now);
  CHECK_FALSE(w.object(namespace_ref("aws", "shop")).is_null());
  w.now += Duration(1);
  w.member.tick(w.now);
  CHECK(w.object(namespace_ref("aws", "shop")).is_null());
}

TEST_CASE("finalizers hold an object until they are gone") {
  World w;
  w.shop();
  const ObjectRef ref = config_ref("aws", "c");
  w.done(w.apply(ref, config_body("c", "1")));
  CHECK_FALSE(w.member.edit(ref, *FieldPath::parse("metadata.finalizers"), yaml("[x/y]"), "other", w.now));
  CHECK(w.done(w.member.remove({ref, {}}, w.now)).deleting);
  CHECK_FALSE(w.object(ref).find("metadata")->text_or("deletionTimestamp", "").empty());
  CHECK_FALSE(w.member.edit(ref, *FieldPath::parse("metadata.finalizers"), Value(), "other", w.now));
  CHECK(w.object(ref).is_null());
}

TEST_CASE("Pods of a Deployment become ready one after another") {
  World w;
  w.shop();
  const ObjectRef ref = deployment_ref("aws", "web");
  w.done(w.apply(ref, deployment_body("web", 3)));
  const auto ready = [&] { return w.object(ref).find("status")->int_or("readyReplicas", 0); };
  CHECK(w.object(ref).find("status")->int_or("observedGeneration", -1) == 0);
  CHECK(ready() == 0);
  std::string seen;
  for (int i = 0; i < 13; ++i) {
    w.now += Duration(100);
    seen += std::to_string(ready());
  }
  CHECK(seen == "0000000011233");
  CHECK(w.object(ref).find("status")->int_or("observedGeneration", -1) == 1);
  SECTION("more of them leave those that run alone") {
    w.done(w.apply(ref, deployment_body("web", 5)));
    CHECK(ready() == 3);
    w.now += Duration(2'000);
    CHECK(ready() == 5);
  }
  SECTION("an image that cannot be pulled leaves the old ones running until the deadline passes") {
    w.traits.pace.failing_images = {"broken"};
    w.done(w.apply(ref, deployment_body("web", 3, "broken:1")));
    w.now += Duration(700'000);
    CHECK(ready() == 3);
    CHECK(to_json(*w.object(ref).at("status", "conditions")).find("ProgressDeadlineExceeded") != std::string::npos);
  }
  SECTION("what does not fit stays pending") {
    w.traits.capacity = 4;
    w.done(w.apply(ref, deployment_body("web", 9)));
    w.now += Duration(10'000);
    CHECK(ready() == 4);
    CHECK(to_json(*w.object(ref).at("status", "conditions")).find("Unschedulable: 5 Pods") != std::string::npos);
  }
}

TEST_CASE("values of a Secret are kept as digests that depend on their place") {
  World w;
  w.shop();
  ObjectRef ref{"aws", "v1", "Secret", "shop", "s"};
  w.done(w.apply(ref, ours(yaml("{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}, data: {a: c2VjcmV0, b: c2VjcmV0, c: {$secret: abc}}}"))));
  const Value data = *w.object(ref).find("data");
  CHECK(to_json(data).find("c2VjcmV0") == std::string::npos);
  CHECK(*data.find("a") != *data.find("b"));
  CHECK(data.at("c", "$secret")->as_string() == "abc");
}

TEST_CASE("a list since a version holds what changed and what is gone") {
  World w;
  w.shop();
  w.done(w.apply(config_ref("aws", "a"), config_body("a", "1")));
  w.done(w.apply(config_ref("aws", "b"), config_body("b", "1")));
  const Page all = std::get<Page>(w.member.list({"shop", "", "", ""}, w.now));
  CHECK(all.objects.size() == 3);
  CHECK(std::get<Page>(w.member.list({"shop", all.version, "", ""}, w.now)).objects.empty());
  w.done(w.apply(config_ref("aws", "a"), config_body("a", "2")));
  w.done(w.member.remove({config_ref("aws", "b"), {}}, w.now));
  const Page news = std::get<Page>(w.member.list({"shop", all.version, "", ""}, w.now));
  REQUIRE(news.objects.size() == 1);
  CHECK(news.gone == std::vector{config_ref("aws", "b")});
  CHECK(std::get<Page>(w.member.list({"other", "", "", ""}, w.now)).objects.empty());
}
