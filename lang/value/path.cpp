#include "lang/value/path.hpp"

namespace mcp {

namespace {

bool plain_key(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) return false;
  return true;
}

std::string scalar_text(const Value& value) {
  if (value.is_string()) return std::string(value.as_string());
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  return {};
}

bool all_digits(std::string_view text) {
  if (text.empty() || text.size() > 9) return false;
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return true;
}

}  // namespace

std::string FieldPath::text() const {
  std::string out;
  for (const Step& step : steps) {
    if (const auto* key = std::get_if<Key>(&step)) {
      if (plain_key(key->name) && !(all_digits(key->name) && out.empty())) out.append(out.empty() ? "" : ".").append(key->name);
      else out.append("[").append(key->name).append("]");
    } else if (const auto* item = std::get_if<Item>(&step)) {
      out.append("[").append(std::to_string(item->index)).append("]");
    } else {
      out += '[';
      bool first = true;
      for (const auto& [name, value] : std::get<Merge>(step).keys) {
        if (!first) out += ',';
        first = false;
        out.append(name).append("=").append(value);
      }
      out += ']';
    }
  }
  return out;
}

Parsed<FieldPath> FieldPath::parse(std::string_view text) {
  FieldPath out;
  const auto fail = [](std::size_t at, std::string why) { return tl::unexpected(TextError{at, std::move(why)}); };
  std::size_t i = 0;
  bool want_key = true;
  while (i < text.size()) {
    if (text[i] == '[') {
      // A key in brackets may hold brackets itself only in pairs.
      std::size_t depth = 1;
      std::size_t end = i + 1;
      for (; end < text.size() && depth > 0; ++end) {
        if (text[end] == '[') ++depth;
        if (text[end] == ']') --depth;
      }
      if (depth > 0) return fail(i, "`[` is never closed");
      const std::string_view inside = text.substr(i + 1, end - i - 2);
      if (inside.empty()) return fail(i, "nothing between `[` and `]`");
      if (all_digits(inside)) {
        out.steps.emplace_back(Item{static_cast<std::size_t>(std::stoul(std::string(inside)))});
      } else if (inside.find('=') != std::string_view::npos) {
        Merge merge;
        std::string_view rest = inside;
        while (!rest.empty()) {
          const auto comma = rest.find(',');
          const std::string_view part = rest.substr(0, comma);
          const auto eq = part.find('=');
          if (eq == std::string_view::npos || eq == 0) return fail(i, "expected `key=value` in `[..]`");
          merge.keys.emplace_back(std::string(part.substr(0, eq)), std::string(part.substr(eq + 1)));
          rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        }
        out.steps.emplace_back(std::move(merge));
      } else {
        out.steps.emplace_back(Key{std::string(inside)});
      }
      i = end;
      want_key = false;
      continue;
    }
    if (text[i] == '.') {
      if (want_key) return fail(i, "expected a field before `.`");
      ++i;
      want_key = true;
      if (i == text.size()) return fail(i, "expected a field after `.`");
      continue;
    }
    if (!want_key) return fail(i, "expected `.` or `[`");
    std::size_t end = i;
    while (end < text.size() && text[end] != '.' && text[end] != '[') ++end;
    if (!plain_key(text.substr(i, end - i))) return fail(i, "a field with other characters stands in brackets: `data[a.yaml]`");
    out.steps.emplace_back(Key{std::string(text.substr(i, end - i))});
    i = end;
    want_key = false;
  }
  if (out.steps.empty()) return fail(0, "an empty path");
  return out;
}

const Value* FieldPath::in(const Value& body) const {
  const Value* at = &body;
  for (const Step& step : steps) {
    if (at == nullptr) return nullptr;
    if (const auto* key = std::get_if<Key>(&step)) {
      at = at->find(key->name);
    } else if (const auto* item = std::get_if<Item>(&step)) {
      if (at->is_map()) {
        at = at->find(std::to_string(item->index));
        continue;
      }
      if (!at->is_list() || item->index >= at->size()) return nullptr;
      at = &at->items()[item->index];
    } else {
      const auto& merge = std::get<Merge>(step);
      if (!at->is_list()) return nullptr;
      const Value* found = nullptr;
      for (const Value& each : at->items()) {
        bool all = each.is_map();
        for (const auto& [name, value] : merge.keys) {
          const Value* field = each.find(name);
          all = all && ((field != nullptr && scalar_text(*field) == value) || (field == nullptr && name == "protocol" && value == "TCP"));
        }
        if (all) {
          found = &each;
          break;
        }
      }
      at = found;
    }
  }
  return at;
}

}  // namespace mcp
