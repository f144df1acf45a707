// Functions that read the project's files, and the recipes of secrets, which read nothing.
#include <algorithm>

#include "lang/base/utf8.hpp"
#include "lang/eval/builtins/natives.hpp"

namespace mcp {

namespace {

std::string inside(NativeCall& call, std::string_view path) {
  std::string out;
  if (!project_path(std::string(call.args.back().as_string()), path, call.span(0), call.interp.out(), out)) throw Failed{};
  return out;
}

Value read(NativeCall& call, const std::string& path) {
  std::string bytes;
  if (!read_file(call.interp.reading(), path, call.span(0), bytes)) throw Failed{};
  call.interp.spend(bytes.size(), call.code.span);
  if (!is_utf8(bytes)) call.interp.binary_seen = true;
  return Value::string(bytes);
}

Value file(NativeCall& call) { return read(call, inside(call, call.text(0))); }

Value files(NativeCall& call) {
  const std::string dir = inside(call, call.text(0));
  const auto names = call.interp.reading().tree.files(dir);
  if (!names) {
    const bool outside = names.error().fault == ReadFault::Outside;
    call.fail(outside ? "E0702" : "E0701", "cannot read the folder `" + dir + "`: " + names.error().detail);
  }
  std::vector<Entry> out;
  for (const std::string& name : *names) out.push_back(entry(name, read(call, dir + "/" + name)));
  call.interp.count(out.size());
  return Value::map(std::move(out));
}

Value from_env(NativeCall& call) {
  const std::string_view name = call.text(0);
  bool good = !name.empty() && name.find_first_of(std::string_view("=\0", 2)) == std::string_view::npos;
  for (const char c : name) good = good && static_cast<unsigned char>(c) > 0x20;
  if (!good) call.fail("E0410", "\"" + std::string(name.substr(0, 60)) + "\" is no name of an environment variable");
  return Value::list({MapBuilder().set("env", name).build()});
}

Value from_file(NativeCall& call) {
  const std::string path = inside(call, call.text(0));
  return Value::list({MapBuilder().set("file", std::string_view(path)).build()});
}

Value port(NativeCall& call) {
  const std::int64_t number = call.args[0].as_int();
  if (number < 1 || number > 65'535) call.fail("E0411", std::to_string(number) + " is no port", "ports are 1 to 65535");
  MapBuilder out;
  out.set("port", number);
  if (!call.args[1].is_null()) out.set("to", call.args[1]);
  std::string protocol = call.args[2].is_null() ? "tcp" : std::string(call.args[2].as_string());
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp")
    call.fail("E0304", "there is no protocol \"" + protocol.substr(0, 40) + "\"", "it is \"tcp\", \"udp\" or \"sctp\"");
  for (char& c : protocol) c = static_cast<char>(c - 32);
  out.set("protocol", std::string_view(protocol));
  return out.build();
}

Value pod_field(NativeCall& call) {
  const std::string_view path = call.text(0);
  // Those that Kubernetes gives to environment variables.
  static const std::vector<std::string_view> known = {"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
                                                      "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};
  const auto keyed = [&](std::string_view map) { return path.size() > map.size() + 4 && path.starts_with(map) && path.substr(map.size()).starts_with("['") && path.ends_with("']"); };
  if (std::find(known.begin(), known.end(), path) == known.end() && !keyed("metadata.labels") && !keyed("metadata.annotations")) {
    const bool whole = path == "metadata.labels" || path == "metadata.annotations";
    const std::string best = whole ? std::string(path) + "['KEY']" : nearest(path, known);
    call.fail("E0410", path.empty() ? "`pod_field` needs a path, such as \"status.podIP\"" : "\"" + std::string(path.substr(0, 80)) + "\" is no field of a Pod that `env` can have",
              !best.empty() ? "did you mean \"" + best + "\"?"
                            : "there are metadata.name, .namespace, .uid, .labels['KEY'], .annotations['KEY'], spec.nodeName, .serviceAccountName, status.hostIP and .podIP");
  }
  return MapBuilder().set("field", call.text(0)).build();
}

constexpr NativeEntry entries[] = {{"file", file},           {"files", files}, {"from_env", from_env},
                                   {"from_file", from_file}, {"port", port},   {"pod_field", pod_field}};

}  // namespace

std::span<const NativeEntry> source_natives() { return entries; }

}  // namespace mcp
