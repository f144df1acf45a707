#pragma once
// Fleet: all members, seen as one asynchronous machine. THE SEAM between deciding how to carry a plan out (executor/run)
// and talking to members (executor/sim, executor/kube). Carries requests; never retries, decides or stores.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "executor/fleet/secret_bytes.hpp"
#include "lang/topology/address.hpp"
#include "lang/value/value.hpp"

namespace mcp {

using Duration = std::chrono::milliseconds;
/// Monotonic time of a fleet, in milliseconds since its epoch; virtual for simulated members.
using Instant = std::chrono::milliseconds;
using MemberName = std::string;
enum class OpId : std::uint64_t {};

struct Precondition {
  std::optional<std::string> uid;       // the object has this uid
  std::optional<std::string> version;   // and this resourceVersion
};
enum class Force : bool { No, Yes };

struct Probe {};                                                      // reachable? identity and version
struct Read {
  ObjectRef ref;
  bool plain = false;   // values of a Secret as they are; only for one of mcp's own
};
/// Objects of mcp's project on the member, in pages; with an empty `project` those of everybody, with `ns` those of one
/// namespace. `since`: only what changed after that list version (a watch's content); empty: all of them.
struct List {
  std::string project;
  std::string since;
  std::string cursor;
  std::string ns;
  /// (apiVersion, kind) of what is wanted. Empty: every kind that the member serves. Drivers may answer with more.
  std::vector<std::pair<std::string, std::string>> kinds = {};
  /// Labels as in `app=web,tier!=db`, beside those of the project. Only with `kinds`.
  std::string selector = {};
  /// Of one kind: at most so many objects an answer, which says in its cursor how to go on. Rejected 410: not from there
  /// any more, so the list is to be begun anew. 0: as many as the driver likes.
  std::size_t page = 0;
};
/// Server-side apply as manager "mcp". Secret values stand in `body` as {"$secret": fingerprint}; `secrets` holds the
/// bytes by fingerprint for drivers that send them.
struct Write {
  ObjectRef ref;
  Value body;
  Precondition expect;
  Force force = Force::No;
  std::string manager = "mcp";
  std::shared_ptr<const SecretBytes> secrets;   // may be null: then fingerprints are all the driver gets
  bool trial = false;                           // a dry run: everything but storing
};
/// The whole object at once, as the API's POST and PUT: made where `expect` names nothing (Mismatch: there is one), put in
/// the place of exactly the one that `expect` names by uid and version (Mismatch: it is another by now, or gone). For what
/// processes agree on: of two with the same expectation one is Done.
struct Swap { ObjectRef ref; Value body; Precondition expect; };
struct Remove { ObjectRef ref; Precondition expect; };                // background propagation

/// May we do that, anywhere on the member? Done with object {"allowed": true or false, "resource": what RBAC calls the kind}.
struct Right {
  std::string verb;   // as RBAC calls it: get, list, create, patch, delete
  std::string api;
  std::string kind;
};

struct Operation {
  MemberName member;
  std::variant<Probe, Read, List, Write, Swap, Remove, Right> request;
  Duration timeout{40'000};
};

/// What a member answers about itself.
struct MemberFacts {
  std::string identity;
  std::string version;
};

struct FieldConflict {
  std::string field;      // path text
  std::string manager;
};

// Every outcome answers: has it happened?
struct Done {                     // yes
  Value object;                   // as the member holds it now; null: absent
  bool created = false;           // this request made it
  bool deleting = false;          // removal begun, not over
  std::vector<std::string> warnings;
  std::optional<MemberFacts> facts;   // of a Probe
};
struct Page {                     // part of a List
  std::vector<Value> objects;
  std::vector<ObjectRef> gone;    // with `since`: removed since then
  std::string version;            // list version, to be used as `since`
  std::string cursor;             // empty: last page
};
struct Mismatch { std::string detail; Value object; };               // no: a precondition failed
struct Contested { std::vector<FieldConflict> fields; };             // no: fields of other managers
struct Throttled { Duration retry_after{1000}; };                    // certainly not
struct Unreachable { std::string detail; };                          // certainly not
struct Uncertain { std::string detail; };                            // unknown: read before sending again
struct Rejected {                 // no, and repeating will not help
  int code = 422;
  std::string reason;
  std::string detail;
  std::string audit = {};         // the server's number of the request, by which its audit log knows it; empty: none
};
struct Cancelled {};                                                 // given up by us; unknown for writes

using Outcome = std::variant<Done, Page, Mismatch, Contested, Throttled, Unreachable, Uncertain, Rejected, Cancelled>;

struct Completion {
  OpId id{};
  Outcome outcome;
  Instant at{0};
};

struct Capabilities {
  bool since = true;     // List tells what changed since a version, over all kinds; else it wants to know which kinds
  bool pods = false;     // members have Pods that can be listed
  bool trial = false;    // writes can be tried
};

class Fleet {
 public:
  virtual ~Fleet() = default;
  virtual Capabilities capabilities(const MemberName& member) const = 0;
  /// Starts `op`, returns at once. Requires: `id` is new. Exactly one completion follows.
  virtual void submit(OpId id, Operation op) = 0;
  /// Gives up `id`; its completion is Cancelled, or the true outcome if that came first.
  virtual void cancel(OpId id) = 0;
  /// Sleeps until a completion or `until`; appends in a stable order. Virtual time jumps.
  virtual void wait(Instant until, std::vector<Completion>& done) = 0;
  virtual Instant now() const = 0;
};

}  // namespace mcp
