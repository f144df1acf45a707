#pragma once
// What the MCP cluster says in the place of an answer, and the errors that are made of it. Pure.
#include <string>

#include "executor/fleet/fleet.hpp"
#include "lang/base/result.hpp"

namespace mcp {

/// Why `outcome` is to be asked for once more: "connection refused", "it asks to wait"; empty: it is an answer.
std::string no_answer(const Outcome& outcome);

Error mcp_cluster_silent(const std::string& why);
Error mcp_cluster_refuses(const Rejected& no);

}  // namespace mcp
