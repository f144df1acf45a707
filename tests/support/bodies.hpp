#pragma once
// Small Kubernetes bodies for tests of the executor.
#include <string>

#include "executor/fleet/fleet.hpp"
#include "lang/value/yaml.hpp"
#include "tests/support/catch.hpp"

namespace mcp::test {

inline Value yaml(std::string_view text) {
  auto parsed = parse_yaml(text);
  REQUIRE(parsed);
  REQUIRE(parsed->size() == 1);
  return parsed->front();
}

inline Value ours(Value body) {
  const Value labels = MapBuilder().set("app.kubernetes.io/managed-by", "mcp").set("mcp.dev/project", "shop").build();
  return body.with("metadata", body.find("metadata")->with("labels", labels));
}

inline ObjectRef namespace_ref(const std::string& member, const std::string& name) { return {member, "v1", "Namespace", "", name}; }
inline Value namespace_body(const std::string& name) {
  return ours(yaml("{apiVersion: v1, kind: Namespace, metadata: {name: " + name + "}}"));
}

inline ObjectRef config_ref(const std::string& member, const std::string& name) { return {member, "v1", "ConfigMap", "shop", name}; }
inline Value config_body(const std::string& name, const std::string& value) {
  return ours(yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + ", namespace: shop}, data: {a: '" + value + "'}}"));
}

inline ObjectRef deployment_ref(const std::string& member, const std::string& name) { return {member, "apps/v1", "Deployment", "shop", name}; }
inline Value deployment_body(const std::string& name, int replicas, const std::string& image = "registry.example/web:1") {
  return ours(yaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: " + name + ", namespace: shop}, spec: {replicas: " + std::to_string(replicas) +
                   ", selector: {matchLabels: {app: " + name + "}}, template: {metadata: {labels: {app: " + name +
                   "}}, spec: {containers: [{name: web, image: '" + image + "', ports: [{containerPort: 80}], env: [{name: A, value: x}]}]}}}}"));
}

}  // namespace mcp::test
