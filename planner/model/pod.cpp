#include "planner/model/pod.hpp"

#include <algorithm>

#include "lang/base/crypto.hpp"
#include "lang/topology/quantity.hpp"

namespace mcp::model {

namespace {

using enum BlockKind;

/// Attributes of Container and Init have the same numbers, so one name serves both.
consteval AttrId c(std::string_view name) { return attr(Container, name); }
static_assert(attr(Container, "image") == attr(Init, "image") && attr(Container, "pull_policy") == attr(Init, "pull_policy"));

Value seconds(const Value& milliseconds) { return Value::integer((milliseconds.as_int() + 999) / 1000); }

/// Rights of the Pod or of a container: what is written there, else what is written for the workload, else the default.
struct Rights {
  const Block* own = nullptr;
  const Block* outer = nullptr;

  const Cell* own_cell(AttrId id) const { return own != nullptr && own->cells[id].written() ? &own->cells[id] : nullptr; }
  Value get(AttrId id, const Value& otherwise) const {
    if (const Cell* cell = own_cell(id)) return cell->value;
    if (outer != nullptr && outer->cells[id].written()) return outer->cells[id].value;
    return otherwise;
  }
};

Value seccomp_profile(const Value& type) { return MapBuilder().set("type", type).build(); }

Value pod_rights(const Block* security) {
  const Rights rights{security, nullptr};
  MapBuilder out;
  if (const Value group = rights.get(attr(Security, "fs_group"), {}); given(group)) out.set("fsGroup", group);
  if (const Value group = rights.get(attr(Security, "group"), {}); given(group)) out.set("runAsGroup", group);
  if (flag(rights.get(attr(Security, "non_root"), Value::boolean(true)))) out.set("runAsNonRoot", true);
  if (const Value user = rights.get(attr(Security, "user"), {}); given(user)) out.set("runAsUser", user);
  if (const Value profile = rights.get(attr(Security, "seccomp"), Value::string("RuntimeDefault")); given(profile)) out.set("seccompProfile", seccomp_profile(profile));
  return out.build();
}

Value container_rights(const Block* own, const Block* outer) {
  const Rights rights{own, outer};
  MapBuilder out;
  const bool privileged = flag(rights.get(attr(Security, "privileged"), {}));
  out.set("allowPrivilegeEscalation", privileged || flag(rights.get(attr(Security, "escalate"), {})));
  MapBuilder capabilities;
  if (const Value add = rights.get(attr(Security, "add"), {}); add.is_list() && add.size() > 0) capabilities.set("add", add);
  if (const Value drop = rights.get(attr(Security, "drop"), Value::list({Value::string("ALL")})); drop.is_list() && drop.size() > 0) capabilities.set("drop", drop);
  if (!capabilities.empty()) out.set("capabilities", capabilities.build());
  if (privileged) out.set("privileged", true);
  if (flag(rights.get(attr(Security, "read_only_root"), {}))) out.set("readOnlyRootFilesystem", true);
  // The rest is inherited from the Pod, so only what the container itself states is said again.
  const auto own_value = [&](AttrId id, const char* field) {
    if (const Cell* cell = rights.own_cell(id); cell != nullptr && given(cell->value)) out.set(field, cell->value);
  };
  own_value(attr(Security, "group"), "runAsGroup");
  own_value(attr(Security, "non_root"), "runAsNonRoot");
  own_value(attr(Security, "user"), "runAsUser");
  if (const Cell* cell = rights.own_cell(attr(Security, "seccomp")); cell != nullptr && given(cell->value)) out.set("seccompProfile", seccomp_profile(cell->value));
  return out.build();
}

std::string volume_name(std::string_view prefix, std::string_view name, std::size_t copy) {
  std::string out(prefix);
  for (const char ch : name) {
    const bool good = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9');
    if (good) out += ch;
    else if (out.back() != '-') out += '-';
  }
  while (out.back() == '-') out.pop_back();
  if (copy > 0) out += "-" + std::to_string(copy + 1);
  if (out.size() > 63) out = out.substr(0, 54) + "-" + sha256(out).brief(8);
  return out;
}

/// Volumes of a Pod in the order of their first mount; mounts of one source with equal options share one.
class Volumes {
 public:
  Value of(const Block& mount) {
    const Value& from = mount.cells[attr(Mount, "from")].value;
    if (from.find("scratch") != nullptr) {
      const Value& size = mount.cells[attr(Mount, "size")].value;
      Value inside = given(size) ? MapBuilder().set("sizeLimit", std::string_view(memory_text(size.as_int()))).build() : Value::empty_map();
      return shared("scratch-", mount.name, one_field(keys().emptyDir, std::move(inside)));
    }
    const bool config = from.find("config") != nullptr;
    const std::string_view name = name_of((config ? from.find("config") : from.find("secret"))->as_string());
    std::int64_t mode = 0;
    for (const char digit : mount.cells[attr(Mount, "mode")].value.as_string()) mode = mode * 8 + (digit - '0');
    MapBuilder inner;
    inner.set("defaultMode", mode);
    inner.set(config ? "name" : "secretName", name);
    if (flag(mount.cells[attr(Mount, "optional")].value)) inner.set("optional", true);
    return shared(config ? "config-" : "secret-", name, one_field(config ? keys().configMap : keys().secret, inner.build()));
  }

  Value list() const {
    if (all_.empty()) return {};
    std::vector<Value> out;
    for (const Volume& v : all_) out.push_back(v.source.with("name", v.volume));
    return Value::list(std::move(out));
  }

 private:
  struct Volume {
    std::string prefix, name;
    Value volume, source;
  };
  Value shared(std::string_view prefix, std::string_view name, Value source) {
    const auto one = [&](const Volume& v) { return v.prefix == prefix && v.name == name && v.source == source; };
    if (const auto it = std::find_if(all_.begin(), all_.end(), one); it != all_.end()) return it->volume;
    // Names may fold to one ("/data/a", "/data/A"), so what counts is the name that the volume would get.
    Value volume;
    const auto taken = [&](const Volume& v) { return v.volume == volume; };
    std::size_t copies = 0;
    do volume = Value::string(volume_name(prefix, name, copies++));
    while (std::any_of(all_.begin(), all_.end(), taken));
    all_.push_back({std::string(prefix), std::string(name), volume, std::move(source)});
    return volume;
  }
  std::vector<Volume> all_;
};

/// Number of the port a probe asks: as stated, by name, the only one, or `http`.
Value probe_port(const Block& probe, const Value& container_ports) {
  const Value& stated = probe.cells[attr(Probe, "port")].value;
  const auto number = [&](std::string_view name) -> Value {
    const Value* found = container_ports.is_map() ? container_ports.find(name) : nullptr;
    return found == nullptr ? Value() : *found->find("port");
  };
  if (stated.is_int()) return stated;
  if (stated.is_string()) return number(stated.as_string());
  if (container_ports.is_map() && container_ports.size() == 1) return *container_ports.entries()[0].value.find("port");
  return number("http");
}

Value make_probe(const Block& block, const Value& container_ports) {
  const Keys& k = keys();
  SmallMap<12> out;
  const Value port = probe_port(block, container_ports);
  const Value& http = block.cells[attr(Probe, "http")].value;
  const Value& tcp = block.cells[attr(Probe, "tcp")].value;
  const Value& exec = block.cells[attr(Probe, "exec")].value;
  const Value& grpc = block.cells[attr(Probe, "grpc")].value;
  if (given(exec)) out.put(k.exec, one_field(k.command, exec));
  out.put(k.failureThreshold, block.cells[attr(Probe, "fail")].value);
  if (given(grpc)) {
    MapBuilder inner;
    inner.set("port", port);
    if (grpc.size() > 0) inner.set("service", grpc);
    out.put(k.grpc, inner.build());
  }
  if (given(http)) out.put(k.httpGet, MapBuilder().set("path", http).set("port", port).build());
  if (const Value& after = block.cells[attr(Probe, "after")].value; after.is_int() && after.as_int() > 0) out.put(k.initialDelaySeconds, seconds(after));
  out.put(k.periodSeconds, seconds(block.cells[attr(Probe, "every")].value));
  out.put(k.successThreshold, block.cells[attr(Probe, "pass")].value);
  if (given(tcp)) out.put(k.tcpSocket, one_field(k.port, port));
  out.put(k.timeoutSeconds, seconds(block.cells[attr(Probe, "timeout")].value));
  return out.build();
}

const Block* probe_named(const Block& container, std::string_view name) { return container.child(Probe, name); }

/// Takes from a memo table what is kept by the node of `key`; nodes that lie inline have no identity and are built anew.
template <class Table, class Make>
const Value& kept(Table& table, const typename Table::key_type& key, Make&& make) {
  const auto [it, fresh] = table.try_emplace(key);
  if (fresh) it->second = make();
  return it->second;
}

}  // namespace

const Value& PodBuilder::probe(const Block& block, const Value& ports_map) {
  return kept(probes_, {&block, ports_map.identity()}, [&] { return make_probe(block, ports_map); });
}

const Value& PodBuilder::rights(const Block* own, const Block* outer) {
  return kept(rights_, {own, outer}, [&] { return container_rights(own, outer); });
}

const Value& PodBuilder::ports(const Value& map) {
  return kept(ports_, map.identity(), [&] {
    const Keys& k = keys();
    std::vector<Value> out;
    for (const Entry& e : map.entries()) {
      SmallMap<3> one;
      one.put(k.containerPort, *e.value.find("port"));
      one.put(k.name, e.key);
      one.put(k.protocol, *e.value.find("protocol"));
      out.push_back(one.build());
    }
    return Value::list(std::move(out));
  });
}

Value PodBuilder::env(const Value& map) {
  // Only what several workloads share is looked up again.
  const Keys& k = keys();
  const auto make = [&] {
    std::vector<Value> out;
    out.reserve(map.size());
    for (const Entry& e : map.entries()) {
      SmallMap<2> one;
      one.put(k.name, e.key);
      if (e.value.is_string()) {
        if (e.value.size() > 0) one.put(k.value, e.value);   // an empty text is stored as no value
      } else if (const Value* field = e.value.find("field")) {
        one.put(k.valueFrom, one_field(k.fieldRef, one_field(k.fieldPath, *field)));
      } else {
        const Value* config = e.value.find("config");
        const std::string_view ref = (config != nullptr ? config : e.value.find("secret"))->as_string();
        SmallMap<2> from;
        from.put(k.key, *e.value.find("key"));
        from.put(k.name, Value::string(name_of(ref)));
        one.put(k.valueFrom, one_field(config != nullptr ? k.configMapKeyRef : k.secretKeyRef, from.build()));
      }
      out.push_back(one.build());
    }
    return Value::list(std::move(out));
  };
  return kept(envs_, map.identity(), make);
}

Value PodBuilder::env_from(const Value& list) const {
  const Keys& k = keys();
  std::vector<Value> out;
  for (const Value& item : list.items()) {
    const Value* config = item.find("config");
    const std::string_view ref = (config != nullptr ? config : item.find("secret"))->as_string();
    out.push_back(one_field(config != nullptr ? k.configMapRef : k.secretRef, one_field(k.name, Value::string(name_of(ref)))));
  }
  return Value::list(std::move(out));
}

Value PodBuilder::resources(const Block& block, std::size_t cluster) {
  const auto amount = [&](AttrId id) {
    const Value& v = at(block, id, cluster);
    return v.is_int() ? v.as_int() : -1;
  };
  const Amounts a{amount(c("cpu")), amount(c("cpu_limit")), amount(c("memory")), amount(c("memory_limit"))};
  const Value& more = at(block, c("resources"), cluster);
  const auto make = [&] {
    std::vector<Entry> requests;
    std::vector<Entry> limits;
    const Keys& k = keys();
    if (a.cpu >= 0) requests.push_back({k.cpu, Value::string(cpu_text(a.cpu))});
    if (a.memory >= 0) requests.push_back({k.memory, Value::string(memory_text(a.memory))});
    if (a.cpu_limit >= 0) limits.push_back({k.cpu, Value::string(cpu_text(a.cpu_limit))});
    if (a.memory_limit >= 0) limits.push_back({k.memory, Value::string(memory_text(a.memory_limit))});
    if (more.is_map())
      for (const Entry& e : more.entries()) {
        if (e.name() == "cpu" || e.name() == "memory") continue;   // they have attributes of their own: reported
        const Value n = Value::string(std::to_string(e.value.as_int()));
        requests.push_back({e.key, n});
        limits.push_back({e.key, n});
      }
    SmallMap<2> out;
    if (!limits.empty()) out.put(k.limits, Value::map(std::move(limits)));
    if (!requests.empty()) out.put(k.requests, Value::map(std::move(requests)));
    return out.empty() ? Value() : out.build();
  };
  if (more.is_map() && more.size() > 0) return make();
  return kept(resources_, a, make);
}

const PodBuilder::Layout& PodBuilder::layout(const Block& workload) {
  const auto put = [&](const void* p) { layout_key_.append(reinterpret_cast<const char*>(&p), sizeof p); };
  layout_key_.clear();
  for (const auto& child : workload.children) {
    if (child->kind != Container && child->kind != Init) continue;
    put(nullptr);
    for (const auto& mount : child->children)
      if (mount->kind == Mount) put(mount.get());
  }
  const auto [it, fresh] = layouts_.try_emplace(layout_key_);
  Layout& out = it->second;
  if (!fresh) return out;
  const Keys& k = keys();
  Volumes volumes;
  for (const auto& child : workload.children) {
    if (child->kind != Container && child->kind != Init) continue;
    std::vector<Value> mounts;
    for (const auto& mount : child->children) {
      if (mount->kind != Mount) continue;
      const bool scratch = mount->cells[attr(Mount, "from")].value.find("scratch") != nullptr;
      const Value& read_only = mount->cells[attr(Mount, "read_only")].value;
      SmallMap<4> one;
      one.put(k.mountPath, Value::string(mount->name));
      one.put(k.name, volumes.of(*mount));
      if (given(read_only) ? flag(read_only) : !scratch) one.put(k.readOnly, k.yes);
      if (const Value& key = mount->cells[attr(Mount, "key")].value; given(key)) one.put(k.subPath, key);
      mounts.push_back(one.build());
    }
    out.mounts.push_back(mounts.empty() ? Value() : Value::list(std::move(mounts)));
  }
  out.volumes = volumes.list();
  return out;
}

Value PodBuilder::container(const Block& block, const Block* pod_security, std::size_t cluster, const Value& mounts) {
  const Keys& k = keys();
  SmallMap<16> out;
  if (const Value& v = at(block, c("args"), cluster); given(v)) out.put(k.args, v);
  if (const Value& v = at(block, c("command"), cluster); given(v)) out.put(k.command, v);
  if (const Value& v = at(block, c("env"), cluster); v.is_map() && v.size() > 0) out.put(k.env, env(v));
  if (const Value& v = at(block, c("env_from"), cluster); v.is_list() && v.size() > 0) out.put(k.envFrom, env_from(v));
  out.put(k.image, at(block, c("image"), cluster));
  if (const Value& v = at(block, c("pull_policy"), cluster); given(v))
    out.put(k.imagePullPolicy, Value::string(v.as_string() == "always" ? "Always" : v.as_string() == "missing" ? "IfNotPresent" : "Never"));
  const Value& port_map = at(block, c("ports"), cluster);
  if (const Block* live = probe_named(block, "live")) out.put(k.livenessProbe, probe(*live, port_map));
  out.put(k.name, Value::string(block.name));
  if (port_map.is_map() && port_map.size() > 0) out.put(k.ports, ports(port_map));
  if (const Block* ready = probe_named(block, "ready")) out.put(k.readinessProbe, probe(*ready, port_map));
  if (Value r = resources(block, cluster); given(r)) out.put(k.resources, std::move(r));
  if (block.kind == Init && flag(block.cells[attr(Init, "sidecar")].value)) out.put(k.restartPolicy, k.Always);
  out.put(k.securityContext, rights(block.child(Security), pod_security));
  if (const Block* start = probe_named(block, "start")) out.put(k.startupProbe, probe(*start, port_map));
  if (given(mounts)) out.put(k.volumeMounts, mounts);
  if (const Value& v = at(block, c("workdir"), cluster); given(v)) out.put(k.workingDir, v);
  return out.build();
}

Value PodBuilder::spec(const Block& workload, std::size_t cluster) {
  const Keys& k = keys();
  const Layout& volumes = layout(workload);
  const Block* security = workload.child(Security);
  std::vector<Value> containers;
  std::vector<Value> init;
  std::size_t number = 0;
  for (const auto& child : workload.children) {
    if (child->kind != Container && child->kind != Init) continue;
    (child->kind == Container ? containers : init).push_back(container(*child, security, cluster, volumes.mounts[number]));
    ++number;
  }
  SmallMap<10> out;
  out.put(k.automountServiceAccountToken, workload.cells[attr(Workload, "account_token")].value);
  out.put(k.containers, Value::list(std::span<const Value>(containers)));
  if (const Value& pull = workload.cells[attr(Workload, "pull")].value; pull.is_list() && pull.size() > 0) {
    std::vector<Value> list;
    for (const Value& ref : pull.items()) list.push_back(one_field(k.name, Value::string(name_of(ref.as_string()))));
    out.put(k.imagePullSecrets, Value::list(std::move(list)));
  }
  if (!init.empty()) out.put(k.initContainers, Value::list(std::move(init)));
  if (const Value& node = workload.cells[attr(Workload, "node")].value; node.is_map() && node.size() > 0) out.put(k.nodeSelector, node);
  const Value& pod_security = kept(rights_, {security, this}, [&] { return pod_rights(security); });
  if (pod_security.size() > 0) out.put(k.securityContext, pod_security);
  if (const Value& account = workload.cells[attr(Workload, "service_account")].value; given(account)) out.put(k.serviceAccountName, account);
  out.put(k.terminationGracePeriodSeconds, seconds(workload.cells[attr(Workload, "grace")].value));
  if (given(volumes.volumes)) out.put(k.volumes, volumes.volumes);
  return out.build();
}

}  // namespace mcp::model
