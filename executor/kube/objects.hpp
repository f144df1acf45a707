#pragma once
// Objects as they cross the wire, and as the rest knows them. Values of Secrets never pass the seam: what a server holds
// becomes {"$secret": keyed fingerprint}, and a fingerprint becomes bytes just before it is sent. Pure.
#include <functional>
#include <string>

#include "executor/fleet/fleet.hpp"
#include "lang/base/result.hpp"

namespace mcp {

/// Keyed fingerprint of (address, key, bytes), as plans hold it (executor/run/secrets.hpp).
using Fingerprinter = std::function<std::string(std::string_view address, std::string_view key, std::string_view bytes)>;

/// What a server answered, with values of a Secret replaced. `api`, `kind`: of the request; items of lists lack theirs.
Value from_wire(const Value& object, std::string_view api, std::string_view kind, const Fingerprinter& fingerprint);

/// `body` with what it is to meet in its metadata.
Value with_preconditions(Value body, const Precondition& expect);

/// The body of an apply: the stated object with the bytes of its secrets and the preconditions. Errors: a fingerprint
/// whose bytes are not there.
Result<std::string> to_wire(const Write& write);

}  // namespace mcp
