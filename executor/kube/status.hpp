#pragma once
// From a server's answer to an Outcome: code first, then reason, then causes. Pure. Every row of docs/kubernetes.md
// ("What an answer means") is a branch here.
#include "executor/fleet/fleet.hpp"
#include "executor/kube/http.hpp"

namespace mcp {

enum class Verb : std::uint8_t { Get, List, Apply, Create, Update, Delete };

/// "get" and so on, as RBAC calls it.
std::string_view rbac_verb(Verb verb);

/// For answers that are not the object that was asked for: failures, and codes of 300 and more. `what`: what the request
/// was about, "deployments.apps shop/web". A 404 of the object itself on Get and Delete is Done
/// without object, on Update a Mismatch.
Outcome outcome_of(const HttpReply& reply, Verb verb, const std::string& what);

/// True if the answer says that the server does not serve the kind (or its version) at all.
bool not_served(const HttpReply& reply);

}  // namespace mcp
