#include "executor/run/conflict.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "lang/value/path.hpp"

namespace mcp {

namespace {

/// Servers write a leading dot and quoted keys: `.spec.containers[name="web"].image`.
std::string plain(std::string_view path) {
  std::string out;
  for (const char c : path)
    if (c != '"') out.push_back(c);
  if (!out.empty() && out.front() == '.') out.erase(0, 1);
  return out;
}

/// A path of ours as a server writes it, without quotes and leading dot: keys as they are, whatever they hold, and the
/// default protocol of a port. Source: sigs.k8s.io/structured-merge-diff fieldpath/element.go
std::string as_server(const std::string& text) {
  const auto path = FieldPath::parse(text);
  if (!path) return plain(text);
  std::string out;
  for (const FieldPath::Step& step : path->steps) {
    if (const auto* key = std::get_if<FieldPath::Key>(&step)) {
      out += (out.empty() ? "" : ".") + key->name;
    } else if (const auto* item = std::get_if<FieldPath::Item>(&step)) {
      out += fmt::format("[{}]", item->index);
    } else {
      std::string keys;
      bool port = false;
      for (const auto& [name, value] : std::get<FieldPath::Merge>(step).keys) {
        keys += (keys.empty() ? "" : ",") + name + "=" + value;
        port = port || name == "containerPort" || name == "port";
      }
      if (port && keys.find("protocol=") == std::string::npos) keys += ",protocol=TCP";
      out += "[" + keys + "]";
    }
  }
  return plain(out);
}

/// Named by the plan.
bool listed(const Step& step, const FieldConflict& field) {
  const std::string path = plain(field.field);
  return std::any_of(step.takeovers.begin(), step.takeovers.end(), [&](const Takeover& t) { return t.manager == field.manager && as_server(t.field) == path; });
}

}  // namespace

bool may_take(const Step& step, const std::vector<FieldConflict>& fields) {
  return !fields.empty() && std::all_of(fields.begin(), fields.end(), [&](const FieldConflict& f) { return listed(step, f); });
}

std::string conflict_text(const Step& step, const std::vector<FieldConflict>& fields) {
  std::string out;
  std::size_t shown = 0;
  std::size_t more = 0;
  for (const FieldConflict& f : fields) {
    if (listed(step, f)) continue;
    if (shown == 3) {
      ++more;
      continue;
    }
    out += fmt::format("{}{} is held by {}", shown == 0 ? "" : ", ", plain(f.field), f.manager);
    ++shown;
  }
  if (more > 0) out += fmt::format(" and {} more", more);
  if (out.empty()) out = "fields are held by other managers";
  return out + ", and the plan does not take that over";
}

}  // namespace mcp
