#pragma once
// Values of secrets: read from where the plan says, held for one apply, compared with the plan by keyed fingerprint. The
// world (environment, files) is passed in. Never prints a value, nor its length.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "executor/fleet/secret_bytes.hpp"
#include "lang/base/result.hpp"
#include "planner/plan/plan.hpp"

namespace mcp {

/// HMAC-SHA-256 under the project's key over address, key of the secret and value, each after its length, so that no two
/// triples make the same bytes: 32 hex digits. With the address inside, equal passwords in two places do not look equal.
std::string fingerprint(std::string_view project_key, std::string_view address, std::string_view name, std::string_view value);

struct SecretWorld {
  std::function<std::optional<std::string>(const std::string& variable)> environment;
  /// By the name as the policy states it. Error: why it cannot be read.
  std::function<Result<std::string>(const std::string& file)> file;
};

/// The value that `parts` ([{"text"}|{"env"}|{"file"}]) stand for. Errors name `address`, `name` and what is missing.
Result<std::string> resolve_secret(const Address& address, const std::string& name, const Value& parts, const SecretWorld& world);

/// Values of all secrets that steps of `plan` write. Where the plan had no fingerprint (its source could not be read then),
/// bodies and digests of `plan` get the one of now. Errors: something is missing (exit 1); a value is not the one that was
/// planned (exit 3).
Result<std::shared_ptr<const SecretBytes>> resolve_secrets(Plan& plan, std::string_view project_key, const SecretWorld& world);

}  // namespace mcp
