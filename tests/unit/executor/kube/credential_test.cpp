#include "executor/kube/credential.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

const std::string v1 = "client.authentication.k8s.io/v1";
const std::string good = R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t1"}})";

std::string exec_credential(const std::string& status) { return R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)" + status + "}"; }

std::string text(const Result<Credential>& result) {
  if (!result) return result.error().message;
  return "token " + result->token + (result->certificate.empty() ? "" : ", certificate " + result->certificate + ", key " + result->key) + (result->expires_s ? ", until " + std::to_string(*result->expires_s) : "");
}

/// A plug-in that is a shell script.
ExecPlugin plugin(const TempDir& dir, const std::string& script, std::vector<std::string> args = {}) {
  static int number = 0;
  const std::string path = dir.file("plugin" + std::to_string(++number));
  std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
  ::chmod(path.c_str(), 0700);
  return {v1, path, std::move(args), {}, {}, {}};
}

/// Polls as a fleet does: when its descriptor says so, and now and then.
Result<Credential> result_of(PluginRun& run) {
  for (;;) {
    if (auto result = run.poll()) return *std::move(result);
    pollfd one{run.descriptor(), POLLIN, 0};
    ::poll(&one, 1, 20);
  }
}

std::string outcome(const ExecPlugin& plugin, std::chrono::milliseconds longest = std::chrono::seconds(60)) {
  auto run = PluginRun::start(plugin, longest);
  if (!run) return run.error().message;
  std::string out = text(result_of(**run));
  const std::string prefix = "credential plug-in " + plugin.command + ": ";
  return out.starts_with(prefix) ? out.substr(prefix.size()) : out;
}

/// Makes a pipe with a name; opening its ends waits for the other side.
std::string fifo(const TempDir& dir, const std::string& name) {
  const std::string path = dir.file(name);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  return path;
}

}  // namespace

TEST_CASE("what a credential plug-in printed becomes a credential or a reason, never a copy of it") {
  struct Row { std::string printed, result; };
  const Row rows[] = {
      {good, "token t1"},
      {exec_credential(R"({"token":"t","expirationTimestamp":"1970-01-02T00:00:01Z"})"), "token t, until 86401"},
      {exec_credential(R"({"token":"t","expirationTimestamp":"2026-11-22T10:00:00Z"})"), "token t, until 1795341600"},
      {exec_credential(R"({"token":"t","expirationTimestamp":"2026-11-22T10:00:00.123456Z"})"), "token t, until 1795341600"},
      {exec_credential(R"({"token":"t","expirationTimestamp":"2026-11-22T12:30:00+02:30"})"), "token t, until 1795341600"},
      {exec_credential(R"({"token":"t","expirationTimestamp":"2024-02-29T23:59:59-00:00"})"), "token t, until 1709251199"},
      {exec_credential(R"({"token":"t","expirationTimestamp":"tomorrow"})"), "its expirationTimestamp is no time: `tomorrow`"},
      {exec_credential(R"({"token":"t","expirationTimestamp":"2026-11-22T10:00:00+"})"), "its expirationTimestamp is no time: `2026-11-22T10:00:00+`"},
      {exec_credential(R"({"token":"t","expirationTimestamp":"2026-11-22T10:00:00"})"), "its expirationTimestamp is no time: `2026-11-22T10:00:00`"},
      {exec_credential(R"({"clientCertificateData":"C","clientKeyData":"K"})"), "token , certificate C, key K"},
      {exec_credential(R"({"token":"t","clientCertificateData":"C","clientKeyData":"K"})"), "token t, certificate C, key K"},
      {exec_credential(R"({"token":"t","clientCertificateData":"C"})"), "its ExecCredential has a certificate without key, or the reverse"},
      {exec_credential(R"({"clientKeyData":"K"})"), "its ExecCredential has a certificate without key, or the reverse"},
      {exec_credential(R"({"token":"SECRET\nX: y"})"), "its token has blanks or line ends inside"},
      {exec_credential(R"({"token":7})"), "its ExecCredential has neither token nor certificate"},
      {exec_credential("{}"), "its ExecCredential has neither token nor certificate"},
      {exec_credential("null"), "its ExecCredential has no status"},
      {exec_credential("[1]"), "its ExecCredential has no status"},
      {R"({"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"t"}})",
       "it printed apiVersion `client.authentication.k8s.io/v1beta1`, asked for was `client.authentication.k8s.io/v1`"},
      {R"({"kind":"Secret","token":"SECRET"})", "it printed something else than an ExecCredential"},
      {"SECRET", "it printed no ExecCredential"},
      {"[]", "it printed no ExecCredential"},
      {"", "it printed no ExecCredential"},
  };
  for (const Row& row : rows) {
    INFO(row.printed);
    const std::string result = text(parse_exec_credential(row.printed, v1));
    CHECK(result == row.result);
    CHECK(result.find("SECRET") == std::string::npos);
  }
}

TEST_CASE("a plug-in runs with its arguments, its settings and what Kubernetes tells it") {
  const TempDir dir;
  ExecPlugin p = plugin(dir, R"SH(printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s,%s,%s"}}' "$1" "$A" "$(echo "$KUBERNETES_EXEC_INFO" | tr -d '"{} ')")SH", {"one"});
  p.env = {{"A", "two"}, {"KUBERNETES_EXEC_INFO", "not this one"}};
  CHECK(outcome(p) == "token one,two,apiVersion:client.authentication.k8s.io/v1,kind:ExecCredential,spec:interactive:false");
  p.cluster_info = R"({"server":"https://h:1"})";
  CHECK(outcome(p) == "token one,two,apiVersion:client.authentication.k8s.io/v1,kind:ExecCredential,spec:cluster:server:https://h:1,interactive:false");
}

TEST_CASE("a plug-in that fails says how, and never what it printed") {
  const TempDir dir;
  CHECK(outcome(plugin(dir, "echo '" + good + "'; exit 0")) == "token t1");
  CHECK(outcome(plugin(dir, "echo '" + good + "'; exit 1")) == "it ended with exit code 1");
  CHECK(outcome(plugin(dir, "kill -9 $$")) == "it was ended by signal 9");
  CHECK(outcome(plugin(dir, "echo SECRET")) == "it printed no ExecCredential");
  CHECK(outcome(plugin(dir, "head -c 2000000 /dev/zero")) == "it printed more than 1 MiB");
  CHECK(outcome({v1, dir.file("absent"), {}, {}, {}, {}}) == "cannot start credential plug-in " + dir.file("absent") + ": No such file or directory");
  ExecPlugin hinted{v1, dir.file("absent"), {}, {}, {}, "install \x1b[31mit"};
  CHECK(PluginRun::start(hinted).error().help == "install \\u{1b}[31mit");
  CHECK(PluginRun::start({v1, "mcp-no-such-command", {}, {}, {}, {}}).error().help == "install it, or give the context another credential");
}

TEST_CASE("a plug-in may print more than a pipe holds") {
  const TempDir dir;
  // A program that is told to try again later would lose output here.
  const std::string large = plugin(dir, "head -c 300000 /dev/zero | tr '\\0' ' '; echo '" + good + "'").command;
  CHECK(outcome({v1, large, {}, {}, {}, {}}) == "token t1");
}

TEST_CASE("a plug-in does not inherit that signals of broken pipes are ignored") {
  const TempDir dir;
  const auto before = ::signal(SIGPIPE, SIG_IGN);   // as the product does
  CHECK(outcome(plugin(dir, "kill -PIPE $$; echo '" + good + "'")) == "it was ended by signal 13");
  ::signal(SIGPIPE, before);
}

TEST_CASE("a plug-in that closes its output and goes on holds nobody up") {
  const TempDir dir;
  const std::string gate = fifo(dir, "gate");
  const auto run = PluginRun::start(plugin(dir, "echo '" + good + "'; exec 1>&-; read line < " + gate));
  REQUIRE(run);
  const int first = (*run)->descriptor();
  std::optional<Result<Credential>> result;
  while (!result && (*run)->descriptor() == first) {
    pollfd one{first, POLLIN, 0};
    ::poll(&one, 1, -1);
    result = (*run)->poll();
  }
  REQUIRE_FALSE(result);                    // output over, plug-in not
  CHECK_FALSE((*run)->poll());
  std::ofstream(gate) << "go\n";
  CHECK(text(result_of(**run)) == "token t1");
}

TEST_CASE("a plug-in that never ends is ended, with its children") {
  const TempDir dir;
  const std::string alive = fifo(dir, "alive");
  // The child holds the pipe open for as long as it lives.
  const ExecPlugin p = plugin(dir, "(exec 3> " + alive + "; echo up >&3; while :; do read x < " + fifo(dir, "never") + "; done) & wait");
  auto run = PluginRun::start(p, std::chrono::milliseconds(1));
  REQUIRE(run);
  std::ifstream in(alive);
  std::string line;
  REQUIRE(std::getline(in, line));
  CHECK(text(result_of(**run)) == "credential plug-in " + p.command + ": no answer within 0 s");
  run->reset();
  CHECK_FALSE(std::getline(in, line));      // returns: nobody writes any more
}

TEST_CASE("a child that stays behind with the output does not keep the plug-in from ending") {
  const TempDir dir;
  const std::string gate = fifo(dir, "gate");
  CHECK(outcome(plugin(dir, "read line < " + gate + " & echo '" + good + "'")) == "token t1");
  std::ofstream(gate) << "go\n";
}

TEST_CASE("many plug-ins run at once") {
  const TempDir dir;
  const std::string gate = dir.file("gate");
  const ExecPlugin p = plugin(dir, "read line < " + gate + "$1; echo '" + good + "'", {});
  std::vector<std::unique_ptr<PluginRun>> runs;
  for (int i = 0; i < 20; ++i) {
    ExecPlugin each = p;
    each.args = {std::to_string(i)};
    fifo(dir, "gate" + std::to_string(i));
    auto run = PluginRun::start(each);
    REQUIRE(run);
    runs.push_back(*std::move(run));
    CHECK_FALSE(runs.back()->poll());
  }
  for (int i = 19; i >= 0; --i) {
    std::ofstream(gate + std::to_string(i)) << "go\n";
    CHECK(text(result_of(*runs[static_cast<std::size_t>(i)])) == "token t1");
  }
}
