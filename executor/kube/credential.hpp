#pragma once
// Credential: what goes with a request to prove who asks. A token may come from a file that others renew, or from a
// plug-in (ExecCredential, client.authentication.k8s.io); a plug-in runs as a child whose end is awaited through a
// descriptor, so that a slow one holds nobody up. Kept in memory only.
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "executor/kube/kubeconfig.hpp"

namespace mcp {

struct Credential {
  std::string token;
  std::string certificate;   // PEM, both or none
  std::string key;
  std::optional<std::int64_t> expires_s;   // Unix time
};

/// Reads what a plug-in printed. Errors say what is wrong, never what was printed.
Result<Credential> parse_exec_credential(const std::string& printed, const std::string& api);

/// A running plug-in. One thread; the child is ended with the object.
class PluginRun {
 public:
  /// Errors: it cannot be started, with the plug-in's own hint.
  static Result<std::unique_ptr<PluginRun>> start(const ExecPlugin& plugin);
  ~PluginRun();
  PluginRun(const PluginRun&) = delete;
  PluginRun& operator=(const PluginRun&) = delete;

  /// Readable when there is something to do.
  int descriptor() const { return fd_; }
  /// Takes what is there; a result when it has ended, or was ended after 60 s.
  std::optional<Result<Credential>> poll();

 private:
  explicit PluginRun(const ExecPlugin& plugin) : plugin_(plugin) {}
  const ExecPlugin plugin_;
  int pid_ = -1;
  int fd_ = -1;
  std::string printed_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace mcp
