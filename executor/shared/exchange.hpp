#pragma once
// Exchange: brings the state here up to what the MCP cluster holds, and puts there what an apply has left. SQLite stays the
// working copy. Asks and waits; decides nothing about who may write: that is the lease's holder.
#include <map>
#include <optional>
#include <string>

#include "executor/fleet/fleet.hpp"
#include "executor/run/lease.hpp"
#include "executor/shared/head.hpp"

namespace mcp {

/// True if the store holds what the MCP cluster was not told yet.
Result<bool> is_ahead(Store& store);

/// True if the store holds something, and was never put into an MCP cluster or fetched from one.
Result<bool> is_untold(Store& store);
/// An apply goes on without the MCP cluster, although there was one: what it leaves gives way to nobody.
Result<void> note_apart(Store& store);
/// Whether there is anything to pull. Errors: no answer; a right that is missing.
Result<bool> has_head(Fleet& fleet, const std::string& project);

class Exchange {
 public:
  Exchange(Store& store, Fleet& fleet) : store_(store), fleet_(fleet) {}

  /// What others have left comes here: rows, applies, an apply that is open, the key of fingerprints. What was not put there
  /// yet gives way only to somebody who went on after us. Requires: nobody else writes the store.
  /// Errors: no answer, no right, damage; a state here that is no part of what is there. Then the store is as it was.
  Result<void> pull();

  /// Puts the state there, with `open` as the apply that is under way, in one swap. `lease`: held, and kept so meanwhile;
  /// null in tests. Requires: pull() was called under the lease. Errors: as above; somebody else swapped the head, or took
  /// the lease (exit 6).
  Result<void> push(std::int64_t token, const std::optional<RunRow>& open, std::string_view plan, Lease* lease);

  const Head& head() const { return head_; }
  /// pull() failed because the state here is no part of what is there.
  bool strange() const { return strange_; }

 private:
  Result<void> take_key();
  Result<void> share_key();
  Result<std::vector<Piece>> fetch(const std::vector<PieceName>& names);
  /// In how many parts each of them went.
  Result<std::map<std::string, std::size_t>> send(const std::vector<const Piece*>& pieces, Lease* lease);
  Result<Head> swap_head(const Head& wanted);
  Result<void> take_open(const Head& head);
  void forget(const Head& before, const Head& after);

  Store& store_;
  Fleet& fleet_;
  Head head_;
  bool key_shared_ = false;   // both have one key
  bool strange_ = false;
};

}  // namespace mcp
