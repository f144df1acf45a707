#include "executor/shared/head.hpp"

#include <algorithm>
#include <charconv>

#include "executor/run/lease.hpp"
#include "executor/run/marker.hpp"
#include "executor/run/resume.hpp"
#include "executor/shared/state_text.hpp"
#include "lang/base/crypto.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

constexpr std::int64_t head_format = 1;
constexpr std::size_t part_bytes = std::size_t{900} << 10U;       // a ConfigMap holds 1 MiB
constexpr std::size_t most_parts = 300;
constexpr std::size_t piece_limit = std::size_t{256} << 20U;      // unpacked: a bound for what others wrote

MapBuilder object(const ObjectRef& ref, const std::string& project) {
  MapBuilder out;
  out.set("apiVersion", std::string_view(ref.api)).set("kind", std::string_view(ref.kind)).set("metadata", kept_metadata(ref, project));
  return out;
}

/// "NAME", or "NAME*3" where three objects hold it.
Value names_value(const std::vector<PieceName>& names) {
  std::vector<Value> out;
  for (const PieceName& each : names) out.push_back(Value::string(each.parts == 1 ? each.name : each.name + "*" + std::to_string(each.parts)));
  return Value::list(std::move(out));
}

std::vector<PieceName> names_at(const Value& map, std::string_view key) {
  std::vector<PieceName> out;
  const Value* list = map.find(key);
  if (list == nullptr || !list->is_list()) return out;
  for (const Value& each : list->items()) {
    if (!each.is_string()) continue;
    const std::string_view text = each.as_string();
    const std::size_t star = std::min(text.find('*'), text.size());
    PieceName name{std::string(text.substr(0, star)), 1};
    if (star < text.size()) std::from_chars(text.data() + star + 1, text.data() + text.size(), name.parts);
    name.parts = std::clamp<std::size_t>(name.parts, 1, most_parts);
    out.push_back(std::move(name));
  }
  return out;
}

/// Environments of a project share what is named after the part before the first dot.
std::string base_name(const std::string& project) { return project.substr(0, project.find('.')); }

}  // namespace

bool Head::same_content(const Head& other) const {
  return present == other.present && serial == other.serial && token == other.token && pieces == other.pieces && open == other.open && plan == other.plan;
}

ObjectRef head_ref(const std::string& project) { return {mcp_cluster, "v1", "ConfigMap", marker_home, "mcp.head." + project}; }

Value head_body(const std::string& project, const Head& head) {
  MapBuilder says;
  says.set("serial", head.serial).set("token", head.token).set("pieces", names_value(head.pieces));
  if (head.open) says.set("open", run_value(*head.open)).set("plan", names_value(head.plan));
  const Value data = MapBuilder().set("format", std::string_view(std::to_string(head_format))).set("head", std::string_view(to_json(says.build()))).build();
  return object(head_ref(project), project).set("data", data).build();
}

Result<Head> read_head(const Value& live) {
  Head out;
  const Value* meta = live.find("metadata");
  if (meta == nullptr) return out;
  out.present = true;
  out.uid = uid_of(live);
  out.version = version_of(live);
  const Value* data = live.find("data");
  const std::string format(data != nullptr ? data->text_or("format", "") : "");
  std::int64_t number = 0;
  std::from_chars(format.data(), format.data() + format.size(), number);
  if (number > head_format) return fail("the state in the MCP cluster has format " + format + ", and this mcp knows " + std::to_string(head_format), "use the newer mcp that wrote it");
  const auto says = data != nullptr ? parse_json(data->text_or("head", "")) : parse_json("");
  if (number < 1 || !says || !says->is_map())
    return fail("the head of the state in the MCP cluster is damaged (ConfigMap " + std::string(meta->text_or("name", "")) + ")", "delete it; the next apply from a machine that knows the state writes it anew");
  out.serial = says->int_or("serial", 0);
  out.token = says->int_or("token", 0);
  out.pieces = names_at(*says, "pieces");
  if (const Value* open = says->find("open")) {
    out.open = run_of(*open);
    out.plan = names_at(*says, "plan");
  }
  return out;
}

ObjectRef piece_ref(const std::string& project, const std::string& name, std::size_t part) {
  return {mcp_cluster, "v1", "ConfigMap", marker_home, "mcp.piece." + project + "." + name + (part == 0 ? "" : "." + std::to_string(part))};
}

std::vector<std::pair<ObjectRef, Value>> piece_objects(const std::string& project, const Piece& piece) {
  const std::string bytes = packed(piece.text);
  const std::size_t parts = std::max<std::size_t>(1, (bytes.size() + part_bytes - 1) / part_bytes);
  std::vector<std::pair<ObjectRef, Value>> out;
  for (std::size_t i = 0; i < parts; ++i) {
    const ObjectRef ref = piece_ref(project, piece.name, i);
    const std::string part = base64_encode(std::string_view(bytes).substr(i * part_bytes, part_bytes));
    MapBuilder body = object(ref, project);
    body.set("immutable", true).set("binaryData", MapBuilder().set("gz", std::string_view(part)).build());
    out.emplace_back(ref, body.build());
  }
  return out;
}

std::optional<std::string> read_part(const Value& live) {
  const Value* data = live.find("binaryData");
  std::string out;
  if (data == nullptr || !base64_decode(data->text_or("gz", ""), out)) return std::nullopt;
  return out;
}

Result<Piece> joined_piece(const std::string& name, const std::string& bytes) {
  Piece out{name, {}};
  auto text = unpacked(bytes, piece_limit);
  if (!text || sha256(*text).hex().substr(0, 32) != name)
    return fail("piece " + name + " of the state in the MCP cluster is damaged" + (text ? "" : ": " + text.error().message), "delete the ConfigMap mcp.head of the project there; the next apply from a machine that knows the state writes it anew");
  out.text = *std::move(text);
  return out;
}

ObjectRef key_ref(const std::string& project) { return {mcp_cluster, "v1", "Secret", marker_home, "mcp.key." + base_name(project)}; }

Value key_body(const std::string& project, const std::string& key) {
  return object(key_ref(project), base_name(project)).set("type", "Opaque").set("data", MapBuilder().set("key", std::string_view(base64_encode(key))).build()).build();
}

std::string read_key(const Value& live) {
  std::string out;
  const Value* data = live.find("data");
  if (data == nullptr || !base64_decode(data->text_or("key", ""), out)) return {};
  return out;
}

}  // namespace mcp
