#pragma once
// Store: the recorded state of one project and environment in SQLite (docs/state-format.md): rows that the last apply
// left, a cache of what members answered, plans, runs with their journal, history, locks. Knows the domain, decides nothing.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/base/result.hpp"
#include "lang/topology/address.hpp"
#include "planner/diff/rows.hpp"
#include "planner/sqlite/db.hpp"

namespace mcp {

/// How far a step of a run got, as the journal knows it.
enum class StepRecord : std::uint8_t {
  Sent,       // a request is out, or about to be: what it did is unknown
  Applied,    // the member took it; it is not ready yet
  Done, Failed, Skipped, Deferred,
};

struct StepRow {
  std::uint32_t n = 0;          // index into the steps of the plan
  int attempt = 0;              // requests sent so far, the one about to be sent included
  StepRecord state = StepRecord::Sent;
  std::string uid;              // that the member answered
  Digest owned;
  std::string detail;           // why it failed, was skipped or deferred
  bool operator==(const StepRow&) const = default;
};

enum class RunState : std::uint8_t { Open, Done, Partial, Abandoned };
std::string_view to_string(RunState state);

/// One carrying out of a plan; `id` is the number of the apply (#42) and the serial of the state afterwards.
struct RunRow {
  std::int64_t id = 0;
  Digest plan;
  Digest changes;
  std::int64_t token = 0;
  std::vector<std::string> cells;
  RunState state = RunState::Open;
  std::string who;
  std::string host;
  std::int64_t pid = 0;
  std::int64_t started_ms = 0;   // wall clock, for people only
  std::int64_t ended_ms = 0;
  std::string revision;
  Value summary;                 // {"create": 3, ..., "failed": 0}
  bool operator==(const RunRow&) const = default;
};

struct HistoryObject {
  ObjectRef ref;
  std::string action;
  Digest before;                 // of bodies; empty: absent
  Digest after;
  bool operator==(const HistoryObject&) const = default;
};

/// Who works on which cells (`shop@gcp-euw1`, `*@gcp-euw1`, `*@*`). The token rises with each holder.
struct LockRow {
  std::string id;
  std::vector<std::string> cells;
  std::int64_t token = 0;
  std::string who;
  std::string host;
  std::int64_t pid = 0;
  std::int64_t run = 0;
  std::int64_t taken_ms = 0;
  bool operator==(const LockRow&) const = default;
};

struct ScanRow {
  std::string list_version;
  std::int64_t taken_ms = 0;     // of the fleet's clock
};

class Store {
 public:
  /// The state `dir`/`project`.db, or nullptr if there is none yet: reading commands create nothing.
  static Result<std::unique_ptr<Store>> open_existing(const std::string& dir, const std::string& project, Access access);
  /// The same for a writer; made if it is not there, folder included.
  static Result<std::unique_ptr<Store>> open(const std::string& dir, const std::string& project);
  /// Ids of the projects with a state in `dir`, sorted.
  static std::vector<std::string> projects(const std::string& dir);
  ~Store();

  const std::string& dir() const;
  const std::string& project() const;
  bool read_only() const;

  /// What follows is durable when this commits. One at a time.
  Result<Txn> begin();

  // -- recorded rows
  /// In order of (member, ns, kind, name, api), names compared by bytes. The visitor may take the row's strings.
  Result<void> each_recorded(const std::function<void(RecordedRow&)>& visit);
  Result<std::vector<RecordedRow>> recorded();
  Result<std::optional<RecordedRow>> recorded(const ObjectRef& ref);
  Result<std::int64_t> recorded_count();
  /// By name; members that joined.
  Result<std::vector<RecordedMember>> members();
  /// Null if it is not there.
  Result<Value> body(const Digest& digest);
  Result<void> put_body(const Value& body);
  /// Puts the row and drops what the cache says about the object. The body must have been put.
  Result<void> put_recorded(const RecordedRow& row);
  Result<void> drop_recorded(const ObjectRef& ref);
  /// The row's object has become ready.
  Result<void> set_ready(const ObjectRef& ref);
  Result<void> put_member(const RecordedMember& member);
  /// Requires: no recorded row is left there.
  Result<void> drop_member(const std::string& name);
  /// Failures of members, joined or not.
  Result<void> put_failures(const std::string& member, int failures, std::int64_t first_failure_ms);
  struct Failures { int count = 0; std::int64_t first_ms = 0; };
  Result<std::map<std::string, Failures>> failures();

  // -- cache of observations; empty is valid at any time together with scans
  Result<std::vector<ObservedRow>> observed();
  Result<void> put_observed(const ObservedRow& row);
  Result<void> drop_observed(const ObjectRef& ref);
  Result<void> drop_observed_of(const std::string& member);
  Result<std::optional<ScanRow>> scan(const std::string& member);
  Result<void> put_scan(const std::string& member, const ScanRow& row);
  Result<void> drop_cache();

  // -- plans, runs, journal, history
  Result<void> put_plan(const Digest& digest, std::string_view bytes);
  Result<std::string> plan(const Digest& digest);                      // empty: unknown
  /// Number of the last apply; 0: none.
  Result<std::int64_t> serial();
  /// Gives `run` its id.
  Result<void> start_run(RunRow& run);
  Result<void> end_run(const RunRow& run);
  /// Puts a run as it is, with its id, in the place of what there was under that id.
  Result<void> put_run(const RunRow& run);
  Result<void> drop_journal(std::int64_t run);
  /// With its journal and history.
  Result<void> drop_run(std::int64_t run);
  /// Puts a run that ended, with its id, and lets tokens go on after its token: what a state made again goes on from.
  Result<void> put_rebuilt(const RunRow& run);
  Result<std::vector<RunRow>> runs();                                  // newest first
  Result<std::vector<RunRow>> open_runs();
  Result<std::optional<RunRow>> finished_run(const Digest& plan);      // the last that carried this plan out whole
  Result<void> put_step(std::int64_t run, const StepRow& row);
  Result<std::vector<StepRow>> steps(std::int64_t run);                // by n
  Result<void> put_history(std::int64_t run, const HistoryObject& row);
  Result<void> drop_history(std::int64_t run, const ObjectRef& ref);
  Result<std::vector<HistoryObject>> history(std::int64_t run);
  /// Drops bodies that no row and none of the last `keep` runs names. Does something every sixteenth run only.
  Result<void> collect(std::int64_t keep);

  // -- locks
  Result<std::vector<LockRow>> locks();
  /// Gives `row` its token.
  Result<void> put_lock(LockRow& row);
  Result<void> set_lock_run(const std::string& id, std::int64_t run);
  Result<void> drop_lock(const std::string& id);
  Result<bool> holds_lock(const std::string& id, std::int64_t token);
  /// The highest token that a holder had here.
  Result<std::int64_t> token();
  /// Later locks have tokens above `token`.
  Result<void> raise_token(std::int64_t token);
  /// The lock `id` has the token `token` from now on, and later ones have higher ones. Requires: it is above token().
  Result<void> set_lock_token(const std::string& id, std::int64_t token);

  // -- what was exchanged with the MCP cluster (executor/shared); empty: never
  Result<std::string> shared(std::string_view key);
  Result<void> set_shared(std::string_view key, std::string_view value);

  // -- divisions: digest of the inputs by workload address, for mode "fresh"
  Result<std::map<std::string, std::string>> divisions();
  Result<void> put_division(const std::string& address, const std::string& inputs);
  Result<void> drop_division(const std::string& address);

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The key of secret fingerprints: `dir`/secret.key, 32 bytes, mode 0600.
Result<std::optional<std::string>> read_secret_key(const std::string& dir);
/// Makes it when it is not there.
Result<std::string> secret_key(const std::string& dir);
/// Puts `key` in its place; another one that was there is kept beside it, as secret.key.old.
Result<void> set_secret_key(const std::string& dir, const std::string& key);

}  // namespace mcp
