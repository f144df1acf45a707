// Bytes that nobody meant to write: whatever comes in, reading ends, and no more can be said of it.
#include <algorithm>
#include <random>

#include "executor/fleet/text.hpp"
#include "executor/kube/credential.hpp"
#include "executor/kube/kubeconfig.hpp"
#include "executor/kube/objects.hpp"
#include "executor/kube/paths.hpp"
#include "executor/kube/status.hpp"
#include "lang/value/json.hpp"
#include "tests/support/catch.hpp"

using namespace mcp;

namespace {

using Random = std::mt19937;   // the same numbers everywhere, unlike distributions

std::size_t below(Random& random, std::size_t bound) { return random() % bound; }

/// `seed` with bytes changed, left out, doubled or taken from elsewhere in it.
std::string mutated(Random& random, std::string text) {
  for (std::size_t i = 1 + below(random, 6); i > 0 && !text.empty(); --i) {
    const std::size_t at = below(random, text.size());
    const std::size_t length = std::min(text.size() - at, below(random, 12));
    switch (below(random, 5)) {
      case 0: text[at] = static_cast<char>(random()); break;
      case 1: text.erase(at, length); break;
      case 2: text.insert(at, text.substr(at, length)); break;
      case 3: text.insert(at, text.substr(below(random, text.size()), length)); break;
      default: text[at] = "{}[]:,\"'\n -&*!|>%@\\"[below(random, 19)]; break;
    }
  }
  return text;
}

std::string noise(Random& random) {
  std::string out(below(random, 200), '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

template <class Use>
void with_broken(const std::string& text, int rounds, Use&& use) {
  Random random(20261122);
  for (int i = 0; i < rounds; ++i) use(mutated(random, text));
  for (int i = 0; i < rounds / 3; ++i) use(noise(random));
  for (std::size_t i = 0; i < text.size(); ++i) use(text.substr(0, i));
}

}  // namespace

TEST_CASE("any bytes may stand where a kubeconfig is looked for") {
  const std::string text = R"(apiVersion: v1
kind: Config
clusters:
- name: k
  cluster: {server: "https://[::1]:6443/p", certificate-authority-data: Q0E=, tls-server-name: n, proxy-url: "http://p"}
users:
- name: u
  user:
    client-certificate-data: Q0E=
    client-key-data: Q0E=
    token: abc
    as: jane
    as-groups: [a, b]
    as-user-extra: {k: [v]}
    exec: {apiVersion: client.authentication.k8s.io/v1, command: ./p, args: [a, 1], env: [{name: A, value: b}], provideClusterInfo: true}
contexts:
- name: c
  context: {cluster: k, user: u}
)";
  int resolved = 0;
  with_broken(text, 600, [&](const std::string& broken) {
    const auto config = Kubeconfig::load({"/f", "", "", [&](const std::string& path) -> Result<std::string> { return path == "/f" ? Result<std::string>(broken) : fail("none"); }, [](const std::string&) { return true; }});
    if (!config) {
      CHECK_FALSE(config.error().message.empty());
      return;
    }
    for (const std::string& name : config->contexts())
      if (const auto endpoint = config->endpoint(name)) {
        ++resolved;
        CHECK(server_url(endpoint->server));   // requests are built upon that
        CHECK(endpoint->token.find('\n') == std::string::npos);
      }
  });
  CHECK(resolved > 0);
}

TEST_CASE("any bytes may stand where discovery is looked for") {
  with_broken(R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"g"},"versions":[{"version":"v1","resources":[{"resource":"as","responseKind":{"kind":"A"},"scope":"Namespaced","verbs":["list"]}]}]}]})", 3000,
              [](const std::string& broken) {
                const auto parsed = parse_json(broken);
                ServedKinds served;
                if (parsed) (void)read_discovery(*parsed, served);
              });
}

TEST_CASE("any bytes may stand where a Status is looked for") {
  with_broken(R"({"kind":"Status","reason":"Conflict","message":"m","details":{"name":"n","kind":"k","causes":[{"reason":"FieldManagerConflict","message":"conflict with \"a\"","field":".f"}]},"code":409})", 3000,
              [](const std::string& broken) {
                HttpReply reply;
                reply.body = broken;
                for (const int status : {404, 409, 422, 403, 429, 500, 503, 302}) {
                  reply.status = status;
                  const std::string text = to_string(outcome_of(reply, Verb::Apply, "w"));
                  CHECK(std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }));
                }
              });
}

TEST_CASE("any bytes may come from a plug-in, or as an object") {
  const Fingerprinter seal = [](std::string_view, std::string_view, std::string_view) { return "f"; };
  with_broken(R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t","clientCertificateData":"c","clientKeyData":"k","expirationTimestamp":"2026-11-22T10:00:00.5+01:00"}})", 3000,
              [](const std::string& broken) { (void)parse_exec_credential(broken, "client.authentication.k8s.io/v1"); });
  with_broken(R"({"metadata":{"name":"s","namespace":"n","annotations":{"mcp.dev/address":"a"}},"data":{"a":"UFc=","b":7,"c":{}}})", 3000, [&](const std::string& broken) {
    if (const auto parsed = parse_json(broken)) (void)from_wire(*parsed, "v1", "Secret", seal);
  });
}

TEST_CASE("aliases and depth of a kubeconfig are bounded") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += "*a" + std::to_string(i - 1) + ", ";
    bomb += "]\n";
  }
  for (const std::string& text : {bomb, std::string(100'000, '['), "a: " + std::string(100'000, '{')}) {
    const auto config = Kubeconfig::load({"/f", "", "", [&](const std::string&) -> Result<std::string> { return text; }, [](const std::string&) { return true; }});
    CHECK_FALSE(config);
  }
}
