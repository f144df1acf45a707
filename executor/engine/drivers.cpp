#include "executor/engine/drivers.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "executor/kube/kube_fleet.hpp"
#include "executor/run/lease.hpp"
#include "executor/run/secrets.hpp"
#include "executor/sim/sim_fleet.hpp"
#include "lang/base/diagnostic_text.hpp"
#include "planner/store/store.hpp"

namespace mcp {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string out(std::size_t{16} << 20U, '\0');
  if (!in || !in.read(out.data(), static_cast<std::streamsize>(out.size())).eof()) return fail("cannot read " + visible(path) + ": " + (in ? "it is larger than 16 MiB" : std::strerror(errno)));
  out.resize(static_cast<std::size_t>(in.gcount()));
  out.shrink_to_fit();
  return out;
}

Result<std::unique_ptr<Fleet>> make_kube(const FleetOptions& options) {
  KubeconfigFiles files;
  files.flag = options.connection.kubeconfig;
  files.variable = variable("KUBECONFIG");
  files.home = variable("HOME");
  files.read = read_file;
  files.exists = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
  KubeOptions kube;
  kube.endpoint = [config = MCP_TRY(Kubeconfig::load(files)), contexts = options.contexts, main = options.mcp_cluster](const MemberName& member) {
    if (member == mcp_cluster) return config.endpoint(main);
    const auto it = contexts.find(member);
    return config.endpoint(it != contexts.end() ? it->second : member);
  };
  // Without a key there is nothing that a fingerprint could be compared with, and none that may be kept.
  kube.fingerprint = [dir = options.state_dir, key = std::optional<std::string>()](std::string_view address, std::string_view name, std::string_view bytes) mutable {
    if (!key)
      if (const auto read = read_secret_key(dir); read && *read) key = **read;
    return key ? fingerprint(*key, address, name, bytes) : std::string("unknown");
  };
  kube.plugins = options.connection.credential_plugins || variable("MCP_CREDENTIAL_PLUGINS") == "1";
  kube.version = options.connection.version;
  kube.trace = options.connection.trace;
  kube.signals = options.connection.signals;
  return std::unique_ptr<Fleet>(std::make_unique<KubeFleet>(std::move(kube)));
}

}  // namespace

void add_member(FleetOptions& options, const std::string& name, const Value& row) {
  if (!row.is_map()) return;
  if (const Value* pods = row.find("capacity"); pods != nullptr && pods->is_int()) options.capacity[name] = pods->as_int();
  if (const std::string_view context = row.text_or("context", ""); !context.empty()) options.contexts[name] = context;
}

Result<std::unique_ptr<Fleet>> make_fleet(const FleetOptions& options) {
  if (options.driver == "kubernetes") return make_kube(options);
  auto fleet = MCP_TRY(make_sim(options));
  return std::unique_ptr<Fleet>(std::move(fleet));
}

Result<std::unique_ptr<SimFleet>> make_sim(const FleetOptions& options) {
  SimOptions sim;
  sim.path = options.state_dir + "/sim.db";
  sim.project = options.project;
  sim.capacity = options.capacity;
  return SimFleet::open(std::move(sim));
}

}  // namespace mcp
