#include "tests/unit/planner/model/rendered.hpp"

#include "lang/tree/source_tree.hpp"
#include "lang/value/path.hpp"
#include "lang/value/yaml.hpp"

namespace mcp::test {

Rendered::Rendered(const std::string& policy, const RenderOptions& options) {
  std::map<std::string, std::string> files = options.files;
  files["a.mcp"] = R"(mcp test { driver = "sim" }
cluster a { cloud = "aws", region = "eu" }
cluster b { cloud = "gcp", region = "us" }
namespace shop {}
)";
  files["x.mcp"] = policy;
  loaded_ = load(*memory_tree(files), {});
  out_ = loaded_.diagnostics;
  if (!loaded_.ok()) return;
  const Topology& topology = loaded_.topology;
  inventory_ = declared_inventory(topology);
  placement_ = place(inventory_, place_requests(topology, inventory_, options.previous), out_);
  check_limits(topology, out_);
  ModelInput input{topology, placement_, {}, options.fingerprints_known ? &options.fingerprints : nullptr, options.secrets, &options.namespaces};
  for (std::uint32_t i = 0; i < inventory_.members.size(); ++i) input.member_of.push_back(i);
  desired_ = build_desired(input, out_);
}

Value Rendered::body(std::string_view address) const {
  for (const DesiredEntry& e : desired_.entries)
    if (desired_.object_of(e).address.on(desired_.members[e.member]).text() == address) return desired_.body_of(e);
  return {};
}

std::string Rendered::yaml(std::string_view address) const {
  const Value b = body(address);
  return b.is_null() ? std::string() : to_yaml(b);
}

Value Rendered::field(std::string_view address, std::string_view path) const {
  const Value b = body(address);
  const auto parsed = FieldPath::parse(path);
  REQUIRE(parsed.has_value());
  const Value* found = parsed->in(b);
  return found == nullptr ? Value() : *found;
}

std::string Rendered::on(std::string_view member) const {
  std::string out;
  for (const DesiredEntry& e : desired_.entries) {
    if (desired_.members[e.member] != member) continue;
    const Address& address = desired_.object_of(e).address;
    if (address.kind != AddressKind::Namespace) out += (out.empty() ? "" : " ") + address.text();
  }
  return out;
}

std::string Rendered::findings() const {
  std::string out;
  for (const Diagnostic& d : out_.sorted()) {
    const Place place = d.span.known() ? loaded_.sources->locate(d.span.begin) : Place{};
    out += (out.empty() ? "" : ", ") + d.code + " " + (place.file == "x.mcp" || place.line == 0 ? "" : std::string(place.file) + ":") + std::to_string(place.line);
  }
  return out;
}

std::string Rendered::first_message() const {
  const auto all = out_.sorted();
  return all.empty() ? std::string() : all[0].message;
}

std::string workload(const std::string& inside, const std::string& beside) {
  return "workload web in shop {\n  replicas = 2\n  " + beside + "\n  container c {\n    image = \"registry.example/a/b:1\"\n    " + inside + "\n  }\n}\n";
}

}  // namespace mcp::test
