#include "executor/engine/listing.hpp"

#include <algorithm>
#include <set>

#include "executor/fleet/owners.hpp"
#include "executor/run/marker.hpp"
#include "executor/run/resume.hpp"
#include "planner/diff/fields.hpp"
#include "planner/diff/normalize.hpp"

namespace mcp {

namespace {

/// The manager to be named for a difference: of those that hold a field that differs, the one that came last.
void name_manager(ObservedRow& row, const Value& stated) {
  std::vector<std::string> differ;
  for (const FieldDifference& d : compare_fields(row.ref.kind, stated, row.fields)) differ.push_back(d.path.text());
  const auto touched = [&](const FieldOwner& o) {
    return std::any_of(differ.begin(), differ.end(), [&](const std::string& path) { return is_within(o.field, path) || is_within(path, o.field); });
  };
  for (const FieldOwner& o : row.owners)
    if (touched(o) && (row.manager.empty() || o.time >= row.changed_at)) {
      row.manager = o.manager;
      row.changed_at = o.time;
    }
}

}  // namespace

ObjectRef ref_of(const std::string& member, const Value& object) {
  const Value* meta = object.find("metadata");
  return {member, std::string(object.text_or("apiVersion", "")), std::string(object.text_or("kind", "")),
          std::string(meta != nullptr ? meta->text_or("namespace", "") : ""), std::string(meta != nullptr ? meta->text_or("name", "") : "")};
}

const RecordedRow* recorded_row(std::span<const RecordedRow> rows, const ObjectRef& ref) {
  const auto at = std::lower_bound(rows.begin(), rows.end(), ref, [](const RecordedRow& row, const ObjectRef& r) { return stored_before(row.ref, r); });
  return at != rows.end() && at->ref == ref ? &*at : nullptr;
}

std::vector<std::pair<std::string, std::string>> kinds_of(std::span<const RecordedRow> rows, const std::string& member) {
  std::set<std::pair<std::string_view, std::string_view>> out;
  for (const RecordedRow& row : rows)
    if (row.ref.member == member) out.emplace(row.ref.api, row.ref.kind);
  return {out.begin(), out.end()};
}

std::optional<ObservedRow> compare(const ObjectRef& ref, const Value& object, const RecordedRow* recorded, const Value& stated) {
  ObservedRow row;
  row.ref = ref;
  row.uid = uid_of(object);
  row.version = version_of(object);
  row.deleting = is_deleting(object);
  row.ours = held_by_us(object);
  if (recorded == nullptr) {
    if (!row.ours) return std::nullopt;
    row.fields = normalize(ref.kind, object);
    row.owned = row.fields.digest();
    return row;
  }
  row.fields = owned_fields(ref.kind, stated, object);
  row.owned = row.fields.digest();
  // Values that are as recorded may still be held by others too: whoever changes them takes them over.
  row.owners = other_owners(ref.kind, stated, object);
  const bool same = row.owned == recorded->owned;
  if (same && row.uid == recorded->uid && !row.deleting && row.owners.empty()) return std::nullopt;
  if (!same) name_manager(row, stated);
  return row;
}

Listing begun_anew(const Listing& listing) {
  Listing out;
  out.member = listing.member;
  out.kinds = listing.kinds;
  out.restarts = listing.restarts + 1;
  return out;
}

std::size_t page_of(std::size_t lists) {
  constexpr std::size_t together = 20'000;   // objects
  return std::clamp(together / std::max<std::size_t>(lists, 1), std::size_t{100}, std::size_t{500});
}

}  // namespace mcp
