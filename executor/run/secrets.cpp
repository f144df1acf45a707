#include "executor/run/secrets.hpp"

#include <fmt/format.h>
#include <set>

#include "lang/base/crypto.hpp"

namespace mcp {

namespace {

void append_sized(std::string& out, std::string_view text) {
  std::uint64_t size = text.size();
  for (int i = 0; i < 8; ++i) {
    out.push_back(static_cast<char>(size & 0xFFU));
    size >>= 8U;
  }
  out += text;
}

/// The data keys of the step's body that stand for a secret.
const Value* print_in(const Step& step, std::string_view key) {
  const Value* data = step.body.is_map() ? step.body.find("data") : nullptr;
  const Value* one = data != nullptr && data->is_map() ? data->find(key) : nullptr;
  return one != nullptr && one->is_map() ? one->find("$secret") : nullptr;
}

void set_print(Step& step, std::string_view key, const std::string& print) {
  const Value data = step.body.find("data")->with(key, MapBuilder().set("$secret", std::string_view(print)).build());
  step.body = step.body.with("data", data);
  step.after = step.body.digest();
}

}  // namespace

std::string fingerprint(std::string_view project_key, std::string_view address, std::string_view name, std::string_view value) {
  std::string bytes;
  bytes.reserve(24 + address.size() + name.size() + value.size());
  append_sized(bytes, address);
  append_sized(bytes, name);
  append_sized(bytes, value);
  std::string out = hmac_sha256(project_key, bytes).hex().substr(0, 32);
  SecretBytes::wipe(bytes);
  return out;
}

Result<std::string> resolve_secret(const Address& address, const std::string& name, const Value& parts, const SecretWorld& world) {
  std::string out;
  const auto missing = [&](const std::string& what, std::string help) {
    SecretBytes::wipe(out);
    return fail(fmt::format("{} key {}: {}", address.text(), name, what), std::move(help));
  };
  if (!parts.is_list()) return missing("its source is not stated", {});
  for (const Value& part : parts.items()) {
    if (const Value* text = part.find("text"); text != nullptr && text->is_string()) {
      out += text->as_string();
    } else if (const Value* env = part.find("env"); env != nullptr && env->is_string()) {
      const std::string variable(env->as_string());
      std::optional<std::string> value = world.environment ? world.environment(variable) : std::nullopt;
      if (!value) return missing("environment variable " + variable + " is not set", "set " + variable + " and run the command again");
      out += *value;
      SecretBytes::wipe(*value);
    } else if (const Value* file = part.find("file"); file != nullptr && file->is_string()) {
      const std::string path(file->as_string());
      if (!world.file) return missing("file " + path + " cannot be read", {});
      Result<std::string> value = world.file(path);
      if (!value) return missing("file " + path + " cannot be read: " + value.error().message, "make the file readable and run the command again");
      out += *value;
      SecretBytes::wipe(*value);
    } else {
      return missing("a part of its source is not understood", {});
    }
  }
  return out;
}

Result<std::shared_ptr<const SecretBytes>> resolve_secrets(Plan& plan, std::string_view project_key, const SecretWorld& world) {
  auto bytes = std::make_shared<SecretBytes>();
  // Only what is written is read: an apply of other objects needs no password.
  std::set<std::pair<Address, std::string>> written;
  for (const Step& step : plan.steps) {
    if (step.ref.kind != "Secret" || !step.body.is_map()) continue;
    const Value* data = step.body.find("data");
    if (data == nullptr || !data->is_map()) continue;
    for (const Entry& e : data->entries())
      if (e.value.is_map() && e.value.find("$secret") != nullptr) written.emplace(step.address.declared(), std::string(e.name()));
  }
  for (SecretSource& source : plan.secrets) {
    if (!written.contains({source.address, source.key})) continue;
    std::string value = MCP_TRY(resolve_secret(source.address, source.key, source.parts, world));
    std::string print = fingerprint(project_key, source.address.text(), source.key, value);
    if (source.fingerprint.empty()) {
      for (Step& step : plan.steps)
        if (step.ref.kind == "Secret" && step.address.declared() == source.address)
          if (const Value* there = print_in(step, source.key); there != nullptr && there->is_string() && there->size() == 0) set_print(step, source.key, print);
      source.fingerprint = print;
    } else if (source.fingerprint != print) {
      SecretBytes::wipe(value);
      return fail(fmt::format("{} key {} has another value than when it was planned", source.address.text(), source.key),
                  "plan again, or restore the value that was planned", 3);
    }
    bytes->put(std::move(print), std::move(value));
  }
  return std::shared_ptr<const SecretBytes>(std::move(bytes));
}

}  // namespace mcp
