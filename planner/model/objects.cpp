#include "planner/model/objects.hpp"

#include <algorithm>

#include "lang/base/crypto.hpp"
#include "lang/base/utf8.hpp"
#include "lang/topology/quantity.hpp"

namespace mcp::model {

namespace {

using enum BlockKind;

/// Surge or unavailable: a count, or a percentage as Kubernetes takes it.
Value share(const Block* rollout, AttrId id, const Value& otherwise) {
  return rollout != nullptr && given(rollout->cells[id].value) ? rollout->cells[id].value : otherwise;
}

Value make_strategy(const Block* rollout) {
  return MapBuilder()
      .set("rollingUpdate", MapBuilder()
                                .set("maxSurge", share(rollout, attr(Rollout, "surge"), Value::string("25%")))
                                .set("maxUnavailable", share(rollout, attr(Rollout, "unavailable"), Value::integer(0)))
                                .build())
      .set("type", "RollingUpdate")
      .build();
}

}  // namespace

DeploymentBuilder::Base DeploymentBuilder::base(const Declared& declared, std::size_t cluster, Value pod_spec, const Value& hashes) {
  const Block& block = *declared.block;
  const Block* rollout = block.child(Rollout);
  const Keys& k = keys();
  const Value& selector = at(block, attr(Workload, "selector"), cluster);
  Base out;
  out.metadata = metadata_.of(declared, declared.address, declared.address.name, declared.address.ns, cluster);
  std::int64_t deadline = 600;
  if (rollout != nullptr && rollout->cells[attr(Rollout, "deadline")].value.is_int()) deadline = (rollout->cells[attr(Rollout, "deadline")].value.as_int() + 999) / 1000;
  out.deadline = Value::integer(deadline);
  out.history = at(block, attr(Workload, "history"), cluster);
  out.selector = one_field(k.matchLabels, selector);
  const auto [strategy, fresh] = strategies_.try_emplace(rollout);
  if (fresh) strategy->second = make_strategy(rollout);
  out.strategy = strategy->second;
  SmallMap<2> meta;
  if (hashes.is_map() && hashes.size() > 0) meta.put(k.annotations, hashes);
  meta.put(k.labels, selector);
  SmallMap<2> pods;
  pods.put(k.metadata, meta.build());
  pods.put(k.spec, std::move(pod_spec));
  out.pods = pods.build();
  return out;
}

namespace {

Value around(const DeploymentBuilder::Base& base, const Value* replicas) {
  static const Value pods_key = Value::string("template");
  const Keys& k = keys();
  SmallMap<6> spec;
  spec.put(k.progressDeadlineSeconds, base.deadline);
  if (replicas != nullptr) spec.put(k.replicas, *replicas);
  spec.put(k.revisionHistoryLimit, base.history);
  spec.put(k.selector, base.selector);
  spec.put(k.strategy, base.strategy);
  spec.put(pods_key, base.pods);
  SmallMap<4> out;
  out.put(k.apiVersion, k.apps);
  out.put(k.kind, k.Deployment);
  out.put(k.metadata, base.metadata);
  out.put(k.spec, spec.build());
  return out.build();
}

}  // namespace

Value DeploymentBuilder::with_replicas(const Base& base, std::int64_t replicas) {
  const Value count = Value::integer(replicas);
  return around(base, &count);
}

Value DeploymentBuilder::without_replicas(const Base& base) { return around(base, nullptr); }

Value ObjectBodies::service(const Declared& declared, const Block& target, std::size_t cluster) {
  const Block& block = *declared.block;
  const Keys& k = keys();
  const Value& map = at(block, attr(Service, "ports"), cluster);
  const auto [ports, fresh] = ports_.try_emplace(map.identity());
  if (fresh && map.is_map()) {
    std::vector<Value> list;
    for (const Entry& e : map.entries()) {
      const Value* to = e.value.find("to");
      SmallMap<4> one;
      one.put(k.name, e.key);
      one.put(k.port, *e.value.find("port"));
      one.put(k.protocol, *e.value.find("protocol"));
      one.put(k.targetPort, to != nullptr && !to->is_null() ? *to : e.key);
      list.push_back(one.build());
    }
    ports->second = Value::list(std::move(list));
  }
  MapBuilder spec;
  if (flag(at(block, attr(Service, "headless"), cluster))) spec.set("clusterIP", "None");
  spec.set("ports", ports->second);
  spec.set("selector", at(target, attr(Workload, "selector"), cluster));
  if (flag(at(block, attr(Service, "sticky"), cluster))) spec.set("sessionAffinity", "ClientIP");
  spec.set("type", "ClusterIP");
  return body("v1", "Service", metadata_.of(declared, declared.address, declared.address.name, declared.address.ns, cluster), {{k.spec, spec.build()}});
}

Value ObjectBodies::config_map(const Declared& declared, std::size_t cluster) const {
  const Block& block = *declared.block;
  std::vector<Entry> text;
  std::vector<Entry> binary;
  if (const Value& data = at(block, attr(Config, "data"), cluster); data.is_map())
    for (const Entry& e : data.entries()) {
      if (is_utf8(e.value.as_string())) text.push_back(e);
      else binary.push_back({e.key, Value::string(base64_encode(e.value.as_string()))});
    }
  std::vector<Entry> more;
  if (!binary.empty()) more.push_back(entry("binaryData", Value::map(std::move(binary))));
  if (!text.empty()) more.push_back(entry("data", Value::map(std::move(text))));
  if (flag(at(block, attr(Config, "immutable"), cluster))) more.push_back(entry("immutable", Value::boolean(true)));
  return body("v1", "ConfigMap", metadata_.of(declared, declared.address, declared.address.name, declared.address.ns, cluster), std::move(more));
}

Value ObjectBodies::secret(const Declared& declared, std::size_t cluster) const {
  const Block& block = *declared.block;
  std::vector<Entry> data;
  if (const Value& map = at(block, attr(Secret, "data"), cluster); map.is_map())
    for (const Entry& e : map.entries()) {
      if (input_.secrets == SecretText::Sources) {
        data.push_back({e.key, Value::string(secret_source(e.value))});
        continue;
      }
      std::string_view print;
      if (input_.fingerprints != nullptr)
        if (const auto it = input_.fingerprints->find({declared.address, std::string(e.name())}); it != input_.fingerprints->end()) print = it->second;
      data.push_back({e.key, MapBuilder().set("$secret", print).build()});
    }
  std::vector<Entry> more;
  if (!data.empty()) more.push_back(entry("data", Value::map(std::move(data))));
  if (flag(at(block, attr(Secret, "immutable"), cluster))) more.push_back(entry("immutable", Value::boolean(true)));
  more.push_back(entry("type", at(block, attr(Secret, "type"), cluster)));
  return body("v1", "Secret", metadata_.of(declared, declared.address, declared.address.name, declared.address.ns, cluster), std::move(more));
}

Value ObjectBodies::namespace_object(const Declared& declared, std::size_t cluster) const {
  return body("v1", "Namespace", metadata_.of(declared, declared.address, declared.address.name, {}, cluster), {});
}

Value ObjectBodies::isolation(const Declared& declared, std::size_t cluster) const {
  const Block& block = *declared.block;
  std::vector<Value> peers;
  peers.push_back(MapBuilder().set("podSelector", Value::empty_map()).build());
  if (const Value& from = at(block, attr(Namespace, "allow_from"), cluster); from.is_list()) {
    std::vector<std::string_view> names;
    for (const Value& ns : from.items()) names.push_back(ns.as_string());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const std::string_view name : names) {
      if (name == declared.address.name) continue;
      const Value labels = MapBuilder().set("kubernetes.io/metadata.name", name).build();
      peers.push_back(MapBuilder().set("namespaceSelector", one_field(keys().matchLabels, labels)).build());
    }
  }
  const Value rule = MapBuilder().set("from", Value::list(std::move(peers))).build();
  const Value spec = MapBuilder()
                         .set("ingress", Value::list({rule}))
                         .set("podSelector", Value::empty_map())
                         .set("policyTypes", Value::list({Value::string("Ingress")}))
                         .build();
  Address address = declared.address;
  address.part = "isolation";
  return body("networking.k8s.io/v1", "NetworkPolicy", metadata_.of(declared, address, "mcp-isolation", declared.address.name, cluster), {{keys().spec, spec}});
}

Value ObjectBodies::quota(const Declared& declared, std::size_t cluster) const {
  const Block& block = *declared.block->child(Quota);
  std::vector<Entry> hard;
  if (const Value& v = at(block, attr(Quota, "pods"), cluster); given(v)) hard.push_back(entry("pods", Value::string(std::to_string(v.as_int()))));
  if (const Value& v = at(block, attr(Quota, "cpu"), cluster); given(v)) hard.push_back(entry("requests.cpu", Value::string(cpu_text(v.as_int()))));
  if (const Value& v = at(block, attr(Quota, "memory"), cluster); given(v)) hard.push_back(entry("requests.memory", Value::string(memory_text(v.as_int()))));
  Address address = declared.address;
  address.part = "quota";
  const Value spec = MapBuilder().set("hard", Value::map(std::move(hard))).build();
  return body("v1", "ResourceQuota", metadata_.of(declared, address, "mcp-quota", declared.address.name, cluster), {{keys().spec, spec}});
}

}  // namespace mcp::model
