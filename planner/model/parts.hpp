#pragma once
// Pieces of bodies that several kinds of objects share, and the means to build many bodies fast: keys made once, maps
// filled in the order of their keys, equal pieces built once. Internal to planner/model.
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "lang/base/check.hpp"
#include "lang/topology/topology.hpp"
#include "planner/model/model.hpp"

namespace mcp::model {

/// The value of an attribute on a cluster.
inline const Value& at(const Block& block, AttrId id, std::size_t cluster) { return block.cells[id].at(cluster); }

inline bool flag(const Value& v) { return v.is_bool() && v.as_bool(); }
inline bool given(const Value& v) { return !v.is_null(); }

/// "web" of "shop/web".
inline std::string_view name_of(std::string_view ref) { return ref.substr(ref.find('/') + 1); }

/// A map under construction without allocation. Requires: keys are put in order and differ.
template <std::size_t Most>
class SmallMap {
 public:
  void put(const Value& key, Value value) {
    MCP_CHECK(size_ < Most, "too many fields for this map");
    entries_[size_].key = key;
    entries_[size_++].value = std::move(value);
  }
  bool empty() const { return size_ == 0; }
  Value build() { return Value::take_sorted_map(std::span<Entry>(entries_.data(), std::exchange(size_, 0))); }

 private:
  std::array<Entry, Most> entries_;
  std::size_t size_ = 0;
};

inline Value one_field(const Value& key, Value value) {
  Entry e{key, std::move(value)};
  return Value::take_sorted_map(std::span<Entry>(&e, 1));
}

/// Keys and constants of bodies, made once.
#define MCP_MODEL_KEYS(X)                                                                                             \
  X(annotations) X(apiVersion) X(args) X(automountServiceAccountToken) X(command) X(configMap) X(configMapKeyRef)     \
  X(configMapRef) X(containerPort) X(containers) X(defaultMode) X(emptyDir) X(env) X(envFrom) X(exec)                 \
  X(failureThreshold) X(fieldPath) X(fieldRef) X(grpc) X(httpGet) X(image) X(imagePullPolicy) X(imagePullSecrets)     \
  X(initContainers) X(initialDelaySeconds) X(key) X(kind) X(labels) X(limits) X(livenessProbe) X(matchLabels)         \
  X(metadata) X(mountPath) X(name) X(nodeSelector) X(optional) X(path) X(periodSeconds) X(port) X(ports)              \
  X(progressDeadlineSeconds) X(protocol) X(readOnly) X(readinessProbe) X(replicas) X(requests) X(resources)           \
  X(restartPolicy) X(revisionHistoryLimit) X(secret) X(secretKeyRef) X(secretName) X(secretRef) X(securityContext)    \
  X(selector) X(service) X(serviceAccountName) X(spec) X(startupProbe) X(strategy) X(subPath) X(successThreshold)     \
  X(targetPort) X(tcpSocket) X(terminationGracePeriodSeconds) X(timeoutSeconds) X(value) X(valueFrom)                 \
  X(volumeMounts) X(volumes) X(workingDir) X(cpu) X(memory) X(Deployment) X(Always)
struct Keys {
#define MCP_MODEL_KEY(name) Value name = Value::string(#name);
  MCP_MODEL_KEYS(MCP_MODEL_KEY)
#undef MCP_MODEL_KEY
  Value ns = Value::string("namespace");
  Value apps = Value::string("apps/v1");
  Value yes = Value::boolean(true);
};
const Keys& keys();

/// Numbers of the attributes that every kind of object has.
struct CommonAttrs {
  AttrId protect = 0;
  AttrId ignore = 0;
  AttrId labels = 0;
  AttrId annotations = 0;
  AttrId k8s = 0;
};
const CommonAttrs& common_attrs(BlockKind kind);

/// metadata of objects of one project: users' labels and annotations, then ours.
class Metadata {
 public:
  explicit Metadata(const std::string& project);
  /// `address` without member; derived objects of a namespace take nothing from users.
  Value of(const Declared& declared, const Address& address, std::string_view name, std::string_view ns, std::size_t cluster) const;

 private:
  std::vector<Entry> ours_;     // labels
  Value only_ours_;
};

/// apiVersion, kind, metadata and what `more` holds; `more` may be in any order.
Value body(std::string_view api, std::string_view kind, Value metadata, std::vector<Entry> more);

/// `(from_env NAME)` and texts between.
std::string secret_source(const Value& parts);

/// Applies the `k8s` patch of an object: maps merge, keyed lists by key, the rest is replaced, null removes.
Value patched(std::string_view kind, const Value& body, const Value& patch);

/// What a patch of a Deployment takes away that it cannot do without; empty: nothing.
std::string broken_by(const Value& patch, const Value& selector);

/// The part of check_limits that is about Pods: what stands in containers, rights, quotas.
void check_pods(const Topology& topology, Diagnostics& out);

/// True if any value of the block or of what is in it differs between clusters.
bool has_rows(const Block& block);

}  // namespace mcp::model
