#pragma once
// Sets of cluster names in few words: "3 clusters", "a, b", "azr-01 to azr-12", "all but azr-03", "17 of 40 clusters".
#include <span>
#include <string>
#include <vector>

namespace mcp::view {

/// Names in full, runs of numbered neighbours as ranges: "azr-01 to azr-09, gcp-1". Both sorted; `all` holds `names`.
std::string ranges(std::span<const std::string> names, std::span<const std::string> all);

/// The shortest that still tells, in about `room` columns: a count when it is all of them, up to three names, all but a
/// few, ranges, else "17 of 40 clusters".
std::string clusters_text(std::span<const std::string> names, std::span<const std::string> all, std::size_t room = 36);

/// As clusters_text, but a set that is everything is named, if it is small: for rows that are about single clusters.
std::string names_text(std::span<const std::string> names, std::span<const std::string> all, std::size_t room = 36);

}  // namespace mcp::view
