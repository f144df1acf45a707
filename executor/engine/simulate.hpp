#pragma once
// Playing with simulated members: what `mcp sim` does, by address. Only where the driver is "sim".
#include <string>
#include <vector>

#include "executor/engine/project.hpp"
#include "lang/value/value.hpp"

namespace mcp {

Result<void> sim_lose(const Project& project, const std::string& member);
Result<void> sim_restore(const Project& project, const std::string& member);
Result<void> sim_slow(const Project& project, const std::string& member, std::int64_t milliseconds);
Result<void> sim_fault(const Project& project, const std::string& member, const std::string& script);
/// `address` with member; `path` into the object; `value` as JSON. Errors: nothing is recorded there; no such field.
Result<void> sim_edit(const Project& project, const std::string& address, const std::string& path, const std::string& value, const std::string& manager);
Result<void> sim_delete(const Project& project, const std::string& address);
Result<std::vector<Value>> sim_show(const Project& project, const std::string& member);

}  // namespace mcp
