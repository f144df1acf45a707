#include "executor/sim/object.hpp"

#include <fmt/format.h>

#include "executor/sim/ownership.hpp"
#include "executor/sim/rollout.hpp"
#include "lang/value/json.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

/// The cluster address of a Service: from its uid, so that it stays for as long as the object does.
std::string cluster_ip(const std::string& uid) {
  const Digest d = sha256(uid);
  return fmt::format("10.{}.{}.{}", 96 + d.bytes[0] % 16, d.bytes[1], 1 + d.bytes[2] % 254);
}

/// The port of a Service on every node, likewise.
std::int64_t node_port(const std::string& uid, const Value& port) {
  const Digest d = sha256(uid + to_json(merge_key_value(port, "port")) + to_json(merge_key_value(port, "protocol")));
  return 30000 + (d.bytes[0] * 256 + d.bytes[1]) % 2768;
}

Value service_spec(const Value& spec, const std::string& uid) {
  const std::string_view type = spec.text_or("type", "ClusterIP");
  if (type == "ExternalName") return spec;
  const Value* ip = spec.find("clusterIP");
  const Value address = ip != nullptr ? *ip : Value::string(cluster_ip(uid));
  const Value out = spec.with("clusterIP", address).with("clusterIPs", Value::list(std::vector<Value>{address}));
  const Value* ports = spec.find("ports");
  if (type == "ClusterIP" || ports == nullptr || !ports->is_list()) return out;
  std::vector<Value> reached;
  for (const Value& p : ports->items()) reached.push_back(!p.is_map() || p.find("nodePort") != nullptr ? p : p.with("nodePort", Value::integer(node_port(uid, p))));
  return out.with("ports", Value::list(std::move(reached)));
}

Value managed_fields(const SimObject& object, SimMemo& memo) {
  std::vector<Value> out;
  for (const SimManager& m : object.managers) {
    const Value& fields = memo.get("fields", m.shape.digest(), [&] { return fields_v1(api_type(object.key.api, object.key.kind), m.shape); });
    out.push_back(MapBuilder()
                      .set("manager", m.name)
                      .set("operation", m.apply ? "Apply" : "Update")
                      .set("apiVersion", object.key.api)
                      .set("time", sim_time(m.time))
                      .set("fieldsType", "FieldsV1")
                      .set("fieldsV1", fields)
                      .build());
  }
  return Value::list(std::move(out));
}

}  // namespace

// Days to a date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
std::string sim_time(Instant at) {
  constexpr std::int64_t epoch = 1'767'225'600;
  const std::int64_t seconds = epoch + at.count() / 1000;
  const std::int64_t z = seconds / 86400 + 719468;
  const std::int64_t era = z / 146097;
  const std::int64_t doe = z - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  const std::int64_t day = doy - (153 * mp + 2) / 5 + 1;
  const std::int64_t month = mp < 10 ? mp + 3 : mp - 9;
  const std::int64_t year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  const std::int64_t rest = seconds % 86400;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year, month, day, rest / 3600, rest / 60 % 60, rest % 60);
}

std::string sim_uid(std::string_view seed) {
  const Digest d = sha256(seed);
  std::string hex = to_hex({reinterpret_cast<const char*>(d.bytes.data()), 16});
  hex[12] = '5';
  hex[16] = "89ab"[d.bytes[8] % 4];
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

Value served(const SimObject& object) {
  const Value* spec = object.key.kind == "Service" && object.key.api == "v1" ? object.content.find("spec") : nullptr;
  return spec != nullptr && spec->is_map() ? object.content.with("spec", service_spec(*spec, object.uid)) : object.content;
}

Value view(const SimObject& object, Instant now, SimMemo& memo) {
  std::vector<Entry> out;
  const Value content = served(object);
  for (const Entry& e : content.entries()) {
    if (e.name() == "metadata") {
      std::vector<Entry> metadata(e.value.entries().begin(), e.value.entries().end());
      metadata.push_back(entry("uid", Value::string(object.uid)));
      metadata.push_back(entry("resourceVersion", Value::string(std::to_string(object.version))));
      metadata.push_back(entry("creationTimestamp", Value::string(sim_time(object.created))));
      if (!object.managers.empty()) metadata.push_back(entry("managedFields", managed_fields(object, memo)));
      if (object.generation > 0) metadata.push_back(entry("generation", Value::integer(object.generation)));
      if (object.deleting) metadata.push_back(entry("deletionTimestamp", Value::string(sim_time(*object.deleting))));
      out.push_back({e.key, Value::map(std::move(metadata))});
    } else if (e.name() != "status") {
      out.push_back(e);
    }
  }
  if (object.rollout) out.push_back(entry("status", rollout_status(object, now)));
  else if (object.key.kind == "Namespace")
    out.push_back(entry("status", MapBuilder().set("phase", object.deleting ? "Terminating" : "Active").build()));
  else if (const Value* status = object.content.find("status")) out.push_back(entry("status", *status));
  return Value::map(std::move(out));
}

}  // namespace mcp
