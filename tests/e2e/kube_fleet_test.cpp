// KubeFleet against servers on loopback: real HTTP, real TLS, and what goes wrong between.
#include "executor/kube/kube_fleet.hpp"

#include <stdlib.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <random>
#include <set>

#include "executor/fleet/text.hpp"
#include "lang/value/json.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/fake_api.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

/// Variables that would send everything elsewhere, were they heard.
const struct Surroundings {
  Surroundings() {
    const std::string nowhere = "http://127.0.0.1:" + std::to_string(dead_port());
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) ::setenv(name, nowhere.c_str(), 1);
    ::setenv("no_proxy", "*", 1);
  }
} surroundings;

/// A fleet whose members a test names, and what it traced.
struct Bed {
  std::map<std::string, Endpoint> members;
  KubeOptions options;
  std::string trace;
  std::unique_ptr<KubeFleet> fleet;
  std::uint64_t next = 0;

  Bed() {
    options.endpoint = [this](const MemberName& name) -> Result<Endpoint> {
      const auto it = members.find(name);
      if (it == members.end()) return fail("kubeconfig has no context `" + name + "`");
      return it->second;
    };
    options.fingerprint = [](std::string_view, std::string_view key, std::string_view) { return "sealed " + std::string(key); };
    options.version = "9";
    options.plugins = true;
    options.trace = [this](const std::string& line) { trace += line + "\n"; };
  }
  explicit Bed(const std::string& server) : Bed() { add("m", server); }

  Endpoint& add(const std::string& name, const std::string& server) {
    members[name].context = name;
    members[name].server = server;
    return members[name];
  }
  OpId submit(Operation op) {
    if (!fleet) fleet = std::make_unique<KubeFleet>(options);
    fleet->submit(OpId{++next}, std::move(op));
    return OpId{next};
  }
  /// The next completions, at least one.
  std::vector<Completion> wait() {
    std::vector<Completion> done;
    fleet->wait(fleet->now() + Duration(60'000), done);
    REQUIRE_FALSE(done.empty());
    return done;
  }
  Outcome outcome(Operation op) {
    const OpId id = submit(std::move(op));
    auto done = wait();
    REQUIRE(done.size() == 1);
    CHECK(done[0].id == id);
    return std::move(done[0].outcome);
  }
  std::string ask(Operation op) { return to_string(outcome(std::move(op))); }
};

/// `text` up to the first colon: words behind it are of libraries.
std::string head(const std::string& text) { return text.substr(0, text.find(':')); }

constexpr Duration enough{30'000};
constexpr Duration soon{150};   // for what never comes

Operation read(const std::string& name = "c", const std::string& member = "m", Duration timeout = enough) { return {member, Read{config_ref(member, name)}, timeout}; }
Operation write(const std::string& name = "c", const std::string& member = "m", Duration timeout = enough) {
  return {member, Write{config_ref(member, name), config_body(name, "1"), {}, Force::No, "mcp", nullptr}, timeout};
}
Operation remove(const std::string& name = "c") { return {"m", Remove{config_ref("m", name), {"u-1", {}}}, enough}; }
Operation list(std::vector<std::pair<std::string, std::string>> kinds, const std::string& ns = "shop") { return {"m", List{"shop", "", "", ns, std::move(kinds), {}}, enough}; }
Operation gear() { return {"m", Read{{"m", "example.com/v1", "Gear", "shop", "g"}}, enough}; }

std::string object(const std::string& name = "c", const std::string& more = {}) { return R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":")" + name + R"(","uid":"u-1"})" + more + "}"; }
FakeReply status(int code, const std::string& reason, const std::string& message, const std::string& details = "{}") {
  return {code, R"({"kind":"Status","message":")" + message + R"(","reason":")" + reason + R"(","details":)" + details + "}"};
}
/// The last segment of a request's path.
std::string name_of(const FakeRequest& request) {
  const std::string path = request.target.substr(0, request.target.find('?'));
  return path.substr(path.rfind('/') + 1);
}
FakeReply echo(const FakeRequest& request) { return {200, object(name_of(request))}; }

/// A plug-in that numbers its tokens: token1, token2, ...; `then` runs behind.
ExecPlugin numbered(const TempDir& dir, const std::string& expires = {}) {
  const std::string path = dir.file("plugin");
  const std::string status = expires.empty() ? "" : R"(,"expirationTimestamp":")" + expires + "\"";
  std::ofstream(path) << "#!/bin/sh\necho run >> " << dir.file("runs") << "\nprintf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"token%s\"" << status
                      << "}}' $(grep -c run " << dir.file("runs") << ")\n";
  ::chmod(path.c_str(), 0700);
  return {"client.authentication.k8s.io/v1", path, {}, {}, {}, {}};
}
int runs(const TempDir& dir) {
  std::ifstream in(dir.file("runs"));
  return static_cast<int>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
}

}  // namespace

TEST_CASE("a request says what it wants, and who asks") {
  FakeApi api(echo);
  Bed bed(api.url());
  Operation op = write();
  std::get<Write>(op.request).force = Force::Yes;
  std::get<Write>(op.request).expect = {"u-1", "42"};
  CHECK(bed.ask(op) == "done");
  const FakeRequest r = api.requests().at(0);
  CHECK(r.method == "PATCH");
  CHECK(r.target == "/api/v1/namespaces/shop/configmaps/c?fieldManager=mcp&force=true");
  CHECK(r.header("user-agent") == "mcp/9");
  CHECK(r.header("accept") == "application/json");
  CHECK(r.header("accept-encoding") == "gzip");
  CHECK(r.header("content-type") == "application/apply-patch+yaml");
  CHECK(r.headers.count("expect") == 0);
  CHECK(r.headers.count("authorization") == 0);
  CHECK(r.headers.count("transfer-encoding") == 0);
  const auto body = parse_json(r.body);
  REQUIRE(body);
  CHECK(body->at("metadata", "uid")->as_string() == "u-1");
  CHECK(body->at("metadata", "resourceVersion")->as_string() == "42");
}

TEST_CASE("a probe tells identity and version") {
  FakeApi api([](const FakeRequest& r) -> FakeReply { return r.target == "/version" ? FakeReply{200, R"({"gitVersion":"v1.34.4-gke.1"})"} : FakeReply{200, R"({"metadata":{"name":"kube-system","uid":"id-7"}})"}; });
  Bed bed(api.url());
  const Outcome outcome = bed.outcome({"m", Probe{}, enough});
  REQUIRE(std::holds_alternative<Done>(outcome));
  CHECK(std::get<Done>(outcome).facts->identity == "id-7");
  CHECK(std::get<Done>(outcome).facts->version == "v1.34.4-gke.1");
}

TEST_CASE("a member whose context cannot be resolved refuses by itself") {
  FakeApi api(echo);
  Bed bed(api.url());
  CHECK(bed.ask(read("c", "other")) == "refused (0 Kubeconfig): kubeconfig has no context `other`");
  CHECK(bed.ask(read()) == "done");
}

TEST_CASE("a server that is not reached has done nothing") {
  Bed bed;
  RawServer silent([](Wire& wire) { wire.hold(); });
  RawServer chatter([](Wire& wire) { wire.send("220 mail.example ESMTP\r\n"); });
  bed.add("refused", "https://127.0.0.1:" + std::to_string(dead_port()));
  bed.add("unknown", "https://nowhere.invalid:6443");
  bed.add("mute", "https://127.0.0.1:" + std::to_string(silent.port()));
  bed.add("mail", "https://127.0.0.1:" + std::to_string(chatter.port()));
  for (const char* member : {"refused", "unknown", "mail"}) {
    INFO(member);
    CHECK(head(bed.ask(write("c", member))) == "unreachable");
  }
  CHECK(head(bed.ask(write("c", "mute", soon))) == "unreachable");
}

TEST_CASE("a server proves who it is, or gets nothing") {
  const TestPki& pki = TestPki::get();
  FakeApi api(echo, pki.server);
  FakeApi old(echo, pki.expired);
  Bed bed;
  bed.add("good", api.url()).ca = pki.ca;
  bed.add("wrong", api.url()).ca = pki.other_ca;
  bed.add("system", api.url());
  bed.add("expired", old.url()).ca = pki.ca;
  bed.add("careless", old.url()).insecure = true;
  Endpoint& named = bed.add("named", api.url());
  named.ca = pki.ca;
  named.tls_server_name = "kube.example";
  Endpoint& misnamed = bed.add("misnamed", api.url());
  misnamed.ca = pki.ca;
  misnamed.tls_server_name = "other.example";
  bed.add("garbage", api.url()).ca = "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n";
  Endpoint& keyless = bed.add("keyless", api.url());
  keyless.ca = pki.ca;
  keyless.certificate = pki.client.certificate;
  keyless.key = "-----BEGIN PRIVATE KEY-----\nQQ==\n-----END PRIVATE KEY-----\n";
  Endpoint& locked = bed.add("locked", api.url());
  locked.ca = pki.ca;
  locked.certificate = pki.client.certificate;
  locked.key = pki.locked_key;
  for (auto& [name, endpoint] : bed.members) endpoint.token = "SECRET";

  for (const char* member : {"good", "careless", "named"}) {
    INFO(member);
    CHECK(bed.ask(write("c", member)) == "done");
  }
  CHECK(api.requests().back().header("host") == "127.0.0.1:" + std::to_string(api.port()));
  for (const char* member : {"wrong", "system", "expired", "misnamed"}) {
    INFO(member);
    CHECK(bed.ask(write("c", member)).starts_with("refused (0 Certificate): the server's certificate does not prove who it is: "));
  }
  for (const char* member : {"garbage", "keyless", "locked"}) {
    INFO(member);
    CHECK(bed.ask(write("c", member)).starts_with("refused (0 Kubeconfig): the certificates of the kubeconfig cannot be used: "));
  }
  CHECK(api.requests().size() == 2);
  CHECK(old.requests().size() == 1);
  CHECK(bed.trace.find("SECRET") == std::string::npos);
}

TEST_CASE("a client certificate opens what wants one, for its member only") {
  const TestPki& pki = TestPki::get();
  FakeApi api(echo, pki.server, pki.ca_file);
  Bed bed;
  Endpoint& with = bed.add("with", api.url());
  with.ca = pki.ca;
  with.certificate = pki.client.certificate;
  with.key = pki.client.key;
  bed.add("without", api.url()).ca = pki.ca;
  CHECK(bed.ask(read("c", "with")) == "done");
  CHECK(bed.ask(read("c", "without")) != "done");
  CHECK(bed.ask(read("d", "with")) == "done");
  CHECK(api.requests().size() == 2);
}

TEST_CASE("a connection that nobody checked is not lent to those who check") {
  const TestPki& pki = TestPki::get();
  FakeApi api(echo, pki.server);
  Bed bed;
  bed.add("careless", api.url()).insecure = true;
  bed.add("wrong", api.url()).ca = pki.other_ca;
  CHECK(bed.ask(read("c", "careless")) == "done");
  CHECK(head(bed.ask(read("c", "wrong"))) == "refused (0 Certificate)");
  CHECK(bed.ask(read("c", "careless")) == "done");
}

TEST_CASE("members of one server name on different hosts are kept apart") {
  const TestPki& pki = TestPki::get();
  FakeApi one([](const FakeRequest&) -> FakeReply { return {200, object("c", R"(,"data":{"from":"one"})")}; }, pki.server);
  FakeApi two([](const FakeRequest&) -> FakeReply { return {200, object("c", R"(,"data":{"from":"two"})")}; }, pki.server);
  Bed bed;
  for (const auto& [name, url] : {std::pair("one", one.url()), std::pair("two", two.url())}) {
    Endpoint& e = bed.add(name, url);
    e.ca = pki.ca;
    e.tls_server_name = "kube.example";
  }
  for (const char* member : {"one", "two", "one", "two"}) {
    const Outcome outcome = bed.outcome(read("c", member));
    REQUIRE(std::holds_alternative<Done>(outcome));
    CHECK(std::get<Done>(outcome).object.at("data", "from")->as_string() == member);
  }
}

TEST_CASE("identities of members on one server never mix") {
  const TestPki& pki = TestPki::get();
  FakeApi api(echo, pki.server);
  Bed bed;
  for (const char* name : {"a", "b", "basic", "as", "nobody"}) bed.add(name, api.url()).ca = pki.ca;
  bed.members["a"].token = "token-a";
  bed.members["b"].token = "token-b";
  bed.members["basic"].user = "user";
  bed.members["basic"].password = "pass";
  bed.members["as"].token = "token-as";
  bed.members["as"].headers = {{"Impersonate-User", "jane"}, {"Impersonate-Group", "x"}, {"Impersonate-Group", "y"}};
  for (int i = 0; i < 20; ++i) {   // the later ones find connections of others
    for (const auto& [name, endpoint] : bed.members) bed.submit(i % 2 == 0 ? read(name, name) : write(name, name));
    for (std::size_t open = bed.members.size(); open > 0;)
      for (const Completion& each : bed.wait()) {
        CHECK(to_string(each.outcome) == "done");
        --open;
      }
  }
  const std::map<std::string, std::string> wanted = {{"a", "Bearer token-a"}, {"b", "Bearer token-b"}, {"basic", "Basic dXNlcjpwYXNz"}, {"as", "Bearer token-as"}, {"nobody", ""}};
  for (const FakeRequest& request : api.requests()) {
    const std::string name = name_of(request);
    INFO(name);
    CHECK(request.header("authorization") == wanted.at(name));
    CHECK(request.headers.count("authorization") == (name == "nobody" ? 0U : 1U));
    CHECK(request.header("impersonate-user") == (name == "as" ? "jane" : ""));
    CHECK(request.headers.count("impersonate-group") == (name == "as" ? 2U : 0U));
  }
  CHECK(api.requests().size() == 100);
  for (const char* secret : {"token-a", "dXNlcjpwYXNz", "pass", "Bearer"}) CHECK(bed.trace.find(secret) == std::string::npos);
  CHECK(bed.trace.find("http GET " + api.url()) != std::string::npos);
}

TEST_CASE("a token file is read again when the server refuses what it held") {
  const TempDir dir;
  std::ofstream(dir.file("token")) << "old\n";
  FakeApi api([&](const FakeRequest& r) -> FakeReply {
    if (r.header("authorization") == "Bearer new") return r.target.find("configmaps/") != std::string::npos ? echo(r) : FakeReply{200, R"({"items":[{"metadata":{"name":")" + name_of(r) + R"("}}]})"};
    std::ofstream(dir.file("next")) << "new\r\n";
    std::filesystem::rename(dir.file("next"), dir.file("token"));
    return status(401, "Unauthorized", "Unauthorized");
  });
  SECTION("an operation goes out once more") {
    Bed bed(api.url());
    bed.members["m"].token_file = dir.file("token");
    CHECK(bed.ask(write()) == "done");
    CHECK(api.requests().size() == 2);
    CHECK(bed.ask(write()) == "done");
    CHECK(api.requests().size() == 3);
  }
  SECTION("a list of several kinds begins anew as a whole") {
    Bed bed(api.url());
    bed.members["m"].token_file = dir.file("token");
    const Outcome outcome = bed.outcome(list({{"v1", "ConfigMap"}, {"v1", "Service"}, {"apps/v1", "Deployment"}, {"v1", "ResourceQuota"}}));
    REQUIRE(std::holds_alternative<Page>(outcome));
    std::multiset<std::string> names;
    for (const Value& each : std::get<Page>(outcome).objects) names.emplace(each.at("metadata", "name")->as_string());
    CHECK(names == std::multiset<std::string>{"configmaps", "deployments", "resourcequotas", "services"});
  }
}

TEST_CASE("a token file is read again after a while") {
  const TempDir dir;
  FakeApi api(echo);
  Bed bed(api.url());
  bed.members["m"].token_file = dir.file("token");
  const auto used = [&](const std::string& written) {
    std::ofstream(dir.file("token")) << written;
    CHECK(bed.ask(read()) == "done");
    return api.requests().back().header("authorization");
  };
  CHECK(used("one") == "Bearer one");
  CHECK(used("two") == "Bearer one");
  bed.fleet.reset();
  bed.options.token_age = Duration(0);
  CHECK(used("three") == "Bearer three");
  CHECK(used("four") == "Bearer four");
}

TEST_CASE("a token file that holds no token is named") {
  const TempDir dir;
  FakeApi api([](const FakeRequest&) { return status(401, "Unauthorized", "Unauthorized"); });
  const auto said = [&](const std::string& text) {
    std::ofstream(dir.file("token")) << text;
    Bed bed(api.url());
    bed.members["m"].token_file = dir.file("token");
    return bed.ask(read());
  };
  const std::string file = "refused (0 Kubeconfig): token file " + dir.file("token");
  CHECK(said("") == file + " is empty");
  CHECK(said("\n") == file + " is empty");
  CHECK(said("SECRET\nX: y") == file + " holds more than a token");
  CHECK(api.requests().empty());
  CHECK(said("t") == "refused (401 Unauthorized): the server does not accept the credential");
  CHECK(api.requests().size() == 2);   // once more, not for ever
  std::filesystem::remove(dir.file("token"));
  Bed bed(api.url());
  bed.members["m"].token_file = dir.file("token");
  CHECK(bed.ask(read()) == file + " cannot be read");
}

TEST_CASE("a plug-in runs once for all that state it, and once more when refused") {
  const TempDir dir;
  const ExecPlugin plugin = numbered(dir);
  std::string accepted = "Bearer token1";
  FakeApi api([&](const FakeRequest& r) -> FakeReply { return r.header("authorization") == accepted ? echo(r) : status(401, "Unauthorized", "Unauthorized"); });
  Bed bed;
  for (const char* name : {"a", "b", "c"}) bed.add(name, api.url()).plugin = plugin;
  const auto all = [&] {
    for (int i = 0; i < 10; ++i)
      for (const char* name : {"a", "b", "c"}) bed.submit(read("x" + std::to_string(i), name));
    std::set<std::string> out;
    for (std::size_t open = 30; open > 0;)
      for (const Completion& each : bed.wait()) {
        out.insert(to_string(each.outcome));
        --open;
      }
    return out;
  };
  CHECK(all() == std::set<std::string>{"done"});
  CHECK(runs(dir) == 1);
  accepted = "Bearer token2";
  CHECK(all() == std::set<std::string>{"done"});
  CHECK(runs(dir) == 2);
  accepted = "none";
  CHECK(bed.ask(read("c", "a")) == "refused (401 Unauthorized): the server does not accept the credential");
  CHECK(runs(dir) == 3);
}

TEST_CASE("a plug-in whose credential has expired already is not run for ever") {
  const TempDir dir;
  FakeApi api([&](const FakeRequest& r) -> FakeReply { return {200, object(name_of(r), R"(,"data":{"who":")" + r.header("authorization") + "\"}")}; });
  Bed bed(api.url());
  bed.members["m"].plugin = numbered(dir, "2001-01-01T00:00:00Z");
  CHECK(bed.ask(read()) == "done");
  CHECK(runs(dir) == 1);
  CHECK(bed.ask(read()) == "done");
  CHECK(runs(dir) == 2);
  CHECK(api.requests().back().header("authorization") == "Bearer token2");
}

TEST_CASE("a plug-in that is not wanted, or does not answer, refuses its member's operations only") {
  const TempDir dir;
  FakeApi api(echo);
  const std::string gate = dir.file("gate");
  REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
  const std::string path = dir.file("stuck");
  std::ofstream(path) << "#!/bin/sh\nexec 1>&-\nread line < " << gate << "\n";
  ::chmod(path.c_str(), 0700);
  Bed bed(api.url());
  bed.add("stuck", api.url()).plugin = ExecPlugin{"client.authentication.k8s.io/v1", path, {}, {}, {}, "log in"};
  SECTION("off") {
    bed.options.plugins = false;
    CHECK(bed.ask(read("c", "stuck")) == "refused (0 Kubeconfig): context stuck wants the credential plug-in " + path + ", and plug-ins are off; allow them: --credential-plugins, or MCP_CREDENTIAL_PLUGINS=1");
  }
  SECTION("absent") {
    bed.members["stuck"].plugin->command = dir.file("absent");
    CHECK(bed.ask(read("c", "stuck")) == "refused (0 Credential): cannot start credential plug-in " + dir.file("absent") + ": No such file or directory; log in");
  }
  SECTION("it goes on without output") {
    bed.submit(read("c", "stuck"));
    for (int i = 0; i < 3; ++i) CHECK(bed.ask(read()) == "done");
    std::ofstream(gate) << "go\n";
    const auto done = bed.wait();
    REQUIRE(done.size() == 1);
    CHECK(to_string(done[0].outcome) == "refused (0 Credential): credential plug-in " + path + ": it printed no ExecCredential; log in");
  }
  SECTION("it takes too long") {
    bed.options.plugin_limit = std::chrono::milliseconds(20);
    CHECK(bed.ask(read("c", "stuck")) == "refused (0 Credential): credential plug-in " + path + ": no answer within 0 s; log in");
  }
  SECTION("the operation is given up meanwhile") {
    const OpId id = bed.submit(read("c", "stuck"));
    CHECK(bed.ask(read()) == "done");
    bed.fleet->cancel(id);
    const auto done = bed.wait();
    REQUIRE(done.size() == 1);
    CHECK(to_string(done[0].outcome) == "given up");
  }
}

TEST_CASE("lists go on with the old credential while another is fetched") {
  const TempDir dir;
  std::ofstream(dir.file("token")) << "old";
  FakeApi api([&](const FakeRequest& r) -> FakeReply {
    if (r.target.find("configmaps/") != std::string::npos) {   // another operation finds the token file empty
      std::ofstream(dir.file("token")) << "";
      return status(401, "Unauthorized", "Unauthorized");
    }
    return {200, r.target.find("continue=") == std::string::npos ? R"({"metadata":{"continue":"p2"},"items":[{"metadata":{"name":"a"}}]})" : R"({"items":[{"metadata":{"name":"b"}}]})"};
  });
  Bed bed(api.url());
  bed.members["m"].token_file = dir.file("token");
  bed.submit(read());
  bed.submit(list({{"v1", "Service"}}));
  std::set<std::string> out;
  while (out.size() < 2)
    for (const Completion& each : bed.wait()) out.insert(to_string(each.outcome));
  CHECK(out == std::set<std::string>{"2 objects", "refused (0 Kubeconfig): token file " + dir.file("token") + " is empty"});
}

TEST_CASE("what is not the object that was asked for is no answer") {
  FakeReply reply;
  FakeApi api([&](const FakeRequest&) { return reply; });
  Bed bed(api.url());
  for (const char* body : {"<html><body>Sign in to the network</body></html>", "", "[]", "7", "{", R"({"message":"welcome"})", R"({"metadata":{"name":"other"}})", R"({"metadata":7})"}) {
    INFO(body);
    reply = {200, body, "text/html"};
    CHECK(head(bed.ask(read())) == "no clear answer");
    CHECK(head(bed.ask(write())) == "no clear answer");
    if (std::string(body) != R"({"metadata":{"name":"other"}})") CHECK(bed.ask({"m", Probe{}, enough}) != "done");
  }
  for (const char* body : {"<html>", "[]", R"({"items":7})", R"({"items":[7]})", R"({"items":[null]})", R"({"kind":"Status"})"}) {
    INFO(body);
    reply = {200, body};
    CHECK(head(bed.ask(list({{"v1", "ConfigMap"}}))) == "no clear answer");
  }
  reply = {200, R"({"items":null})"};
  CHECK(bed.ask(list({{"v1", "ConfigMap"}})) == "0 objects");
}

TEST_CASE("answers that say no are told by their code and text") {
  FakeReply reply;
  FakeApi api([&](const FakeRequest&) { return reply; });
  Bed bed(api.url());
  reply = {429, "Too many requests, please try again later.\n", "text/plain", {{"Retry-After", "3"}}};
  CHECK(bed.ask(write()) == "busy, again in 3000 ms");
  reply = status(500, "", "failed to create typed patch object: .spec.x: field not declared in schema");
  CHECK(bed.ask(write()) == "refused (500): failed to create typed patch object: .spec.x: field not declared in schema");
  reply = {503, "<html><h1>no healthy upstream</h1></html>", "text/html"};
  CHECK(bed.ask(write()) == "no clear answer: 503 no healthy upstream");
  reply = status(404, "NotFound", "x", R"({"name":"c","kind":"configmaps"})");
  CHECK(bed.ask(read()) == "absent");
  reply = {201, object()};
  CHECK(bed.ask(write()) == "created");
  reply = {200, object("c", R"(,"x":1)"), "application/json", {{"Warning", R"(299 - "old \"kind\"")"}, {"Warning", "299 - \"sec\x1b[31mond\""}, {"Warning", "199 - none"}}};
  const Outcome warned = bed.outcome(write());
  REQUIRE(std::holds_alternative<Done>(warned));
  CHECK(std::get<Done>(warned).warnings == std::vector<std::string>{"old \"kind\"", "sec\\u{1b}[31mond"});
}

TEST_CASE("a redirect is not followed") {
  FakeApi target(echo);
  FakeApi api([&](const FakeRequest&) -> FakeReply { return {307, "", "text/plain", {{"Location", target.url() + "/elsewhere"}}}; });
  Bed bed(api.url());
  bed.members["m"].token = "SECRET";
  CHECK(head(bed.ask(write())) == "refused (307 Redirect)");
  CHECK(head(bed.ask(read())) == "refused (307 Redirect)");
  CHECK(target.requests().empty());
}

TEST_CASE("an answer that ends early leaves open what has happened") {
  std::string answer;
  std::atomic<int> writes{0};
  RawServer server([&](Wire& wire) {
    const auto request = wire.request();
    if (!request) return;
    if (request->method == "PATCH") ++writes;
    wire.send(answer);
  });
  Bed bed(server.url());
  const std::string whole = http_text({200, object()});
  int expected = 0;
  for (const std::size_t length : {std::size_t{0}, std::size_t{7}, std::size_t{40}, whole.find("\r\n\r\n") + 4, whole.size() - 1}) {
    INFO(length);
    answer = whole.substr(0, length);
    CHECK(head(bed.ask(write())) == "no clear answer");
    CHECK(writes == ++expected);
    CHECK(head(bed.ask(read())) == "no clear answer");
  }
  answer = whole;
  CHECK(bed.ask(write()) == "done");
}

TEST_CASE("a write whose connection ends is not sent again, also on a connection in use") {
  std::atomic<int> writes{0};
  RawServer server([&](Wire& wire) {
    while (const auto request = wire.request()) {
      if (request->method == "PATCH") {
        ++writes;
        return;
      }
      wire.send(http_text(echo(*request)));
    }
  });
  Bed bed(server.url());
  CHECK(bed.ask(read()) == "done");
  CHECK(head(bed.ask(write())) == "no clear answer");
  CHECK(writes == 1);
  CHECK(bed.ask(read()) == "done");
}

TEST_CASE("a server that closes while a body is sent ends nobody") {
  RawServer server([](Wire& wire) { (void)wire.bytes(100); });
  Bed bed(server.url());
  Operation op = write();
  std::get<Write>(op.request).body = config_body("c", std::string(3'000'000, 'x'));
  CHECK(head(bed.ask(op)) == "no clear answer");
}

TEST_CASE("time limits hold against silence and against single bytes") {
  RawServer silent([](Wire& wire) { wire.hold(); });
  RawServer slow([](Wire& wire) {
    if (wire.request()) wire.drip("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, ' '));
  });
  Bed bed;
  bed.add("silent", silent.url());
  bed.add("slow", slow.url());
  for (const char* member : {"silent", "slow"}) {
    INFO(member);
    CHECK(head(bed.ask(write("c", member, soon))) == "no clear answer");
  }
}

TEST_CASE("answers have a largest size, unpacked") {
  const TestPki& pki = TestPki::get();
  FakeApi packed([](const FakeRequest& r) -> FakeReply { return {200, object(name_of(r), R"(,"data":{"a":")" + std::string(name_of(r) == "large" ? 300'000 : 1000, 'x') + "\"}")}; }, pki.server);
  Bed bed(packed.url());
  bed.members["m"].ca = pki.ca;
  bed.options.largest = 100'000;
  CHECK(bed.ask(read("small")) == "done");
  CHECK(packed.requests().back().header("accept-encoding") == "gzip");
  CHECK(bed.ask(read("large")).starts_with("refused (0 TooLarge): configmaps shop/large: the answer is larger than"));
  CHECK(head(bed.ask(write("large"))) == "no clear answer");
  CHECK(bed.ask(read("small")) == "done");
}

TEST_CASE("gzip is unpacked, and not asked for where the kubeconfig says so") {
  const TestPki& pki = TestPki::get();
  const std::string text(200'000, 'x');
  FakeApi api([&](const FakeRequest&) -> FakeReply { return {200, object("c", R"(,"data":{"a":")" + text + "\"}")}; }, pki.server);
  for (const bool compress : {true, false}) {
    Bed bed(api.url());
    bed.members["m"].ca = pki.ca;
    bed.members["m"].compress = compress;
    const Outcome outcome = bed.outcome(read());
    REQUIRE(std::holds_alternative<Done>(outcome));
    CHECK(std::get<Done>(outcome).object.at("data", "a")->as_string() == text);
    CHECK(api.requests().back().header("accept-encoding") == (compress ? "gzip" : ""));
  }
}

TEST_CASE("lists follow their pages to the end") {
  FakeApi api([](const FakeRequest& r) -> FakeReply {
    const auto at = r.target.find("&continue=");
    const std::string page = at == std::string::npos ? "0" : r.target.substr(at + 10);
    const std::string more = page == "0" ? "a%2F%2B" : page == "a%2F%2B" ? "last" : "";
    return {200, R"({"metadata":{"continue":")" + std::string(more == "a%2F%2B" ? "a/+" : more) + R"("},"items":[{"metadata":{"name":"x)" + (more == "a%2F%2B" ? "1" : more.empty() ? "3" : "2") + R"("}}]})"};
  });
  Bed bed(api.url());
  const Outcome outcome = bed.outcome({"m", List{"shop", "", "", "web", {{"v1", "Secret"}}, "app=web,tier!=db"}, enough});
  REQUIRE(std::holds_alternative<Page>(outcome));
  const auto& objects = std::get<Page>(outcome).objects;
  REQUIRE(objects.size() == 3);
  CHECK(to_json(objects[2]) == R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"x3"}})");
  const std::string base = "/api/v1/namespaces/web/secrets?limit=500&labelSelector=mcp.dev%2Fproject%3Dshop%2Capp%3Dweb%2Ctier%21%3Ddb";
  const auto requests = api.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].target == base);
  CHECK(requests[1].target == base + "&continue=a%2F%2B");
  CHECK(requests[2].target == base + "&continue=last");
}

TEST_CASE("a list whose token expired begins anew, so that it is of one moment") {
  int expiries = 1;
  int moment = 0;
  FakeApi api([&](const FakeRequest& r) -> FakeReply {
    if (r.target.find("continue=") == std::string::npos) {
      ++moment;
      return {200, R"({"metadata":{"continue":"p"},"items":[{"metadata":{"name":"first)" + std::to_string(moment) + R"("}}]})"};
    }
    if (expiries > 0 && expiries-- > 0) return {410, R"({"kind":"Status","reason":"Expired","message":"too old","metadata":{"continue":"inconsistent"}})"};
    return {200, R"({"items":[{"metadata":{"name":"second)" + std::to_string(moment) + R"("}}]})"};
  });
  Bed bed(api.url());
  const Outcome outcome = bed.outcome(list({{"v1", "ConfigMap"}}));
  REQUIRE(std::holds_alternative<Page>(outcome));
  std::string names;
  for (const Value& each : std::get<Page>(outcome).objects) names += std::string(each.at("metadata", "name")->as_string()) + " ";
  CHECK(names == "first2 second2 ");
  for (const FakeRequest& request : api.requests()) CHECK(request.target.find("inconsistent") == std::string::npos);
  expiries = 1000;
  CHECK(bed.ask(list({{"v1", "ConfigMap"}})) == "refused (410 Expired): too old");
  CHECK(api.requests().size() < 20);
}

TEST_CASE("a list by page hands each page out, and leaves it to the asker to begin anew") {
  FakeApi api([](const FakeRequest& r) -> FakeReply {
    const auto at = r.target.find("&continue=");
    const std::string page = at == std::string::npos ? "" : r.target.substr(at + 10);
    if (page == "old") return {410, R"({"kind":"Status","reason":"Expired","message":"too old","metadata":{"continue":"inconsistent"}})"};
    return {200, R"({"metadata":{"continue":")" + std::string(page.empty() ? "a/+" : "") + R"("},"items":[{"metadata":{"name":"x)" + (page.empty() ? "1" : "2") + R"("}}]})"};
  });
  Bed bed(api.url());
  const auto page = [&](const std::string& cursor) {
    List list{"shop", "", cursor, "web", {{"v1", "ConfigMap"}}, {}};
    list.page = 50;
    return bed.outcome({"m", std::move(list), enough});
  };
  const Outcome first = page("");
  REQUIRE(std::holds_alternative<Page>(first));
  CHECK(std::get<Page>(first).objects.size() == 1);
  CHECK(std::get<Page>(first).cursor == "a/+");
  const Outcome second = page("a/+");
  REQUIRE(std::holds_alternative<Page>(second));
  CHECK(std::get<Page>(second).objects.at(0).at("metadata", "name")->as_string() == "x2");
  CHECK(std::get<Page>(second).cursor.empty());
  CHECK(to_string(page("old")) == "refused (410 Expired): too old");
  const std::string base = "/api/v1/namespaces/web/configmaps?limit=50&labelSelector=mcp.dev%2Fproject%3Dshop";
  const auto requests = api.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].target == base);
  CHECK(requests[1].target == base + "&continue=a%2F%2B");
  CHECK(requests[2].target == base + "&continue=old");
}

TEST_CASE("a list that never gets on ends") {
  FakeApi api([](const FakeRequest&) -> FakeReply { return {200, R"({"metadata":{"continue":"same"},"items":[{"metadata":{"name":"a"}}]})"}; });
  Bed bed(api.url());
  CHECK(bed.ask(list({{"v1", "ConfigMap"}})) == "no clear answer: the list does not get on");
  CHECK(api.requests().size() == 2);
}

TEST_CASE("a list of which one kind fails fails") {
  FakeApi api([](const FakeRequest& r) -> FakeReply { return name_of(r) == "services" ? status(403, "Forbidden", "no") : FakeReply{200, R"({"items":[]})"}; });
  Bed bed(api.url());
  CHECK(bed.ask(list({{"v1", "ConfigMap"}, {"v1", "Service"}, {"apps/v1", "Deployment"}})) == "refused (403 Forbidden): no right to list services: no");
  CHECK(bed.ask(list({{"v1", "ConfigMap"}})) == "0 objects");
}

TEST_CASE("an operation that is given up ends at once and once") {
  std::atomic<bool> seen{false};
  RawServer server([&](Wire& wire) {
    if (!wire.request()) return;
    seen = true;
    wire.hold();
  });
  FakeApi other(echo);
  Bed bed(server.url());
  bed.add("other", other.url());
  const OpId id = bed.submit(write());
  std::vector<Completion> done;
  while (!seen) bed.fleet->wait(bed.fleet->now() + Duration(5), done);
  CHECK(done.empty());
  bed.fleet->cancel(id);
  bed.fleet->cancel(id);
  const auto ended = bed.wait();
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].id == id);
  CHECK(to_string(ended[0].outcome) == "given up");
  CHECK(bed.ask(read("c", "other")) == "done");
  bed.fleet->cancel(id);                                       // long over
  bed.fleet->cancel(OpId{12345});                              // never was
  CHECK(bed.ask(read("c", "other")) == "done");
}

TEST_CASE("an operation may be given up before it went out") {
  FakeApi api(echo);
  Bed bed(api.url());
  const OpId id = bed.submit(write());
  bed.fleet->cancel(id);
  CHECK(to_string(bed.wait().at(0).outcome) == "given up");
  CHECK(bed.ask(read()) == "done");
  CHECK(api.requests().size() == 1);
}

TEST_CASE("those that wait for a connection of another are not forgotten when that one is given up") {
  RawServer silent([](Wire& wire) { wire.hold(); });
  Bed bed("https://127.0.0.1:" + std::to_string(silent.port()));
  const OpId first = bed.submit(read("c", "m", soon));
  std::vector<Completion> done;
  bed.fleet->wait(bed.fleet->now(), done);
  for (int i = 0; i < 40; ++i) bed.submit(read("c", "m", soon));
  bed.fleet->wait(bed.fleet->now(), done);
  bed.fleet->cancel(first);
  while (done.size() < 41) {
    const auto more = bed.wait();
    done.insert(done.end(), more.begin(), more.end());
  }
  CHECK(to_string(done[0].outcome) == "given up");
  for (std::size_t i = 1; i < done.size(); ++i) CHECK(head(to_string(done[i].outcome)) == "unreachable");
}

TEST_CASE("a fleet may go while operations are out") {
  RawServer server([](Wire& wire) { wire.hold(); });
  Bed bed(server.url());
  bed.submit(write());
  std::vector<Completion> done;
  bed.fleet->wait(bed.fleet->now() + Duration(5), done);
  bed.submit(read());
}

TEST_CASE("a member that does not answer delays no other") {
  RawServer silent([](Wire& wire) { wire.hold(); });
  FakeApi api(echo);
  Bed bed(api.url());
  bed.add("silent", silent.url());
  std::vector<OpId> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(bed.submit(read("c", "silent")));   // more than may be out at once
  for (int i = 0; i < 10; ++i) CHECK(bed.ask(write()) == "done");
  for (const OpId id : ids) bed.fleet->cancel(id);
  CHECK(bed.wait().size() == 1000);
  CHECK(head(bed.ask(read("c", "silent", soon))) == "no clear answer");   // there is room again
}

TEST_CASE("a member that does not answer delays no other behind the same address") {
  RawServer front([](Wire& wire) {
    while (const auto request = wire.request()) {
      if (request->target.starts_with("/clusters/silent/")) return wire.hold();
      wire.send(http_text(echo(*request)));
    }
  });
  Bed bed(front.url() + "/clusters/m");
  bed.add("silent", front.url() + "/clusters/silent");
  for (int i = 0; i < 100; ++i) bed.submit(read("c", "silent"));
  for (int i = 0; i < 10; ++i) CHECK(bed.ask(write()) == "done");
}

TEST_CASE("time limits hold for discovery too") {
  RawServer silent([](Wire& wire) { wire.hold(); });
  Bed bed(silent.url());
  Operation op = gear();
  op.timeout = soon;
  CHECK(head(bed.ask(op)) == "no clear answer");
}

TEST_CASE("a hundred members are asked at once") {
  FakeApi api([](const FakeRequest& r) -> FakeReply {
    return r.target == "/version" ? FakeReply{200, R"({"gitVersion":"v1.36.0"})"} : FakeReply{200, R"({"metadata":{"name":"kube-system","uid":")" + r.header("authorization") + R"("}})"};
  });
  Bed bed;
  for (int i = 0; i < 100; ++i) bed.add("m" + std::to_string(i), api.url()).token = "t" + std::to_string(i);
  std::map<OpId, std::string> wanted;
  for (const auto& [name, endpoint] : bed.members) wanted[bed.submit({name, Probe{}, enough})] = "Bearer " + endpoint.token;
  while (!wanted.empty())
    for (const Completion& each : bed.wait()) {
      REQUIRE(std::holds_alternative<Done>(each.outcome));
      CHECK(std::get<Done>(each.outcome).facts->identity == wanted.at(each.id));
      wanted.erase(each.id);
    }
}

TEST_CASE("kinds that are not built in are found by discovery, once") {
  std::string version = "v1";
  bool present = true;
  FakeApi api([&](const FakeRequest& r) -> FakeReply {
    if (r.target == "/api") return {200, R"({"kind":"APIGroupDiscoveryList","items":[]})"};
    if (r.target == "/apis")
      return {200, R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"example.com"},"versions":[{"version":")" + version +
                       R"(","resources":[{"resource":"gears","responseKind":{"kind":"Gear"},"scope":"Namespaced","verbs":["list"]}]}]}]})"};
    if (!present || r.target.find("/apis/example.com/" + version) != 0) return {404, "404 page not found\n", "text/plain"};
    return r.target.find("limit=") != std::string::npos ? FakeReply{200, R"({"items":[]})"} : echo(r);
  });
  Bed bed(api.url());
  for (int i = 0; i < 10; ++i) bed.submit(gear());
  for (std::size_t open = 10; open > 0;)
    for (const Completion& each : bed.wait()) {
      CHECK(to_string(each.outcome) == "done");
      --open;
    }
  auto requests = api.requests();
  CHECK(requests.size() == 12);
  CHECK(requests.at(0).header("accept").starts_with("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"));
  SECTION("a version that has gone is told with the one that is there") {
    version = "v2";
    CHECK(bed.ask(gear()) == "refused (404 NotServed): m does not serve kind Gear of example.com/v1; it has it under example.com/v2");
  }
  SECTION("a kind that discovery states and nobody serves ends too") {
    present = false;
    CHECK(head(bed.ask(gear())) == "refused (404 NotServed)");
    CHECK(api.requests().size() < 20);
  }
  SECTION("all kinds are listed where none are named") {
    const Outcome outcome = bed.outcome(list({}));
    REQUIRE(std::holds_alternative<Page>(outcome));
    CHECK(api.requests().back().target.starts_with("/apis/example.com/v1/namespaces/shop/gears?"));
  }
  SECTION("a list by page ends where its kind has gone meanwhile") {
    present = false;
    Operation op = list({{"example.com/v1", "Gear"}});
    std::get<List>(op.request).page = 10;
    std::get<List>(op.request).cursor = "on";
    const Outcome outcome = bed.outcome(op);
    REQUIRE(std::holds_alternative<Page>(outcome));
    CHECK(std::get<Page>(outcome).objects.empty());
    CHECK(std::get<Page>(outcome).cursor.empty());
  }
  SECTION("a list of a kind that is not served has no objects of it") {
    present = false;
    CHECK(bed.ask(list({{"example.com/v1", "Cog"}})) == "0 objects");
  }
}

TEST_CASE("a server without discovery still serves what every server has") {
  FakeReply discovery;
  FakeApi api([&](const FakeRequest& r) -> FakeReply { return r.target == "/api" || r.target == "/apis" ? discovery : echo(r); });
  const auto said = [&](FakeReply reply) {
    discovery = std::move(reply);
    Bed bed(api.url());
    const std::string out = bed.ask(gear());
    CHECK(bed.ask(read()) == "done");
    return out;
  };
  const std::string old = "refused (200 Discovery): the server has no aggregated discovery: Kubernetes 1.30 or newer is needed";
  CHECK(said({404, "404 page not found", "text/plain"}) == "refused (404 NotServed): discovery: the server does not serve this kind");
  CHECK(said({200, R"({"kind":"APIVersions","versions":["v1"]})"}) == old);
  CHECK(said({200, "<html>"}) == old);
  CHECK(said({200, "[]"}) == old);
  CHECK(said({503, "not now", "text/plain"}) == "no clear answer: 503 not now");
  CHECK(said(status(403, "Forbidden", "no")) == "refused (403 Forbidden): no right to get discovery: no");
}

TEST_CASE("a delete says what it must find, and what came of it") {
  FakeReply reply = {200, R"({"kind":"Status","status":"Success","details":{"name":"c","uid":"u-1"}})"};
  FakeApi api([&](const FakeRequest&) { return reply; });
  Bed bed(api.url());
  CHECK(bed.ask(remove()) == "absent");
  const FakeRequest request = api.requests().at(0);
  CHECK(request.method == "DELETE");
  CHECK(request.header("content-type") == "application/json");
  CHECK(request.body == R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u-1"},"propagationPolicy":"Background"})");
  reply = {202, R"({"kind":"ConfigMap","metadata":{"name":"c","deletionTimestamp":"2026-11-22T10:00:00Z"}})"};
  CHECK(bed.ask(remove()) == "deleting");
  reply = {202, object()};
  CHECK(bed.ask(remove()) == "deleting");
  // Services and quotas are sent back as they were when they are gone.
  reply = {200, object()};
  CHECK(bed.ask(remove()) == "absent");
  reply = status(404, "NotFound", "x", R"({"name":"c","kind":"configmaps"})");
  CHECK(bed.ask(remove()) == "absent");
  reply = status(409, "Conflict", "Precondition failed: UID in precondition: u-1");
  CHECK(bed.ask(remove()) == "not the object that was planned: Precondition failed: UID in precondition: u-1");
  reply = {404, "404 page not found", "text/plain"};
  CHECK(head(bed.ask(remove())) == "refused (404 NotServed)");
}

TEST_CASE("a proxy is the kubeconfig's, never the environment's") {
  RawServer proxy([](Wire& wire) {
    while (const auto request = wire.request()) wire.send(http_text({200, object("c", R"(,"data":{"target":")" + request->target + "\"}")}));
  });
  Bed bed("http://kube.invalid:1234");
  bed.members["m"].proxy = proxy.url();
  const Outcome outcome = bed.outcome(read());
  REQUIRE(std::holds_alternative<Done>(outcome));
  CHECK(std::get<Done>(outcome).object.at("data", "target")->as_string() == "http://kube.invalid:1234/api/v1/namespaces/shop/configmaps/c");
}

TEST_CASE("a proxy that opens no way has passed nothing on") {
  for (const std::string& answer : {http_text({403, "<html>no</html>", "text/html"}), std::string("HTTP/1.1 2"), std::string()}) {
    RawServer proxy([&](Wire& wire) {
      if (wire.request()) wire.send(answer);
    });
    Bed bed("https://kube.invalid:6443");
    bed.members["m"].proxy = proxy.url();
    CHECK(head(bed.ask(write())) == "unreachable");
  }
}

TEST_CASE("names behind a SOCKS proxy are the proxy's to find") {
  std::string asked;
  RawServer proxy([&](Wire& wire) {
    const std::string hello = wire.bytes(2);                   // version, count of ways to log in
    if (hello.size() < 2) return;
    wire.bytes(static_cast<unsigned char>(hello[1]));
    wire.send(std::string("\x05\x00", 2));                     // none is needed
    const std::string request = wire.bytes(5);                 // version, connect, reserved, kind of address, length
    if (request.size() < 5) return;
    asked = request[3] == 3 ? wire.bytes(static_cast<unsigned char>(request[4])) : "an address";
    wire.bytes(2);                                             // port
    wire.send(std::string("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01", 10));
    while (const auto each = wire.request()) wire.send(http_text(echo(*each)));
  });
  Bed bed("http://kube.invalid:1234");
  bed.members["m"].proxy = "socks5://127.0.0.1:" + std::to_string(proxy.port());
  CHECK(bed.ask(read()) == "done");
  CHECK(asked == "kube.invalid");
}

TEST_CASE("whatever bytes a server sends, the operation ends") {
  const std::string good = http_text({200, object("c", R"(,"items":[])"), "application/json", {{"Warning", "299 - \"w\""}, {"Retry-After", "1"}, {"Transfer-Encoding", "x"}}});
  std::mt19937 random(20261122);
  std::string answer;
  RawServer server([&](Wire& wire) {
    if (!wire.request()) return;
    const std::string own = answer;   // the operation may end, and the next answer be made, before all of it is sent
    wire.send(own);
  });
  Bed bed(server.url());
  for (int i = 0; i < 300; ++i) {
    answer = good;
    for (std::size_t changes = 1 + random() % 8; changes > 0; --changes) {
      const std::size_t at = random() % answer.size();
      if (random() % 3 == 0) answer.erase(at, random() % 20);
      else if (random() % 2 == 0) answer[at] = static_cast<char>(random());
      else answer.insert(at, answer.substr(random() % answer.size(), random() % 30));
      if (answer.empty()) answer = "x";
    }
    INFO(answer);
    CHECK_FALSE(bed.ask(i % 3 == 0 ? list({{"v1", "ConfigMap"}}) : i % 3 == 1 ? write() : gear()).empty());
  }
}

TEST_CASE("every operation ends exactly once, whatever servers do and whoever gives up") {
  const TempDir dir;
  std::ofstream(dir.file("token")) << "t";
  std::mt19937 random(7);
  FakeApi api([&](const FakeRequest& r) -> FakeReply {
    switch (random() % 8) {
      case 0: return status(401, "Unauthorized", "Unauthorized");
      case 1: return {429, "busy", "text/plain"};
      case 2: return status(410, "Expired", "too old");
      case 3: return {503, "<html>", "text/html"};
      case 4: return {404, "404 page not found", "text/plain"};
      default: break;
    }
    if (r.target == "/api" || r.target == "/apis")
      return {200, R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"example.com"},"versions":[{"version":"v1","resources":[{"resource":"gears","responseKind":{"kind":"Gear"},"scope":"Namespaced","verbs":["list"]}]}]}]})"};
    if (r.target.find("limit=") != std::string::npos)
      return {200, R"({"metadata":{"continue":")" + (random() % 2 == 0 ? "p" + std::to_string(random()) : "") + R"("},"items":[{"metadata":{"name":"a"}}]})"};
    return echo(r);
  });
  RawServer cutting([](Wire& wire) { (void)wire.request(); });
  RawServer silent([](Wire& wire) { wire.hold(); });
  Bed bed;
  bed.add("plain", api.url());
  bed.add("file", api.url()).token_file = dir.file("token");
  bed.add("plugin", api.url()).plugin = numbered(dir);
  bed.add("same", api.url()).plugin = bed.members["plugin"].plugin;
  bed.add("cut", cutting.url());
  bed.add("silent", silent.url());
  const std::vector<std::string> names = {"plain", "file", "plugin", "same", "cut", "silent", "unknown"};
  std::set<OpId> open;
  std::vector<Completion> done;
  const auto settle = [&] {
    for (const Completion& each : done) CHECK(open.erase(each.id) == 1);
    done.clear();
  };
  for (int i = 0; i < 600; ++i) {
    Operation op;
    switch (random() % 6) {
      case 0: op = read(); break;
      case 1: op = write(); break;
      case 2: op = remove(); break;
      case 3: op = gear(); break;
      case 4: op = list(random() % 2 == 0 ? std::vector<std::pair<std::string, std::string>>{} : std::vector<std::pair<std::string, std::string>>{{"v1", "ConfigMap"}, {"v1", "Service"}, {"example.com/v1", "Gear"}}); break;
      default: op.request = Probe{}; break;
    }
    op.member = names[random() % names.size()];
    op.timeout = op.member == "silent" ? soon : enough;
    open.insert(bed.submit(std::move(op)));
    if (random() % 4 == 0) {
      auto victim = open.begin();
      std::advance(victim, random() % open.size());
      bed.fleet->cancel(*victim);
    }
    if (random() % 3 == 0) {
      bed.fleet->wait(bed.fleet->now(), done);
      settle();
    }
  }
  for (const OpId id : open)
    if (random() % 3 == 0) bed.fleet->cancel(id);
  while (!open.empty()) {
    done = bed.wait();
    settle();
  }
}

TEST_CASE("a connection that the server closed while it was idle is replaced") {
  RawServer server([](Wire& wire) {
    if (const auto request = wire.request()) wire.send(http_text(echo(*request)));   // and closes
  });
  Bed bed(server.url());
  for (int i = 0; i < 5; ++i) CHECK(bed.ask(read()) == "done");
}
