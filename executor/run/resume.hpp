#pragma once
// What an object on a member says about a step: still to do, done, under way, or in the way. The same question before the
// first write, after a lost reply and when a killed run goes on. Pure: step, recorded body and live object in.
#include <cstdint>
#include <optional>
#include <string>

#include "executor/run/ending.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

enum class Verdict : std::uint8_t {
  Send,       // as planned: the request is to be sent
  Create,     // of a replace: the old object is gone, the new one is to be made
  Done,       // as the step leaves it
  Wait,       // being deleted, as the step wants it
  Conflict,   // none of these
};
std::string_view to_string(Verdict verdict);

/// What the state knows of the step's object; null body: nothing.
struct Known {
  std::string uid;
  Value body;
};

struct Judgement {
  Verdict verdict = Verdict::Send;
  std::string why;       // of a conflict
};

/// `live` as the member answered it; null: absent. For steps on objects, not for join, leave, forget.
Judgement judge(const Step& step, const Known& known, const Value& live);

/// What differs, for a conflict. `change` may be null.
StaleObject stale_object(const Step& step, const Known& known, const Value& live, const Change* change, std::string why);

// Parts of an object as a member answers it.
std::string uid_of(const Value& live);
std::string version_of(const Value& live);
bool is_deleting(const Value& live);
/// "mcp" is among its field managers.
bool is_ours(const Value& live);

}  // namespace mcp
