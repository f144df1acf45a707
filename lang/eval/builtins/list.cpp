#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "lang/eval/builtins/natives.hpp"

namespace mcp {

namespace {

Value len(NativeCall& call) {
  const Value& v = call.args[0];
  if (!v.is_string()) return Value::integer(static_cast<std::int64_t>(v.size()));
  std::int64_t n = 0;
  for (const char c : v.as_string())
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++n;
  return Value::integer(n);
}

Value keys(NativeCall& call) {
  std::vector<Value> out;
  for (const Entry& e : call.args[0].entries()) out.push_back(e.key);
  call.interp.count(out.size());
  return Value::list(std::move(out));
}

Value values(NativeCall& call) {
  std::vector<Value> out;
  for (const Entry& e : call.args[0].entries()) out.push_back(e.value);
  call.interp.count(out.size());
  return Value::list(std::move(out));
}

Value get(NativeCall& call) {
  const Value* found = call.args[0].find(call.text(1));
  return found != nullptr ? *found : call.args[2];
}

Value merge(NativeCall& call) {
  std::vector<Entry> out(call.args[1].entries().begin(), call.args[1].entries().end());
  for (const Entry& e : call.args[0].entries())
    if (call.args[1].find(e.name()) == nullptr) out.push_back(e);
  call.interp.count(out.size());
  return Value::map(std::move(out));
}

Value distinct(NativeCall& call) {
  std::vector<Value> out;
  struct First {
    std::size_t operator()(const Digest& d) const {
      std::size_t out = 0;
      std::memcpy(&out, d.bytes.data(), sizeof out);
      return out;
    }
  };
  std::unordered_set<Digest, First> seen;
  for (const Value& item : call.args[0].items()) {
    call.interp.count(8);   // a digest costs more than a step
    call.interp.measure(item, call.code.span);
    if (seen.insert(item.digest()).second) out.push_back(item);
  }
  return Value::list(std::move(out));
}

Value sort(NativeCall& call) {
  std::vector<Value> out(call.args[0].items().begin(), call.args[0].items().end());
  call.interp.count(out.size() * 8);
  for (const Value& v : out)
    if (v.kind() != out.front().kind() || (!v.is_string() && !v.is_int())) call.fail("E0410", "`sort` takes numbers or strings");
  std::stable_sort(out.begin(), out.end(), [](const Value& a, const Value& b) {
    return a.is_int() ? a.as_int() < b.as_int() : a.as_string() < b.as_string();
  });
  return Value::list(std::move(out));
}

Value reverse(NativeCall& call) {
  std::vector<Value> out(call.args[0].items().rbegin(), call.args[0].items().rend());
  call.interp.count(out.size());
  return Value::list(std::move(out));
}

Value flatten(NativeCall& call) {
  std::vector<Value> out;
  for (const Value& inner : call.args[0].items()) out.insert(out.end(), inner.items().begin(), inner.items().end());
  call.interp.count(out.size());
  call.interp.spend(out.size() * sizeof(Value), call.code.span);
  return Value::list(std::move(out));
}

Value range(NativeCall& call) {
  const std::int64_t n = call.args[0].as_int();
  if (n < 0) call.fail("E0410", "`range` takes no negative number, found " + std::to_string(n));
  if (n > 10'000'000) call.fail("E0406", "`range(" + std::to_string(n) + ")` is too long", "lists end at 10,000,000 items");
  call.interp.count(static_cast<std::uint64_t>(n));
  call.interp.spend(static_cast<std::uint64_t>(n) * sizeof(Value), call.code.span);
  std::vector<Value> out;
  out.reserve(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) out.push_back(Value::integer(i));
  return Value::list(std::move(out));
}

Value any(NativeCall& call) {
  const auto items = call.args[0].items();
  return Value::boolean(std::any_of(items.begin(), items.end(), [](const Value& v) { return v.as_bool(); }));
}

Value all(NativeCall& call) {
  const auto items = call.args[0].items();
  return Value::boolean(std::all_of(items.begin(), items.end(), [](const Value& v) { return v.as_bool(); }));
}

constexpr NativeEntry entries[] = {{"len", len},         {"keys", keys}, {"values", values},   {"get", get},         {"merge", merge},
                                   {"distinct", distinct}, {"sort", sort}, {"reverse", reverse}, {"flatten", flatten}, {"range", range},
                                   {"any", any},         {"all", all}};

}  // namespace

std::span<const NativeEntry> list_natives() { return entries; }

}  // namespace mcp
