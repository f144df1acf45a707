#pragma once
// The lock on this machine, and the lease in the MCP cluster, as records and for people.
#include <string>

#include "executor/engine/sharing.hpp"

namespace mcp {

std::string lock_record(const LockRow& lock);
std::string lock_record(const LeaseView& lease);
/// Ends in a newline.
std::string lock_text(const LockRow& lock);
std::string lock_text(const LeaseView& lease);

}  // namespace mcp
