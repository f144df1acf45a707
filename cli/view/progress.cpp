#include "cli/view/progress.hpp"

#include <algorithm>

#include "cli/view/line.hpp"
#include "cli/view/names.hpp"
#include "cli/view/parts.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

using view::Line;
using view::Tone;

const std::string& member_at(const Plan& plan, std::uint32_t step) { return view::member_name(plan.steps[step].address); }

/// "0:31", "18:47", "1:02:03"
std::string elapsed(Duration time) {
  const std::int64_t seconds = std::max<std::int64_t>(0, time.count() / 1000);
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::int64_t hours = seconds / 3600;
  const std::string minutes = hours > 0 ? std::to_string(hours) + ":" + two(seconds / 60 % 60) : std::to_string(seconds / 60);
  return minutes + ":" + two(seconds % 60);
}

std::string seconds_text(Duration time) {
  return time.count() < 1000 ? std::to_string(time.count()) + " ms" : std::to_string((time.count() + 999) / 1000) + " s";
}

void add_bar(Line& line, std::int64_t part, std::int64_t whole, BarStyle style) {
  constexpr std::int64_t cells = 12;
  const std::int64_t full = whole > 0 ? std::clamp<std::int64_t>(part * cells / whole, 0, cells) : 0;
  const std::string_view on = style == BarStyle::Blocks ? "\xE2\x96\x88" : "#";
  const std::string_view off = style == BarStyle::Blocks ? "\xE2\x96\x91" : ".";
  std::string filled;
  std::string rest;
  for (std::int64_t i = 0; i < cells; ++i) (i < full ? filled : rest) += i < full ? on : off;
  line.add("[").add(filled, Tone::Green).add(rest, Tone::Dim).add("]");
}

/// The step of a member that tells most: one whose Pods are waited for, else the first.
std::uint32_t shown_step(const MemberProgress& m) {
  for (const auto& [step, current] : m.current)
    if (current.wanted > 0) return step;
  return m.current.begin()->first;
}

std::string what_text(const MemberProgress::Current& current) {
  std::string out;
  if (current.wanted >= 0 && current.ready >= 0) out = std::to_string(current.ready) + " of " + std::to_string(current.wanted) + " ready";
  if (!current.what.empty()) out += (out.empty() ? "" : ", ") + visible(current.what);
  return out;
}

struct Folded {
  std::vector<std::string> done, failed, deferred, waiting, working;
};

Folded fold(const ProgressState& state) {
  Folded out;
  for (const auto& [name, m] : state.members) {
    if (!m.current.empty()) out.working.push_back(name);
    else if (m.ended() < m.steps) out.waiting.push_back(name);
    else if (m.failed > 0) out.failed.push_back(name);
    else if (m.deferred > 0) out.deferred.push_back(name);
    else out.done.push_back(name);
  }
  return out;
}

}  // namespace

ProgressState progress_of(const Plan& plan) {
  ProgressState out;
  out.steps = plan.steps.size();
  for (const Step& step : plan.steps) ++out.members[view::member_name(step.address)].steps;
  return out;
}

void advance(ProgressState& state, const Plan& plan, Instant at, const Event& event) {
  if (!state.begun) {
    state.begun = true;
    state.started = at;
  }
  const auto member = [&](std::uint32_t step) -> MemberProgress& { return state.members[member_at(plan, step)]; };
  const auto current = [&](std::uint32_t step) -> MemberProgress::Current& {
    const auto [it, fresh] = member(step).current.try_emplace(step);
    if (fresh) it->second.since = at;
    return it->second;
  };
  const auto ends = [&](std::uint32_t step) {
    member(step).current.erase(step);
    ++state.ended;
  };
  if (const auto* begun = std::get_if<PlanStarted>(&event)) {
    state.run = begun->run;
  } else if (const auto* started = std::get_if<StepStarted>(&event)) {
    current(started->step).what.clear();
  } else if (const auto* progress = std::get_if<StepProgress>(&event)) {
    MemberProgress::Current& c = current(progress->step);
    c.ready = progress->ready;
    c.wanted = progress->wanted;
    c.what = progress->what;
  } else if (const auto* again = std::get_if<Retrying>(&event)) {
    current(again->step).what = again->why + ", next try in " + seconds_text(again->delay);
  } else if (const auto* done = std::get_if<StepDone>(&event)) {
    ends(done->step);
    ++member(done->step).done;
  } else if (const auto* failed = std::get_if<StepFailed>(&event)) {
    ends(failed->step);
    ++member(failed->step).failed;
  } else if (const auto* skipped = std::get_if<StepSkipped>(&event)) {
    ends(skipped->step);
    ++member(skipped->step).failed;
  } else if (const auto* deferred = std::get_if<StepDeferred>(&event)) {
    ends(deferred->step);
    ++member(deferred->step).deferred;
  } else if (std::holds_alternative<Stopping>(event)) {
    state.stopping = true;
  }
}

std::string progress_table(const ProgressState& state, const Plan& plan, Instant now, const ProgressOptions& options) {
  view::Sheet sheet(options.width, options.colour);
  std::vector<std::string> all;
  std::size_t wide = 7;   // "waiting"
  for (const auto& [name, m] : state.members) all.push_back(name);
  const Folded folded = fold(state);
  for (std::size_t i = 0; i < folded.working.size() && i < options.rows; ++i) wide = std::max(wide, view::columns(visible(folded.working[i])));
  wide = std::min<std::size_t>(wide, 24);

  Line header(state.run > 0 ? "apply #" + std::to_string(state.run) : "apply", Tone::Bold);
  if (!options.digest.empty()) header.add("  " + options.digest.substr(0, 12), Tone::Dim);
  header.add("   " + std::to_string(state.ended) + " of " + view::counted(static_cast<std::int64_t>(state.steps), "step", "steps"));
  if (state.stopping) header.add("   stopping", Tone::Yellow);
  sheet.put(header, elapsed(now - state.started));
  sheet.put("");
  const auto group = [&](std::string_view word, const std::vector<std::string>& names, Tone tone) {
    if (names.empty()) return;
    const std::size_t room = options.width - wide - 4;
    const std::string text = visible(view::ranges(names, all));
    sheet.put(Line("  ").add(word, tone).to(2 + wide + 2).add(
        view::columns(text) <= room ? text : view::counted(static_cast<std::int64_t>(names.size()), "cluster", "clusters")));
  };
  group("done", folded.done, Tone::Green);
  group("failed", folded.failed, Tone::Red);
  std::size_t shown = 0;
  for (const std::string& name : folded.working) {
    if (++shown > options.rows) break;
    const MemberProgress& m = state.members.at(name);
    const std::uint32_t step = shown_step(m);
    const MemberProgress::Current& current = m.current.at(step);
    Line line("  " + view::cut_middle(visible(name), wide));
    line.to(2 + wide + 2);
    if (current.wanted > 0) add_bar(line, std::max<std::int64_t>(current.ready, 0), current.wanted, options.bar);
    else add_bar(line, static_cast<std::int64_t>(m.ended()), static_cast<std::int64_t>(m.steps), options.bar);
    line.add("  ");
    const std::string time = elapsed(now - current.since);
    const std::size_t room = options.width - line.columns() - 2 - view::columns(time);
    const std::string address = visible(plan.steps[step].address.declared().text());
    const std::string what = what_text(current);
    line.add(view::cut_middle(address + (what.empty() ? "" : "  " + what), room));
    sheet.put(line, time);
  }
  if (folded.working.size() > options.rows)
    sheet.put("  and " + view::counted(static_cast<std::int64_t>(folded.working.size() - options.rows), "more cluster", "more clusters") + " at work", Tone::Dim);
  group("waiting", folded.waiting, Tone::Dim);
  group("later", folded.deferred, Tone::Yellow);
  return sheet.take();
}

std::string progress_line(const ProgressState& state, const Plan& plan, const Event& event, std::size_t width) {
  const std::string total = std::to_string(state.steps);
  std::string n = std::to_string(state.ended);
  n = std::string(total.size() - std::min(total.size(), n.size()), ' ') + n + "/" + total;
  const auto line = [&](std::uint32_t step, std::string_view before, std::string_view after) {
    const Step& s = plan.steps[step];
    std::string out = "  " + n + "  " + std::string(before) + std::string(to_string(s.action)) + " " + visible(s.address.text());
    const std::string rest = visible(after);
    const std::size_t used = view::columns(out);
    if (used + view::columns(rest) <= width) out += rest;
    else if (used + 12 <= width) out += std::string(view::head(rest, width - used - 3)) + "...";
    return out + "\n";
  };
  if (const auto* done = std::get_if<StepDone>(&event)) return line(done->step, "", done->already ? "  already there" : "");
  if (const auto* failed = std::get_if<StepFailed>(&event)) return line(failed->step, "FAILED ", ": " + failed->why);
  if (const auto* warned = std::get_if<Warned>(&event)) return line(warned->step, "warning ", ": " + warned->text);
  if (const auto* deferred = std::get_if<StepDeferred>(&event)) return line(deferred->step, "deferred ", ": " + deferred->why);
  return {};
}

std::string event_record(const Plan& plan, std::uint64_t seq, Instant at, const Event& event) {
  MapBuilder out;
  const auto type = [&](const char* name) { out.set("type", name).set("seq", static_cast<std::int64_t>(seq)).set("at_ms", static_cast<std::int64_t>(at.count())); };
  const auto step = [&](const char* name, std::uint32_t number) {
    type(name);
    const Step& s = plan.steps[number];
    out.set("address", std::string_view(s.address.text())).set("member", std::string_view(view::member_name(s.address))).set("action", to_string(s.action));
  };
  if (const auto* begun = std::get_if<PlanStarted>(&event)) {
    type("plan");
    out.set("apply", begun->run).set("steps", static_cast<std::int64_t>(begun->steps)).set("resumed", begun->resumed);
  } else if (const auto* started = std::get_if<StepStarted>(&event)) {
    step("step_start", started->step);
    out.set("attempt", started->attempt);
  } else if (const auto* progress = std::get_if<StepProgress>(&event)) {
    step("step_progress", progress->step);
    out.set("ready", progress->ready).set("wanted", progress->wanted).set("what", std::string_view(progress->what));
  } else if (const auto* again = std::get_if<Retrying>(&event)) {
    step("retry", again->step);
    out.set("attempt", again->attempt).set("delay_ms", static_cast<std::int64_t>(again->delay.count())).set("why", std::string_view(again->why));
  } else if (const auto* done = std::get_if<StepDone>(&event)) {
    step("step_done", done->step);
    out.set("already", done->already);
  } else if (const auto* failed = std::get_if<StepFailed>(&event)) {
    step("step_failed", failed->step);
    out.set("why", std::string_view(failed->why));
    if (!failed->audit.empty()) out.set("audit", std::string_view(failed->audit));
  } else if (const auto* skipped = std::get_if<StepSkipped>(&event)) {
    step("step_skipped", skipped->step);
    const bool known = skipped->because < plan.steps.size();
    out.set("because", known ? Value::string(plan.steps[skipped->because].address.text()) : Value()).set("why", std::string_view(skipped->why));
  } else if (const auto* warned = std::get_if<Warned>(&event)) {
    step("warning", warned->step);
    out.set("text", std::string_view(warned->text));
  } else if (const auto* deferred = std::get_if<StepDeferred>(&event)) {
    step("deferred", deferred->step);
    out.set("why", std::string_view(deferred->why));
  } else {
    return {};
  }
  return to_json(out.build());
}

}  // namespace mcp
