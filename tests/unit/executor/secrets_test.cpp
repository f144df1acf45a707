#include "executor/run/secrets.hpp"

#include "lang/value/yaml.hpp"
#include "tests/support/catch.hpp"

namespace mcp {
namespace {

Plan plan_with(const std::string& print) {
  Plan plan;
  Step step;
  step.ref = {"a", "v1", "Secret", "shop", "db"};
  step.address = *Address::parse("secret.shop/db@a");
  step.body = parse_yaml("{apiVersion: v1, kind: Secret, metadata: {name: db}, data: {password: {$secret: '" + print + "'}}}")->front();
  step.after = step.body.digest();
  plan.steps.push_back(step);
  plan.secrets.push_back({print, step.address.declared(), "password", parse_yaml("[{text: 'pw='}, {env: DB}, {file: key.txt}]")->front()});
  return plan;
}

SecretWorld world() {
  SecretWorld out;
  out.environment = [](const std::string& name) { return name == "DB" ? std::optional<std::string>("s3cret") : std::nullopt; };
  out.file = [](const std::string& name) -> Result<std::string> {
    if (name == "key.txt") return std::string("!");
    return fail("no such file");
  };
  return out;
}

}  // namespace

TEST_CASE("a fingerprint tells place and value apart and shows neither") {
  const std::string one = fingerprint("key", "secret.shop/db", "password", "x");
  CHECK(one.size() == 32);
  CHECK(one == fingerprint("key", "secret.shop/db", "password", "x"));
  CHECK(one != fingerprint("other", "secret.shop/db", "password", "x"));
  CHECK(one != fingerprint("key", "secret.shop/dc", "password", "x"));
  CHECK(fingerprint("key", "ab", "c", "x") != fingerprint("key", "a", "bc", "x"));
  CHECK(fingerprint("key", "a", "b", "cx") != fingerprint("key", "a", "bc", "x"));
}

TEST_CASE("values are joined from their parts and found by fingerprint") {
  Plan plan = plan_with(fingerprint("key", "secret.shop/db", "password", "pw=s3cret!"));
  const auto bytes = resolve_secrets(plan, "key", world());
  REQUIRE(bytes);
  REQUIRE((*bytes)->reveal(plan.secrets[0].fingerprint) != nullptr);
  CHECK(*(*bytes)->reveal(plan.secrets[0].fingerprint) == "pw=s3cret!");
}

TEST_CASE("what is missing is named with secret, key and variable") {
  Plan plan = plan_with(std::string(32, 'a'));
  SecretWorld empty = world();
  empty.environment = [](const std::string&) { return std::optional<std::string>(); };
  const auto bytes = resolve_secrets(plan, "key", empty);
  REQUIRE_FALSE(bytes);
  CHECK(bytes.error().exit_code == 1);
  CHECK(bytes.error().message == "secret.shop/db key password: environment variable DB is not set");
}

TEST_CASE("another value than the planned one ends with 3, and is not shown") {
  Plan plan = plan_with(std::string(32, 'a'));
  const auto bytes = resolve_secrets(plan, "key", world());
  REQUIRE_FALSE(bytes);
  CHECK(bytes.error().exit_code == 3);
  CHECK(bytes.error().text().find("s3cret") == std::string::npos);
}

TEST_CASE("a source that could not be read when planning is filled in") {
  Plan plan = plan_with("");
  const Digest before = plan.steps[0].after;
  REQUIRE(resolve_secrets(plan, "key", world()));
  const std::string print = fingerprint("key", "secret.shop/db", "password", "pw=s3cret!");
  CHECK(plan.steps[0].body.at("data", "password", "$secret")->as_string() == print);
  CHECK(plan.steps[0].after != before);
  CHECK(plan.steps[0].after == plan.steps[0].body.digest());
}

TEST_CASE("secrets that no step writes are not read") {
  Plan plan = plan_with(std::string(32, 'a'));
  plan.steps.clear();
  CHECK(resolve_secrets(plan, "key", SecretWorld{}));
}

}  // namespace mcp
