#pragma once
// Plan: everything an apply needs and a reviewer reads, as one self-contained value: changes with reasons, steps with
// preconditions, edges with reasons, limits, verdicts, risks. Deterministic; holds no clock, host, path or secret.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lang/topology/address.hpp"
#include "lang/value/value.hpp"

namespace mcp {

enum class Action : std::uint8_t { Join, Leave, Create, Adopt, Update, Replace, Delete, Forget };
inline constexpr std::size_t action_count = 8;
std::string_view to_string(Action action);          // "join"
std::optional<Action> action_of(std::string_view text);
std::string_view glyph(Action action);              // "+", "-+", "~"

enum class Reason : std::uint8_t {
  New, Changed, Placed, Scaled, Drain, Lost, Drift, Follows, Immutable, Removed, Renamed, Deferred,
};
std::string_view to_string(Reason reason);
std::optional<Reason> reason_of(std::string_view text);

/// Where in the policy files something was stated; line 0: nowhere.
struct Where {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool operator==(const Where&) const = default;
  std::string brief() const;    // "shop.mcp:12", or ""
};

/// One leaf that differs. A null pointer state is told apart from null by the flags.
struct FieldChange {
  std::string path;        // FieldPath::text()
  bool had = false;        // there was a value before
  bool has = false;        // there is one after
  Value before;
  Value after;
  Where origin;
  bool operator==(const FieldChange&) const = default;
};

/// Why a step is in the plan, and what differs. What is done, and to what, its step says: Plan::step_of().
struct Change {
  Reason reason = Reason::New;
  std::string why;                 // for people: "no longer mounted", "spec.selector is immutable"
  std::vector<FieldChange> fields; // updates, adopts, replaces
  Where origin;
  std::uint32_t step = 0;          // index into Plan::steps
  bool operator==(const Change&) const = default;
};

enum class EdgeReason : std::uint8_t { Order, Reference, Move, Namespace, Reverse, Leave };
std::string_view to_string(EdgeReason reason);
std::optional<EdgeReason> edge_reason_of(std::string_view text);

struct Edge {
  std::uint32_t from = 0;          // this step ends first
  std::uint32_t to = 0;
  EdgeReason reason = EdgeReason::Order;
  auto operator<=>(const Edge&) const = default;
};

/// A field that is taken from another manager, as the plan showed it.
struct Takeover {
  std::string field;
  std::string manager;
  bool operator==(const Takeover&) const = default;
};

/// One node of the graph: a request to one member, bound to what the plan saw.
struct Step {
  Action action = Action::Create;
  Address address;                 // with member
  ObjectRef ref;                   // empty kind for join and leave
  std::string identity;            // of the member; empty when it joins
  std::string uid;                 // planned uid; empty: absence was planned
  Digest before;                   // of owned fields as planned; empty: absent
  Digest after;                    // of owned fields afterwards; empty: absent
  Value body;                      // desired body; null for deletes, joins, leaves. Secrets as {"$secret": fingerprint}
  std::vector<Takeover> takeovers;
  std::string deps;                // addresses it refers to, one a line; kept in the recorded row
  bool wait_ready = false;         // settled only when ready
  std::int64_t deadline_ms = 0;    // of becoming ready; 0: the default (10 min)
  std::int64_t replicas = -1;      // of a workload's Deployment, recorded with the row; else -1
  bool protect = false;            // recorded with the row
  std::string origin;              // "shop.mcp:10:1"
  bool operator==(const Step&) const = default;
};

struct PlacementRow {
  Address address;                 // of the workload
  struct Share { std::string member; std::int64_t before = 0; std::int64_t after = 0; bool operator==(const Share&) const = default; };
  std::vector<Share> shares;       // members with replicas before or after, and all selected ones; by name
  std::int64_t unplaced = 0;
  std::int64_t moved = 0;
  std::string inputs;              // digest of what a fresh division depends on; recorded when the apply ends
  bool operator==(const PlacementRow&) const = default;
};

/// A member as the plan saw it; all declared and all recorded ones, by name.
struct PlanMember {
  std::string name;
  std::string cloud;
  std::string region;
  std::optional<std::int64_t> capacity;   // Pods
  bool joined = false;
  bool leaving = false;
  bool drains = false;
  bool answered = true;
  bool lost = false;
  std::string identity;
  Value row;                              // recorded when the apply ends
  bool operator==(const PlanMember&) const = default;
};

struct DriftRow {
  Address address;
  bool gone = false;
  std::string manager;
  std::string time;                       // as the member said it
  struct Field { std::string path; Value recorded; Value now; bool had = false; bool has = false; std::string verdict; bool operator==(const Field&) const = default; };
  std::vector<Field> fields;              // verdict: "put back", "left to its owner"
  std::string verdict;                    // for gone objects: "create again"
  bool operator==(const DriftRow&) const = default;
};

enum class BlockedBy : std::uint8_t { Limit, Guard, Protect, Foreign, Empty, Namespace };
std::string_view to_string(BlockedBy what);
std::optional<BlockedBy> blocked_by_of(std::string_view text);
struct Blocked {
  BlockedBy what = BlockedBy::Limit;
  std::string text;                       // "max_moved: 7 of 21 replicas move (34 %), limit 30 %"
  std::string hint;                       // "once: mcp plan --allow max_moved=34%"
  Where origin;
  bool operator==(const Blocked&) const = default;
};

enum class RiskLevel : std::uint8_t { Critical, High, Medium, Low };
std::string_view to_string(RiskLevel level);
std::optional<RiskLevel> risk_level_of(std::string_view text);
struct Risk {
  RiskLevel level = RiskLevel::Low;
  std::string rule;                       // "MCP-R015"
  std::string text;
  Where origin;
  bool operator==(const Risk&) const = default;
};

struct Deferral {
  std::string member;
  std::string why;                        // "unreachable"
  std::uint32_t changes = 0;
  bool operator==(const Deferral&) const = default;
};

struct SecretSource {
  std::string fingerprint;                // 32 hex digits; empty: the source could not be read
  Address address;                        // of the secret
  std::string key;
  Value parts;                            // [{"text"}|{"env"}|{"file"}]
  bool operator==(const SecretSource&) const = default;
};

struct Plan {
  static constexpr int format_major = 1;
  static constexpr int format_minor = 1;
  std::string mcp_version;
  std::string project;                    // id: "shop" or "shop.staging"
  std::string driver;                     // "sim" or "kubernetes"
  std::string mcp_cluster;                // kubeconfig context of the MCP cluster; empty: there is none
  Digest policy;                          // of the canonical desired model: reviewed, no gate
  Digest inventory;
  std::map<std::string, std::string> files;   // relative name to SHA-256
  std::int64_t base_serial = 0;           // of the state it was made on; shown, no gate
  bool destroy = false;
  std::vector<PlanMember> members;
  std::vector<PlacementRow> placement;    // by address
  std::vector<Change> changes;            // in the order in which people read them
  std::vector<Step> steps;                // topologically ordered: edges go from lower to higher numbers
  std::vector<Edge> edges;                // sorted
  std::vector<DriftRow> drift;
  std::vector<Deferral> deferred;
  std::vector<Blocked> blocked;
  std::vector<Risk> risks;
  std::vector<SecretSource> secrets;
  std::map<std::string, std::string> allow;   // --allow, --lost, --adopt, --forget as given
  std::map<std::string, Value> limits;        // as stated: held again at apply
  std::int64_t unchanged = 0;             // objects that stay as they are
  std::int64_t objects = 0;               // desired ones
  std::vector<std::string> notes;         // "isolation acts where the network plug-in enforces it"

  bool empty() const { return steps.empty(); }
  const Step& step_of(const Change& change) const { return steps[change.step]; }
  /// A member kept silent, and changes on it had to be left out.
  bool left_out() const;
  std::int64_t count(Action action) const;
  std::int64_t moved() const;
  std::int64_t replicas_before() const;
  std::int64_t replicas_after() const;
  /// Members with a step, by name.
  std::vector<std::string> touched() const;
};

}  // namespace mcp
