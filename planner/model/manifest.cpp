#include "planner/model/manifest.hpp"

#include "lang/value/yaml.hpp"
#include "planner/diff/normalize.hpp"
#include "planner/kinds/kinds.hpp"
#include "planner/model/parts.hpp"

namespace mcp::model {

namespace {

using enum BlockKind;

std::size_t line_of(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < offset && i < text.size(); ++i)
    if (text[i] == '\n') ++line;
  return line;
}

Value with_ours(const Metadata& ours_of, const Declared& declared, const ManifestObject& object, const Value& body, std::size_t cluster) {
  const Value* meta = body.find("metadata");
  Value labels = meta != nullptr && meta->find("labels") != nullptr && meta->find("labels")->is_map() ? *meta->find("labels") : Value::empty_map();
  Value annotations = meta != nullptr && meta->find("annotations") != nullptr && meta->find("annotations")->is_map() ? *meta->find("annotations") : Value::empty_map();
  Address address = declared.address;
  address.part = object.kind + "/" + object.name;
  const Value ours = ours_of.of(declared, address, object.name, object.ns, cluster);
  for (const Entry& e : ours.find("labels")->entries()) labels = labels.with(e.name(), e.value);
  for (const Entry& e : ours.find("annotations")->entries()) annotations = annotations.with(e.name(), e.value);
  Value metadata_out = (meta != nullptr ? *meta : Value::empty_map()).with("labels", labels).with("annotations", annotations);
  if (!object.ns.empty()) metadata_out = metadata_out.with("namespace", Value::string(object.ns));
  return body.with("metadata", metadata_out);
}

}  // namespace

namespace {

/// Which of the maps of strings in an object's metadata is none; empty: both are.
std::string map_of_strings(const Value& metadata) {
  for (const char* name : {"labels", "annotations"}) {
    const Value* map = metadata.find(name);
    if (map == nullptr || map->is_null()) continue;
    if (!map->is_map()) return std::string(name) + " is no map";
    for (const Entry& e : map->entries())
      if (!e.value.is_string()) return std::string(name) + ": the value of `" + std::string(e.name()).substr(0, 80) + "` is no text; write it in quotes";
  }
  return {};
}

}  // namespace

std::vector<ManifestObject> manifest_objects(const Metadata& metadata, const Declared& declared, std::size_t cluster, Diagnostics& out) {
  std::vector<ManifestObject> objects;
  const Block& block = *declared.block;
  const Cell& source = block.cells[attr(Manifest, "source")];
  const Value& text = source.at(cluster);
  if (!text.is_string()) return objects;
  const Span span = source.origin.span.known() ? source.origin.span : block.origin.span;
  const std::string name = declared.address.text();
  const auto documents = parse_yaml(text.as_string());
  if (!documents) {
    auto& d = out.add(error("E0904", span, name + ": the text is neither YAML nor JSON: " + documents.error().message));
    d.notes.push_back("in line " + std::to_string(line_of(text.as_string(), documents.error().offset)) + " of the text");
    return objects;
  }
  std::size_t number = 0;
  std::vector<Value> flat;
  for (const Value& document : *documents) {
    // `kubectl get -o yaml` gives a List: its items are meant.
    const Value* items = document.is_map() && document.text_or("kind", "") == "List" ? document.find("items") : nullptr;
    if (items != nullptr && items->is_list()) flat.insert(flat.end(), items->items().begin(), items->items().end());
    else flat.push_back(document);
  }
  // Row expressions may leave some clusters without an object; a text for all of them is there to state one.
  if (flat.empty() && !source.by_cluster) out.add(error("E0904", span, name + ": the text states no object"));
  for (const Value& document : flat) {
    ++number;
    const std::string which = flat.size() > 1 ? "document " + std::to_string(number) + " of " + name : name;
    const auto refuse = [&](const char* code, std::string message, std::string help = {}) {
      auto& d = out.add(error(code, span, which + ": " + message));
      if (!help.empty()) d.help.push_back(std::move(help));
    };
    if (!document.is_map()) {
      refuse("E0904", "a Kubernetes object is a map with apiVersion, kind and metadata");
      continue;
    }
    ManifestObject object;
    object.api = document.text_or("apiVersion", "");
    object.kind = document.text_or("kind", "");
    const Value* meta = document.find("metadata");
    object.name = meta != nullptr ? meta->text_or("name", "") : "";
    if (object.api.empty() || object.kind.empty()) {
      refuse("E0904", object.kind.empty() ? "it has no `kind`" : "it has no `apiVersion`");
      continue;
    }
    if (meta != nullptr && meta->find("generateName") != nullptr) {
      refuse("E0906", "`generateName` makes a new object at every apply", "give it a `name`");
      continue;
    }
    if (object.name.empty()) {
      refuse("E0904", "its metadata has no `name`");
      continue;
    }
    if (object.name.size() > 253 || object.name == "." || object.name == ".." || object.name.find_first_of("/%@ \t\n") != std::string::npos) {
      refuse("E0901", "`" + object.name.substr(0, 80) + "` is no name of an object", "names have up to 253 characters, without blanks, `/`, `%` and `@`");
      continue;
    }
    if (const std::string wrong = map_of_strings(*meta); !wrong.empty()) {
      refuse("E0904", "metadata." + wrong);
      continue;
    }
    if (object.kind == "Secret") {
      refuse("E0906", "a Secret would put its values into the policy", "state it as `secret NAME in NS { data = { KEY = from_env(\"..\") } }`");
      continue;
    }
    if (object.kind == "Namespace") {
      refuse("E0906", "a Namespace is stated by a block", "write `namespace " + object.name + " {}`");
      continue;
    }
    if (object.kind == "Pod") {
      refuse("E0906", "a Pod that ends is never made again", "state a `workload`, or a Job as `manifest`");
      continue;
    }
    const KindInfo* info = kind_info(object.api, object.kind);
    const std::string stated(meta->text_or("namespace", ""));
    const bool namespaced = info != nullptr ? info->namespaced : !declared.address.ns.empty() || !stated.empty();
    if (namespaced) {
      if (declared.address.ns.empty()) {
        refuse("E0905", "a " + object.kind + " stands in a namespace, and this manifest in none", "write `manifest " + declared.address.name + " in NS { .. }`");
        continue;
      }
      if (!stated.empty() && stated != declared.address.ns) {
        refuse("E0905", object.kind + " " + object.name + " names the namespace `" + stated + "`, the manifest stands in `" + declared.address.ns + "`",
               "leave the namespace out of the text, or move the manifest");
        continue;
      }
      object.ns = declared.address.ns;
    } else if (!declared.address.ns.empty() && info != nullptr) {
      // A cluster-scoped object inside of a namespace's manifest: allowed, it has no namespace.
      object.ns.clear();
    }
    object.body = with_ours(metadata, declared, object, normalize(object.kind, document), cluster);
    objects.push_back(std::move(object));
  }
  return objects;
}

}  // namespace mcp::model
