#pragma once
// Looking at the members: who answers, and which objects are not as the last apply left them. Asks only what changed since
// the last time; what it learns goes to the cache and comes back as a value. Decides nothing.
#include <span>
#include <string>
#include <vector>

#include "executor/fleet/fleet.hpp"
#include "lang/base/result.hpp"
#include "planner/place/placement.hpp"
#include "planner/store/store.hpp"

namespace mcp {

enum class RefreshMode : std::uint8_t {
  Changed,   // what changed since the last list
  All,       // everything, and the cache anew
  None,      // nothing: what the cache says
};

struct RefreshedMember {
  std::string name;
  Reach reach = Reach::Answered;
  std::string identity;       // empty: did not answer
  std::string version;
  int failures = 0;           // in a row, this one included
  std::int64_t failing_ms = 0;   // since the first of them
  std::string detail;         // why it does not answer
};

struct Refreshed {
  std::vector<RefreshedMember> members;      // by name, as asked for
  std::vector<ObservedRow> observed;         // by (member, ns, kind, name): not as recorded, gone, or ours and unrecorded
};

/// `members`: declared and recorded ones, sorted. `store`: null if there is no state yet; `rows`: what it records.
/// `now_ms`: wall clock, for how
/// long a member has been silent.
/// Errors: the state cannot be read; a member holds our marker, but there is no state (exit 1, `mcp state rebuild`).
Result<Refreshed> refresh(Store* store, std::span<const RecordedRow> rows, Fleet& fleet, const std::string& project, const std::vector<std::string>& members,
                          RefreshMode mode, std::int64_t now_ms);

}  // namespace mcp
