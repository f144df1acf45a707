#include "executor/kube/status.hpp"

#include <algorithm>
#include <charconv>

#include "lang/base/diagnostic_text.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

/// metav1.Status of an error, as far as it decides something. Its texts can be shown.
struct Status {
  bool known = false;
  std::string reason;
  std::string message;
  std::string name;      // details.name
  std::string kind;      // details.kind
  struct Cause { std::string reason, message, field; };
  std::vector<Cause> causes;

  bool cause(std::string_view which) const {
    return std::any_of(causes.begin(), causes.end(), [&](const Cause& c) { return c.reason == which; });
  }
};

/// Bodies may be text of the server or HTML of a proxy: its first line, short.
std::string plain(std::string_view body) {
  std::string out;
  bool tag = false;
  for (const char c : body.substr(0, 2000)) {
    if (c == '<') tag = true;
    else if (c == '>') tag = false;
    else if (!tag) out += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  std::string packed;
  for (const char c : out)
    if (c != ' ' || (!packed.empty() && packed.back() != ' ')) packed += c;
  if (packed.size() > 200) packed = packed.substr(0, 197) + "...";
  return visible(packed);
}

Status read(const HttpReply& reply) {
  Status out;
  const auto parsed = parse_json(reply.body);
  if (!parsed || !parsed->is_map()) {
    out.message = plain(reply.body);
    return out;
  }
  // A timeout may come without `kind`.
  if (const auto kind = parsed->text_or("kind", "Status"); kind != "Status") return out;
  const auto text = [](const Value& in, const char* key) { return visible(in.text_or(key, "")); };
  out.known = true;
  out.reason = text(*parsed, "reason");
  out.message = text(*parsed, "message");
  if (const Value* details = parsed->find("details"); details != nullptr && details->is_map()) {
    out.name = text(*details, "name");
    out.kind = text(*details, "kind");
    if (const Value* causes = details->find("causes"); causes != nullptr && causes->is_list())
      for (const Value& c : causes->items())
        out.causes.push_back({text(c, "reason"), text(c, "message"), text(c, "field")});
  }
  return out;
}

/// The manager in `conflict with "kubectl" with subresource "scale" using apps/v1`.
std::string manager_in(std::string_view message) {
  const auto from = message.find('"');
  if (from == std::string_view::npos) return "another manager";
  const auto to = message.find('"', from + 1);
  return std::string(message.substr(from + 1, to == std::string_view::npos ? std::string_view::npos : to - from - 1));
}

Duration wait_of(const HttpReply& reply) {
  int seconds = 1;
  const auto [end, problem] = std::from_chars(reply.retry_after.data(), reply.retry_after.data() + reply.retry_after.size(), seconds);
  if (problem != std::errc() || end == reply.retry_after.data()) seconds = 1;   // dates are not sent by API servers
  return Duration{std::clamp(seconds, 1, 120) * 1000};
}

/// What servers answer with 500 and an empty reason although the request is at fault.
bool our_fault(std::string_view message) {
  for (const std::string_view sign : {"field not declared in schema", "expected string, got", "expected numeric", "expected map", "expected list", "duplicate entries for key", "illegal base64", "etcdserver: request is too large", "failed to create typed", "unable to convert unstructured object", "cannot unmarshal"})
    if (message.find(sign) != std::string_view::npos) return true;
  return false;
}

std::string said(const HttpReply& reply, const Status& status) {
  if (!status.message.empty()) return status.message;
  return "answer " + std::to_string(reply.status) + (status.reason.empty() ? "" : " " + status.reason) + " without a text";
}

Outcome of_failure(const HttpReply& reply, bool write, const std::string& what) {
  switch (reply.failure) {
    case HttpFailure::None: break;
    case HttpFailure::Cancelled: return Cancelled{};
    case HttpFailure::NotSent: return Unreachable{reply.detail};
    case HttpFailure::Certificate: return Rejected{0, "Certificate", "the server's certificate does not prove who it is: " + reply.detail};
    case HttpFailure::Setup: return Rejected{0, "Kubeconfig", "the certificates of the kubeconfig cannot be used: " + reply.detail};
    case HttpFailure::TooLarge:   // a write has been done by then
      if (!write) return Rejected{0, "TooLarge", what + ": " + reply.detail};
      return Uncertain{what + ": " + reply.detail};
    case HttpFailure::Timeout:
    case HttpFailure::Cut: return Uncertain{reply.detail};
  }
  return Uncertain{reply.detail};
}

}  // namespace

std::string_view rbac_verb(Verb verb) {
  switch (verb) {
    case Verb::Get: return "get";
    case Verb::List: return "list";
    case Verb::Apply: return "patch";
    case Verb::Create: return "create";
    case Verb::Update: return "update";
    case Verb::Delete: return "delete";
  }
  return "";
}

bool not_served(const HttpReply& reply) {
  if (reply.failure != HttpFailure::None || reply.status != 404) return false;
  const Status s = read(reply);
  return !s.known || (s.name.empty() && s.kind.empty());
}

Outcome outcome_of(const HttpReply& reply, Verb verb, const std::string& what) {
  const bool write = verb != Verb::Get && verb != Verb::List;
  if (reply.failure != HttpFailure::None) return of_failure(reply, write, what);
  const Status s = read(reply);
  const std::string text = said(reply, s);
  const std::string reason = s.reason;
  const auto no = [&](const std::string& detail) -> Outcome { return Rejected{reply.status, reason, detail}; };
  switch (reply.status) {
    case 404:
      if (!s.known || (s.name.empty() && s.kind.empty())) return Rejected{404, "NotServed", what + ": the server does not serve this kind"};
      if (write && verb != Verb::Delete && s.kind == "namespaces") return Rejected{404, "NotFound", "namespace " + s.name + " is not there"};
      if (verb == Verb::Update) return Mismatch{text, {}};
      if (verb == Verb::Apply || verb == Verb::Create) return no(text);
      return Done{};
    case 409: {
      Contested contested;
      for (const Status::Cause& c : s.causes)
        if (c.reason == "FieldManagerConflict") contested.fields.push_back({c.field, manager_in(c.message)});
      if (!contested.fields.empty()) return contested;
      return Mismatch{text, {}};
    }
    case 422:
      for (const Status::Cause& c : s.causes)
        if (c.field == "metadata.uid") return Mismatch{"another object has this name now", {}};
      return no(text);
    case 410: return Rejected{410, "Expired", text};
    case 401: return Rejected{401, "Unauthorized", "the server does not accept the credential"};
    case 403:
      if (s.cause("NamespaceTerminating")) return Rejected{403, "NamespaceTerminating", text};
      if (text.find("exceeded quota") != std::string::npos) return Rejected{403, "QuotaExceeded", text};
      if (text.find("denied request") != std::string::npos) return Rejected{403, "Denied", text};
      return Rejected{403, "Forbidden", "no right to " + std::string(rbac_verb(verb)) + " " + what + ": " + text};
    case 429: return Throttled{wait_of(reply)};
    case 400:
    case 405:
    case 406:
    case 413:
    case 415: return no(text);
    default: break;
  }
  if (reply.status == 500 && s.reason.empty() && our_fault(text)) return no(text);
  if (reply.status >= 500) return Uncertain{std::to_string(reply.status) + " " + text};
  if (reply.status >= 300 && reply.status < 400) return Rejected{reply.status, "Redirect", "the server sends elsewhere (" + std::to_string(reply.status) + "), which is not followed: is `server` right?"};
  return no(text);
}

}  // namespace mcp
