#pragma once
// Kubeconfig: how to reach a cluster and as whom, from the files that kubectl reads. Merging, relative paths and what
// excludes what follow kubectl; combinations that would leak a credential or skip a check are errors. Pure but for reading
// files, which is passed in.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "executor/kube/http.hpp"
#include "lang/base/result.hpp"
#include "lang/value/value.hpp"

namespace mcp {

/// A credential plug-in: a command that prints an ExecCredential.
struct ExecPlugin {
  std::string api;                                        // client.authentication.k8s.io/v1 or v1beta1
  std::string command;                                    // with a slash: a path; bare: found in PATH
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::string cluster_info;                               // JSON for KUBERNETES_EXEC_INFO's spec.cluster; empty: not wanted
  std::string hint;                                       // installHint
  auto operator<=>(const ExecPlugin&) const = default;
};

/// One context, resolved: the server and who asks, and where the rest of the credential comes from.
struct Endpoint : HttpPeer {
  std::string context;
  std::string token_file;        // read again from time to time
  std::optional<ExecPlugin> plugin;
};

struct KubeconfigFiles {
  std::string flag;              // --kubeconfig: that one only
  std::string variable;          // KUBECONFIG: a list of paths with ':'
  std::string home;              // ~; ~/.kube/config is read if neither of the others is given
  std::function<Result<std::string>(const std::string& path)> read;   // error: why not
  std::function<bool(const std::string& path)> exists;
};

class Kubeconfig {
 public:
  /// Errors: a file named by --kubeconfig that is not there, a file that is no kubeconfig. Files of the list that are
  /// missing are passed over; no file at all gives one without contexts.
  static Result<Kubeconfig> load(const KubeconfigFiles& files);

  /// Errors name the context, the file and the entry at fault.
  Result<Endpoint> endpoint(const std::string& context) const;
  /// Names in order.
  std::vector<std::string> contexts() const;

 private:
  struct Item {
    Value value;
    std::string file;            // that states it
  };
  using Items = std::map<std::string, Item, std::less<>>;
  Result<void> add(const std::string& path, const std::string& text);
  Result<std::string> bytes(const Item& item, const char* data_key, const char* file_key) const;
  Result<void> cluster(const Item& item, Endpoint& out) const;
  Result<void> identity(const Item& item, Endpoint& out) const;
  Result<ExecPlugin> plugin(const Value& exec, const Item& item, const Endpoint& endpoint) const;

  Items clusters_;
  Items users_;
  Items contexts_;
  std::vector<std::string> looked_;   // files that were read, or would have been
  std::function<Result<std::string>(const std::string&)> read_;
};

/// "https://host:6443/k8s/clusters/x" in parts. Null for what is no such URL.
struct ServerUrl {
  std::string scheme;
  std::string host;              // without brackets
  std::string port;              // as stated, or the scheme's
  std::string path;              // "" or "/..." without a final slash
};
std::optional<ServerUrl> server_url(std::string_view text);
/// localhost, 127.0.0.0/8, ::1.
bool is_loopback(std::string_view host);

}  // namespace mcp
