#pragma once
// Rows that the planner compares: what the last apply left (recorded) and what a member answered (observed), both cut
// to owned fields. Plain data; the store reads and writes them, nothing here knows SQL.
#include <cstdint>
#include <string>
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
  std::string origin;       // "shop.mcp:10:1"
  std::vector<std::string> deps;   // addresses it needed (deletes run in reverse)
  std::int64_t run = 0;     // apply that wrote it
  std::int64_t serial = 0;
  bool operator==(const RecordedRow&) const = default;
};

/// What a member answered about one object, cut to the fields of the recorded body (or of the desired one if unrecorded).
struct ObservedRow {
  ObjectRef ref;
  std::string uid;
  std::string version;      // resourceVersion: opaque
  Digest owned;
  Value fields;             // the owned fields, normalised; may be null when `owned` equals the recorded one
  std::string manager;      // last other manager of a field that differs
  std::string changed_at;   // RFC 3339, of that manager
  bool ours = false;        // label mcp.dev/project of this project and our manager name
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

}  // namespace mcp
