#pragma once
// The objects in the MCP cluster that hold a project's shared state: the head, which names the pieces and is swapped last;
// the pieces, which never change; the key of fingerprints. Their names and bodies, and what read ones say; pure.
#include <optional>
#include <string>
#include <vector>

#include "executor/shared/pieces.hpp"
#include "lang/topology/address.hpp"
#include "planner/store/store.hpp"

namespace mcp {

/// A piece as the head names it.
struct PieceName {
  std::string name;
  std::size_t parts = 1;                // objects that hold it
  auto operator<=>(const PieceName&) const = default;
};

struct Head {
  bool present = false;
  std::string uid;
  std::string version;
  std::int64_t serial = 0;              // of the last apply that ended
  std::int64_t token = 0;               // of whoever wrote it
  std::vector<PieceName> pieces;        // of the state, in order
  std::optional<RunRow> open;           // an apply that is under way, or was cut off
  std::vector<PieceName> plan;          // pieces of its plan
  bool operator==(const Head&) const = default;

  /// True if both say the same of the project, whichever object says it.
  bool same_content(const Head& other) const;
};

ObjectRef head_ref(const std::string& project);
Value head_body(const std::string& project, const Head& head);
/// `live`: as the MCP cluster answers it; null: absent. Errors: written by a newer mcp, or damaged.
Result<Head> read_head(const Value& live);

/// A piece is one ConfigMap, or several where it packs badly.
std::vector<std::pair<ObjectRef, Value>> piece_objects(const std::string& project, const Piece& piece);
ObjectRef piece_ref(const std::string& project, const std::string& name, std::size_t part);
/// The packed bytes of one part; nullopt: it holds none.
std::optional<std::string> read_part(const Value& live);
/// From all its parts. Errors: what unpacks is not what the name says.
Result<Piece> joined_piece(const std::string& name, const std::string& bytes);

/// The Secret with the key of fingerprints: one for all environments of a project.
ObjectRef key_ref(const std::string& project);
Value key_body(const std::string& project, const std::string& key);
/// Empty: it holds none.
std::string read_key(const Value& live);

}  // namespace mcp
