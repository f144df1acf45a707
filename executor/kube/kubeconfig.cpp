#include "executor/kube/kubeconfig.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "executor/kube/http.hpp"
#include "lang/base/crypto.hpp"
#include "lang/base/diagnostic.hpp"
#include "lang/base/diagnostic_text.hpp"
#include "lang/value/json.hpp"
#include "lang/value/yaml.hpp"

namespace mcp {

namespace {

std::string folder_of(const std::string& file) {
  const auto slash = file.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : file.substr(0, slash);
}

std::string beside(const std::string& file, const std::string& path) { return path.empty() || path[0] == '/' ? path : folder_of(file) + "/" + path; }

std::string text_of(const Value& map, std::string_view key) { return map.is_map() ? std::string(map.text_or(key, "")) : std::string(); }

/// What is neither text nor missing has lost its quotes, as in `password: 1234`: to pass it over would be to act as
/// somebody else. The value may be a secret.
Result<void> want_text(const Value& map, std::initializer_list<const char*> keys, const std::string& file) {
  for (const char* key : keys)
    if (const Value* v = map.find(key); v != nullptr && !v->is_string() && !v->is_null()) return fail(std::string("`") + key + "` in " + visible(file) + " is no text", "write it in quotes");
  return {};
}

bool flag_of(const Value& map, std::string_view key) {
  const Value* v = map.find(key);
  return v != nullptr && v->is_bool() && v->as_bool();
}

/// A key as part of a header's name: what names may not hold, and `%`, as %XX. Source: client-go transport.headerKeyEscape.
std::string header_key(std::string_view key) {
  std::string out;
  for (const char c : key) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("!#$&'*+-.^_`|~").find(c) != std::string_view::npos;
    if (plain) out += c;
    else out += url_escape({&c, 1});
  }
  return out;
}

/// No line end may get into a header.
bool one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; });
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> out;
  std::size_t from = 0;
  while (from <= text.size()) {
    const auto to = std::min(text.find(':', from), text.size());
    if (to > from) out.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& each : names) out.append(out.empty() ? "" : ", ").append(visible(each));
  return out;
}

}  // namespace

std::optional<ServerUrl> server_url(std::string_view text) {
  ServerUrl out;
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  out.scheme = text.substr(0, colon);
  if (out.scheme != "https" && out.scheme != "http") return std::nullopt;
  std::string_view rest = text.substr(colon + 3);
  if (rest.find_first_of(" \t\r\n@?#\\\"<>") != std::string_view::npos || !one_line(rest)) return std::nullopt;
  const auto slash = std::min(rest.find('/'), rest.size());
  std::string_view host = rest.substr(0, slash);
  std::string_view path = rest.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  out.path = path;
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.host = host.substr(1, end - 1);
    host.remove_prefix(end + 1);
  } else {
    const auto end = std::min(host.find(':'), host.size());
    out.host = host.substr(0, end);
    host.remove_prefix(end);
  }
  if (out.host.empty()) return std::nullopt;
  out.port = out.scheme == "https" ? "443" : "80";
  if (!host.empty()) {
    if (host.front() != ':') return std::nullopt;
    host.remove_prefix(1);
    unsigned number = 0;
    const auto [end, problem] = std::from_chars(host.data(), host.data() + host.size(), number);
    if (problem != std::errc() || end != host.data() + host.size() || number == 0 || number > 65535) return std::nullopt;
    out.port = std::to_string(number);
  }
  return out;
}

bool is_loopback(std::string_view host) {
  in_addr address{};
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1);
}

Result<Kubeconfig> Kubeconfig::load(const KubeconfigFiles& files) {
  Kubeconfig out;
  out.read_ = files.read;
  std::vector<std::string> paths;
  if (!files.flag.empty()) {
    paths = {files.flag};
    if (!files.exists(files.flag)) return fail("there is no kubeconfig file " + visible(files.flag), "name one that is there: --kubeconfig FILE");
  } else if (!files.variable.empty()) {
    paths = split_list(files.variable);
  } else if (!files.home.empty()) {
    paths = {files.home + "/.kube/config"};
  }
  for (const std::string& path : paths) {
    out.looked_.push_back(path);
    if (!files.exists(path)) continue;
    MCP_TRY(out.add(path, MCP_TRY(context(files.read(path), "reading kubeconfig " + visible(path)))));
  }
  return out;
}

Result<void> Kubeconfig::add(const std::string& path, const std::string& text) {
  const auto documents = parse_yaml(text);
  // The text around a fault may hold a credential: only its line is named.
  if (!documents) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(documents.error().offset, text.size())), '\n');
    return fail("kubeconfig " + visible(path) + " is no YAML: error in line " + std::to_string(line), "see it with: kubectl config view");
  }
  if (documents->empty()) return {};
  const Value& top = documents->front();
  if (!top.is_map() || documents->size() > 1) return fail("kubeconfig " + visible(path) + " is not one YAML map", "it should have `apiVersion: v1` and `kind: Config`");
  if (const std::string kind = text_of(top, "kind"); !kind.empty() && kind != "Config")
    return fail("kubeconfig " + visible(path) + " is of kind " + visible(kind), "it should have `kind: Config`");
  const auto take = [&](const char* list, const char* field, Items& into) -> Result<void> {
    const Value* all = top.find(list);
    if (all == nullptr || all->is_null()) return {};
    if (!all->is_list()) return fail("kubeconfig " + visible(path) + ": `" + list + "` is not a list", "each item has `name` and `" + std::string(field) + "`");
    for (const Value& each : all->items()) {
      const std::string name = text_of(each, "name");
      if (name.empty()) return fail("kubeconfig " + visible(path) + ": an item of `" + list + "` has no name", "each item has `name` and `" + std::string(field) + "`");
      const Value* value = each.find(field);
      // The first file that states a name wins as a whole; in one file the first item does.
      into.emplace(name, Item{value != nullptr && value->is_map() ? *value : Value::empty_map(), path});
    }
    return {};
  };
  MCP_TRY(take("clusters", "cluster", clusters_));
  MCP_TRY(take("users", "user", users_));
  MCP_TRY(take("contexts", "context", contexts_));
  return {};
}

std::vector<std::string> Kubeconfig::contexts() const {
  std::vector<std::string> out;
  for (const auto& [name, item] : contexts_) out.push_back(name);
  return out;
}

Result<Endpoint> Kubeconfig::endpoint(const std::string& name) const {
  const auto found = contexts_.find(name);
  if (found == contexts_.end()) {
    if (contexts_.empty())
      return fail("there is no kubeconfig with a context `" + visible(name) + "`" + (looked_.empty() ? std::string() : ": looked in " + joined(looked_)),
                  "name one: --kubeconfig FILE or KUBECONFIG");
    std::vector<std::string_view> all;
    for (const auto& [each, item] : contexts_) all.push_back(each);
    const std::string best = nearest(name, all);
    std::vector<std::string> names = contexts();
    if (names.size() > 6) names.resize(6);
    return fail("kubeconfig has no context `" + visible(name) + "`",
                best.empty() ? "set `context` of the cluster block to one of: " + joined(names) + (contexts_.size() > names.size() ? ", ..." : "") : "did you mean `" + visible(best) + "`? Set `context` of the cluster block");
  }
  Endpoint out;
  out.context = name;
  const Item& item = found->second;
  const auto part = [&](const char* what, const Items& in) -> Result<const Item*> {
    const std::string wanted = text_of(item.value, what);
    if (wanted.empty()) return fail("context `" + visible(name) + "` in " + visible(item.file) + " names no " + what, "kubectl config set-context " + visible(name) + " --" + what + "=NAME");
    const auto it = in.find(wanted);
    if (it == in.end()) return fail("context `" + visible(name) + "` names " + what + " `" + visible(wanted) + "`, which no kubeconfig states", "see them with: kubectl config view");
    return &it->second;
  };
  MCP_TRY(context(cluster(*MCP_TRY(part("cluster", clusters_)), out), "context " + visible(name)));
  if (!text_of(item.value, "user").empty()) MCP_TRY(context(identity(*MCP_TRY(part("user", users_)), out), "context " + visible(name)));
  const bool anything = !out.token.empty() || !out.token_file.empty() || !out.user.empty() || !out.key.empty() || out.plugin;
  if (out.server.starts_with("http://") && anything)
    return fail("context `" + visible(name) + "` would send its credential over plain http to " + visible(out.server), "use an https server");
  return out;
}

Result<std::string> Kubeconfig::bytes(const Item& item, const char* data_key, const char* file_key) const {
  if (const std::string data = text_of(item.value, data_key); !data.empty()) {
    std::string out;
    std::string packed;
    for (const char c : data)
      if (c != '\n' && c != '\r' && c != ' ') packed += c;
    if (!base64_decode(packed, out)) return fail(std::string(data_key) + " in " + visible(item.file) + " is no base64", "see it with: kubectl config view --raw");
    return out;
  }
  const std::string path = text_of(item.value, file_key);
  if (path.empty()) return std::string();
  return context(read_(beside(item.file, path)), std::string("reading ") + file_key + " of " + visible(item.file));
}

Result<void> Kubeconfig::cluster(const Item& item, Endpoint& out) const {
  MCP_TRY(want_text(item.value, {"server", "certificate-authority", "certificate-authority-data", "tls-server-name", "proxy-url"}, item.file));
  const std::string server = text_of(item.value, "server");
  const auto url = server_url(server);
  if (!url) return fail("`server` in " + visible(item.file) + " is no URL: " + (server.empty() ? std::string("it is missing") : "`" + visible(server) + "`"), "it should be as in https://203.0.113.7:6443");
  if (url->scheme == "http" && !is_loopback(url->host)) return fail("`server` " + visible(server) + " is plain http", "http is for loopback only; use https");
  const std::string host = url->host.find(':') != std::string::npos ? "[" + url->host + "]" : url->host;
  out.server = url->scheme + "://" + host + ":" + url->port + url->path;
  out.ca = MCP_TRY(bytes(item, "certificate-authority-data", "certificate-authority"));
  out.insecure = flag_of(item.value, "insecure-skip-tls-verify");
  if (out.insecure && !out.ca.empty())
    return fail("insecure-skip-tls-verify stands beside a certificate authority in " + visible(item.file), "take insecure-skip-tls-verify out");
  out.tls_server_name = text_of(item.value, "tls-server-name");
  if (!out.tls_server_name.empty() && out.tls_server_name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") != std::string::npos)
    return fail("`tls-server-name` in " + visible(item.file) + " is no host name: `" + visible(out.tls_server_name) + "`", "it is a name of the server's certificate");
  out.proxy = text_of(item.value, "proxy-url");
  if (!out.proxy.empty()) {
    const bool known = out.proxy.starts_with("http://") || out.proxy.starts_with("https://") || out.proxy.starts_with("socks5://");
    if (!known || !one_line(out.proxy)) return fail("`proxy-url` in " + visible(item.file) + " is neither http, https nor socks5", "it should be as in http://proxy.example:3128");
  }
  out.compress = !flag_of(item.value, "disable-compression");
  return {};
}

Result<void> Kubeconfig::identity(const Item& item, Endpoint& out) const {
  const Value& user = item.value;
  MCP_TRY(want_text(user, {"client-certificate", "client-certificate-data", "client-key", "client-key-data", "token", "tokenFile", "username", "password", "as", "as-uid"}, item.file));
  out.certificate = MCP_TRY(bytes(item, "client-certificate-data", "client-certificate"));
  out.key = MCP_TRY(bytes(item, "client-key-data", "client-key"));
  if (out.certificate.empty() != out.key.empty())
    return fail(std::string("a client ") + (out.key.empty() ? "certificate stands without its key" : "key stands without its certificate") + " in " + visible(item.file), "state both");
  out.token = text_of(user, "token");
  if (const std::string path = text_of(user, "tokenFile"); !path.empty() && out.token.empty()) out.token_file = beside(item.file, path);
  out.user = text_of(user, "username");
  out.password = text_of(user, "password");
  if (!out.user.empty() && (!out.token.empty() || !out.token_file.empty()))
    return fail("a token and a user name stand beside each other in " + visible(item.file), "state one of them");
  if (const Value* provider = user.find("auth-provider"); provider != nullptr && provider->is_map())
    return fail("auth-provider `" + visible(text_of(*provider, "name")) + "` in " + visible(item.file) + " is no longer supported by Kubernetes", "use the cloud's credential plug-in, with `exec`");
  if (!one_line(out.token) || !one_line(out.user)) return fail("the credential in " + visible(item.file) + " has a line end inside", "a token is one line");

  if (const std::string as = text_of(user, "as"); !as.empty()) out.headers.emplace_back("Impersonate-User", as);
  if (const std::string uid = text_of(user, "as-uid"); !uid.empty()) out.headers.emplace_back("Impersonate-Uid", uid);
  if (const Value* groups = user.find("as-groups"); groups != nullptr && groups->is_list())
    for (const Value& group : groups->items()) {
      if (!group.is_string()) return fail("`as-groups` in " + visible(item.file) + " has an item that is no text", "write it in quotes");
      out.headers.emplace_back("Impersonate-Group", std::string(group.as_string()));
    }
  if (const Value* extra = user.find("as-user-extra"); extra != nullptr && extra->is_map())
    for (const Entry& e : extra->entries())
      if (e.value.is_list())
        for (const Value& v : e.value.items()) {
          if (!v.is_string()) return fail("`as-user-extra` in " + visible(item.file) + " has a value that is no text", "write it in quotes");
          out.headers.emplace_back("Impersonate-Extra-" + header_key(e.name()), std::string(v.as_string()));
        }
  for (const auto& [header, value] : out.headers)
    if (!one_line(value)) return fail("`as` in " + visible(item.file) + " has a line end inside", "write it as plain text");
  if (!out.headers.empty() && out.headers.front().first != "Impersonate-User")
    return fail("as-groups, as-uid or as-user-extra stand without `as` in " + visible(item.file), "state `as` too");

  if (const Value* exec = user.find("exec"); exec != nullptr && exec->is_map()) out.plugin = MCP_TRY(plugin(*exec, item, out));
  return {};
}

Result<ExecPlugin> Kubeconfig::plugin(const Value& exec, const Item& item, const Endpoint& endpoint) const {
  ExecPlugin out;
  MCP_TRY(want_text(exec, {"apiVersion", "command", "installHint"}, item.file));
  out.api = text_of(exec, "apiVersion");
  if (out.api != "client.authentication.k8s.io/v1" && out.api != "client.authentication.k8s.io/v1beta1")
    return fail("`exec` in " + visible(item.file) + " has apiVersion `" + visible(out.api) + "`", "client.authentication.k8s.io/v1 and v1beta1 are supported: update the plug-in");
  out.command = text_of(exec, "command");
  if (out.command.empty()) return fail("`exec` in " + visible(item.file) + " has no command", "state the plug-in to run");
  if (out.command.find('/') != std::string::npos) out.command = beside(item.file, out.command);
  if (const Value* args = exec.find("args"); args != nullptr && args->is_list())
    for (const Value& each : args->items()) out.args.push_back(each.is_string() ? std::string(each.as_string()) : to_json(each));
  if (const Value* env = exec.find("env"); env != nullptr && env->is_list())
    for (const Value& each : env->items()) {
      MCP_TRY(want_text(each, {"name", "value"}, item.file));
      out.env.emplace_back(text_of(each, "name"), text_of(each, "value"));
    }
  out.hint = text_of(exec, "installHint");
  if (flag_of(exec, "provideClusterInfo")) {
    MapBuilder cluster;
    cluster.set("server", std::string_view(endpoint.server));
    if (!endpoint.ca.empty()) cluster.set("certificate-authority-data", std::string_view(base64_encode(endpoint.ca)));
    if (!endpoint.tls_server_name.empty()) cluster.set("tls-server-name", std::string_view(endpoint.tls_server_name));
    if (endpoint.insecure) cluster.set("insecure-skip-tls-verify", true);
    out.cluster_info = to_json(cluster.build());
  }
  return out;
}

}  // namespace mcp
