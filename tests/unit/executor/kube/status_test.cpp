#include "executor/kube/status.hpp"

#include "executor/fleet/text.hpp"
#include "tests/support/catch.hpp"

using namespace mcp;

namespace {

HttpReply reply(int status, const std::string& body, const std::string& retry_after = {}) {
  HttpReply out;
  out.status = status;
  out.body = body;
  out.retry_after = retry_after;
  return out;
}

std::string error(int code, const std::string& reason, const std::string& message, const std::string& details = {}) {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" + message + R"(","reason":")" + reason + "\"" + (details.empty() ? "" : R"(,"details":)" + details) + R"(,"code":)" +
         std::to_string(code) + "}";
}

const std::string what = "deployments.apps shop/web";

}  // namespace

// The table "Replies and outcomes".
TEST_CASE("an answer becomes the outcome that says whether it has happened") {
  struct Row { const char* name; int status; std::string body; Verb verb; const char* outcome; const char* retry_after = ""; };
  const std::string own = R"({"name":"web","group":"apps","kind":"deployments"})";
  const std::string conflict = R"({"name":"web","causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\" with subresource \"scale\" using apps/v1","field":".spec.replicas"},)"
                               R"({"reason":"FieldManagerConflict","message":"conflict with \"helm\": x","field":".spec.paused"}]})";
  const Row rows[] = {
      {"404 of the object: absent", 404, error(404, "NotFound", "not found", own), Verb::Get, "absent"},
      {"404 of the object: gone", 404, error(404, "NotFound", "not found", own), Verb::Delete, "absent"},
      {"404 of an apply", 404, error(404, "NotFound", "deployments.apps \\\"web\\\" not found", own), Verb::Apply, R"(refused (404 NotFound): deployments.apps "web" not found)"},
      {"404 of the namespace on a write", 404, error(404, "NotFound", "x", R"({"name":"shop","kind":"namespaces"})"), Verb::Apply, "refused (404 NotFound): namespace shop is not there"},
      {"404 with empty details", 404, error(404, "NotFound", "the server could not find the requested resource", "{}"), Verb::Get,
       "refused (404 NotServed): deployments.apps shop/web: the server does not serve this kind"},
      {"404 as text", 404, "404 page not found\n", Verb::Delete, "refused (404 NotServed): deployments.apps shop/web: the server does not serve this kind"},
      {"404 as HTML of a proxy", 404, "<html><h1>Not Found</h1></html>", Verb::Delete, "refused (404 NotServed): deployments.apps shop/web: the server does not serve this kind"},
      {"404 of other JSON", 404, R"({"kind":"Gateway","name":"web"})", Verb::Delete, "refused (404 NotServed): deployments.apps shop/web: the server does not serve this kind"},

      {"409 of fields", 409, error(409, "Conflict", "Apply failed", conflict), Verb::Apply, "fields of other managers: .spec.replicas (kubectl) .spec.paused (helm)"},
      {"409 of resourceVersion", 409, error(409, "Conflict", "the object has been modified", own), Verb::Apply, "not the object that was planned: the object has been modified"},
      {"409 of uid while absent", 409, error(409, "Conflict", "uid mismatch: no existing object was found"), Verb::Apply, "not the object that was planned: uid mismatch: no existing object was found"},
      {"409 of a delete", 409, error(409, "Conflict", "Precondition failed: UID"), Verb::Delete, "not the object that was planned: Precondition failed: UID"},
      {"422 of uid", 422, error(422, "Invalid", "x", R"({"causes":[{"reason":"FieldValueInvalid","message":"field is immutable","field":"metadata.uid"}]})"), Verb::Apply,
       "not the object that was planned: another object has this name now"},
      {"422 else", 422, error(422, "Invalid", "spec.selector: field is immutable", R"({"causes":[{"reason":"FieldValueInvalid","field":"spec.selector"}]})"), Verb::Apply,
       "refused (422 Invalid): spec.selector: field is immutable"},
      {"422 of a policy", 422, error(422, "", "admission webhook denied the request"), Verb::Apply, "refused (422): admission webhook denied the request"},

      {"400", 400, error(400, "BadRequest", "bad"), Verb::Apply, "refused (400 BadRequest): bad"},
      {"405", 405, error(405, "MethodNotAllowed", "no"), Verb::List, "refused (405 MethodNotAllowed): no"},
      {"406", 406, error(406, "NotAcceptable", "no"), Verb::Get, "refused (406 NotAcceptable): no"},
      {"413", 413, error(413, "RequestEntityTooLarge", "limit is 3145728"), Verb::Apply, "refused (413 RequestEntityTooLarge): limit is 3145728"},
      {"415", 415, error(415, "UnsupportedMediaType", "no"), Verb::Apply, "refused (415 UnsupportedMediaType): no"},
      {"another 4xx", 418, "", Verb::Get, "refused (418): answer 418 without a text"},

      {"500 unknown field", 500, error(500, "", "failed to create typed patch object: .spec.replica: field not declared in schema"), Verb::Apply,
       "refused (500): failed to create typed patch object: .spec.replica: field not declared in schema"},
      {"500 wrong type", 500, error(500, "", ".spec.paused: expected string, got 1"), Verb::Apply, "refused (500): .spec.paused: expected string, got 1"},
      {"500 duplicate keys", 500, error(500, "", "duplicate entries for key [name=a]"), Verb::Apply, "refused (500): duplicate entries for key [name=a]"},
      {"500 base64", 500, error(500, "", "illegal base64 data at input byte 1"), Verb::Apply, "refused (500): illegal base64 data at input byte 1"},
      {"500 no quantity", 500, error(500, "", "failed to convert new object to proper version: unable to convert unstructured object to apps/v1: quantities must match the regular expression"),
       Verb::Apply,
       "refused (500): failed to convert new object to proper version: unable to convert unstructured object to apps/v1: quantities must match the regular expression"},
      {"500 too large for etcd", 500, error(500, "", "etcdserver: request is too large"), Verb::Apply, "refused (500): etcdserver: request is too large"},
      {"500 with a reason", 500, error(500, "InternalError", "field not declared in schema"), Verb::Apply, "no clear answer: 500 field not declared in schema"},
      {"other 500", 500, error(500, "", "etcdserver: leader changed"), Verb::Apply, "no clear answer: 500 etcdserver: leader changed"},

      {"403 ending namespace", 403, error(403, "Forbidden", "is being terminated", R"({"causes":[{"reason":"NamespaceTerminating","message":"x","field":"metadata.namespace"}]})"), Verb::Apply,
       "refused (403 NamespaceTerminating): is being terminated"},
      {"403 quota", 403, error(403, "Forbidden", "exceeded quota: q, requested: pods=1"), Verb::Apply, "refused (403 QuotaExceeded): exceeded quota: q, requested: pods=1"},
      {"403 policy", 403, error(403, "Forbidden", "ValidatingAdmissionPolicy 'p' denied request: no"), Verb::Apply, "refused (403 Denied): ValidatingAdmissionPolicy 'p' denied request: no"},
      {"403 rights", 403, error(403, "Forbidden", "user cannot patch"), Verb::Apply, "refused (403 Forbidden): no right to patch deployments.apps shop/web: user cannot patch"},
      {"403 rights to delete", 403, error(403, "Forbidden", "no"), Verb::Delete, "refused (403 Forbidden): no right to delete deployments.apps shop/web: no"},
      {"403 rights to list", 403, error(403, "Forbidden", "no"), Verb::List, "refused (403 Forbidden): no right to list deployments.apps shop/web: no"},
      {"401", 401, error(401, "Unauthorized", "Unauthorized"), Verb::Get, "refused (401 Unauthorized): the server does not accept the credential"},
      {"410", 410, error(410, "Expired", "too old"), Verb::List, "refused (410 Expired): too old"},

      {"429 as text", 429, "Too many requests, please try again later.\n", Verb::Apply, "busy, again in 1000 ms"},
      {"429 with Retry-After", 429, "", Verb::Apply, "busy, again in 7000 ms", "7"},
      {"429 with Retry-After 0", 429, "", Verb::Apply, "busy, again in 1000 ms", "0"},
      {"429 with a long Retry-After", 429, "", Verb::Apply, "busy, again in 120000 ms", "86400"},
      {"429 with an absurd Retry-After", 429, "", Verb::Apply, "busy, again in 1000 ms", "99999999999999999999"},
      {"429 with a negative Retry-After", 429, "", Verb::Apply, "busy, again in 1000 ms", "-5"},
      {"429 with a date", 429, "", Verb::Apply, "busy, again in 1000 ms", "Wed, 21 Oct 2026 07:28:00 GMT"},

      {"503", 503, error(503, "ServiceUnavailable", "not now"), Verb::Apply, "no clear answer: 503 not now"},
      {"503 as HTML", 503, "<html>\n<body>No backend</body></html>", Verb::Apply, "no clear answer: 503 No backend"},
      {"504", 504, error(504, "Timeout", "request did not complete"), Verb::Get, "no clear answer: 504 request did not complete"},
      {"504 without kind", 504, R"({"metadata":{},"status":"Failure","message":"Timeout: slow","reason":"Timeout","details":{},"code":504})", Verb::Apply, "no clear answer: 504 Timeout: slow"},
      {"507", 507, "", Verb::Apply, "no clear answer: 507 answer 507 without a text"},

      {"302", 302, "", Verb::Get, "refused (302 Redirect): the server sends elsewhere (302), which is not followed: is `server` right?"},
      {"307", 307, "", Verb::Apply, "refused (307 Redirect): the server sends elsewhere (307), which is not followed: is `server` right?"},
      {"control characters", 400, error(400, "BadRequest", "a\\u001b[31mb"), Verb::Apply, "refused (400 BadRequest): a\\u{1b}[31mb"},
      {"control characters in text", 400, "a\x1b[31mb", Verb::Apply, "refused (400): a\\u{1b}[31mb"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(to_string(outcome_of(reply(row.status, row.body, row.retry_after), row.verb, what)) == row.outcome);
  }
}

TEST_CASE("text of a server that reaches people is visible, wherever it stands") {
  const std::string esc = "\\u001b]0;x\\u0007";
  const HttpReply contested = reply(409, error(409, "Conflict", "x", R"({"causes":[{"reason":"FieldManagerConflict","message":"conflict with \")" + esc + R"(\"","field":".a)" + esc + "\"}]}"));
  const HttpReply reason = reply(400, error(400, "Bad" + esc, "x"));
  for (const HttpReply& each : {contested, reason}) CHECK(to_string(outcome_of(each, Verb::Apply, what)).find('\x1b') == std::string::npos);
}

TEST_CASE("no answer becomes the outcome that says how far the request came") {
  struct Row { HttpFailure failure; const char *read, *write; };
  const Row rows[] = {
      {HttpFailure::NotSent, "unreachable: D", "unreachable: D"},
      {HttpFailure::Certificate, "refused (0 Certificate): the server's certificate does not prove who it is: D", "refused (0 Certificate): the server's certificate does not prove who it is: D"},
      {HttpFailure::Setup, "refused (0 Kubeconfig): the certificates of the kubeconfig cannot be used: D", "refused (0 Kubeconfig): the certificates of the kubeconfig cannot be used: D"},
      {HttpFailure::Cut, "no clear answer: D", "no clear answer: D"},
      {HttpFailure::Timeout, "no clear answer: D", "no clear answer: D"},
      {HttpFailure::TooLarge, "refused (0 TooLarge): deployments.apps shop/web: D", "no clear answer: deployments.apps shop/web: D"},
      {HttpFailure::Cancelled, "given up", "given up"},
  };
  for (const Row& row : rows) {
    HttpReply r;
    r.failure = row.failure;
    r.detail = "D";
    CHECK(to_string(outcome_of(r, Verb::Get, what)) == row.read);
    CHECK(to_string(outcome_of(r, Verb::List, what)) == row.read);
    CHECK(to_string(outcome_of(r, Verb::Apply, what)) == row.write);
    CHECK(to_string(outcome_of(r, Verb::Delete, what)) == row.write);
    CHECK_FALSE(not_served(r));
  }
}

TEST_CASE("a kind that is not served is told from an object that is not there") {
  CHECK(not_served(reply(404, "404 page not found")));
  CHECK(not_served(reply(404, "")));
  CHECK(not_served(reply(404, error(404, "NotFound", "x", "{}"))));
  CHECK(not_served(reply(404, error(404, "NotFound", "x"))));
  CHECK_FALSE(not_served(reply(404, error(404, "NotFound", "x", R"({"name":"web"})"))));
  CHECK_FALSE(not_served(reply(404, error(404, "NotFound", "x", R"({"kind":"namespaces"})"))));
  CHECK_FALSE(not_served(reply(403, "")));
}

TEST_CASE("rights are named as RBAC does") {
  CHECK(rbac_verb(Verb::Get) == "get");
  CHECK(rbac_verb(Verb::List) == "list");
  CHECK(rbac_verb(Verb::Apply) == "patch");
  CHECK(rbac_verb(Verb::Delete) == "delete");
}

TEST_CASE("long texts of proxies are cut to a line") {
  const std::string text = to_string(outcome_of(reply(502, "<html>" + std::string(100'000, 'x')), Verb::Get, what));
  CHECK(text.size() < 300);
  CHECK(text.find('<') == std::string::npos);
}
