#pragma once
// Server-side apply on values: who owns which field, what conflicts, what leaves when its owner drops it. A shape is a
// body that holds exactly the owned fields. Pure. Source: sigs.k8s.io/structured-merge-diff, merge/update.go and typed/merge.go.
#include <optional>
#include <string_view>
#include <vector>

#include "executor/sim/object.hpp"
#include "executor/sim/types.hpp"
#include "lang/value/path.hpp"

namespace mcp {

/// `body` without empty lists of keyed items, which say nothing: what others hold there stays.
Value without_empty_lists(const ApiType& type, const Value& body);

/// Leaves of `applied` that differ from `live` and that another manager holds; paths as servers write them.
std::vector<FieldConflict> conflicts(const ApiType& type, const Value& live, const Value& applied, std::string_view me,
                                     const std::vector<SimManager>& managers);

/// `live` with the fields of `applied` set; keyed lists item by item.
Value merged(const ApiType& type, const Value& live, const Value& applied);

/// `live` without what `before` holds and neither `after` nor one of `others` does. A field of a struct or an item in which
/// nobody holds anything any more goes with all that is in it.
Value released(const ApiType& type, const Value& live, const Value& before, const Value& after, const std::vector<const Value*>& others);

/// `shape` without the leaves of `changed` whose value in `live` is another; null if nothing is left.
Value without_lost(const ApiType& type, const Value& shape, const Value& changed, const Value& live);

/// The smallest body that says `value` at `path` of `live`; nullopt where the path leads nowhere.
std::optional<Value> body_for(const ApiType& type, const Value& live, const FieldPath& path, const Value& value);

/// `body` without what stands at `path`.
Value without_path(const Value& body, const FieldPath& path);

/// The fields of `shape` in the form of managedFields' fieldsV1.
Value fields_v1(const ApiType& type, const Value& shape);

}  // namespace mcp
