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

  Credential() = default;
  Credential(const Credential&) = default;
  Credential& operator=(const Credential&) = default;
  ~Credential();             // wipes token and key
};

/// Reads what a plug-in printed. Errors say what is wrong, never what was printed.
Result<Credential> parse_exec_credential(const std::string& printed, const std::string& api);

/// A running plug-in. One thread; if it still runs when the object goes, it is ended, and its children with it.
class PluginRun {
 public:
  /// Errors: it cannot be started, with the plug-in's own hint. `longest`: it is ended after that.
  static Result<std::unique_ptr<PluginRun>> start(const ExecPlugin& plugin, std::chrono::milliseconds longest = std::chrono::seconds(60));
  ~PluginRun();
  PluginRun(const PluginRun&) = delete;
  PluginRun& operator=(const PluginRun&) = delete;

  /// Readable when there is something to do, and to be asked anew each time; beside that, poll() now and then: of the
  /// time limit, and of an end while a child of the plug-in still holds its output, nothing else tells.
  int descriptor() const { return output_ >= 0 ? output_ : end_; }
  std::chrono::steady_clock::time_point deadline() const { return started_ + longest_; }
  /// Takes what is there, never waits; a result when it has ended or taken too long.
  std::optional<Result<Credential>> poll();

 private:
  PluginRun(const ExecPlugin& plugin, std::chrono::milliseconds longest) : plugin_(plugin), longest_(longest) {}
  bool take_output();     // false: it is too much

  const ExecPlugin plugin_;
  const std::chrono::milliseconds longest_;
  int pid_ = -1;
  int output_ = -1;       // of the child, until it closes it
  int end_ = -1;          // readable once the child has ended
  std::string printed_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace mcp
