#include "cli/commands/applying.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>

#include "cli/view/progress.hpp"
#include "cli/view/remainder.hpp"
#include "cli/view/value_text.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

// The one piece of state a signal handler may touch.
Interrupt interrupts;

extern "C" void on_signal(int) { interrupts.ask(); }

std::string user_name() {
  if (const char* name = std::getenv("USER"); name != nullptr && *name != 0) return name;
  if (const struct passwd* entry = ::getpwuid(::getuid()); entry != nullptr) return entry->pw_name;
  return "user " + std::to_string(::getuid());
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "this machine";
}

std::string counted(std::int64_t n, const char* one, const char* many) { return std::to_string(n) + " " + (n == 1 ? one : many); }

/// Block characters only where the terminal's locale says UTF-8.
BarStyle bar_style() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == 0) continue;
    const std::string_view text = value;
    const bool utf8 = text.find("UTF-8") != std::string_view::npos || text.find("utf8") != std::string_view::npos;
    return utf8 ? BarStyle::Blocks : BarStyle::Ascii;
  }
  return BarStyle::Ascii;
}

/// What happens, as it happens: records with --json, a live table on a terminal, else a line per finished step.
class Progress {
 public:
  Progress(Context& context, const Plan& plan) : context_(context), plan_(plan), state_(progress_of(plan)), live_(context.terminal.err_is_terminal()) {
    how_.width = static_cast<std::size_t>(context.terminal.width());
    how_.colour = context.terminal.err_colour();
    how_.bar = bar_style();
  }

  void operator()(Instant at, const Event& event) {
    if (context_.options.json) {
      if (const std::string line = event_record(plan_, seq_, at, event); !line.empty()) {
        ++seq_;
        context_.terminal.out(line + "\n");
      }
      return;
    }
    if (context_.options.quiet) return;
    advance(state_, plan_, at, event);
    last_ = at;
    std::string line;
    if (const auto* stopping = std::get_if<Stopping>(&event))
      line = stopping->at_once ? "Leaving now; `mcp resume` goes on.\n" : "Stopping: what is under way ends first. Ctrl-C again leaves at once.\n";
    else if (!live_ || std::holds_alternative<StepFailed>(event) || std::holds_alternative<Warned>(event))
      line = progress_line(state_, plan_, event, how_.width);
    if (!live_) {
      if (!line.empty()) context_.terminal.err(line);
      return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (line.empty() && now - drawn_at_ < std::chrono::milliseconds(100)) return;
    drawn_at_ = now;
    draw(line);
  }

  /// The table as it ended stays on the screen.
  void finish() {
    if (live_ && lines_ > 0) draw("");
  }

 private:
  /// `kept` scrolls away above the table.
  void draw(const std::string& kept) {
    std::string text = lines_ > 0 ? "\x1b[" + std::to_string(lines_) + "A\r\x1b[J" : "";
    const std::string table = progress_table(state_, plan_, last_, how_);
    lines_ = static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n'));
    context_.terminal.err(text + kept + table);
  }

  Context& context_;
  const Plan& plan_;
  ProgressState state_;
  ProgressOptions how_;
  bool live_;
  Instant last_{0};
  std::chrono::steady_clock::time_point drawn_at_;
  std::size_t lines_ = 0;
  std::uint64_t seq_ = 0;
};

void print_stale(Context& context, const Stale& stale) {
  if (context.options.json) {
    for (const StaleObject& o : stale.objects)
      context.terminal.out(to_json(MapBuilder().set("type", "stale").set("address", std::string_view(o.address.text())).set("why", std::string_view(o.why)).set("manager", std::string_view(o.manager)).set("time", std::string_view(o.time)).build()) + "\n");
    return;
  }
  const auto room = static_cast<std::size_t>(context.terminal.width()) - 15;
  std::string text = "The plan is stale; nothing was written. " + counted(static_cast<std::int64_t>(stale.objects.size()), "object is", "objects are") + " not as planned:\n";
  std::size_t rows = 0;
  for (const StaleObject& o : stale.objects) {
    if (++rows > 20) {
      text += "  and " + std::to_string(stale.objects.size() - 20) + " more\n";
      break;
    }
    text += "  " + visible(o.address.text()) + "  " + visible(o.why);
    if (!o.manager.empty()) text += "  by " + visible(o.manager) + (o.time.empty() ? "" : ", " + visible(o.time));
    text += "\n";
    for (const auto& f : o.fields) {
      const auto [planned, present] = view::two_lines(f.had ? &f.planned : nullptr, f.has ? &f.present : nullptr, "not there", room);
      text += "    " + visible(f.path) + "\n      planned  " + planned + "\n      present  " + present + "\n";
    }
  }
  context.terminal.err(text + "Plan again: mcp plan\n");
}

}  // namespace

ApplyRequest apply_request(Context& context, const FleetOptions& fleet) {
  ApplyRequest out;
  out.dir = context.options.dir;
  out.state_dir = fleet.state_dir;
  out.fleet = fleet;
  out.fleet.connection.signals = [] { return interrupts.level(); };
  out.now_ms = wall_ms();
  out.clock = wall_ms;
  out.who = user_name();
  out.host = host_name();
  out.pid = ::getpid();
  out.lock_timeout_ms = context.options.lock_timeout_ms;
  out.interrupt = &interrupts;
  out.note = [&context](const std::string& text) { context.terminal.note(visible(text) + "\n"); };
  return out;
}

int ask(Context& context, const std::string& question) {
  if (context.options.yes) return 0;
  if (!context.terminal.asks())
    return report(context, Error{"nobody can be asked here: there is no terminal", "add `--yes` to `mcp " + context.options.verb + (context.options.verb == "lock" || context.options.verb == "state" ? " " + context.options.words.front() : "") + "` to go on without a question", exits::error, {}});
  std::string why;
  if (!context.terminal.flush(why)) return exits::error;
  if (context.terminal.confirm(question)) return 0;
  context.terminal.err("Nothing was changed.\n");
  return exits::error;
}

int carry_out(Context& context, const Plan& plan, ApplyRequest request, const std::function<Result<RunResult>(const ApplyRequest&)>& run) {
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  Progress progress(context, plan);
  request.observer = [&](Instant at, const Event& event) { progress(at, event); };
  auto result = run(request);
  progress.finish();
  if (!result) return report(context, result.error());
  const Counts& c = result->counts;
  const int code = result->unshared ? result->unshared->exit_code : exit_code(result->ending);
  std::string text;
  if (const auto* already = std::get_if<AlreadyApplied>(&result->ending)) {
    text = "Already applied as #" + std::to_string(already->run) + "; nothing has changed since.\n";
  } else if (const auto* stale = std::get_if<Stale>(&result->ending)) {
    print_stale(context, *stale);
  } else if (std::holds_alternative<Applied>(result->ending)) {
    text = "Applied #" + std::to_string(result->run) + ": " + counted(c.done, "step", "steps") + " done" + (c.already > 0 ? ", " + std::to_string(c.already) + " of them already there" : "") + ".\n";
  } else if (std::holds_alternative<Partial>(result->ending)) {
    text = "Applied #" + std::to_string(result->run) + " in part: " + std::to_string(c.done) + " done, " + std::to_string(c.failed) + " failed, " + std::to_string(c.skipped) + " skipped, " + std::to_string(c.deferred) + " deferred.\n";
    text += remainder_text(plan, result->steps, static_cast<std::size_t>(context.terminal.width()), context.terminal.err_colour());
    text += "What is left: mcp plan\n";
  } else {
    text = "Interrupted: " + std::to_string(c.done) + " of " + counted(static_cast<std::int64_t>(plan.steps.size()), "step", "steps") + " done. Go on: mcp resume\n";
  }
  if (context.options.json) {
    const Value actions = MapBuilder().set("done", c.done).set("already", c.already).set("failed", c.failed).set("skipped", c.skipped).set("deferred", c.deferred).set("open", c.open).build();
    context.terminal.out(to_json(MapBuilder().set("type", "summary").set("apply", result->run).set("exit", code).set("steps", actions).build()) + "\n");
  } else if (code == exits::ok) {
    context.terminal.out(text);
  } else {
    context.terminal.err(text);
  }
  if (result->unshared) {
    Error error = *result->unshared;
    error.message = "what was done is recorded on this machine only: " + error.message;
    error.help = "when it answers again: mcp resume";
    return report(context, error);
  }
  return code;
}

}  // namespace mcp
