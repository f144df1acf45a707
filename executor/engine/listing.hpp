#pragma once
// What one list of a member tells, kept small: each object is compared with its recorded row when its page comes, and only
// what is not as recorded stays, beside a mark for every row that is there. Values in, values out; asks nobody.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "executor/fleet/fleet.hpp"
#include "planner/diff/rows.hpp"

namespace mcp {

/// The row of `ref`; null: none. Requires: `rows` as the store gives them.
const RecordedRow* recorded_row(std::span<const RecordedRow> rows, const ObjectRef& ref);

/// (apiVersion, kind) of the rows of a member, sorted.
std::vector<std::pair<std::string, std::string>> kinds_of(std::span<const RecordedRow> rows, const std::string& member);

ObjectRef ref_of(const std::string& member, const Value& object);

/// What an object says against its recorded row, whose body is `stated`; of one without row (null) whether it is ours.
/// Nothing: it is as recorded, or somebody else's.
std::optional<ObservedRow> compare(const ObjectRef& ref, const Value& object, const RecordedRow* recorded, const Value& stated);

/// The last word about objects. Null: as recorded, or somebody else's.
using News = std::map<ObjectRef, std::optional<ObservedRow>>;

struct Listing {
  std::size_t member = 0;                                   // as the asker numbers them
  std::vector<std::pair<std::string, std::string>> kinds;   // (apiVersion, kind) that it is of; empty: all
  std::string since;                                        // list version whose changes it tells; empty: it is a full list
  int restarts = 0;
  // What it has told so far.
  News news;
  std::vector<std::uint32_t> present;                       // recorded rows whose object is there, by index
  std::string version;
  bool complete = false;

  bool full() const { return since.empty(); }
};

/// The same list as a full one from its beginning: what it told so far is of another moment and counts for nothing.
Listing begun_anew(const Listing& listing);

/// Objects that a page is to have when so many lists are read at once: what is under way together stays bounded.
std::size_t page_of(std::size_t lists);

}  // namespace mcp
