#pragma once
// Sharing: what a command does with the MCP cluster of a project, where one is named. Reading commands fetch what others
// have left; whoever writes holds the lease from before the first write until the state is there.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "executor/engine/drivers.hpp"
#include "executor/engine/locking.hpp"
#include "executor/run/interrupt.hpp"
#include "executor/run/lease.hpp"
#include "executor/shared/exchange.hpp"

namespace mcp {

struct Fetched {
  bool answered = false;      // the MCP cluster did
  std::string problem;        // why not, where it did not and a state is here to go on with
};

/// Brings the state here up to date; makes it if there is none. While somebody on this machine applies, it is left as it is:
/// nobody knows more. Without an MCP cluster nothing is done.
/// Errors: no answer, and no state here; a right that is missing; damage.
Result<Fetched> fetch_shared(const FleetOptions& options);

/// Who holds the lease now; an empty holder: nobody. Errors: no answer; a right that is missing.
Result<LeaseView> look_at_lease(const FleetOptions& options);

/// Waits while somebody holds the lease and renews it, at most `timeout_ms`. Holds nothing afterwards. Errors: no answer.
Result<void> await_lease(const FleetOptions& options, std::int64_t timeout_ms);

/// Takes the lease from whoever held it as `view` says, and gives it to nobody. Without `force` only from a holder that
/// does not renew it while we look on (25 s). Errors: it renews, or somebody else has it by now (exit 6); no answer.
Result<void> break_lease(const FleetOptions& options, const LeaseView& view, bool force, const std::function<std::int64_t()>& clock);

struct SharingRequest {
  std::string who;                                   // "ana on ci-7 (process 4711)"
  std::string host;
  std::int64_t timeout_ms = 0;                       // for a lease that somebody else holds
  std::function<std::int64_t()> clock;               // wall clock in ms, for others to read
  std::function<void(const std::string&)> note;      // told once, of whom we wait for; may be null
  const Interrupt* interrupt = nullptr;
};

/// The lease of a project, held, with the state here as the MCP cluster has it. Gives the lease back at the end.
class Sharing {
 public:
  /// `lock`: held here, and given the lease's token. Errors: held by somebody else (exit 6), no answer, interrupted.
  static Result<std::unique_ptr<Sharing>> begin(Store& store, Fleet& fleet, HeldLock& lock, const SharingRequest& request);
  Sharing(const Sharing&) = delete;
  Sharing& operator=(const Sharing&) = delete;
  ~Sharing();

  Lease& lease() { return lease_; }
  /// Others see the state as it is here, and `open` as the apply that is under way. Errors: no answer; the lease is lost.
  Result<void> publish(const std::optional<RunRow>& open, std::string_view plan);

 private:
  Sharing(Store& store, Fleet& fleet, const std::string& project, Lease::Holder holder, const SharingRequest& request)
      : fleet_(fleet), request_(request), lease_(project, std::move(holder), request.clock), exchange_(store, fleet) {}
  Result<void> take();
  /// One exchange with the MCP cluster about the lease, or a wait until one is due, or until `until`.
  Result<void> step(Instant until);

  Fleet& fleet_;
  SharingRequest request_;
  Lease lease_;
  Exchange exchange_;
  std::optional<OpId> out_;
  Instant answered_{0};
  std::string trouble_;       // what was last heard in the place of an answer
};

}  // namespace mcp
