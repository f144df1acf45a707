#include "executor/kube/kubeconfig.hpp"

#include "lang/base/crypto.hpp"
#include "tests/support/catch.hpp"

using namespace mcp;

namespace {

/// Files in memory.
struct Disk {
  std::map<std::string, std::string> files;
  std::string flag;
  std::string variable;
  std::string home = "/home/u";

  Result<Kubeconfig> load() const {
    return Kubeconfig::load({flag, variable, home,
                             [files = files](const std::string& path) -> Result<std::string> {
                               const auto it = files.find(path);
                               if (it == files.end()) return fail("cannot read " + path + ": No such file or directory");
                               return it->second;
                             },
                             [files = files](const std::string& path) { return files.contains(path); }});
  }
};

std::string text(const Error& error) { return error.text() + (error.help.empty() ? "" : "; " + error.help); }

std::string text(const Endpoint& e) {
  std::string out = e.server;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out += std::string(" ") + name + "=" + value;
  };
  add("ca", e.ca);
  if (e.insecure) add("insecure", "yes");
  add("name", e.tls_server_name);
  add("proxy", e.proxy);
  if (!e.compress) add("compress", "no");
  add("certificate", e.certificate);
  add("key", e.key);
  add("token", e.token);
  add("token_file", e.token_file);
  add("user", e.user);
  add("password", e.password);
  for (const auto& [name, value] : e.headers) out += " " + name + ": " + value;
  if (e.plugin) {
    out += " exec=" + e.plugin->command;
    for (const std::string& arg : e.plugin->args) out += "," + arg;
    for (const auto& [name, value] : e.plugin->env) out += " " + name + "=" + value;
    add("cluster", e.plugin->cluster_info);
    add("hint", e.plugin->hint);
  }
  return out;
}

/// The endpoint of context `c` made of one cluster and one user, or the error.
std::string resolved(const std::string& cluster, const std::string& user = "{}", std::map<std::string, std::string> others = {}) {
  Disk disk{std::move(others), "/k/config", "", ""};
  disk.files["/k/config"] = "clusters: [{name: a, cluster: " + cluster + "}]\nusers: [{name: b, user: " + user + "}]\ncontexts: [{name: c, context: {cluster: a, user: b}}]\n";
  const auto config = disk.load();
  if (!config) return text(config.error());
  const auto endpoint = config->endpoint("c");
  return endpoint ? text(*endpoint) : text(endpoint.error());
}

const std::string https = "{server: 'https://h:6443'}";
std::string as(const std::string& user) { return resolved(https, user, {{"/k/x.pem", "X"}, {"/k/y.pem", "Y"}, {"/abs.pem", "Z"}}); }

/// A file that states one context, cluster and user of a name.
std::string one(const std::string& name, const std::string& server, const std::string& token) {
  return "apiVersion: v1\nkind: Config\nclusters: [{name: " + name + ", cluster: {server: '" + server + "'}}]\nusers: [{name: " + name + ", user: {token: " + token + "}}]\ncontexts: [{name: " + name +
         ", context: {cluster: " + name + ", user: " + name + "}}]\n";
}

}  // namespace

TEST_CASE("which kubeconfig files are read") {
  Disk disk;
  disk.files = {{"/a", one("x", "https://a", "ta") + "---\n"}, {"/b", one("x", "https://b", "tb")}, {"/home/u/.kube/config", one("home", "https://h", "th")}};
  disk.files["/a"] = one("x", "https://a", "ta");
  const auto names = [&] {
    const auto config = disk.load();
    REQUIRE(config);
    std::string out;
    for (const std::string& each : config->contexts()) out += each + " ";
    if (const auto x = config->endpoint("x")) out += x->server;
    return out;
  };
  CHECK(names() == "home ");
  disk.variable = "/b";
  CHECK(names() == "x https://b:443");
  disk.variable = ":/missing::/a:/b:";          // empty and missing entries are skipped, the first wins
  CHECK(names() == "x https://a:443");
  disk.variable = "/missing";                    // set, so the home's is not read
  CHECK(names().empty());
  disk.flag = "/b";
  CHECK(names() == "x https://b:443");
  disk.flag = "/missing";
  CHECK(text(disk.load().error()) == "there is no kubeconfig file /missing; name one that is there: --kubeconfig FILE");
}

TEST_CASE("files are merged by name: the first that states one wins as a whole") {
  Disk disk;
  disk.variable = "/a/config:/b/config";
  disk.files = {{"/a/config", "clusters: [{name: k, cluster: {server: 'https://a'}}, {name: k, cluster: {server: 'https://second'}}]\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"},
                {"/b/config", "clusters: [{name: k, cluster: {server: 'https://b', certificate-authority: ca.pem}}]\nusers: [{name: u, user: {client-certificate: c.pem, client-key: ../k.pem}}]\n"
                              "contexts: [{name: c, context: {cluster: other}}, {name: d, context: {cluster: k}}]\n"},
                {"/b/c.pem", "CERT"},
                {"/b/../k.pem", "KEY"}};
  const auto config = disk.load();
  REQUIRE(config);
  // Relative paths stand beside the file that states them.
  CHECK(text(*config->endpoint("c")) == "https://a:443 certificate=CERT key=KEY");
  CHECK(text(*config->endpoint("d")) == "https://a:443");
}

TEST_CASE("a context that is not there is named, with one that may be meant") {
  Disk disk;
  CHECK(text(disk.load()->endpoint("aws").error()) == "there is no kubeconfig with a context `aws`: looked in /home/u/.kube/config; name one: --kubeconfig FILE or KUBECONFIG");
  disk.home = "";
  CHECK(text(disk.load()->endpoint("aws").error()) == "there is no kubeconfig with a context `aws`; name one: --kubeconfig FILE or KUBECONFIG");
  disk.flag = "/f";
  disk.files["/f"] = "contexts: [{name: aws-use1}, {name: gcp-euw1}]";
  CHECK(text(disk.load()->endpoint("aws-use2").error()) == "kubeconfig has no context `aws-use2`; did you mean `aws-use1`? Set `context` of the cluster block");
  CHECK(text(disk.load()->endpoint("nothing-like-it").error()) == "kubeconfig has no context `nothing-like-it`; set `context` of the cluster block to one of: aws-use1, gcp-euw1");
  CHECK(text(disk.load()->endpoint("aws-use1").error()) == "context `aws-use1` in /f names no cluster; kubectl config set-context aws-use1 --cluster=NAME");
  disk.files["/f"] = "contexts: [{name: c, context: {cluster: k, user: u}}]";
  CHECK(text(disk.load()->endpoint("c").error()) == "context `c` names cluster `k`, which no kubeconfig states; see them with: kubectl config view");
  disk.files["/f"] = "contexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, cluster: {server: 'https://h'}}]";
  CHECK(text(disk.load()->endpoint("c").error()) == "context `c` names user `u`, which no kubeconfig states; see them with: kubectl config view");
}

TEST_CASE("a file that is no kubeconfig is refused without a word of its text") {
  struct Row { const char *name, *text, *message; };
  const Row rows[] = {
      {"not YAML", "a: 1\nusers: [{token: SECRET\nb: {", "kubeconfig /f is no YAML: error in line "},
      {"unclosed quote", "users:\n- name: u\n  user: {token: \"SECRET}\n", "kubeconfig /f is no YAML: error in line "},
      {"two keys", "users: []\nusers: [SECRET]", "kubeconfig /f is no YAML: error in line "},
      {"text", "SECRET", "kubeconfig /f is not one YAML map"},
      {"a list", "[SECRET]", "kubeconfig /f is not one YAML map"},
      {"two documents", "a: 1\n---\nb: SECRET\n", "kubeconfig /f is not one YAML map"},
      {"another kind", "kind: Pod", "kubeconfig /f is of kind Pod"},
      {"users are no list", "users: {SECRET: 1}", "kubeconfig /f: `users` is not a list"},
      {"a user without a name", "users: [{user: {token: SECRET}}]", "kubeconfig /f: an item of `users` has no name"},
      {"a context that is text", "contexts: [SECRET]", "kubeconfig /f: an item of `contexts` has no name"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const auto config = Disk{{{"/f", row.text}}, "/f", "", ""}.load();
    REQUIRE_FALSE(config);
    CHECK(text(config.error()).starts_with(row.message));
    CHECK(text(config.error()).find("SECRET") == std::string::npos);
  }
  for (const char* text : {"", "# nothing\n", "clusters: null\nusers: null\n", "clusters: []", "kind: Config"}) {
    INFO(text);
    const auto config = Disk{{{"/f", text}}, "/f", "", ""}.load();
    REQUIRE(config);
    CHECK(config->contexts().empty());
  }
}

TEST_CASE("what a cluster may state") {
  const auto x = [](const std::string& cluster) { return resolved(cluster, "{}", {{"/k/ca.pem", "CA"}, {"/k/sub/ca.pem", "SUB"}, {"/abs.pem", "ABS"}}); };
  const std::string data = base64_encode("DATA");
  const std::string c = "context c: ";
  CHECK(x("{server: 'https://h'}") == "https://h:443");
  CHECK(x("{server: 'https://h:1/p/'}") == "https://h:1/p");
  CHECK(x("{server: 'https://[::1]:7'}") == "https://[::1]:7");
  CHECK(x("{server: 'https://h', certificate-authority: ca.pem}") == "https://h:443 ca=CA");
  CHECK(x("{server: 'https://h', certificate-authority: ./sub/ca.pem}") == c + "reading certificate-authority of /k/config: cannot read /k/./sub/ca.pem: No such file or directory");
  CHECK(x("{server: 'https://h', certificate-authority: sub/ca.pem}") == "https://h:443 ca=SUB");
  CHECK(x("{server: 'https://h', certificate-authority: /abs.pem}") == "https://h:443 ca=ABS");
  CHECK(x("{server: 'https://h', certificate-authority: /none, certificate-authority-data: " + data + "}") == "https://h:443 ca=DATA");
  CHECK(x("{server: 'https://h', certificate-authority-data: '%%%'}") == c + "certificate-authority-data in /k/config is no base64; see it with: kubectl config view --raw");
  CHECK(x("{server: 'https://h', insecure-skip-tls-verify: true}") == "https://h:443 insecure=yes");
  CHECK(x("{server: 'https://h', insecure-skip-tls-verify: true, certificate-authority: ca.pem}") ==
        c + "insecure-skip-tls-verify stands beside a certificate authority in /k/config; take insecure-skip-tls-verify out");
  CHECK(x("{server: 'https://h', insecure-skip-tls-verify: false, certificate-authority: ca.pem}") == "https://h:443 ca=CA");
  CHECK(x("{server: 'https://h', tls-server-name: kube.example, disable-compression: true}") == "https://h:443 name=kube.example compress=no");
  CHECK(x("{server: 'https://h', tls-server-name: \"a b\"}") == c + "`tls-server-name` in /k/config is no host name: `a b`; it is a name of the server's certificate");
  for (const char* proxy : {"http://p:3128", "https://p", "socks5://p:1080"}) CHECK(x("{server: 'https://h', proxy-url: '" + std::string(proxy) + "'}") == "https://h:443 proxy=" + std::string(proxy));
  CHECK(x("{server: 'https://h', proxy-url: 'ftp://p'}") == c + "`proxy-url` in /k/config is neither http, https nor socks5; it should be as in http://proxy.example:3128");
  CHECK(x("{server: h}") == c + "`server` in /k/config is no URL: `h`; it should be as in https://203.0.113.7:6443");
  CHECK(x("{}") == c + "`server` in /k/config is no URL: it is missing; it should be as in https://203.0.113.7:6443");
  CHECK(x("{server: 'http://10.0.0.1'}") == c + "`server` http://10.0.0.1 is plain http; http is for loopback only; use https");
  CHECK(x("{server: 'http://127.0.0.1:8001'}") == "http://127.0.0.1:8001");
  CHECK(x("{server: 'http://[::1]:8001'}") == "http://[::1]:8001");
}

TEST_CASE("no credential goes over plain http") {
  const auto x = [](const std::string& user) { return resolved("{server: 'http://localhost:1'}", user, {{"/k/x.pem", "X"}}); };
  const std::string refused = "context `c` would send its credential over plain http to http://localhost:1; use an https server";
  CHECK(x("{}") == "http://localhost:1");
  CHECK(x("{token: t}") == refused);
  CHECK(x("{tokenFile: x.pem}") == refused);
  CHECK(x("{username: u, password: p}") == refused);
  CHECK(x("{client-certificate: x.pem, client-key: x.pem}") == refused);
  CHECK(x("{exec: {apiVersion: client.authentication.k8s.io/v1, command: p}}") == refused);
}

TEST_CASE("what a user may state") {
  const std::string data = base64_encode("DATA");
  const std::string h = "https://h:6443";
  const std::string c = "context c: ";
  CHECK(as("{}") == h);
  CHECK(as("{token: t}") == h + " token=t");
  CHECK(as("{tokenFile: sub/token}") == h + " token_file=/k/sub/token");
  CHECK(as("{tokenFile: /var/token}") == h + " token_file=/var/token");
  CHECK(as("{token: t, tokenFile: /var/token}") == h + " token=t");
  CHECK(as("{username: u, password: p}") == h + " user=u password=p");
  CHECK(as("{token: t, username: u}") == c + "a token and a user name stand beside each other in /k/config; state one of them");
  CHECK(as("{tokenFile: t, username: u}") == c + "a token and a user name stand beside each other in /k/config; state one of them");
  CHECK(as("{client-certificate: x.pem, client-key: y.pem}") == h + " certificate=X key=Y");
  CHECK(as("{client-certificate: x.pem, client-key: y.pem, token: t}") == h + " certificate=X key=Y token=t");
  CHECK(as("{client-certificate-data: " + data + ", client-certificate: none, client-key: /abs.pem}") == h + " certificate=DATA key=Z");
  CHECK(as("{client-certificate: x.pem}") == c + "a client certificate stands without its key in /k/config; state both");
  CHECK(as("{client-key: x.pem}") == c + "a client key stands without its certificate in /k/config; state both");
  CHECK(as("{client-key: gone.pem}") == c + "reading client-key of /k/config: cannot read /k/gone.pem: No such file or directory");
  CHECK(as("{client-key-data: SECRET!}") == c + "client-key-data in /k/config is no base64; see it with: kubectl config view --raw");
  CHECK(as("{auth-provider: {name: gcp}}") == c + "auth-provider `gcp` in /k/config is no longer supported by Kubernetes; use the cloud's credential plug-in, with `exec`");
}

TEST_CASE("what lost its quotes is not passed over") {
  const auto no = [](const std::string& key) { return "context c: `" + key + "` in /k/config is no text; write it in quotes"; };
  CHECK(as("{username: u, password: 1234}") == no("password"));
  CHECK(as("{username: 1234, password: p}") == no("username"));
  CHECK(as("{token: 1234}") == no("token"));
  CHECK(as("{token: {a: b}}") == no("token"));
  CHECK(as("{as: 1000}") == no("as"));
  CHECK(as("{as: u, as-groups: [a, 7]}") == "context c: `as-groups` in /k/config has an item that is no text; write it in quotes");
  CHECK(as("{as: u, as-user-extra: {k: [7]}}") == "context c: `as-user-extra` in /k/config has a value that is no text; write it in quotes");
  CHECK(as("{exec: {apiVersion: client.authentication.k8s.io/v1, command: p, env: [{name: A, value: 1}]}}") == no("value"));
  CHECK(resolved("{server: 7}") == no("server"));
  CHECK(resolved("{server: 'https://h', tls-server-name: 7}") == no("tls-server-name"));
  CHECK(as("{token: null, as: null, password: null}") == "https://h:6443");
}

TEST_CASE("files from other systems are read") {
  std::string lines = one("x", "https://a", "t");
  for (std::size_t at = 0; (at = lines.find('\n', at)) != std::string::npos; at += 2) lines.replace(at, 1, "\r\n");
  for (const std::string mark : {"", "\xef\xbb\xbf"}) {
    const auto config = Disk{{{"/f", mark + lines}}, "/f", "", ""}.load();
    REQUIRE(config);
    CHECK(text(*config->endpoint("x")) == "https://a:443 token=t");
  }
}

TEST_CASE("nothing of a credential can end a header") {
  const std::string refused = "context c: the credential in /k/config has a line end inside; a token is one line";
  CHECK(as(R"({token: "SECRET\n"})") == refused);
  CHECK(as(R"({token: "SECRET\r\nX: y"})") == refused);
  CHECK(as(R"({username: "u\nv", password: p})") == refused);
  const std::string impersonation = "context c: `as` in /k/config has a line end inside; write it as plain text";
  CHECK(as(R"({as: "u\r\nX: y"})") == impersonation);
  CHECK(as(R"({as: u, as-groups: ["g\n"]})") == impersonation);
  CHECK(as(R"({as: u, as-user-extra: {k: ["v\n"]}})") == impersonation);
}

TEST_CASE("impersonation becomes headers") {
  const std::string h = "https://h:6443";
  CHECK(as("{as: jane}") == h + " Impersonate-User: jane");
  CHECK(as("{as: 'system:serviceaccount:a:b', as-uid: '7', as-groups: [a, b], as-user-extra: {scopes: [x, y]}}") ==
        h + " Impersonate-User: system:serviceaccount:a:b Impersonate-Uid: 7 Impersonate-Group: a Impersonate-Group: b Impersonate-Extra-scopes: x Impersonate-Extra-scopes: y");
  // Keys may hold what header names may not; servers take it as in URLs.
  CHECK(as("{as: j, as-user-extra: {'example.com/a%b: c': [x]}}") == h + " Impersonate-User: j Impersonate-Extra-example.com%2Fa%25b%3A%20c: x");
  CHECK(as("{as-groups: [a]}") == "context c: as-groups, as-uid or as-user-extra stand without `as` in /k/config; state `as` too");
}

TEST_CASE("a credential plug-in is read with all that it wants to know") {
  const std::string h = "https://h:6443";
  const std::string v1 = "apiVersion: client.authentication.k8s.io/v1";
  CHECK(as("{exec: {" + v1 + ", command: aws, args: [eks, get-token, 7], env: [{name: A, value: b}], installHint: get it}}") == h + " exec=aws,eks,get-token,7 A=b hint=get it");
  CHECK(as("{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./bin/p, env: null, args: null}}") == h + " exec=/k/./bin/p");
  CHECK(as("{exec: {" + v1 + ", command: /bin/p}}") == h + " exec=/bin/p");
  CHECK(resolved("{server: 'https://h', certificate-authority: ca, tls-server-name: n}", "{exec: {" + v1 + ", command: p, provideClusterInfo: true}}", {{"/k/ca", "CA"}}) ==
        R"(https://h:443 ca=CA name=n exec=p cluster={"certificate-authority-data":"Q0E=","server":"https://h:443","tls-server-name":"n"})");
  const std::string hint = "; client.authentication.k8s.io/v1 and v1beta1 are supported: update the plug-in";
  CHECK(as("{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: p}}") == "context c: `exec` in /k/config has apiVersion `client.authentication.k8s.io/v1alpha1`" + hint);
  CHECK(as("{exec: {command: p}}") == "context c: `exec` in /k/config has apiVersion ``" + hint);
  CHECK(as("{exec: {" + v1 + "}}") == "context c: `exec` in /k/config has no command; state the plug-in to run");
}
