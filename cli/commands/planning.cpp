#include "cli/commands/planning.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/view/plan_json.hpp"
#include "lang/value/json.hpp"
#include "planner/plan/plan_file.hpp"

namespace mcp {

PlanRequest plan_request(const Options& options) {
  PlanRequest out;
  out.options.allow = options.allow;
  out.options.lost = {options.lost.begin(), options.lost.end()};
  out.options.adopt = {options.adopt.begin(), options.adopt.end()};
  out.options.forget = {options.forget.begin(), options.forget.end()};
  out.refresh = options.refresh == "all" ? Refresh::All : options.refresh == "none" ? Refresh::None : Refresh::Changed;
  out.now_ms = wall_ms();
  out.mcp_version = mcp_version;
  return out;
}

Outcome_ plan_project(Context& context, Project& project, const PlanRequest& request) {
  Outcome_ out;
  auto planned = make_plan(project, request);
  if (!planned) {
    report(context, project.loaded);
    out.code = report(context, planned.error());
    return out;
  }
  if (!planned->shared_problem.empty()) context.terminal.err("Planned on the state of this machine: " + visible(planned->shared_problem) + "\n");
  out.code = report(context, project.loaded);
  if (out.code == 0 && !planned->valid) out.code = exits::error;
  if (out.code == 0)
    for (const PlannedMember& m : planned->members)
      if (m.reach != Reach::Answered && !m.detail.empty()) context.terminal.note(visible(m.name) + " was not read: " + visible(m.detail) + "\n");
  out.planned = std::move(*planned);
  print_stats(context, out.planned);
  return out;
}

void print_stats(Context& context, const Planned& planned) {
  if (!context.options.stats) return;
  for (const auto& [name, seconds] : planned.seconds) {
    char line[96];
    std::snprintf(line, sizeof line, "%-20s %8.1f ms\n", name.c_str(), seconds * 1000);
    context.terminal.err(line);
  }
}

std::string plan_text_of(Context& context, const Plan& plan, std::string next, std::optional<SavedPlan> saved) {
  PlanTextOptions how;
  how.width = static_cast<std::size_t>(context.terminal.width());
  how.colour = context.terminal.out_colour();
  how.detail = context.options.brief ? PlanDetail::Brief : context.options.full ? PlanDetail::Full : PlanDetail::Normal;
  how.asked = context.options.refresh != "none";
  how.next = std::move(next);
  how.saved = std::move(saved);
  return plan_text(plan, how);
}

void show_plan(Context& context, const Plan& plan) {
  if (context.options.json) print_records(context, plan);
  else context.terminal.out(plan_text_of(context, plan));
}

std::string next_command(const Options& options, const std::string& command) {
  std::string out = "mcp ";
  out += command;
  if (!options.env.empty()) out += " -e " + options.env;
  return out;
}

std::string apply_command(const Options& options) {
  std::string out = next_command(options, "apply");
  const auto word = [](const std::string& text) {
    const bool plain = !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./%:@,+") == std::string::npos;
    if (plain) return text;
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted + "'";
  };
  for (const auto& [name, value] : options.set) out += " --set " + word(name + "=" + value);
  if (!options.driver.empty()) out += " --driver " + options.driver;
  if (!options.kubeconfig.empty()) out += " --kubeconfig " + word(options.kubeconfig);
  if (options.credential_plugins) out += " --credential-plugins";
  for (const std::string& name : options.lost) out += " --lost " + word(name);
  for (const std::string& address : options.adopt) out += " --adopt " + word(address);
  for (const std::string& address : options.forget) out += " --forget " + word(address);
  for (const auto& [name, value] : options.allow) out += " --allow " + word(name + "=" + value);
  return out;
}

void print_records(Context& context, const Plan& plan) {
  for (const std::string& line : plan_records(plan, PlanDigests{plan_digest(plan), changes_digest(plan)})) context.terminal.out(line + "\n");
}

Result<void> write_file(const std::string& path, std::string_view bytes) {
  // A regular file is replaced as a whole; a device or a pipe is written to and never renamed over.
  struct stat there{};
  const bool special = ::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode);
  if (special && S_ISDIR(there.st_mode)) return fail("cannot write `" + path + "`: it is a folder", "name a file in it");
  const std::string other = special ? path : path + ".new";
  const int fd = ::open(other.c_str(), O_WRONLY | (special ? 0 : O_CREAT | O_TRUNC) | O_CLOEXEC, 0644);
  const auto why = [] { return std::string(std::strerror(errno)); };
  if (fd < 0) return fail("cannot write `" + path + "`: " + why(), "choose a folder that you may write to");
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t n = ::write(fd, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const std::string reason = why();
      ::close(fd);
      if (!special) ::unlink(other.c_str());
      return fail("cannot write `" + path + "`: " + reason);
    }
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  const bool synced = special || ::fsync(fd) == 0 || errno == EINVAL;
  ::close(fd);
  if (special) return {};
  if (!synced || std::rename(other.c_str(), path.c_str()) != 0) {
    const std::string reason = why();
    ::unlink(other.c_str());
    return fail("cannot write `" + path + "`: " + reason);
  }
  return {};
}

Result<std::string> read_file_bytes(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail("cannot read `" + path + "`: " + std::strerror(errno));
  std::string out;
  char buffer[65536];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const std::string reason = std::strerror(errno);
      ::close(fd);
      return fail("cannot read `" + path + "`: " + reason);
    }
    if (n == 0) break;
    out.append(buffer, static_cast<std::size_t>(n));
    if (out.size() > (1U << 30U)) {
      ::close(fd);
      return fail("`" + path + "` is larger than 1 GiB");
    }
  }
  ::close(fd);
  return out;
}

}  // namespace mcp
