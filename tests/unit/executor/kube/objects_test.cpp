#include "executor/kube/objects.hpp"

#include "lang/base/crypto.hpp"
#include "lang/value/json.hpp"
#include "tests/support/bodies.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

const Fingerprinter seal = [](std::string_view address, std::string_view key, std::string_view bytes) { return "<" + std::string(address) + "|" + std::string(key) + "|" + std::to_string(bytes.size()) + ">"; };

std::string received(std::string_view text, std::string_view api = "v1", std::string_view kind = "Secret") { return to_json(from_wire(yaml(text), api, kind, seal)); }

Write secret_write(std::string_view body, const std::string& fingerprint = {}, const std::string& bytes = {}) {
  Write out;
  out.ref = {"m", "v1", "Secret", "shop", "s"};
  out.body = yaml(body);
  if (!fingerprint.empty()) {
    auto secrets = std::make_shared<SecretBytes>();
    secrets->put(fingerprint, bytes);
    out.secrets = std::move(secrets);
  }
  return out;
}

std::string sent(const Write& write) {
  const auto body = to_wire(write);
  return body ? *body : body.error().message;
}

}  // namespace

TEST_CASE("values of a Secret are sealed before anybody sees them") {
  CHECK(received("{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: n, annotations: {mcp.dev/address: secret.n/s}}, data: {a: UFc=, b: ''}}") ==
        R"({"apiVersion":"v1","data":{"a":{"$secret":"<secret.n/s|a|2>"},"b":{"$secret":"<secret.n/s|b|0>"}},"kind":"Secret","metadata":{"annotations":{"mcp.dev/address":"secret.n/s"},"name":"s","namespace":"n"}})");
  // Strangers' get a name that no address has.
  CHECK(received("{metadata: {name: s, namespace: n}, data: {a: UFc=}}") == R"({"apiVersion":"v1","data":{"a":{"$secret":"<?n/s|a|2>"}},"kind":"Secret","metadata":{"name":"s","namespace":"n"}})");
  CHECK(received("{data: {a: UFc=}}") == R"({"apiVersion":"v1","data":{"a":{"$secret":"<?|a|2>"}},"kind":"Secret"})");
  CHECK(received("{metadata: 7, data: {a: UFc=}}") == R"({"apiVersion":"v1","data":{"a":{"$secret":"<?|a|2>"}},"kind":"Secret","metadata":7})");
}

TEST_CASE("a Secret's values are sealed whatever their shape, and in copies too") {
  for (const char* text : {"{data: {a: SECRET!}}", "{data: {a: {b: SECRET}}}", "{data: {a: [SECRET]}}", "{data: SECRET}", "{data: [SECRET]}", "{data: null, stringData: {a: SECRET}}",
                           "{metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"data\":{\"a\":\"SECRET\"}}'}}, data: {}}"}) {
    INFO(text);
    CHECK(received(text).find("SECRET") == std::string::npos);
  }
}

TEST_CASE("items of lists get the kind and version that they lack") {
  CHECK(received("{metadata: {name: a}}", "apps/v1", "Deployment") == R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"}})");
  CHECK(received("{apiVersion: v2, kind: K, data: {a: UFc=}}", "v1", "ConfigMap") == R"({"apiVersion":"v2","data":{"a":"UFc="},"kind":"K"})");
  CHECK(received("7") == "7");
}

TEST_CASE("a Secret is sent with its bytes in base64, opened by fingerprint") {
  CHECK(sent(secret_write("{apiVersion: v1, data: {a: {$secret: f1}, b: eA==}}", "f1", "PW")) == R"({"apiVersion":"v1","data":{"a":"UFc=","b":"eA=="}})");
  CHECK(sent(secret_write("{data: {a: {$secret: f1}}}", "f1", std::string("\0\xff", 2))) == R"({"data":{"a":"AP8="}})");
  CHECK(sent(secret_write("{data: {a: {$secret: f2}}}", "f1", "PW")) == "the value of key a of Secret s is not at hand");
  CHECK(sent(secret_write("{data: {a: {$secret: 7}}}", "f1", "PW")) == "the value of key a of Secret s is not at hand");
  CHECK(sent(secret_write("{data: {a: {$secret: f1}}}")) == "the value of key a of Secret s is not at hand");
  // Long values stay on one line: servers refuse line ends in base64.
  CHECK(sent(secret_write("{data: {a: {$secret: f1}}}", "f1", std::string(3000, 'x'))).find('\n') == std::string::npos);
}

TEST_CASE("only data of a v1 Secret is opened") {
  Write write = secret_write("{data: {a: {$secret: f1}}}", "f1", "PW");
  write.ref.kind = "ConfigMap";
  CHECK(sent(write) == R"({"data":{"a":{"$secret":"f1"}}})");
  write.ref = {"m", "example.com/v1", "Secret", "shop", "s"};
  CHECK(sent(write) == R"({"data":{"a":{"$secret":"f1"}}})");
}

TEST_CASE("preconditions stand in the metadata of what is applied") {
  Write write;
  write.ref = {"m", "v1", "ConfigMap", "shop", "c"};
  write.body = yaml("{metadata: {name: c}, data: {a: b}}");
  CHECK(sent(write) == R"({"data":{"a":"b"},"metadata":{"name":"c"}})");
  write.expect.uid = "u-1";
  CHECK(sent(write) == R"({"data":{"a":"b"},"metadata":{"name":"c","uid":"u-1"}})");
  write.expect.version = "42";
  CHECK(sent(write) == R"({"data":{"a":"b"},"metadata":{"name":"c","resourceVersion":"42","uid":"u-1"}})");
  write.body = yaml("{data: {a: b}}");
  CHECK(sent(write) == R"({"data":{"a":"b"},"metadata":{"resourceVersion":"42","uid":"u-1"}})");
}
