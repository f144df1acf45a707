#pragma once
// Server-side apply on values: who owns which field, what conflicts, what leaves when its owner drops it. A shape is a
// body that holds exactly the owned fields. Pure. Source: Kubernetes documentation, "Server-Side Apply".
#include <optional>
#include <string_view>
#include <vector>

#include "executor/sim/object.hpp"
#include "lang/value/path.hpp"

namespace mcp {

/// Leaves of `applied` that differ from `live` and that another manager holds.
std::vector<FieldConflict> conflicts(std::string_view kind, const Value& live, const Value& applied, std::string_view me,
                                     const std::vector<SimManager>& managers);

/// `live` with the fields of `applied` set; keyed lists item by item.
Value merged(std::string_view kind, const Value& live, const Value& applied);

/// `live` without what `before` holds and neither `after` nor one of `others` does.
Value released(std::string_view kind, const Value& live, const Value& before, const Value& after, const std::vector<const Value*>& others);

/// `shape` without the leaves of `changed` whose value in `live` is another; null if nothing is left.
Value without_lost(std::string_view kind, const Value& shape, const Value& changed, const Value& live);

/// The smallest body that says `value` at `path` of `live`; nullopt where the path leads nowhere.
std::optional<Value> body_for(std::string_view kind, const Value& live, const FieldPath& path, const Value& value);

/// `body` without what stands at `path`.
Value without_path(const Value& body, const FieldPath& path);

}  // namespace mcp
