#pragma once
// Differences between two bodies, leaf by leaf, with paths that people read: keyed lists by their keys whatever their
// order, other lists whole. Deterministic; knows no plan.
#include <string>
#include <string_view>
#include <vector>

#include "lang/value/path.hpp"
#include "lang/value/value.hpp"

namespace mcp {

struct FieldDifference {
  FieldPath path;
  const Value* before = nullptr;   // null: not there. Both point into the compared bodies
  const Value* after = nullptr;
};

/// Sorted by path as the bodies hold them (keys in order, keyed items in the order of `after`, then those that went).
/// patch(before, compare(kind, before, after)) == after, but for the order of keyed lists.
std::vector<FieldDifference> compare_fields(std::string_view kind, const Value& before, const Value& after);

/// `body` with the differences applied.
Value patch(const Value& body, const std::vector<FieldDifference>& differences);

/// Equal but for the order of keyed lists. Cheap for equal digests.
bool same_content(std::string_view kind, const Value& a, const Value& b);

}  // namespace mcp
