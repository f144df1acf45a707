#pragma once
// Image references: `[registry/]repository[:tag][@digest]`, as container runtimes accept them. Checks, never fetches.
#include <string>
#include <string_view>

namespace mcp {

/// What is wrong with `text` as an image reference, for people; empty if nothing is.
/// source: the reference grammar of the OCI distribution specification.
std::string image_problem(std::string_view text);

}  // namespace mcp
