#include "executor/kube/objects.hpp"

#include "lang/base/crypto.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

/// Whose secret it is, as the fingerprint wants it; strangers' get a name that no address has.
std::string owner_of(const Value& object) {
  if (const Value* address = object.at("metadata", "annotations", "mcp.dev/address"); address != nullptr && address->is_string()) return std::string(address->as_string());
  const Value* metadata = object.find("metadata");
  if (metadata == nullptr || !metadata->is_map()) return "?";
  return "?" + std::string(metadata->text_or("namespace", "")) + "/" + std::string(metadata->text_or("name", ""));
}

}  // namespace

Value from_wire(const Value& object, std::string_view api, std::string_view kind, const Fingerprinter& fingerprint) {
  if (!object.is_map()) return object;
  Value out = object;
  if (out.find("apiVersion") == nullptr) out = out.with("apiVersion", Value::string(api));
  if (out.find("kind") == nullptr) out = out.with("kind", Value::string(kind));
  if (kind != "Secret" || api != "v1") return out;
  const std::string owner = owner_of(out);
  // Copies of the values: what kubectl last applied, and what only requests should hold.
  if (const Value* notes = out.at("metadata", "annotations"); notes != nullptr && notes->find(last_applied) != nullptr)
    out = out.with("metadata", out.find("metadata")->with("annotations", notes->without(last_applied)));
  out = out.without("stringData");
  const Value* data = out.find("data");
  if (data == nullptr || !data->is_map()) return out.without("data");
  std::vector<Entry> sealed;
  for (const Entry& e : data->entries()) {
    std::string bytes;
    if (!e.value.is_string() || !base64_decode(e.value.as_string(), bytes)) bytes.clear();
    sealed.push_back({e.key, MapBuilder().set("$secret", std::string_view(fingerprint(owner, e.name(), bytes))).build()});
    SecretBytes::wipe(bytes);
  }
  return out.with("data", Value::map(std::move(sealed)));
}

Value with_preconditions(Value body, const Precondition& expect) {
  if (!expect.uid && !expect.version) return body;
  Value metadata = body.find("metadata") != nullptr ? *body.find("metadata") : Value::empty_map();
  if (expect.uid) metadata = metadata.with("uid", Value::string(*expect.uid));
  if (expect.version) metadata = metadata.with("resourceVersion", Value::string(*expect.version));
  return body.with("metadata", std::move(metadata));
}

Result<std::string> to_wire(const Write& write) {
  Value body = with_preconditions(write.body, write.expect);
  const Value* data = write.ref.kind == "Secret" && write.ref.api == "v1" ? body.find("data") : nullptr;
  if (data == nullptr || !data->is_map()) return to_json(body);
  std::vector<Entry> open;
  for (const Entry& e : data->entries()) {
    const Value* print = e.value.is_map() ? e.value.find("$secret") : nullptr;
    if (print == nullptr) {
      open.push_back(e);
      continue;
    }
    const std::string* bytes = write.secrets && print->is_string() ? write.secrets->reveal(print->as_string()) : nullptr;
    if (bytes == nullptr) return fail("the value of key " + std::string(e.name()) + " of Secret " + write.ref.name + " is not at hand");
    std::string text = base64_encode(*bytes);
    open.push_back({e.key, Value::string(text)});
    SecretBytes::wipe(text);
  }
  return to_json(body.with("data", Value::map(std::move(open))));
}

}  // namespace mcp
