// yaml-cpp's events live here only. Typing of scalars, duplicate keys, depth and aliases are our own, since the library
// follows YAML 1.1 in some of them and bounds none.
#include "lang/value/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <locale>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_map>

namespace mcp {

namespace {

constexpr std::size_t max_depth = 128;
constexpr std::size_t max_nodes = 4'000'000;   // after aliases are expanded

struct Refused {
  TextError error;
};

/// Value of a plain scalar by the YAML 1.2 core schema.
Value typed(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
  if (text == "true" || text == "True" || text == "TRUE") return Value::boolean(true);
  if (text == "false" || text == "False" || text == "FALSE") return Value::boolean(false);
  std::string_view digits = text;
  const bool negative = digits.front() == '-';
  if (negative || digits.front() == '+') digits.remove_prefix(1);
  const auto integer = [&](std::string_view d, int base) -> std::optional<std::int64_t> {
    if (d.empty()) return std::nullopt;
    std::int64_t out = 0;
    for (const char c : d) {
      const int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
      if (v >= base) return std::nullopt;
      if (__builtin_mul_overflow(out, std::int64_t{base}, &out) ||
          (negative ? __builtin_sub_overflow(out, std::int64_t{v}, &out) : __builtin_add_overflow(out, std::int64_t{v}, &out)))
        return std::nullopt;
    }
    return out;
  };
  if (digits.size() > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'o') && digits.size() == text.size()) {
    if (const auto n = integer(digits.substr(2), digits[1] == 'x' ? 16 : 8)) return Value::integer(*n);
    return Value::string(text);
  }
  if (const auto n = integer(digits, 10)) return Value::integer(*n);
  // [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
  std::size_t i = 0;
  std::size_t before = 0;
  std::size_t after = 0;
  while (i < digits.size() && digits[i] >= '0' && digits[i] <= '9') ++i, ++before;
  bool point = false;
  if (i < digits.size() && digits[i] == '.') {
    point = true;
    ++i;
    while (i < digits.size() && digits[i] >= '0' && digits[i] <= '9') ++i, ++after;
  }
  bool number = before > 0 || after > 0;
  bool exponent = false;
  if (number && i < digits.size() && (digits[i] == 'e' || digits[i] == 'E')) {
    ++i;
    if (i < digits.size() && (digits[i] == '-' || digits[i] == '+')) ++i;
    const std::size_t from = i;
    while (i < digits.size() && digits[i] >= '0' && digits[i] <= '9') ++i;
    exponent = i > from;
    number = exponent;
  }
  if (number && i == digits.size() && (point || exponent)) {
    std::istringstream in{std::string(text)};
    in.imbue(std::locale::classic());
    double v = 0;
    if (!(in >> v) || !std::isfinite(v)) return Value::string(text);
    if (v == std::floor(v) && std::abs(v) < 9.0e15) return Value::integer(static_cast<std::int64_t>(v));
    return Value::real(v);
  }
  return Value::string(text);
}

class Events final : public YAML::EventHandler {
 public:
  std::vector<Value> documents;

  void OnDocumentStart(const YAML::Mark&) override {
    stack_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { put(Value(), mark, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end()) refuse(mark, "this alias stands inside of what it names");
    nodes_ += it->second.second;
    put(it->second.first, mark, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    const bool quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!quoted && !tag.empty() && tag != "?") refuse(mark, "the tag `" + tag + "` is not supported");
    put(quoted ? Value::string(value) : typed(value), mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override { open(mark, tag, anchor, false); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override { open(mark, tag, anchor, true); }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    bool map = false;
    YAML::anchor_t anchor = 0;
    YAML::Mark mark;
    std::vector<Value> items;     // of a map: key, value, key, value
    std::size_t nodes = 0;        // when it began
  };

  [[noreturn]] static void refuse(const YAML::Mark& mark, std::string why) { throw Refused{{mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos), std::move(why)}}; }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, bool map) {
    if (!tag.empty() && tag != "?" && tag != "tag:yaml.org,2002:map" && tag != "tag:yaml.org,2002:seq") refuse(mark, "the tag `" + tag + "` is not supported");
    if (stack_.size() >= max_depth) refuse(mark, "nested more than 128 deep");
    stack_.push_back({map, anchor, mark, {}, nodes_});
  }
  void close() {
    Level level = std::move(stack_.back());
    stack_.pop_back();
    Value value;
    if (level.map) {
      std::vector<Entry> entries;
      for (std::size_t i = 0; i + 1 < level.items.size(); i += 2) entries.push_back({std::move(level.items[i]), std::move(level.items[i + 1])});
      std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name() < b.name(); });
      value = Value::map(std::move(entries));
    } else {
      value = Value::list(std::move(level.items));
    }
    if (level.anchor != 0) anchors_[level.anchor] = {value, nodes_ - level.nodes};
    put(std::move(value), level.mark, 0);
  }
  void put(Value value, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (++nodes_ > max_nodes) refuse(mark, "the aliases expand to more than 4,000,000 values");
    if (anchor != 0) anchors_[anchor] = {value, 1};
    if (stack_.empty()) {
      documents.push_back(std::move(value));
      return;
    }
    Level& level = stack_.back();
    if (level.map && level.items.size() % 2 == 0) {
      // Numbers and bools as keys are what people write for labels; Kubernetes would refuse them as well.
      if (!value.is_string()) refuse(mark, "a key is a string: put it in quotes");
      for (std::size_t i = 0; i < level.items.size(); i += 2)
        if (level.items[i] == value) refuse(mark, "the key `" + std::string(value.as_string()) + "` stands twice");
    }
    level.items.push_back(std::move(value));
  }

  std::vector<Level> stack_;
  std::map<YAML::anchor_t, std::pair<Value, std::size_t>> anchors_;
  std::size_t nodes_ = 0;
};

/// JSON texts one after another are no YAML stream, but people write them.
bool looks_like_json(std::string_view text) {
  const auto at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == '{';
}

}  // namespace

Parsed<std::vector<Value>> parse_yaml(std::string_view text) {
  if (looks_like_json(text)) {
    auto texts = parse_json_texts(text);
    if (texts) return texts;
    // A flow mapping is YAML, too; but what begins like JSON and is neither is best explained as JSON.
    const TextError json_error = texts.error();
    std::istringstream in{std::string(text)};
    Events events;
    try {
      YAML::Parser parser(in);
      while (parser.HandleNextDocument(events)) {
      }
      std::erase_if(events.documents, [](const Value& v) { return v.is_null(); });
      return std::move(events.documents);
    } catch (...) {
      return tl::unexpected(json_error);
    }
  }
  std::istringstream in{std::string(text)};
  Events events;
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const Refused& refused) {
    return tl::unexpected(refused.error);
  } catch (const YAML::ParserException& e) {
    return tl::unexpected(TextError{std::min<std::size_t>(e.mark.pos < 0 ? 0 : static_cast<std::size_t>(e.mark.pos), text.size()), e.msg});
  } catch (const std::exception& e) {
    return tl::unexpected(TextError{0, e.what()});
  }
  std::erase_if(events.documents, [](const Value& v) { return v.is_null(); });
  return std::move(events.documents);
}

namespace {

enum CharClass : std::uint8_t { Safe = 0, Inner = 1 /* safe but not first or last */, Quote = 2, Escape = 3 };

constexpr auto char_classes = [] {
  std::array<std::uint8_t, 256> out{};
  for (std::size_t c = 0; c < 256; ++c) out[c] = Escape;
  for (std::size_t c = 0x20; c < 0x7F; ++c) out[c] = Quote;
  for (std::size_t c = 0x80; c < 256; ++c) out[c] = Quote;
  for (char c = 'a'; c <= 'z'; ++c) out[static_cast<unsigned char>(c)] = Safe;
  for (char c = 'A'; c <= 'Z'; ++c) out[static_cast<unsigned char>(c)] = Safe;
  for (char c = '0'; c <= '9'; ++c) out[static_cast<unsigned char>(c)] = Inner;
  for (const char c : {'/', '_'}) out[static_cast<unsigned char>(c)] = Safe;
  for (const char c : {'.', '-', '@', '+', '$', '(', ')', ';', '^'}) out[static_cast<unsigned char>(c)] = Inner;
  return out;
}();

/// Words that a YAML 1.1 or 1.2 reader takes for null or bool, in any case.
bool word_with_meaning(std::string_view text) {
  if (text.size() > 5) return false;
  char lower[6] = {};
  for (std::size_t i = 0; i < text.size(); ++i) lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
  const std::string_view w(lower, text.size());
  switch (w.size()) {
    case 1: return w == "y" || w == "n";
    case 2: return w == "no" || w == "on";
    case 3: return w == "yes" || w == "off";
    case 4: return w == "null" || w == "true";
    case 5: return w == "false";
    default: return false;
  }
}

/// Whether the text can stand without quotes: only characters without meaning, and no word or number.
bool plain(std::string_view text) {
  if (text.empty()) return false;
  std::uint8_t worst = Safe;
  const auto first = char_classes[static_cast<unsigned char>(text.front())];
  if (first == Inner) {
    // Digits in front: quoted unless a letter makes it no number of any kind (1.2.3 and 10:30 are left in quotes too).
    return false;
  }
  if (first != Safe) return false;
  bool colon = false;
  for (const char c : text) {
    const auto k = char_classes[static_cast<unsigned char>(c)];
    if (k >= Quote) {
      if (c == ':') {
        colon = true;
        continue;
      }
      worst = std::max(worst, k);
    }
  }
  if (worst >= Quote) return false;
  if (colon && (text.back() == ':' || text.find(": ") != std::string_view::npos)) return false;
  if (text.front() == '/' || text.front() == '_') return true;
  return !word_with_meaning(text);
}

void quoted(std::string& out, std::string_view text) { append_json_string(out, text); }

void scalar(std::string& out, std::string_view text) {
  if (plain(text)) out += text;
  else quoted(out, text);
}

/// Text of nodes that many values hold, by node and by where it stands.
class Texts {
 public:
  static constexpr std::uint32_t many = 16;
  const std::string* find(const Value& value, std::size_t place) const {
    const auto it = known_.find({value.identity(), place});
    return it == known_.end() ? nullptr : &it->second;
  }
  void keep(const Value& value, std::size_t place, std::string_view text) { known_.emplace(std::pair(value.identity(), place), text); }

 private:
  struct Hash {
    std::size_t operator()(const std::pair<const void*, std::size_t>& key) const {
      return reinterpret_cast<std::size_t>(key.first) * 0x9E3779B97F4A7C15U ^ key.second;
    }
  };
  std::unordered_map<std::pair<const void*, std::size_t>, std::string, Hash> known_;
};

class Writer {
 public:
  Writer(std::string& out, Texts* texts) : out_(out), texts_(texts) {}

  void top(const Value& value, std::size_t at) {
    if (value.is_map() && value.size() > 0) {
      map_entries(value, at, false);
    } else if (value.is_list() && value.size() > 0) {
      for (const Value& item : value.items()) {
        out_.append(at, ' ').append("- ");
        node(item, at + 2, true);
      }
    } else {
      out_.append(at, ' ');
      node(value, at, true);
    }
  }

 private:
  void map_entries(const Value& value, std::size_t indent, bool first_inline) {
    bool first = first_inline;
    for (const Entry& entry : value.entries()) {
      if (!first) out_.append(indent, ' ');
      first = false;
      scalar(out_, entry.name());
      out_ += ':';
      node(entry.value, indent, false);
    }
  }

  /// Writes ` value` with its line end, or a nested block on the lines after.
  void node(const Value& value, std::size_t indent, bool in_list) {
    switch (value.kind()) {
      case Value::Kind::Null: out_ += in_list ? "null\n" : " null\n"; return;
      case Value::Kind::Bool: out_.append(in_list ? "" : " ").append(value.as_bool() ? "true\n" : "false\n"); return;
      case Value::Kind::Int: return integer(value.as_int(), in_list);
      case Value::Kind::Double:
        out_.append(in_list ? "" : " ");
        append_json(out_, value);
        out_ += '\n';
        return;
      case Value::Kind::String:
        if (!in_list) out_ += ' ';
        scalar(out_, value.as_string());
        out_ += '\n';
        return;
      case Value::Kind::List:
      case Value::Kind::Map: break;
    }
    if (texts_ == nullptr || !value.held_by(Texts::many)) return block(value, indent, in_list);
    const std::size_t place = indent * 2 + (in_list ? 1 : 0);
    if (const std::string* text = texts_->find(value, place)) {
      out_ += *text;
      return;
    }
    const std::size_t from = out_.size();
    block(value, indent, in_list);
    texts_->keep(value, place, std::string_view(out_).substr(from));
  }

  void integer(std::int64_t n, bool in_list) {
    char buffer[24];
    char* end = buffer + sizeof buffer;
    char* at = end;
    std::uint64_t u = n < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
    *--at = '\n';
    do *--at = static_cast<char>('0' + u % 10);
    while ((u /= 10) != 0);
    if (n < 0) *--at = '-';
    if (!in_list) *--at = ' ';
    out_.append(at, static_cast<std::size_t>(end - at));
  }

  void block(const Value& value, std::size_t indent, bool in_list) {
    const bool list = value.is_list();
    if (value.size() == 0) {
      out_.append(in_list ? "" : " ").append(list ? "[]\n" : "{}\n");
      return;
    }
    if (!list) {
      if (!in_list) out_ += '\n';
      return map_entries(value, in_list ? indent : indent + 2, in_list);
    }
    if (!in_list) out_ += '\n';
    bool first = in_list;
    for (const Value& item : value.items()) {
      if (!first) out_.append(indent, ' ');
      first = false;
      out_ += "- ";
      node(item, indent + 2, true);
    }
  }

  std::string& out_;
  Texts* texts_;
};

}  // namespace

struct YamlWriter::Memo {
  Texts texts;
};

YamlWriter::YamlWriter() : memo_(std::make_unique<Memo>()) {}
YamlWriter::~YamlWriter() = default;

void YamlWriter::append(std::string& out, const Value& value) { Writer(out, &memo_->texts).top(value, 0); }

void append_yaml(std::string& out, const Value& value, int indent) { Writer(out, nullptr).top(value, static_cast<std::size_t>(indent)); }

std::string to_yaml(const Value& value) {
  std::string out;
  append_yaml(out, value);
  return out;
}

}  // namespace mcp
