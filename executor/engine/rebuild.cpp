#include "executor/engine/rebuild.hpp"

#include <algorithm>
#include <map>

#include "executor/fleet/asking.hpp"
#include "executor/engine/planning.hpp"
#include "executor/engine/refresh.hpp"
#include "executor/engine/sharing.hpp"
#include "executor/fleet/owners.hpp"
#include "executor/run/marker.hpp"
#include "lang/value/json.hpp"
#include "planner/diff/rows.hpp"
#include "planner/diff/normalize.hpp"
#include "planner/store/store.hpp"

namespace mcp {

namespace {

Value cut(const Value& live, const Value& fields) {
  if (!fields.is_map() || fields.size() == 0) return live;
  if (live.is_map()) {
    std::vector<Entry> out;
    for (const Entry& f : fields.entries()) {
      if (!f.name().starts_with("f:")) continue;
      const std::string_view name = f.name().substr(2);
      if (const Value* v = live.find(name)) out.push_back(entry(name, cut(*v, f.value)));
    }
    return Value::map(std::move(out));
  }
  if (live.is_list()) {
    // Items by their keys; `v:` names whole values of a set.
    std::vector<Value> out;
    for (const Value& item : live.items()) {
      for (const Entry& f : fields.entries()) {
        if (f.name().starts_with("k:")) {
          const auto keys = parse_json(f.name().substr(2));
          if (!keys || !keys->is_map()) continue;
          const bool same = std::all_of(keys->entries().begin(), keys->entries().end(), [&](const Entry& k) {
            const Value* v = item.find(k.name());
            return v != nullptr && *v == k.value;
          });
          if (same) {
            out.push_back(cut(item, f.value));
            break;
          }
        } else if (f.name().starts_with("v:")) {
          const auto value = parse_json(f.name().substr(2));
          if (value && *value == item) {
            out.push_back(item);
            break;
          }
        }
      }
    }
    return Value::list(std::move(out));
  }
  return live;
}

struct Seen {
  std::string identity;
  std::string version;
  bool answered = false;
  Marker marker;
  bool complete = false;
  std::vector<Value> objects;
  std::string list_version;
};

Result<std::map<std::string, Seen>> look(Fleet& fleet, const std::string& project, const std::vector<std::string>& names) {
  std::map<std::string, Seen> out;
  enum class What : std::uint8_t { Probe, Marker, List };
  Asking<std::pair<std::string, What>> asking(fleet);
  for (const std::string& name : names) {
    out[name];
    asking.ask({name, What::Probe}, name, Probe{});
    asking.ask({name, What::Marker}, name, Read{marker_ref(name, project)});
    asking.ask({name, What::List}, name, List{project, {}, {}, {}});
  }
  while (auto answer = asking.next()) {
    const auto& [name, what] = answer->about;
    Seen& seen = out[name];
    if (auto* page = std::get_if<Page>(&answer->outcome)) {
      for (Value& object : page->objects) seen.objects.push_back(std::move(object));
      if (page->cursor.empty()) {
        seen.complete = true;
        seen.list_version = page->version;
      } else {
        asking.ask({name, What::List}, name, List{project, {}, page->cursor, {}});
      }
    } else if (auto* d = std::get_if<Done>(&answer->outcome)) {
      seen.answered = true;
      if (what == What::Probe && d->facts) {
        seen.identity = d->facts->identity;
        seen.version = d->facts->version;
      }
      if (what == What::Marker) seen.marker = read_marker(d->object);
    }
  }
  return out;
}

/// `live`, cut to the fields that "mcp" holds by server-side apply, as its managedFields say.
Value applied_fields(const Value& live) {
  const Value* managed = live.at("metadata", "managedFields");
  Value body = Value::empty_map();
  if (managed != nullptr && managed->is_list())
    for (const Value& manager : managed->items()) {
      if (manager.text_or("manager", "") != "mcp" || manager.text_or("operation", "") != "Apply") continue;
      if (const Value* fields = manager.find("fieldsV1")) body = cut(live, *fields);
    }
  const Value* meta = live.find("metadata");
  const Value* own = body.find("metadata");
  Value metadata = own != nullptr && own->is_map() ? *own : Value::empty_map();
  for (const std::string_view name : {"name", "namespace"})
    if (const Value* v = meta != nullptr ? meta->find(name) : nullptr) metadata = metadata.with(name, *v);
  body = body.with("metadata", metadata);
  for (const std::string_view name : {"apiVersion", "kind"})
    if (const Value* v = live.find(name)) body = body.with(name, *v);
  return normalize(live.text_or("kind", ""), body);
}

}  // namespace

Result<Rebuilt> rebuild(const Project& project, std::int64_t now_ms) {
  const std::string id = project.id();
  if (const Fetched fetched = MCP_TRY(fetch_shared(fleet_options(project))); !fetched.problem.empty()) return fail(std::string(mcp_cluster) + " may hold the state, and cannot be asked: " + fetched.problem);
  if (auto existing = MCP_TRY(Store::open_existing(project.state_dir, id, Access::Read)))
    if (MCP_TRY(existing->recorded_count()) > 0)
      return fail("there is a state of project " + id + " already", "move " + project.state_dir + "/" + id + ".db away first, if it is wrong");
  std::vector<std::string> names;
  for (const auto& cluster : project.loaded.topology.clusters) names.push_back(cluster.name);
  if (!collect_secrets(project.loaded.topology).empty()) MCP_TRY(secret_key(project.state_dir));   // what is read is compared by it from now on
  const auto fleet = MCP_TRY(make_fleet(fleet_options(project)));
  const auto seen = MCP_TRY(look(*fleet, id, names));
  Rebuilt out;
  const auto store = MCP_TRY(Store::open(project.state_dir, id));
  auto txn = MCP_TRY(store->begin());
  std::int64_t serial = 0;
  std::int64_t token = 0;
  for (const auto& [name, member] : seen) {
    if (!member.answered) {
      out.silent.push_back(name);
      continue;
    }
    if (!member.complete) return fail("the list of cluster " + name + " did not complete; nothing was recorded", "try again");
    if (!member.marker.present) continue;
    serial = std::max(serial, member.marker.serial);
    token = std::max(token, member.marker.token);
    out.members.push_back(name);
    RecordedMember m;
    m.name = name;
    m.identity = member.identity;
    m.version = member.version;
    const std::size_t cluster = project.loaded.topology.cluster_index(name);
    if (cluster != Topology::npos) m.row = project.loaded.topology.clusters[cluster].row;
    MCP_TRY(store->put_member(m));
    for (const Value& object : member.objects) {
      const Value* meta = object.find("metadata");
      if (meta == nullptr || !held_by_us(object)) continue;
      RecordedRow row;
      row.ref = {name, std::string(object.text_or("apiVersion", "")), std::string(object.text_or("kind", "")), std::string(meta->text_or("namespace", "")), std::string(meta->text_or("name", ""))};
      if (is_marker(row.ref, id)) continue;
      const Value* annotations = meta->find("annotations");
      const auto address = Address::parse(annotations != nullptr ? annotations->text_or("mcp.dev/address", "") : "");
      if (!address) continue;   // without an address it is a copy that somebody made, labels and all
      row.address = address->on(name);
      row.protect = annotations->text_or("mcp.dev/protect", "") == "true";
      row.uid = meta->text_or("uid", "");
      row.run = member.marker.serial;
      const Value body = applied_fields(object);
      row.body = body.digest();
      row.owned = owned_fields(row.ref.kind, body, object).digest();
      if (row.ref.kind == "Deployment" && address->kind == AddressKind::Workload)
        if (const Value* replicas = body.at("spec", "replicas"); replicas != nullptr && replicas->is_int()) row.replicas = replicas->as_int();
      if (!row.ref.ns.empty()) row.deps = "namespace." + row.ref.ns;
      MCP_TRY(store->put_body(body));
      MCP_TRY(store->put_recorded(row));
      ++out.objects;
    }
    MCP_TRY(store->put_scan(name, ScanRow{member.list_version, 0}));
  }
  // The next apply goes on counting where the lost state was, or members would take it for an older one.
  RunRow run;
  run.id = serial;
  run.token = token;
  run.who = "state rebuild";
  run.started_ms = run.ended_ms = now_ms;
  run.summary = MapBuilder().set("recorded", static_cast<std::int64_t>(out.objects)).build();
  MCP_TRY(store->put_rebuilt(run));
  MCP_TRY(txn.commit());
  return out;
}

}  // namespace mcp
