#pragma once
// An apply while it runs: a small state that events advance, the live table of it, the plain line of a step that ended,
// and the record of an event. Pure functions of plan, events and the fleet's clock; redrawing is the terminal's.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "executor/run/event.hpp"
#include "lang/base/diagnostic_text.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

struct MemberProgress {
  std::size_t steps = 0;
  std::size_t done = 0;
  std::size_t failed = 0;                  // with what waits for it: skipped
  std::size_t deferred = 0;
  /// A step under way and what is known of it.
  struct Current {
    Instant since{0};
    std::int64_t ready = -1;
    std::int64_t wanted = -1;
    std::string what;                      // "next try in 8 s: throttled"
  };
  std::map<std::uint32_t, Current> current;   // by step
  std::size_t ended() const { return done + failed + deferred; }
};

struct ProgressState {
  std::int64_t run = 0;
  std::size_t steps = 0;
  std::size_t ended = 0;
  bool stopping = false;
  bool begun = false;
  Instant started{0};
  std::map<std::string, MemberProgress> members;   // those with a step
};

ProgressState progress_of(const Plan& plan);
void advance(ProgressState& state, const Plan& plan, Instant at, const Event& event);

enum class BarStyle : bool { Ascii, Blocks };

struct ProgressOptions {
  std::size_t width = 80;
  Colour colour = Colour::No;
  BarStyle bar = BarStyle::Ascii;
  std::size_t rows = 16;                   // clusters at work that get a row
  std::string digest;                      // of the plan; 12 digits are shown
};

/// The table as it stands at `now`; ends in a newline. Never wider than asked.
std::string progress_table(const ProgressState& state, const Plan& plan, Instant now, const ProgressOptions& options);

/// "  7/40  create workload.shop/web@azr-07" for a step that ended, with the state after it; else "". A reason is cut at
/// `width`: the end of the apply tells it whole.
std::string progress_line(const ProgressState& state, const Plan& plan, const Event& event, std::size_t width);

/// The record of an event as one line of canonical JSON; "" for those without one.
std::string event_record(const Plan& plan, std::uint64_t seq, Instant at, const Event& event);

}  // namespace mcp
