#include "executor/run/marker.hpp"

#include <charconv>

#include "executor/run/resume.hpp"

namespace mcp {

namespace {

std::string marker_name(const std::string& project) { return "mcp-" + project; }

std::int64_t number(const Value* data, std::string_view key) {
  const std::string_view text = data != nullptr ? data->text_or(key, "") : std::string_view();
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

ObjectRef marker_ref(const std::string& member, const std::string& project) {
  return {member, "v1", "ConfigMap", marker_home, marker_name(project)};
}

ObjectRef marker_namespace_ref(const std::string& member) { return {member, "v1", "Namespace", "", marker_home}; }

Value marker_body(const std::string& project, std::int64_t serial, std::int64_t token) {
  const Value labels = MapBuilder().set("app.kubernetes.io/managed-by", "mcp").set("mcp.dev/project", std::string_view(project)).build();
  const Value metadata = MapBuilder()
                             .set("name", std::string_view(marker_name(project)))
                             .set("namespace", marker_home)
                             .set("labels", labels)
                             .set("annotations", MapBuilder().set("mcp.dev/marker", "1").build())
                             .build();
  const Value data = MapBuilder().set("serial", std::string_view(std::to_string(serial))).set("token", std::string_view(std::to_string(token))).build();
  return MapBuilder().set("apiVersion", "v1").set("kind", "ConfigMap").set("metadata", metadata).set("data", data).build();
}

/// No project's label: all projects on a member share it.
Value marker_namespace_body() {
  const Value metadata =
      MapBuilder().set("name", marker_home).set("labels", MapBuilder().set("app.kubernetes.io/managed-by", "mcp").build()).build();
  return MapBuilder().set("apiVersion", "v1").set("kind", "Namespace").set("metadata", metadata).build();
}

Marker read_marker(const Value& live) {
  Marker out;
  if (live.find("metadata") == nullptr) return out;
  out.present = true;
  out.uid = uid_of(live);
  out.version = version_of(live);
  const Value* data = live.find("data");
  out.serial = number(data, "serial");
  out.token = number(data, "token");
  return out;
}

bool is_marker(const ObjectRef& ref, const std::string& project) {
  return (ref.kind == "ConfigMap" && ref.ns == marker_home && ref.name == marker_name(project)) || (ref.kind == "Namespace" && ref.name == marker_home);
}

bool is_furniture(const Value& object, const std::string& project) {
  const std::string_view kind = object.text_or("kind", "");
  const Value* metadata = object.find("metadata");
  const std::string_view name = metadata != nullptr ? metadata->text_or("name", "") : std::string_view();
  if (kind == "Namespace") return true;
  if (kind == "ServiceAccount") return name == "default";
  if (kind == "ConfigMap") return name == "kube-root-ca.crt" || name == marker_name(project);
  return false;
}

}  // namespace mcp
