#include "executor/kube/credential.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "executor/fleet/secret_bytes.hpp"
#include "lang/base/diagnostic_text.hpp"
#include "lang/value/json.hpp"

extern char** environ;

namespace mcp {

namespace {

constexpr std::size_t largest = 1U << 20U;

/// "2026-11-22T10:00:00Z" (also with a fraction, or +00:00) as Unix time. Source: RFC 3339; days by Howard Hinnant.
std::optional<std::int64_t> unix_time(std::string_view t) {
  if (t.size() < 20 || t[4] != '-' || t[7] != '-' || (t[10] != 'T' && t[10] != 't') || t[13] != ':' || t[16] != ':') return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) -> std::int64_t {
    std::int64_t n = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
      if (t[i] < '0' || t[i] > '9') return -1;
      n = n * 10 + (t[i] - '0');
    }
    return n;
  };
  std::int64_t y = number(0, 4);
  const std::int64_t m = number(5, 2), d = number(8, 2), h = number(11, 2), min = number(14, 2), s = number(17, 2);
  if (y < 0 || m < 1 || m > 12 || d < 1 || d > 31 || h < 0 || min < 0 || s < 0) return std::nullopt;
  std::size_t i = 19;
  if (t[i] == '.')
    while (++i < t.size() && t[i] >= '0' && t[i] <= '9') {}
  std::int64_t offset = 0;
  if (i < t.size() && (t[i] == '+' || t[i] == '-')) {
    if (i + 6 != t.size() || number(i + 1, 2) < 0 || number(i + 4, 2) < 0) return std::nullopt;
    offset = (number(i + 1, 2) * 60 + number(i + 4, 2)) * (t[i] == '-' ? -60 : 60);
  } else if (i + 1 != t.size() || (t[i] != 'Z' && t[i] != 'z')) {
    return std::nullopt;
  }
  y -= m <= 2;
  const std::int64_t era = y / 400, yoe = y - era * 400;
  const std::int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  const std::int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
  return days * 86400 + h * 3600 + min * 60 + s - offset;
}

}  // namespace

Credential::~Credential() {
  SecretBytes::wipe(token);
  SecretBytes::wipe(key);
}

Result<Credential> parse_exec_credential(const std::string& printed, const std::string& api) {
  const auto parsed = parse_json(printed);
  if (!parsed || !parsed->is_map()) return fail("it printed no ExecCredential");
  if (parsed->text_or("kind", "") != "ExecCredential") return fail("it printed something else than an ExecCredential");
  if (parsed->text_or("apiVersion", "") != api) return fail("it printed apiVersion `" + visible(parsed->text_or("apiVersion", "")) + "`, asked for was `" + api + "`");
  const Value* status = parsed->find("status");
  if (status == nullptr || !status->is_map()) return fail("its ExecCredential has no status");
  Credential out;
  out.token = status->text_or("token", "");
  out.certificate = status->text_or("clientCertificateData", "");
  out.key = status->text_or("clientKeyData", "");
  if (out.certificate.empty() != out.key.empty()) return fail("its ExecCredential has a certificate without key, or the reverse");
  if (out.token.empty() && out.certificate.empty()) return fail("its ExecCredential has neither token nor certificate");
  for (const char c : out.token)
    if (static_cast<unsigned char>(c) <= 32 || c == 127) return fail("its token has blanks or line ends inside");
  if (const std::string_view when = status->text_or("expirationTimestamp", ""); !when.empty()) {
    out.expires_s = unix_time(when);
    if (!out.expires_s) return fail("its expirationTimestamp is no time: `" + visible(when) + "`");
  }
  return out;
}

Result<std::unique_ptr<PluginRun>> PluginRun::start(const ExecPlugin& plugin, std::chrono::milliseconds longest) {
  std::unique_ptr<PluginRun> run(new PluginRun(plugin, longest));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail("cannot start credential plug-in " + visible(plugin.command) + ": " + std::strerror(errno));
  run->output_ = ends[0];
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);   // our end only: a plug-in expects that writing waits
  MapBuilder spec;
  spec.set("interactive", false);
  if (!plugin.cluster_info.empty()) spec.set("cluster", *parse_json(plugin.cluster_info));
  const std::string info = "KUBERNETES_EXEC_INFO=" + to_json(MapBuilder().set("apiVersion", std::string_view(plugin.api)).set("kind", "ExecCredential").set("spec", spec.build()).build());
  std::vector<std::string> settings;
  const auto overridden = [&](std::string_view setting) {
    const std::string_view name = setting.substr(0, setting.find('='));
    if (name == "KUBERNETES_EXEC_INFO") return true;
    for (const auto& [key, value] : plugin.env)
      if (key == name) return true;
    return false;
  };
  for (char** each = environ; *each != nullptr; ++each)
    if (!overridden(*each)) settings.emplace_back(*each);
  for (const auto& [key, value] : plugin.env) settings.push_back(key + "=" + value);
  settings.push_back(info);
  std::vector<std::string> words = {plugin.command};
  words.insert(words.end(), plugin.args.begin(), plugin.args.end());
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
  };
  std::vector<char*> argv = pointers(words);
  std::vector<char*> envp = pointers(settings);
  // Its stderr is ours: it may tell how to log in. No terminal for questions.
  ::posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  ::posix_spawnattr_t how;
  ::posix_spawnattr_init(&how);
  ::sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&how, &none);
  ::sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);             // ignored here, which a child would inherit
  ::posix_spawnattr_setsigdefault(&how, &pipe);
  ::posix_spawnattr_setpgroup(&how, 0);   // Ctrl-C is for us to handle
  ::posix_spawnattr_setflags(&how, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP));
  const int problem = ::posix_spawnp(&run->pid_, plugin.command.c_str(), &actions, &how, argv.data(), envp.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&how);
  ::close(ends[1]);
  if (problem != 0) {
    run->pid_ = -1;
    return fail("cannot start credential plug-in " + visible(plugin.command) + ": " + std::strerror(problem), plugin.hint.empty() ? "install it, or give the context another credential" : visible(plugin.hint));
  }
  // Without this descriptor (old kernels) the end is seen by those who poll now and then.
  run->end_ = static_cast<int>(::syscall(SYS_pidfd_open, run->pid_, 0));
  return run;
}

PluginRun::~PluginRun() {
  if (output_ >= 0) ::close(output_);
  if (end_ >= 0) ::close(end_);
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
  }
  SecretBytes::wipe(printed_);
}

bool PluginRun::take_output() {
  char chunk[4096];
  while (output_ >= 0) {
    const auto n = ::read(output_, chunk, sizeof chunk);
    if (n > 0) {
      printed_.append(chunk, static_cast<std::size_t>(n));
      if (printed_.size() > largest) return false;
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    ::close(output_);
    output_ = -1;
  }
  return true;
}

std::optional<Result<Credential>> PluginRun::poll() {
  const auto wrong = [&](const std::string& why) -> Result<Credential> { return fail("credential plug-in " + visible(plugin_.command) + ": " + why, plugin_.hint.empty() ? "run it by hand to see what it says" : visible(plugin_.hint)); };
  // In this order: what it printed before it ended is in the pipe by then.
  int status = 0;
  const int ended = ::waitpid(pid_, &status, WNOHANG);
  if (ended == pid_) pid_ = -1;
  if (!take_output()) return wrong("it printed more than 1 MiB");
  if (pid_ > 0) {
    if (std::chrono::steady_clock::now() >= deadline()) return wrong("no answer within " + std::to_string(longest_.count() / 1000) + " s");
    return std::nullopt;
  }
  if (WIFSIGNALED(status)) return wrong("it was ended by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) return wrong("it ended with exit code " + std::to_string(WEXITSTATUS(status)));
  auto credential = parse_exec_credential(printed_, plugin_.api);
  if (!credential) return wrong(credential.error().message);
  return credential;
}

}  // namespace mcp
