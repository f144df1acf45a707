#include "lang/base/crypto.hpp"
#include "lang/eval/builtins/natives.hpp"
#include "lang/value/json.hpp"
#include "lang/value/yaml.hpp"

namespace mcp {

namespace {

Value json(NativeCall& call) {
  call.interp.measure(call.args[0], call.code.span);
  std::string out = to_json(call.args[0]);
  call.interp.spend(out.size(), call.code.span);
  return Value::string(out);
}

Value yaml(NativeCall& call) {
  call.interp.measure(call.args[0], call.code.span);
  std::string out = to_yaml(call.args[0]);
  call.interp.spend(out.size(), call.code.span);
  return Value::string(out);
}

Value from_json(NativeCall& call) {
  const auto parsed = parse_json(call.text(0));
  if (!parsed) call.fail("E0410", "this is no JSON: " + parsed.error().message);
  return *parsed;
}

Value from_yaml(NativeCall& call) {
  const auto parsed = parse_yaml(call.text(0));
  if (!parsed) call.fail("E0410", "this is no YAML: " + parsed.error().message);
  if (parsed->size() > 1) call.fail("E0410", "this holds " + std::to_string(parsed->size()) + " YAML documents, and one is expected");
  return parsed->empty() ? Value() : parsed->front();
}

Value sha(NativeCall& call) { return Value::string(sha256(call.text(0)).hex()); }
Value base64(NativeCall& call) { return Value::string(base64_encode(call.text(0))); }

constexpr NativeEntry entries[] = {{"to_json", json},     {"to_yaml", yaml}, {"from_json", from_json},
                                   {"from_yaml", from_yaml}, {"sha256", sha},   {"base64", base64}};

}  // namespace

std::span<const NativeEntry> encoding_natives() { return entries; }

}  // namespace mcp
