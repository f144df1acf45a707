// What Kubernetes would refuse, said at the line that states it: names, keys, sizes, label values, ports, paths.
// Rules: docs/language.md, "Limits"; their source is Kubernetes' validation (apimachinery, pkg/apis/core/validation).
#include <algorithm>
#include <map>

#include "lang/value/path.hpp"
#include "planner/model/forms.hpp"
#include "planner/model/parts.hpp"

namespace mcp {

namespace {

using enum BlockKind;
using model::flag;
using model::given;
using model::dns_label;
using model::label_key;
using model::label_name;
using model::letter_or_digit;
using model::lower_or_digit;

/// Attributes of Container and Init have the same numbers, so one name serves both.
consteval AttrId c(std::string_view name) {
  if (attr(Container, name) != attr(Init, name)) throw "the kinds differ";
  return attr(Container, name);
}

/// What a lower-case form of the name would be, for a suggestion; empty if there is none near.
std::string lowered_name(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char l = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    out += lower_or_digit(l) ? l : '-';
  }
  while (!out.empty() && out.front() == '-') out.erase(out.begin());
  while (!out.empty() && out.back() == '-') out.pop_back();
  return dns_label(out) ? out : std::string();
}

class Checks {
 public:
  Checks(const Topology& topology, Diagnostics& out) : topology_(topology), out_(out) {}

  void run() {
    for (const auto& cluster : topology_.clusters) name("cluster", *cluster.block, cluster.block->name);
    if (topology_.project_declared && !dns_label(topology_.project))
      out_.add(error("E0901", topology_.limits.origin.span, "`" + topology_.project + "` is no name of a project")).notes.push_back(name_rule);
    for (const Declared& declared : topology_.objects) object(declared);
  }

 private:
  static constexpr const char* name_rule = "names are up to 63 lower-case letters, digits and dashes, and begin and end with a letter or digit";

  void name(std::string_view kind, const Block& block, std::string_view text) {
    if (dns_label(text)) return;
    const bool long_workload = text.size() > 63 && kind == "workload";
    auto& d = out_.add(error(long_workload ? "E0912" : "E0901", block.name_span, "`" + std::string(text.substr(0, 80)) + "` is no name of a " + std::string(kind)));
    d.notes.push_back(name_rule);
    if (const std::string better = lowered_name(text); !better.empty()) {
      d.help.push_back("did you mean `" + better + "`?");
      d.fixes.push_back({block.name_span, better, false});
    }
  }

  template <class Each>
  static void values(const Cell& cell, Each&& each) {
    if (!cell.by_cluster) return each(cell.value);
    for (const Value& v : *cell.by_cluster) each(v);
  }

  static Span at(const Cell& cell, std::string_view key, const Block& block) {
    const Origin origin = cell.origin_of(key);
    return origin.span.known() ? origin.span : cell.origin.span.known() ? cell.origin.span : block.origin.span;
  }

  void labels(const Block& block, const Cell& cell, bool value_rules) {
    values(cell, [&](const Value& map) {
      if (!map.is_map()) return;
      std::size_t size = 0;
      for (const Entry& e : map.entries()) {
        const std::string key(e.name().substr(0, 80));
        size += e.name().size() + e.value.size();
        if (!label_key(e.name())) {
          once(error("E0902", at(cell, e.name(), block), "`" + key + "` is no key of a label or annotation"))
              .notes.push_back("keys are an optional DNS prefix and `/`, then up to 63 letters, digits, `-`, `_` and `.`");
        } else if (e.name().starts_with("mcp.dev/") || e.name() == "app.kubernetes.io/managed-by") {
          once(error("E0909", at(cell, e.name(), block), "`" + key + "` belongs to mcp")).help.push_back("choose another key");
        } else if (value_rules && e.value.size() > 0 && !label_name(e.value.as_string())) {
          once(error("E0902", at(cell, e.name(), block), "\"" + std::string(e.value.as_string().substr(0, 80)) + "\" is no value of a label"))
              .notes.push_back("values are up to 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit");
        }
      }
      if (!value_rules && size > 256 * 1024)
        once(error("E0902", cell.origin.span, "the annotations have " + std::to_string(size) + " bytes, more than 256 KiB"));
    });
  }

  /// One finding for a place and code, whatever the number of clusters.
  Diagnostic& once(Diagnostic d) {
    const auto key = std::pair(d.span.begin, d.code);
    if (!seen_.insert(key).second) {
      spare_ = {};
      return spare_;
    }
    return out_.add(std::move(d));
  }

  void object(const Declared& declared) {
    const Block& block = *declared.block;
    const BlockSpec& spec = spec_of(block.kind);
    name(spec.keyword, block, block.name);
    const model::CommonAttrs& attrs = model::common_attrs(block.kind);
    labels(block, block.cells[attrs.labels], true);
    labels(block, block.cells[attrs.annotations], false);
    patch(block);
    ignore(block);
    switch (block.kind) {
      case Config: data(declared, block.cell(attr(Config, "data")), true); break;
      case BlockKind::Secret: data(declared, block.cell(attr(BlockKind::Secret, "data")), false); break;
      case Workload: workload(declared); break;
      case Service: service(declared); break;
      default: break;
    }
  }

  void patch(const Block& block) {
    const Cell& cell = block.cells[model::common_attrs(block.kind).k8s];
    if (!cell.written()) return;
    values(cell, [&](const Value& p) {
      if (!p.is_map()) {
        if (given(p)) once(error("E0908", cell.origin.span, "a `k8s` patch is a map of fields"));
        return;
      }
      const char* bad = nullptr;
      if (p.find("apiVersion")) bad = "apiVersion";
      else if (p.find("kind")) bad = "kind";
      else if (p.at("metadata", "name")) bad = "metadata.name";
      else if (p.at("metadata", "namespace")) bad = "metadata.namespace";
      else if (p.at("spec", "replicas") && block.kind == Workload) bad = "spec.replicas";
      else if (p.at("spec", "selector") && (block.kind == Workload || block.kind == Service)) bad = "spec.selector";
      // What holds one of these fields stays a map.
      for (const char* holder : {"metadata", "spec"})
        if (const Value* v = p.find(holder); v != nullptr && !v->is_map() && bad == nullptr && (holder[0] == 'm' || block.kind == Workload || block.kind == Service)) bad = holder;
      if (bad == nullptr) return;
      auto& d = once(error("E0908", at(cell, std::string_view(bad).substr(0, std::string_view(bad).find('.')), block), std::string("a `k8s` patch cannot set `") + bad + "`"));
      d.help.push_back(std::string_view(bad) == "spec.replicas" ? "use `replicas`" : std::string_view(bad) == "spec.selector" ? "use `selector` of the workload" : "it is what the block itself states");
    });
  }

  void ignore(const Block& block) {
    const Cell& cell = block.cells[model::common_attrs(block.kind).ignore];
    if (!cell.written() || !cell.value.is_list()) return;
    for (const Value& path : cell.value.items())
      if (const auto parsed = FieldPath::parse(path.as_string()); !parsed)
        once(error("E0918", cell.origin.span, "\"" + std::string(path.as_string()) + "\" is no field path: " + parsed.error().message)).help.push_back("write it like `spec.replicas` or `spec.template.spec.containers[name=web].image`");
  }

  void data(const Declared& declared, const Cell& cell, bool sized) {
    values(cell, [&](const Value& map) {
      if (!map.is_map()) return;
      std::size_t size = 0;
      for (const Entry& e : map.entries()) {
        const std::string_view key = e.name();
        const bool good = !key.empty() && key.size() <= 253 && key != "." && key != ".." &&
                          std::all_of(key.begin(), key.end(), [](char c) { return letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
        if (!good)
          once(error("E0914", at(cell, key, *declared.block), "`" + std::string(key.substr(0, 80)) + "` is no key of a " + (sized ? "config" : "secret")))
              .notes.push_back("keys are up to 253 letters, digits, `-`, `_` and `.`");
        size += key.size() + (e.value.is_string() ? e.value.size() : 0);
      }
      if (sized && size > 1024 * 1024) {
        auto& d = once(error("E0903", cell.origin.span.known() ? cell.origin.span : declared.block->origin.span,
                             declared.address.text() + " has " + std::to_string(size) + " bytes of data, more than 1 MiB (1048576)"));
        d.help.push_back("split it into several configs, or put the file into the image");
      }
    });
  }

  void container(const Declared& declared, const Block& block, const Block* outer_rights) {
    name(spec_of(block.kind).keyword, block, block.name);
    const Cell& env = block.cells[c("env")];
    values(env, [&](const Value& map) {
      if (!map.is_map()) return;
      for (const Entry& e : map.entries()) {
        const std::string_view key = e.name();
        const bool good = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '='; });
        if (!good) once(error("E0914", at(env, key, block), "`" + std::string(key.substr(0, 80)) + "` is no name of an environment variable")).notes.push_back("names are printable ASCII without blanks and `=`");
      }
    });
    const Cell& ports = block.cells[c("ports")];
    if (ports.value.is_map())
      for (const Entry& e : ports.value.entries()) port_name(e.name(), at(ports, e.name(), block));
    const auto bounds = [&](AttrId request, AttrId limit) {
      const Cell& r = block.cells[request];
      const Cell& l = block.cells[limit];
      const auto name_of = [&](AttrId id) { return "`" + std::string(spec_of(block.kind).attrs[id].name) + "`"; };
      const std::size_t count = std::max<std::size_t>({1, r.by_cluster ? r.by_cluster->size() : 0, l.by_cluster ? l.by_cluster->size() : 0});
      for (std::size_t i = 0; i < count; ++i) {
        const Value& a = r.at(i);
        const Value& b = l.at(i);
        for (const auto& [v, cell] : {std::pair(&a, &r), std::pair(&b, &l)})
          if (v->is_int() && v->as_int() < 0) once(error("E0917", cell->origin.span, name_of(cell == &r ? request : limit) + " cannot be negative"));
        if (a.is_int() && b.is_int() && b.as_int() < a.as_int()) {
          auto& d = once(error("E0917", l.origin.span, name_of(limit) + " is below " + name_of(request)));
          d.labels.push_back({r.origin.span, "the request"});
        }
      }
    };
    bounds(c("cpu"), c("cpu_limit"));
    bounds(c("memory"), c("memory_limit"));
    for (const auto& child : block.children) {
      if (child->kind == Mount) mount(declared, *child, block.child(Security), outer_rights);
      if (child->kind == Probe) probe(*child, ports.value);
    }
  }

  void port_name(std::string_view text, Span span) {
    const bool letters = std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (dns_label(text) && text.size() <= 15 && letters && text.find("--") == std::string_view::npos) return;
    once(error("E0915", span, "`" + std::string(text.substr(0, 40)) + "` is no name of a port"))
        .notes.push_back("names are up to 15 lower-case letters, digits and single dashes, with a letter among them");
  }

  void mount(const Declared& declared, const Block& block, const Block* rights, const Block* outer) {
    const std::string& path = block.name;
    if (path.empty() || path.front() != '/' || path.find(':') != std::string::npos || path.find("/../") != std::string::npos || path.ends_with("/.."))
      once(error("E0916", block.name_span, "`" + path + "` is no path to mount at")).notes.push_back("mount paths are absolute, without `..` and `:`");
    const Cell& mode = block.cell(attr(Mount, "mode"));
    bool octal = mode.value.is_string() && mode.value.size() >= 1 && mode.value.size() <= 4;
    std::int64_t bits = 0;
    if (octal)
      for (const char c : mode.value.as_string()) {
        octal = octal && c >= '0' && c <= '7';
        bits = bits * 8 + (c - '0');
      }
    if (!octal || bits > 0777) once(error("E0916", mode.origin.span.known() ? mode.origin.span : block.origin.span, "a mode is three octal digits such as \"0644\""));
    const Value& from = block.value(attr(Mount, "from"));
    const bool scratch = from.is_map() && from.find("scratch") != nullptr;
    const Cell& key = block.cell(attr(Mount, "key"));
    const Cell& size = block.cell(attr(Mount, "size"));
    if (scratch && given(key.value)) once(error("E0916", key.origin.span, "a scratch directory has no keys"));
    if (!scratch && given(size.value)) once(error("E0916", size.origin.span, "`size` is for `scratch` only"));
    if (!scratch && given(key.value) && key.value.is_string()) {
      const bool config = from.find("config") != nullptr;
      const std::string_view ref = (config ? from.find("config") : from.find("secret"))->as_string();
      Address address;
      address.kind = config ? AddressKind::Config : AddressKind::Secret;
      address.ns = ref.substr(0, ref.find('/'));
      address.name = ref.substr(ref.find('/') + 1);
      if (const Declared* source = topology_.find(address)) {
        const Cell& data = source->block->cell(config ? attr(Config, "data") : attr(BlockKind::Secret, "data"));
        bool found = false;
        values(data, [&](const Value& map) { found = found || (map.is_map() && map.find(key.value.as_string()) != nullptr); });
        const bool optional = flag(block.value(attr(Mount, "optional")));
        if (!found && !optional) {
          auto& d = once(error("E0208", key.origin.span, address.text() + " has no key \"" + std::string(key.value.as_string()) + "\""));
          std::vector<std::string_view> known;
          values(data, [&](const Value& map) {
            if (map.is_map() && known.empty())
              for (const Entry& e : map.entries()) known.push_back(e.name());
          });
          if (const std::string best = nearest(key.value.as_string(), known); !best.empty()) d.help.push_back("did you mean \"" + best + "\"?");
        }
      }
      if (!flag(declared.block->value(attr(Workload, "restart_on_config"))))
        once(warning("W0903", block.origin.span, "the file at " + path + " is never refreshed: it is mounted alone, and `restart_on_config` is false"))
            .help.push_back("leave `restart_on_config` true, or mount the directory");
    }
    // A file that only its owner may read is root's; Pods of the restricted profile do not run as root.
    const auto right = [&](AttrId id, bool otherwise) {
      if (rights != nullptr && rights->cells[id].written()) return flag(rights->cells[id].value);
      if (outer != nullptr && outer->cells[id].written()) return flag(outer->cells[id].value);
      return otherwise;
    };
    const bool group = outer != nullptr && given(outer->cells[attr(Security, "fs_group")].value);
    if (!scratch && octal && (bits & 04) == 0 && right(attr(Security, "non_root"), true) && !(group && (bits & 040) != 0))
      once(warning("W0904", mode.origin.span, "the container's user cannot read " + path + " with mode " + std::string(mode.value.as_string())))
          .help.push_back("use \"0444\" or \"0644\", or `security { fs_group = .. }` with \"0440\"");
  }

  void probe(const Block& block, const Value& ports) {
    int actions = 0;
    Span last;
    for (const AttrId id : {attr(Probe, "http"), attr(Probe, "tcp"), attr(Probe, "exec"), attr(Probe, "grpc")})
      if (given(block.value(id))) {
        ++actions;
        if (block.cell(id).origin.span.begin > last.begin) last = block.cell(id).origin.span;
      }
    if (actions != 1) {
      auto& d = once(error("E0913", actions == 0 ? block.origin.span : last, actions == 0 ? "the probe asks nothing" : "a probe asks in one way, and this one in " + std::to_string(actions)));
      d.help.push_back("state exactly one of `http`, `tcp`, `exec`, `grpc`");
      return;
    }
    const Cell& port = block.cell(attr(Probe, "port"));
    if (!given(block.value(attr(Probe, "exec")))) {
      const bool named_port = port.value.is_string();
      const bool known = port.value.is_int() || (named_port ? ports.is_map() && ports.find(port.value.as_string()) != nullptr
                                                            : ports.is_map() && (ports.size() == 1 || ports.find("http") != nullptr));
      if (!known) {
        auto& d = once(error("E0913", port.origin.span.known() ? port.origin.span : block.origin.span,
                             named_port ? "the container has no port `" + std::string(port.value.as_string()) + "`" : "it is not clear which port the probe asks"));
        d.help.push_back("name one of the container's ports: `port = \"NAME\"`");
      }
    }
    if (const Value& path = block.value(attr(Probe, "http")); path.is_string() && (path.size() == 0 || path.as_string().front() != '/'))
      once(error("E0913", block.cell(attr(Probe, "http")).origin.span, "the path of a probe begins with `/`"));
    for (const AttrId id : {attr(Probe, "every"), attr(Probe, "timeout"), attr(Probe, "after")}) {
      const Cell& cell = block.cell(id);
      if (!cell.value.is_int()) continue;
      const std::int64_t ms = cell.value.as_int();
      if (ms % 1000 != 0 || (ms < 1000 && id != attr(Probe, "after")) || ms < 0)
        once(error("E0913", cell.origin.span, "Kubernetes takes whole seconds here, at least 1"));
    }
    for (const AttrId id : {attr(Probe, "fail"), attr(Probe, "pass")})
      if (const Cell& cell = block.cell(id); cell.value.is_int() && cell.value.as_int() < 1) once(error("E0913", cell.origin.span, "this is at least 1"));
    if (block.name != "ready" && block.value(attr(Probe, "pass")).is_int() && block.value(attr(Probe, "pass")).as_int() != 1)
      once(error("E0913", block.cell(attr(Probe, "pass")).origin.span, "`pass` of a " + block.name + " probe is 1"));
  }

  void workload(const Declared& declared) {
    const Block& block = *declared.block;
    const std::string& name_text = block.name;
    if (name_text.size() > 47 && name_text.size() <= 63)
      once(warning("W0912", block.name_span, "the name of " + declared.address.text() + " has " + std::to_string(name_text.size()) + " characters"))
          .notes.push_back("above 47 the names of its Pods are cut, and host names may be, too");
    const Cell& selector = block.cell(attr(Workload, "selector"));
    if (selector.value.is_map()) {
      if (selector.value.size() == 0) once(error("E0902", selector.origin.span, "a selector chooses by at least one label"));
      for (const Entry& e : selector.value.entries())
        // A value that is the name has its own finding, at the name.
        if (!label_key(e.name()) || (e.value.size() > 0 && e.value.as_string() != name_text && !label_name(e.value.as_string())))
          once(error("E0902", at(selector, e.name(), block), "`" + std::string(e.name().substr(0, 60)) + "` is no label to select by"));
    }
    const Block* rights = block.child(Security);
    std::map<std::string, const Block*> names;
    for (const auto& child : block.children) {
      if (child->kind != Container && child->kind != Init) continue;
      const auto [it, fresh] = names.emplace(child->name, child.get());
      if (!fresh) {
        auto& d = once(error("E0201", child->name_span, "two containers of " + declared.address.text() + " are named `" + child->name + "`"));
        d.labels.push_back({it->second->name_span, "first here"});
      }
      container(declared, *child, rights);
    }
    if (const Block* rollout = block.child(Rollout)) {
      const auto zero = [&](AttrId id) {
        const Value& v = rollout->value(id);
        return (v.is_int() && v.as_int() == 0) || (v.is_string() && v.as_string() == "0%");
      };
      if (zero(attr(Rollout, "surge")) && zero(attr(Rollout, "unavailable")))
        once(error("E0917", rollout->cell(attr(Rollout, "surge")).origin.span, "`surge` and `unavailable` cannot both be 0: no Pod could ever be replaced"));
    }
    for (const AttrId id : {attr(Workload, "grace"), attr(Workload, "history")})
      if (const Cell& cell = block.cell(id); cell.value.is_int() && cell.value.as_int() < 0) once(error("E0917", cell.origin.span, "this cannot be negative"));
  }

  void service(const Declared& declared) {
    const Block& block = *declared.block;
    const std::string& name_text = block.name;
    if (dns_label(name_text) && !(name_text.front() >= 'a' && name_text.front() <= 'z'))
      once(error("E0901", block.name_span, "`" + name_text + "` is no name of a service")).notes.push_back("names of services begin with a letter");
    const Cell& ports = block.cell(attr(Service, "ports"));
    if (!ports.value.is_map()) return;
    if (ports.value.size() == 0) once(error("E0915", ports.origin.span, declared.address.text() + " has no port"));
    const Value& target = block.value(attr(Service, "target"));
    const Declared* workload_block = nullptr;
    if (target.is_string()) {
      const std::string_view ref = target.as_string();
      Address address;
      address.kind = AddressKind::Workload;
      address.ns = ref.substr(0, ref.find('/'));
      address.name = ref.substr(ref.find('/') + 1);
      workload_block = topology_.find(address);
      if (address.ns != declared.address.ns) {
        auto& d = once(error("E0919", block.cell(attr(Service, "target")).origin.span, declared.address.text() + " stands before " + address.text() + " of another namespace"));
        d.help.push_back("a Service chooses Pods of its own namespace: declare it `in " + address.ns + "`");
        return;
      }
    }
    std::map<std::pair<std::int64_t, std::string>, std::string> numbers;
    for (const Entry& e : ports.value.entries()) {
      port_name(e.name(), at(ports, e.name(), block));
      const std::string protocol(e.value.text_or("protocol", "TCP"));
      const auto [it, fresh] = numbers.emplace(std::pair(e.value.int_or("port", 0), protocol), std::string(e.name()));
      if (!fresh) once(error("E0915", at(ports, e.name(), block), "ports `" + it->second + "` and `" + std::string(e.name()) + "` have the same number"));
      if (workload_block == nullptr) continue;
      const std::string to(e.value.text_or("to", e.name()));
      bool found = false;
      std::vector<std::string_view> known;
      for (const auto& child : workload_block->block->children) {
        if (child->kind != Container && child->kind != Init) continue;
        const Value& own = child->value(attr(Container, "ports"));
        if (!own.is_map()) continue;
        for (const Entry& p : own.entries()) known.push_back(p.name());
        found = found || own.find(to) != nullptr;
      }
      if (found) continue;
      auto& d = once(error("E0915", at(ports, e.name(), block), "no container of " + workload_block->address.text() + " has a port `" + to + "`"));
      std::sort(known.begin(), known.end());
      std::string all;
      for (const std::string_view each : known) all.append(all.empty() ? "" : ", ").append(each);
      d.notes.push_back(known.empty() ? "it has no ports: `ports = { http = 8080 }` in a container" : "its ports are " + all);
      if (known.size() == 1) d.help.push_back("write `" + std::string(e.name()) + " = port(" + std::to_string(e.value.int_or("port", 0)) + ", to = \"" + std::string(known[0]) + "\")`");
    }
  }

  const Topology& topology_;
  Diagnostics& out_;
  std::set<std::pair<std::uint32_t, std::string>> seen_;
  Diagnostic spare_;
};

}  // namespace

void check_limits(const Topology& topology, Diagnostics& out) {
  Checks(topology, out).run();
  model::check_pods(topology, out);
}

}  // namespace mcp
