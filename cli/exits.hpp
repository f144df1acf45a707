#pragma once
// Exit codes, the contract with scripts (docs/cli.md).
namespace mcp::exits {
inline constexpr int ok = 0;
inline constexpr int error = 1;
inline constexpr int changes = 2;        // with --detailed-exitcode
inline constexpr int stale = 3;
inline constexpr int partial = 4;
inline constexpr int blocked = 5;
inline constexpr int locked = 6;
inline constexpr int usage = 64;
inline constexpr int interrupted = 130;
}  // namespace mcp::exits
