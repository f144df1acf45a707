#include "cli/view/value_text.hpp"

#include <algorithm>

#include "cli/view/line.hpp"
#include "lang/base/diagnostic_text.hpp"
#include "lang/value/json.hpp"

namespace mcp::view {

namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// Runs of 32 hexadecimal digits and more, cut to `digits`.
std::string shorten(std::string_view text, std::size_t digits) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_hex(text[end])) ++end;
    const std::size_t run = end - i;
    const bool starts = i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1]));
    if (run >= 32 && starts) {
      out += text.substr(i, std::min(run, digits));
      i = end;
    } else {
      const std::size_t next = std::max(end, i + 1);
      out += text.substr(i, next - i);
      i = next;
    }
  }
  return out;
}

/// Text that would be taken for something else without quotes.
bool needs_quotes(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.find('\n') != std::string_view::npos) return true;
  if (text == "true" || text == "false" || text == "null") return true;
  return text.find_first_not_of("0123456789.+-eE") == std::string_view::npos;
}

std::size_t common_head(std::string_view a, std::string_view b) {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
  // Whole characters only.
  while (n > 0 && ((n < a.size() && (static_cast<unsigned char>(a[n]) & 0xC0U) == 0x80U) ||
                   (n < b.size() && (static_cast<unsigned char>(b[n]) & 0xC0U) == 0x80U)))
    --n;
  return n;
}

}  // namespace

std::string_view fingerprint_of(const Value& value, bool& found) {
  found = false;
  if (!value.is_map() || value.size() != 1) return {};
  const Value* print = value.find("$secret");
  if (print == nullptr) return {};
  found = true;
  return print->is_string() ? print->as_string() : std::string_view();
}

std::string secret_text(std::string_view fingerprint, std::size_t digits) {
  if (fingerprint.empty()) return "(secret ?)";
  return "(secret " + std::string(fingerprint.substr(0, digits)) + ")";
}

Value masked(const Value& value, std::size_t digits) {
  bool secret = false;
  const std::string_view print = fingerprint_of(value, secret);
  if (secret) return Value::string(secret_text(print, digits));
  if (value.is_list()) {
    std::vector<Value> items;
    for (const Value& item : value.items()) items.push_back(masked(item, digits));
    return Value::list(std::move(items));
  }
  if (value.is_map()) {
    std::vector<Entry> entries;
    for (const Entry& e : value.entries()) entries.push_back({e.key, masked(e.value, digits)});
    return Value::sorted_map(entries);
  }
  return value;
}

std::string value_text(const Value& value, const ValueOptions& options) {
  bool secret = false;
  const std::string_view print = fingerprint_of(value, secret);
  if (secret) return secret_text(print, options.secret_digits);
  if (value.is_string()) {
    const std::string_view text = value.as_string();
    std::string out;
    if (needs_quotes(text)) append_json_string(out, text);
    else out = text;
    return visible(options.whole ? out : shorten(out, options.digits));
  }
  const std::string out = to_json(masked(value, options.secret_digits));
  return visible(options.whole ? out : shorten(out, options.digits));
}

std::pair<std::string, std::string> pair_text(const Value& before, const Value& after, ValueOptions options) {
  std::pair<std::string, std::string> out;
  for (;;) {
    out = {value_text(before, options), value_text(after, options)};
    if (out.first != out.second || options.digits >= 128 || before == after) return out;
    options.digits *= 2;
    options.secret_digits *= 2;
  }
}

void cut_pair(std::string& before, std::string& after, std::size_t room) {
  if (columns(before) <= room && columns(after) <= room) return;
  const std::string a = cut_middle(before, room);
  const std::string b = cut_middle(after, room);
  if (a != b || before == after || room < 24) {
    before = a;
    after = b;
    return;
  }
  // The middle holds what differs: start a little before it.
  const std::size_t same = columns(std::string_view(before).substr(0, common_head(before, after)));
  const std::size_t from = same > room / 3 ? same - room / 3 : 0;
  for (std::string* each : {&before, &after}) {
    const std::size_t all = columns(*each);
    const std::string rest = from > 0 ? "..." + std::string(tail(*each, all - std::min(from, all))) : *each;
    *each = columns(rest) > room ? std::string(head(rest, room - 3)) + "..." : rest;
  }
}

std::pair<std::string, std::string> two_lines(const Value* before, const Value* after, std::string_view absent, std::size_t room) {
  auto out = pair_text(before != nullptr ? *before : Value(), after != nullptr ? *after : Value(), {});
  cut_pair(out.first, out.second, room);
  if (before == nullptr) out.first = absent;
  if (after == nullptr) out.second = absent;
  return out;
}

}  // namespace mcp::view
