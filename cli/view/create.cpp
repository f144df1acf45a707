// What a new object holds, for a reader who wants the gist: image, ports, sizes, lines; never a secret.
#include <algorithm>

#include "cli/view/fold.hpp"
#include "cli/view/line.hpp"
#include "cli/view/line_diff.hpp"
#include "cli/view/value_text.hpp"

namespace mcp::view {

namespace {

std::string scalar(const Value& value) { return value_text(value, {}); }

/// "80" or a port's name, without the quotes a text would get.
std::string port_text(const Value* value) {
  if (value == nullptr) return {};
  return value->is_string() ? visible(value->as_string()) : scalar(*value);
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& each : list) out += (out.empty() ? "" : ", ") + each;
  return out;
}

/// "100m cpu, 128Mi memory"
std::string amounts(const Value* map) {
  std::vector<std::string> out;
  if (map != nullptr && map->is_map())
    for (const Entry& e : map->entries()) out.push_back(port_text(&e.value) + " " + visible(e.name()));
  return joined(out);
}

void container_details(const Value& container, bool several, const std::string& group, std::vector<DetailLine>& out) {
  const std::string suffix = several || !group.empty() ? "[" + group + visible(container.text_or("name", "")) + "]" : "";
  if (const Value* image = container.find("image")) out.push_back({"image" + suffix, scalar(*image)});
  if (const Value* ports = container.find("ports"); ports != nullptr && ports->is_list()) {
    std::vector<std::string> list;
    for (const Value& port : ports->items()) {
      const std::string name = visible(port.text_or("name", ""));
      std::string text = (name.empty() ? "" : name + " ") + port_text(port.find("containerPort"));
      if (port.text_or("protocol", "TCP") != "TCP") text += "/" + visible(port.text_or("protocol", ""));
      list.push_back(std::move(text));
    }
    if (!list.empty()) out.push_back({"ports" + suffix, joined(list)});
  }
  std::string sizes = amounts(container.at("resources", "requests"));
  const std::string limits = amounts(container.at("resources", "limits"));
  if (!limits.empty() && limits == sizes) sizes += ", request and limit";
  else if (!limits.empty()) sizes += (sizes.empty() ? "limit " : "; limit ") + limits;
  if (!sizes.empty()) out.push_back({"sizes" + suffix, sizes});
}

void pod_details(const Value& body, std::vector<DetailLine>& out) {
  const Value* spec = body.at("spec", "template", "spec");
  if (spec == nullptr) return;
  if (const Value* first = spec->find("initContainers"); first != nullptr && first->is_list())
    for (const Value& c : first->items()) container_details(c, true, "init ", out);
  if (const Value* containers = spec->find("containers"); containers != nullptr && containers->is_list())
    for (const Value& c : containers->items()) container_details(c, containers->size() > 1, "", out);
}

void service_details(const Value& body, std::vector<DetailLine>& out) {
  const Value* ports = body.at("spec", "ports");
  std::vector<std::string> list;
  if (ports != nullptr && ports->is_list())
    for (const Value& port : ports->items()) {
      const std::string name = visible(port.text_or("name", ""));
      std::string text = (name.empty() ? "" : name + " ") + port_text(port.find("port"));
      if (const Value* to = port.find("targetPort")) text += " to " + port_text(to);
      if (port.text_or("protocol", "TCP") != "TCP") text += " " + visible(port.text_or("protocol", ""));
      list.push_back(std::move(text));
    }
  if (!list.empty()) out.push_back({"ports", joined(list)});
  const std::string_view type = body.at("spec", "type") != nullptr && body.at("spec", "type")->is_string() ? body.at("spec", "type")->as_string() : "";
  if (!type.empty() && type != "ClusterIP") out.push_back({"type", visible(type)});
}

void config_details(const Value& body, std::vector<DetailLine>& out) {
  if (const Value* data = body.find("data"); data != nullptr && data->is_map())
    for (const Entry& e : data->entries()) {
      const std::string_view text = e.value.is_string() ? e.value.as_string() : std::string_view();
      out.push_back({"data[" + visible(e.name()) + "]", counted(static_cast<std::int64_t>(lines_of(text).size()), "line", "lines") + ", " + std::to_string(text.size()) + " B"});
    }
  if (const Value* data = body.find("binaryData"); data != nullptr && data->is_map())
    for (const Entry& e : data->entries()) out.push_back({"binaryData[" + visible(e.name()) + "]", std::to_string(e.value.size() / 4 * 3) + " B"});
}

/// Where a secret value comes from: "env SHOP_DB_PASSWORD, file db.key".
std::string source_text(const Value& parts) {
  std::vector<std::string> out;
  if (parts.is_list())
    for (const Value& part : parts.items())
      for (const std::string_view kind : {"env", "file"})
        if (const std::string_view name = part.text_or(kind, ""); !name.empty()) out.push_back(std::string(kind) + " " + visible(name));
  return joined(out);
}

void secret_details(const Plan& plan, const Step& step, std::size_t digits, std::vector<DetailLine>& out) {
  const Value* data = step.body.find("data");
  if (data == nullptr || !data->is_map()) return;
  const Address declared = step.address.declared();
  for (const Entry& e : data->entries()) {
    bool found = false;
    std::string text = secret_text(fingerprint_of(e.value, found), digits);
    if (!found) text = "(secret)";
    for (const SecretSource& s : plan.secrets)
      if (s.address == declared && s.key == e.name())
        if (const std::string from = source_text(s.parts); !from.empty()) text += " from " + from;
    out.push_back({"data[" + visible(e.name()) + "]", text});
  }
}

/// "ingress from namespace.shop, namespace.pay only"
void isolation_details(const Step& step, std::vector<DetailLine>& out) {
  if (step.address.part != "isolation") return;
  std::vector<std::string> names = {"namespace." + visible(step.address.name)};
  if (const Value* rules = step.body.at("spec", "ingress"); rules != nullptr && rules->is_list())
    for (const Value& rule : rules->items())
      if (const Value* from = rule.find("from"); from != nullptr && from->is_list())
        for (const Value& peer : from->items())
          if (const Value* name = peer.at("namespaceSelector", "matchLabels", "kubernetes.io/metadata.name"); name != nullptr && name->is_string())
            names.push_back("namespace." + visible(name->as_string()));
  out.push_back({"", "ingress from " + joined(names) + " only"});
}

}  // namespace

std::vector<DetailLine> create_details(const Plan& plan, const Step& step, std::size_t secret_digits) {
  std::vector<DetailLine> out;
  const std::string& kind = step.ref.kind;
  if (kind == "Service") service_details(step.body, out);
  else if (kind == "ConfigMap") config_details(step.body, out);
  else if (kind == "Secret") secret_details(plan, step, secret_digits, out);
  else if (kind == "NetworkPolicy") isolation_details(step, out);
  else if (kind == "ResourceQuota") {
    if (const std::string hard = amounts(step.body.at("spec", "hard")); !hard.empty()) out.push_back({"at most", hard});
  } else {
    pod_details(step.body, out);
  }
  return out;
}

}  // namespace mcp::view
