#pragma once
// Quantities as Kubernetes writes them: no fraction, the largest suffix that leaves a whole number.
#include <cstdint>
#include <string>

namespace mcp {

/// 250 -> "250m", 2000 -> "2" (millicores).
std::string cpu_text(std::int64_t millicores);
/// 268435456 -> "256Mi", 500000000 -> "500M" (bytes).
std::string memory_text(std::int64_t bytes);

}  // namespace mcp
