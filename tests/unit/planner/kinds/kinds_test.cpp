#include "planner/kinds/kinds.hpp"

#include <set>

#include "lang/value/json.hpp"
#include "tests/support/property.hpp"

namespace mcp::test {

namespace {
Value json(std::string_view text) { return parse_json(text).value(); }
}  // namespace

TEST_CASE("quantities have one spelling") {
  const std::pair<const char*, const char*> rows[] = {
      {"1000m", "1"},    {"0.5Gi", "512Mi"}, {"1.5", "1500m"},  {"1024Mi", "1Gi"},   {"1024M", "1024M"}, {"250m", "250m"},   {"0", "0"},
      {"0Gi", "0"},      {"2", "2"},         {"2000", "2k"},    {"1500Ki", "1500Ki"}, {"0.1", "100m"},   {"1e3", "1e3"},      {"abc", "abc"},
      {"", ""},          {"-1", "-1"},       {"+5", "5"},       {"100000m", "100"},  {"1.0", "1"},       {"0.0001", "1m"},    {"500M", "500M"},
      {"1000000000", "1G"}, {"1Ei", "1Ei"},  {"1.5Gi", "1536Mi"}, {"3.", "3"},       {".5", "500m"},     {"1 Gi", "1 Gi"},    {"5GiB", "5GiB"},
  };
  for (const auto& [from, to] : rows) {
    INFO(from);
    CHECK(canonical_quantity(from) == to);
  }
}

TEST_CASE("a quantity too large to count with is left as it is") {
  CHECK(canonical_quantity("999999999999999999999999Ei") == "999999999999999999999999Ei");
  CHECK(canonical_quantity("999999999999999999999999k") == "999999999999999999999999k");
}

TEST_CASE("a canonical quantity is its own canonical form") {
  property("any number with any suffix", [] {
    static const char* const suffixes[] = {"", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"};
    const std::string text = std::to_string(*rc::gen::inRange(0, 100'000)) + (*rc::gen::arbitrary<bool>() ? "." + std::to_string(*rc::gen::inRange(0, 1000)) : "") +
                             suffixes[*rc::gen::inRange(0, 10)];
    const std::string once = canonical_quantity(text);
    RC_ASSERT(canonical_quantity(once) == once);
    RC_ASSERT(once.find('.') == std::string::npos);
  });
}

TEST_CASE("every kind stands once, with its plural") {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const KindInfo& row : all_kinds()) {
    CHECK(seen.emplace(row.api, row.kind).second);
    CHECK_FALSE(row.plural.empty());
  }
  REQUIRE(kind_info("apps/v1", "Deployment") != nullptr);
  CHECK(kind_info("apps/v1", "Deployment")->rank == Rank::Workload);
  CHECK_FALSE(kind_info("v1", "Namespace")->namespaced);
  CHECK(kind_info("apiextensions.k8s.io/v1", "CustomResourceDefinition")->ready == ReadyRule::Established);
  CHECK(kind_info("apps/v1beta1", "Deployment") == nullptr);
}

TEST_CASE("lists are keyed where the API keys them, and atomic elsewhere") {
  const auto keys = [](std::string_view kind, std::string_view parent, std::string_view field) {
    std::string out;
    for (const std::string_view k : merge_keys(kind, parent, field)) out += (out.empty() ? "" : "+") + std::string(k);
    return out;
  };
  CHECK(keys("Deployment", "spec", "containers") == "name");
  CHECK(keys("Deployment", "containers", "env") == "name");
  CHECK(keys("Deployment", "initContainers", "volumeMounts") == "mountPath");
  CHECK(keys("Deployment", "containers", "ports") == "containerPort+protocol");
  CHECK(keys("Service", "spec", "ports") == "port+protocol");
  CHECK(keys("Deployment", "spec", "volumes") == "name");
  CHECK(keys("Deployment", "containers", "args").empty());
  CHECK(keys("Deployment", "containers", "command").empty());
  CHECK(keys("Deployment", "spec", "tolerations").empty());
  CHECK(keys("NetworkPolicy", "spec", "ingress").empty());
  CHECK(merge_key_value(json(R"({"port":80})"), "protocol") == Value::string("TCP"));
}

TEST_CASE("immutable fields are named") {
  struct Row { const char* kind; const char* before; const char* after; const char* field; };
  const Row rows[] = {
      {"Deployment", R"({"spec":{"selector":{"a":"1"}}})", R"({"spec":{"selector":{"a":"2"}}})", "spec.selector"},
      {"Deployment", R"({"spec":{"replicas":1}})", R"({"spec":{"replicas":2}})", ""},
      {"Secret", R"({"type":"Opaque"})", R"({"type":"x"})", "type"},
      {"Secret", R"({"data":{"a":"1"}})", R"({"data":{"a":"2"}})", ""},
      {"ConfigMap", R"({"immutable":true,"data":{"a":"1"}})", R"({"immutable":true,"data":{"a":"2"}})", "data"},
      {"ConfigMap", R"({"immutable":true,"data":{"a":"1"}})", R"({"data":{"a":"1"}})", "immutable"},
      {"ConfigMap", R"({"data":{"a":"1"}})", R"({"immutable":true,"data":{"a":"2"}})", ""},
      {"ConfigMap", R"({"immutable":true,"metadata":{"labels":{"a":"1"}}})", R"({"immutable":true})", ""},
      {"Service", R"({"spec":{"clusterIP":"None"}})", R"({"spec":{}})", "spec.clusterIP"},
      {"Service", R"({"spec":{}})", R"({"spec":{"clusterIP":"None"}})", "spec.clusterIP"},
      {"Service", R"({"spec":{"ports":[]}})", R"({"spec":{}})", ""},
      {"RoleBinding", R"({"roleRef":{"name":"a"}})", R"({"roleRef":{"name":"b"}})", "roleRef"},
      {"Job", R"({"spec":{"template":{"a":1}}})", R"({"spec":{"template":{"a":2}}})", "spec.template"},
      {"Widget", R"({"spec":1})", R"({"spec":2})", ""},
  };
  for (const Row& row : rows) {
    INFO(row.kind << " " << row.before << " " << row.after);
    CHECK(immutable_change(row.kind, json(row.before), json(row.after)) == row.field);
  }
}

}  // namespace mcp::test
