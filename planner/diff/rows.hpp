#pragma once
// Rows that the planner compares: what the last apply left (recorded) and what a member answered (observed), both cut
// to owned fields. Plain data; the store reads and writes them, nothing here knows SQL.
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "lang/topology/address.hpp"
#include "lang/value/value.hpp"

namespace mcp {

/// What the last apply left of one object.
struct RecordedRow {
  ObjectRef ref;
  Address address;          // with member
  std::string uid;
  Digest body;              // of the normalised body as planned; the store holds its bytes
  Digest owned;             // of the owned fields as the member answered them after our write
  bool protect = false;
  bool adopted = false;
  bool unready = false;     // it was not ready when last looked at: an apply has still to wait for it
  std::string origin;       // "shop.mcp:10:1"
  std::string deps;                // addresses it needed, one a line (deletes run in reverse)
  std::int64_t replicas = -1;      // of a workload's Deployment as planned: the next division starts from them; else -1
  std::int64_t run = 0;     // apply that wrote it
  std::int64_t serial = 0;
  bool operator==(const RecordedRow&) const = default;
};

/// A field of an object that another manager holds, alone or beside us.
struct FieldOwner {
  std::string field;        // path text
  std::string manager;
  std::string time;         // RFC 3339, as the member said it
  bool operator==(const FieldOwner&) const = default;
};

/// Whether the field `inner` is `outer`, or lies within it; both as FieldPath::text writes them.
inline bool is_within(std::string_view inner, std::string_view outer) {
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '.' || inner[outer.size()] == '[');
}

/// What a member answered about one object, cut to the fields of the recorded body (or of the desired one if unrecorded).
struct ObservedRow {
  ObjectRef ref;
  std::string uid;          // empty: the object is gone
  std::string version;      // resourceVersion: opaque
  Digest owned;
  Value fields;             // the owned fields; of an unrecorded object all of it, normalised
  std::string manager;      // last other manager of a field that differs
  std::string changed_at;   // RFC 3339, of that manager
  std::vector<FieldOwner> owners;   // others that hold owned fields, by field
  bool ours = false;        // applied by "mcp"; of an object without row also with the project's label
  bool ready = true;
  bool deleting = false;
  bool operator==(const ObservedRow&) const = default;
};

/// What is recorded of a member that joined.
struct RecordedMember {
  std::string name;
  std::string identity;     // uid of its namespace kube-system
  std::string version;      // gitVersion
  Value row;                // row fields and capacity as of the last apply
  bool protect = false;
  bool lost = false;
  std::int64_t first_failure_ms = 0;   // clock of the first failed refresh in a row; 0: none
  int failures = 0;
  bool operator==(const RecordedMember&) const = default;
};

/// The order of rows: member, namespace, kind, name; compared as bytes.
inline bool row_before(const ObjectRef& a, const ObjectRef& b) { return std::tie(a.member, a.ns, a.kind, a.name) < std::tie(b.member, b.ns, b.kind, b.name); }
/// The same, and apiVersion: no two objects are equal in it. The store gives rows so.
inline bool stored_before(const ObjectRef& a, const ObjectRef& b) {
  return std::tie(a.member, a.ns, a.kind, a.name, a.api) < std::tie(b.member, b.ns, b.kind, b.name, b.api);
}

}  // namespace mcp
