#pragma once
// The marker: a ConfigMap per project on each member, with the number of the last apply and the fencing token of whoever
// writes there. Bodies and what a read one says; pure.
#include <cstdint>
#include <string>

#include "lang/topology/address.hpp"
#include "lang/value/value.hpp"

namespace mcp {

inline constexpr char marker_home[] = "mcp-system";

struct Marker {
  bool present = false;
  std::int64_t serial = 0;
  std::int64_t token = 0;
  std::string uid;
  std::string version;
  bool operator==(const Marker&) const = default;
};

ObjectRef marker_ref(const std::string& member, const std::string& project);
ObjectRef marker_namespace_ref(const std::string& member);
Value marker_body(const std::string& project, std::int64_t serial, std::int64_t token);
Value marker_namespace_body();
/// `live` as a member answers it; null: absent.
Marker read_marker(const Value& live);
/// True for the marker of `project` and the namespace that all markers stand in.
bool is_marker(const ObjectRef& ref, const std::string& project);
/// True for what every namespace holds without anybody's doing, and for `project`'s marker.
bool is_furniture(const Value& object, const std::string& project);

}  // namespace mcp
