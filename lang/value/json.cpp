// Boost.JSON's event parser lives here only. What it lets pass is checked: keys that stand twice, integers of more than
// 64 bits, text after the document.
#include "lang/value/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "lang/base/utf8.hpp"

namespace mcp {

namespace {

namespace json = boost::json;

/// Builds a Value from events. `problem` says what the library would have let pass.
struct Builder {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  std::vector<Value> values;
  std::string text;
  std::string problem;

  bool refuse(std::string why, json::error_code& ec) {
    problem = std::move(why);
    ec = json::make_error_code(json::error::syntax);
    return false;
  }
  bool push(Value value) {
    values.push_back(std::move(value));
    return true;
  }
  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t n, json::error_code&) {
    std::vector<Value> items(std::make_move_iterator(values.end() - static_cast<std::ptrdiff_t>(n)), std::make_move_iterator(values.end()));
    values.resize(values.size() - n);
    return push(Value::list(std::move(items)));
  }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t n, json::error_code& ec) {
    std::vector<Entry> entries;
    entries.reserve(n);
    const std::size_t first = values.size() - 2 * n;
    for (std::size_t i = 0; i < n; ++i) entries.push_back({std::move(values[first + 2 * i]), std::move(values[first + 2 * i + 1])});
    values.resize(first);
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name() < b.name(); });
    for (std::size_t i = 1; i < entries.size(); ++i)
      if (entries[i - 1].name() == entries[i].name()) return refuse("the key \"" + std::string(entries[i].name()) + "\" stands twice", ec);
    return push(Value::sorted_map(entries));
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    if (text.empty()) return push(Value::string({part.data(), part.size()}));
    text.append(part.data(), part.size());
    push(Value::string(text));
    text.clear();
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t n, json::error_code& ec) { return on_string_part(part, n, ec); }
  bool on_key(json::string_view part, std::size_t n, json::error_code& ec) { return on_string(part, n, ec); }
  bool on_number_part(json::string_view part, json::error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t v, json::string_view, json::error_code&) {
    text.clear();
    return push(Value::integer(v));
  }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) { return refuse("a number of more than 64 bits", ec); }
  bool on_double(double v, json::string_view last, json::error_code& ec) {
    text.append(last.data(), last.size());
    const bool whole = text.find_first_of(".eE") == std::string::npos;
    // The library's own conversion can be off by the last bit; what was written must come back.
    const bool read = std::from_chars(text.data(), text.data() + text.size(), v).ec == std::errc();
    text.clear();
    if (whole) return refuse("a number of more than 64 bits", ec);
    if (!read || !std::isfinite(v)) return refuse("a number that is too large", ec);
    if (v == std::floor(v) && std::abs(v) < 9.0e15) return push(Value::integer(static_cast<std::int64_t>(v)));
    return push(Value::real(v));
  }
  bool on_bool(bool v, json::error_code&) { return push(Value::boolean(v)); }
  bool on_null(json::error_code&) { return push(Value()); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

/// Parses one text at the start of `text`; `used` is where it ends.
Parsed<Value> parse_one(std::string_view text, std::size_t& used) {
  json::parse_options options;
  options.max_depth = 128;
  json::basic_parser<Builder> parser(options);
  json::error_code ec;
  used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || !parser.done()) {
    std::string why = parser.handler().problem;
    if (why.empty()) {
      if (!parser.done() && (!ec || ec == json::error::incomplete)) why = "the text ends too early";
      else if (ec == json::error::too_deep) why = "nested more than 128 deep";
      else why = ec.message();
    }
    return tl::unexpected(TextError{std::min(used, text.size()), std::move(why)});
  }
  return std::move(parser.handler().values.front());
}

std::size_t skip_blank(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
  return at;
}

constexpr auto plain_table = [] {
  std::array<bool, 256> out{};
  for (std::size_t c = 0x20; c < 0x80; ++c) out[c] = c != '"' && c != '\\';
  return out;
}();

}  // namespace

Parsed<Value> parse_json(std::string_view text) {
  std::size_t used = 0;
  auto value = parse_one(text, used);
  if (!value) return value;
  if (const std::size_t rest = skip_blank(text, used); rest < text.size())
    return tl::unexpected(TextError{rest, "text after the document"});
  return value;
}

Parsed<std::vector<Value>> parse_json_texts(std::string_view text) {
  std::vector<Value> out;
  std::size_t at = skip_blank(text, 0);
  while (at < text.size()) {
    std::size_t used = 0;
    auto value = parse_one(text.substr(at), used);
    if (!value) return tl::unexpected(TextError{at + value.error().offset, value.error().message});
    out.push_back(std::move(*value));
    at = skip_blank(text, at + used);
  }
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t run = i;
    while (run < text.size() && plain_table[static_cast<unsigned char>(text[run])]) ++run;
    out.append(text, i, run - i);
    i = run;
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\t': out += "\\t"; break;
        case '\r': out += "\\r"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        default: {
          char buffer[8];
          std::snprintf(buffer, sizeof buffer, "\\u%04x", c);
          out += buffer;
        }
      }
      ++i;
      continue;
    }
    std::size_t n = 1;
    while (i + n < text.size() && (static_cast<unsigned char>(text[i + n]) & 0xC0U) == 0x80U && n < 4) ++n;
    if (is_utf8(text.substr(i, n))) out.append(text, i, n);
    else {
      out += "\xEF\xBF\xBD";
      n = 1;
    }
    i += n;
  }
  out += '"';
}

void append_json(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::Null: out += "null"; break;
    case Value::Kind::Bool: out += value.as_bool() ? "true" : "false"; break;
    case Value::Kind::Int: out += std::to_string(value.as_int()); break;
    case Value::Kind::Double: {
      // The fewest digits that give the double back; JSON has no infinities, and members send none.
      char buffer[40];
      std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value.as_double()).ptr);
      if (text.find_first_of(".eE") == std::string::npos) text += ".0";
      out += text;
      break;
    }
    case Value::Kind::String: append_json_string(out, value.as_string()); break;
    case Value::Kind::List: {
      out += '[';
      bool first = true;
      for (const Value& item : value.items()) {
        if (!first) out += ',';
        first = false;
        append_json(out, item);
      }
      out += ']';
      break;
    }
    case Value::Kind::Map: {
      out += '{';
      bool first = true;
      for (const Entry& entry : value.entries()) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, entry.name());
        out += ':';
        append_json(out, entry.value);
      }
      out += '}';
      break;
    }
  }
}

std::string to_json(const Value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

namespace {

void append_pretty(std::string& out, const Value& value, int indent, int depth) {
  const auto line = [&](int d) { out.append("\n").append(static_cast<std::size_t>(d * indent), ' '); };
  if (value.is_list() && value.size() > 0) {
    out += '[';
    bool first = true;
    for (const Value& item : value.items()) {
      if (!first) out += ',';
      first = false;
      line(depth + 1);
      append_pretty(out, item, indent, depth + 1);
    }
    line(depth);
    out += ']';
  } else if (value.is_map() && value.size() > 0) {
    out += '{';
    bool first = true;
    for (const Entry& entry : value.entries()) {
      if (!first) out += ',';
      first = false;
      line(depth + 1);
      append_json_string(out, entry.name());
      out += ": ";
      append_pretty(out, entry.value, indent, depth + 1);
    }
    line(depth);
    out += '}';
  } else {
    append_json(out, value);
  }
}

}  // namespace

std::string to_json_pretty(const Value& value, int indent) {
  std::string out;
  append_pretty(out, value, indent, 0);
  return out;
}

}  // namespace mcp
