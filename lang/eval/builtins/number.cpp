#include "lang/eval/builtins/natives.hpp"

namespace mcp {

namespace {

Value sum(NativeCall& call) {
  std::int64_t out = 0;
  for (const Value& v : call.args[0].items())
    if (__builtin_add_overflow(out, v.as_int(), &out)) call.fail("E0402", "the sum has more than 64 bits");
  call.interp.count(call.args[0].size());
  return Value::integer(out);
}

template <bool Least>
Value extreme(NativeCall& call) {
  const auto items = call.args[0].items();
  if (items.empty()) call.fail("E0404", Least ? "`min` of an empty list" : "`max` of an empty list");
  std::int64_t out = items.front().as_int();
  for (const Value& v : items)
    if (Least ? v.as_int() < out : v.as_int() > out) out = v.as_int();
  return Value::integer(out);
}

std::int64_t floor_div(NativeCall& call) {
  const std::int64_t a = call.args[0].as_int();
  const std::int64_t b = call.args[1].as_int();
  if (b == 0) call.fail("E0403", "division by zero");
  if (b == -1) {
    std::int64_t out = 0;
    if (__builtin_sub_overflow(std::int64_t{0}, a, &out)) call.fail("E0402", "the result has more than 64 bits");
    return out;
  }
  return a / b - ((a % b != 0 && ((a < 0) != (b < 0))) ? 1 : 0);
}

Value div(NativeCall& call) { return Value::integer(floor_div(call)); }

Value mod(NativeCall& call) {
  if (call.args[1].as_int() == -1) return Value::integer(0);
  return Value::integer(call.args[0].as_int() - floor_div(call) * call.args[1].as_int());
}

Value to_int(NativeCall& call) {
  const Value& v = call.args[0];
  if (v.is_int()) return v;
  if (v.is_bool()) return Value::integer(v.as_bool() ? 1 : 0);
  const std::string_view text = v.as_string();
  std::int64_t out = 0;
  bool good = !text.empty() && text != "-";
  for (std::size_t i = 0; good && i < text.size(); ++i) {
    if (i == 0 && text[i] == '-') continue;
    good = text[i] >= '0' && text[i] <= '9' && !__builtin_mul_overflow(out, std::int64_t{10}, &out) &&
           !(text[0] == '-' ? __builtin_sub_overflow(out, std::int64_t{text[i] - '0'}, &out) : __builtin_add_overflow(out, std::int64_t{text[i] - '0'}, &out));
  }
  if (!good) call.fail("E0410", "\"" + std::string(text.substr(0, 60)) + "\" is no integer");
  return Value::integer(out);
}

Value to_bool(NativeCall& call) {
  const Value& v = call.args[0];
  if (v.is_bool()) return v;
  if (v.as_string() == "true") return Value::boolean(true);
  if (v.as_string() == "false") return Value::boolean(false);
  call.fail("E0410", "\"" + std::string(v.as_string().substr(0, 60)) + "\" is neither \"true\" nor \"false\"");
}

Value pad(NativeCall& call) {
  const std::int64_t n = call.args[0].as_int();
  const std::int64_t width = call.args[1].as_int();
  if (width < 0 || width > 64) call.fail("E0410", "a width of `pad` is 0 to 64");
  std::string digits = std::to_string(n);
  const bool minus = n < 0;
  while (digits.size() < static_cast<std::size_t>(width)) digits.insert(minus ? 1 : 0, 1, '0');
  return Value::string(digits);
}

constexpr NativeEntry entries[] = {{"sum", sum}, {"min", extreme<true>}, {"max", extreme<false>}, {"div", div},
                                   {"mod", mod}, {"int", to_int},        {"bool", to_bool},       {"pad", pad}};

}  // namespace

std::span<const NativeEntry> number_natives() { return entries; }

}  // namespace mcp
