#include "lang/eval/builtins/natives.hpp"
#include "lang/sema/image.hpp"

namespace mcp {

namespace {

Value made(NativeCall& call, std::string text) {
  call.interp.count(text.size() / 64);
  call.interp.spend(text.size(), call.code.span);
  return Value::string(text);
}

Value join(NativeCall& call) {
  std::string out;
  bool first = true;
  for (const Value& item : call.args[0].items()) {
    if (!first) out += call.text(1);
    first = false;
    out += item.as_string();
  }
  return made(call, std::move(out));
}

Value split(NativeCall& call) {
  const std::string_view by = call.text(1);
  if (by.empty()) call.fail("E0410", "`split` needs a text to split at");
  std::vector<Value> out;
  for (std::string_view rest = call.text(0);;) {
    const auto cut = rest.find(by);
    out.push_back(Value::string(rest.substr(0, cut)));
    if (cut == std::string_view::npos) break;
    rest.remove_prefix(cut + by.size());
  }
  call.interp.count(out.size());
  call.interp.spend(out.size() * sizeof(Value) + call.text(0).size(), call.code.span);
  return Value::list(std::move(out));
}

Value lines(NativeCall& call) {
  std::vector<Value> out;
  std::string_view rest = call.text(0);
  while (!rest.empty()) {
    const auto cut = rest.find('\n');
    std::string_view line = rest.substr(0, cut);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back(Value::string(line));
    rest = cut == std::string_view::npos ? std::string_view() : rest.substr(cut + 1);
  }
  call.interp.count(out.size());
  call.interp.spend(out.size() * sizeof(Value) + call.text(0).size(), call.code.span);
  return Value::list(std::move(out));
}

Value replace(NativeCall& call) {
  const std::string_view from = call.text(1);
  if (from.empty()) call.fail("E0410", "`replace` needs a text to look for");
  std::string out;
  for (std::string_view rest = call.text(0);;) {
    const auto cut = rest.find(from);
    out += rest.substr(0, cut);
    if (cut == std::string_view::npos) break;
    out += call.text(2);
    if (out.size() > (64U << 20U)) call.fail("E0406", "the result of `replace` is larger than 64 MiB");
    rest.remove_prefix(cut + from.size());
  }
  return made(call, std::move(out));
}

Value trim(NativeCall& call) {
  std::string_view s = call.text(0);
  constexpr std::string_view blank = " \t\r\n";
  const auto from = s.find_first_not_of(blank);
  if (from == std::string_view::npos) return Value::string("");
  return Value::string(s.substr(from, s.find_last_not_of(blank) - from + 1));
}

template <char From, char To, char Shift>
Value change_case(NativeCall& call) {
  std::string out(call.text(0));
  for (char& c : out)
    if (c >= From && c <= To) c = static_cast<char>(c + Shift);
  return made(call, std::move(out));
}

Value starts_with(NativeCall& call) { return Value::boolean(call.text(0).starts_with(call.text(1))); }
Value ends_with(NativeCall& call) { return Value::boolean(call.text(0).ends_with(call.text(1))); }
Value contains(NativeCall& call) { return Value::boolean(call.text(0).find(call.text(1)) != std::string_view::npos); }
Value to_string(NativeCall& call) { return Value::string(value_text(call.args[0], call.element)); }

Value image(NativeCall& call) {
  if (const std::string problem = image_problem(call.text(0)); !problem.empty())
    call.fail("E0306", "\"" + std::string(call.text(0).substr(0, 80)) + "\" is no image: " + problem);
  return call.args[0];
}

constexpr NativeEntry entries[] = {
    {"join", join},         {"split", split},         {"lines", lines},       {"replace", replace}, {"trim", trim},
    {"lower", change_case<'A', 'Z', 32>}, {"upper", change_case<'a', 'z', -32>}, {"starts_with", starts_with},
    {"ends_with", ends_with}, {"contains", contains}, {"string", to_string}, {"image", image}};

}  // namespace

std::span<const NativeEntry> string_natives() { return entries; }

}  // namespace mcp
