#include "lang/eval/interp.hpp"

#include <algorithm>

#include "lang/eval/builtins/natives.hpp"
#include "lang/sema/image.hpp"

namespace mcp {

namespace {

std::string unit_text(std::int64_t value, std::span<const std::pair<std::int64_t, std::string_view>> units) {
  for (const auto& [factor, name] : units)
    if (value % factor == 0 && (value != 0 || factor == 1)) return std::to_string(value / factor) + std::string(name);
  return std::to_string(value);
}

constexpr std::pair<std::int64_t, std::string_view> duration_units[] = {
    {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1000, "s"}, {1, "ms"}};
constexpr std::pair<std::int64_t, std::string_view> memory_units[] = {
    {std::int64_t{1} << 40, "Ti"}, {std::int64_t{1} << 30, "Gi"}, {std::int64_t{1} << 20, "Mi"}, {std::int64_t{1} << 10, "Ki"}, {1, ""}};
constexpr std::pair<std::int64_t, std::string_view> cpu_units[] = {{1000, ""}, {1, "m"}};

}  // namespace

std::string value_text(const Value& value, TypeTag type) {
  switch (value.kind()) {
    case Value::Kind::Bool: return value.as_bool() ? "true" : "false";
    case Value::Kind::Int:
      if (type == TypeTag::Duration) return unit_text(value.as_int(), duration_units);
      if (type == TypeTag::Memory) return unit_text(value.as_int(), memory_units);
      if (type == TypeTag::Cpu) return unit_text(value.as_int(), cpu_units);
      return std::to_string(value.as_int());
    case Value::Kind::String: return std::string(value.as_string());
    default: return {};
  }
}

Interp::Interp(const Unit& unit, Reading& reading) : unit_(unit), reading_(reading) {
  frame_.resize(static_cast<std::size_t>(unit.slots) + 1);
  marks_.resize(unit.globals.size(), Mark::Unseen);
  globals_.resize(unit.globals.size());
  kept_.resize(unit.value_caches);
  has_kept_.resize(unit.value_caches, false);
}

Diagnostic* Interp::report_once(Diagnostic diagnostic) {
  if (silent_names && (diagnostic.code == "E0202" || diagnostic.code == "E0210")) return nullptr;
  if (divert != nullptr) return &divert->emplace_back(std::move(diagnostic));
  if (!reported_.emplace(diagnostic.span.begin, diagnostic.code).second) return nullptr;
  if (stack) diagnostic.stack = stack();
  return &reading_.out.add(std::move(diagnostic));
}

void Interp::fail(std::string code, Span span, std::string message, std::string help) {
  Diagnostic d = error(std::move(code), span, std::move(message));
  if (!help.empty()) d.help.push_back(std::move(help));
  report_once(std::move(d));
  throw Failed{};
}

void Interp::account() {
  const std::uint64_t fresh = steps_ - counted_;
  counted_ = steps_;
  if (!loops.empty()) {
    loop_steps_[loops.back().begin] += fresh;
    loop_spans_.emplace(loops.back().begin, loops.back());
  }
  if (steps_ <= max_steps) return;
  const auto most = std::max_element(loop_steps_.begin(), loop_steps_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const bool loop = most != loop_steps_.end();
  auto& d = reading_.out.add(error("E0405", loop ? loop_spans_[most->first] : Span{}, "evaluation takes more than 50,000,000 steps",
                                   loop ? "most of them in this loop" : ""));
  d.help.push_back("loop over less: nested loops multiply");
  throw Exhausted{};
}

void Interp::spend(std::uint64_t bytes, Span span) {
  bytes_ += bytes;
  if (bytes_ <= max_value_bytes) return;
  reading_.out.add(error("E0406", span, "the values made by evaluation take more than 512 MiB"));
  throw Exhausted{};
}

void Interp::measure(const Value& value, Span span) {
  if (!value.is_list() && !value.is_map()) return;
  constexpr std::uint64_t most = 4'000'000;
  constexpr std::size_t deepest = 500;
  struct Within {
    const Value* value;
    std::size_t next;
  };
  std::vector<Within> open{{&value, 0}};
  std::uint64_t parts = 0;
  while (!open.empty()) {
    Within& top = open.back();
    if (top.next == top.value->size()) {
      open.pop_back();
      continue;
    }
    const Value& inner = top.value->is_list() ? top.value->items()[top.next] : top.value->entries()[top.next].value;
    ++top.next;
    if (++parts > most) fail("E0406", span, "this value unfolds to more than 4,000,000 parts", "a value that holds another one twice doubles it");
    if (!inner.is_list() && !inner.is_map()) continue;
    if (open.size() >= deepest) fail("E0406", span, "this value is nested more than 500 deep");
    open.push_back({&inner, 0});
  }
  count(parts / 8);
}

const Value& Interp::global(std::uint32_t index, Span used) {
  Value& value = globals_[index];
  Mark& mark = marks_[index];
  if (mark == Mark::Done) return value;
  const GlobalCode& code = unit_.globals[index];
  if (mark == Mark::Failed) throw Failed{};
  if (mark == Mark::Open) {
    Diagnostic d = error("E0401", used, "`" + code.name + "` needs its own value");
    d.labels.push_back({code.span, "declared here"});
    d.help.push_back("break the circle: state one of the values without the other");
    report_once(std::move(d));
    throw Failed{};
  }
  if (code.value == nullptr) {
    mark = Mark::Failed;
    Diagnostic d = error("E0408", code.span, "param `" + code.name + "` has no value", "of type " + code.type_name);
    d.help.push_back("give it one: `--set " + code.name + "=..`, or a default here");
    report_once(std::move(d));
    throw Failed{};
  }
  mark = Mark::Open;
  // A global sees nothing of who asks for it: neither frame, row nor enclosing object.
  std::vector<Value> frame(static_cast<std::size_t>(unit_.slots) + 1);
  std::swap(frame, frame_);
  const Self outer_self = std::exchange(self, Self{});
  const Value* outer_each = std::exchange(each_row, nullptr);
  const Value* outer_row = std::exchange(where_row_, nullptr);
  std::vector<Diagnostic>* outer_divert = std::exchange(divert, nullptr);   // its failure is everybody's
  const auto back = [&] {
    divert = outer_divert;
    std::swap(frame, frame_);
    self = outer_self;
    each_row = outer_each;
    where_row_ = outer_row;
  };
  try {
    if (++depth_ > 400) {
      if (std::exchange(too_deep_said_, true)) throw Failed{};
      fail("E0401", code.span, "values need each other more than 400 deep");
    }
    value = eval(*code.value);
    --depth_;
  } catch (const Failed&) {
    --depth_;
    back();
    marks_[index] = Mark::Failed;
    throw;
  }
  back();
  marks_[index] = Mark::Done;
  return globals_[index];
}

Value Interp::eval(const ValueSite& site) {
  if (site.cache == 0) return eval(*site.code);
  if (!has_kept_[site.cache]) {
    kept_[site.cache] = eval(*site.code);
    has_kept_[site.cache] = true;
  }
  return kept_[site.cache];
}

template <class Each>
void Interp::loop(const Code& code, Each&& each) {
  const Value in = eval(*code.a);
  const auto shape = static_cast<ForShape>(code.aux);
  const std::size_t slot = code.n;
  struct Entered {
    std::vector<Span>& loops;
    Interp& interp;
    Entered(std::vector<Span>& l, Interp& i, Span s) : loops(l), interp(i) {
      interp.account();
      loops.push_back(s);
    }
    ~Entered() { loops.pop_back(); }
  } entered(loops, *this, code.span);
  const auto one = [&] {
    count();
    if (code.c != nullptr && !eval(*code.c).as_bool()) return;
    each();
  };
  if (shape == ForShape::MapEntries) {
    for (const Entry& entry : in.entries()) {
      frame_[slot] = entry.key;
      frame_[slot + 1] = entry.value;
      one();
    }
    return;
  }
  std::int64_t at = 0;
  for (const Value& item : in.items()) {
    if (shape == ForShape::IndexedItems) {
      frame_[slot] = Value::integer(at++);
      frame_[slot + 1] = item;
    } else {
      frame_[slot] = item;
    }
    one();
  }
}

Value Interp::for_list(const Code& code) {
  std::vector<Value> out;
  loop(code, [&] {
    out.push_back(eval(*code.b));
    spend(sizeof(Value), code.span);
  });
  return Value::list(std::move(out));
}

Value Interp::for_map(const Code& code) {
  std::vector<Entry> out;
  loop(code, [&] {
    Value key = eval(*code.list[0]);
    out.push_back({std::move(key), eval(*code.list[1])});
    spend(sizeof(Entry), code.span);
  });
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) { return a.name() < b.name(); });
  for (std::size_t i = 1; i < out.size(); ++i)
    if (out[i - 1].name() == out[i].name()) fail("E0203", code.list[0]->span, "the key `" + std::string(out[i].name()) + "` is made twice");
  return Value::map(std::move(out));
}

Value Interp::where(const Code& code) {
  const Value in = eval(*code.a);
  std::vector<Value> out;
  const Value* outer = where_row_;
  for (const Value& item : in.items()) {
    count();
    where_row_ = code.aux != 0 ? declarations_->cluster_row(item.as_string()) : &item;
    bool take = false;
    try {
      take = where_row_ != nullptr && eval(*code.b).as_bool();
    } catch (...) {
      where_row_ = outer;
      throw;
    }
    if (take) out.push_back(item);
  }
  where_row_ = outer;
  return Value::list(std::move(out));
}

Value Interp::call_fn(const Code& code) {
  const FnCode& fn = unit_.functions[code.n];
  if (fn.body == nullptr) throw Failed{};
  if (depth_ > 200) fail("E0405", code.span, "functions call each other more than 200 deep");
  count(unit_.slots / 64U);
  std::vector<Value> frame(static_cast<std::size_t>(unit_.slots) + 1);
  for (std::size_t i = 0; i < code.list.size(); ++i) frame[i] = eval(*code.list[i]);
  std::swap(frame, frame_);
  ++depth_;
  try {
    Value out = eval(*fn.body);
    --depth_;
    std::swap(frame, frame_);
    return out;
  } catch (...) {
    --depth_;
    std::swap(frame, frame_);
    throw;
  }
}

Value Interp::secret(const Code& code) {
  std::vector<Value> parts;
  std::string text;
  const auto flush = [&] {
    if (!text.empty()) parts.push_back(MapBuilder().set("text", std::string_view(text)).build());
    text.clear();
  };
  for (const Code* part : code.list) {
    const Value value = eval(*part);
    if (value.is_string()) {
      text += value.as_string();
      continue;
    }
    for (const Value& inner : value.items()) {
      if (const Value* plain = inner.find("text")) {
        text += plain->as_string();
      } else {
        flush();
        parts.push_back(inner);
      }
    }
  }
  flush();
  return Value::list(std::move(parts));
}

Value Interp::call_native(const Code& code) {
  std::vector<Value> args;
  args.reserve(code.list.size());
  for (const Code* arg : code.list) args.push_back(eval(*arg));
  NativeCall call{*this, code, args, static_cast<TypeTag>(code.aux)};
  return natives()[code.n](call);
}

/// One level of evaluation: each takes a part of the stack, whatever it is that nests.
struct Interp::Deeper {
  Deeper(Interp& interp, const Code& code) : depth(interp.expression_depth_) {
    if (depth >= max_expression_depth) interp.too_deep(code.span);
    ++depth;
  }
  ~Deeper() { --depth; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;
  unsigned& depth;
};

void Interp::too_deep(Span span) {
  if (divert == nullptr && std::exchange(too_deep_said_, true)) throw Failed{};   // what one member lacks is its own
  fail("E0109", span, "expressions nest more than 2,000 deep, counted through the values and functions that they need", "use fewer steps, or shorter ones");
}

Value Interp::eval(const Code& code) {
  count();
  const Deeper deeper(*this, code);
  switch (code.op) {
    case Op::Fail: throw Failed{};
    case Op::Const: return unit_.constants[code.n];
    case Op::Local: return frame_[code.n];
    case Op::Global: return global(code.n, code.span);
    case Op::RowField: {
      const Value* row = code.deps & DepEach ? each_row : where_row_;
      if (row == nullptr || row->is_null()) throw Failed{};
      const Value* field = row->find(unit_.constants[code.n].as_string());
      return field == nullptr ? Value() : *field;
    }
    case Op::SelfName: return Value::string(self.name);
    case Op::SelfNamespace: return Value::string(self.ns);
    case Op::Clusters: return declarations_->clusters();
    case Op::RefNamed:
      return Value::string(declarations_->resolve(static_cast<BlockKind>(code.aux), unit_.constants[code.n].as_string(), self.ns, code.span));
    case Op::RefComputed: {
      const Value name = eval(*code.a);
      return Value::string(declarations_->resolve(static_cast<BlockKind>(code.aux), name.as_string(), self.ns, code.span));
    }
    case Op::SourceKey: {
      const Value ref = eval(*code.a);
      const Value key = eval(*code.b);
      const auto kind = static_cast<BlockKind>(code.aux);
      declarations_->needs_key(kind, std::string(ref.as_string()), std::string(key.as_string()), code.span);
      return MapBuilder().set(spec_of(kind).keyword, ref).set("key", key).build();
    }
    case Op::Field:
    case Op::OptField: {
      const Value base = eval(*code.a);
      if (base.is_null()) return {};
      const Value* field = base.find(unit_.constants[code.n].as_string());
      return field == nullptr ? Value() : *field;
    }
    case Op::ClusterField:
    case Op::OptClusterField: {
      const Value base = eval(*code.a);
      if (base.is_null()) return {};
      const Value* row = declarations_->cluster_row(base.as_string());
      if (row == nullptr || row->is_null()) throw Failed{};
      const Value* field = row->find(unit_.constants[code.n].as_string());
      return field == nullptr ? Value() : *field;
    }
    case Op::IndexMap: {
      const Value base = eval(*code.a);
      const Value key = eval(*code.b);
      if (const Value* found = base.find(key.as_string())) return *found;
      Diagnostic d = error("E0404", code.span, "there is no key \"" + std::string(key.as_string()) + "\" in this map");
      if (each_row != nullptr)
        if (const Value* name = each_row->find("name")) d.message += ", for cluster " + std::string(name->as_string());
      std::string have;
      std::size_t shown = 0;
      if (base.is_map())
        for (const Entry& entry : base.entries()) {
          if (++shown > 8) break;
          have.append(have.empty() ? "" : ", ").append(entry.name());
        }
      d.notes.push_back(have.empty() ? "it is empty" : "its keys are " + have + (shown > 8 ? ", ..." : ""));
      d.help.push_back("add the key, or give a default: `get(map, key, default)`");
      report_once(std::move(d));
      throw Failed{};
    }
    case Op::IndexList: {
      const Value base = eval(*code.a);
      const std::int64_t at = eval(*code.b).as_int();
      if (!base.is_list() || at < 0 || static_cast<std::size_t>(at) >= base.size())
        fail("E0404", code.span, "there is no item " + std::to_string(at) + " in a list of " + std::to_string(base.size()), "items are counted from 0");
      return base.items()[static_cast<std::size_t>(at)];
    }
    case Op::CallFn: return call_fn(code);
    case Op::CallNative: return call_native(code);
    case Op::Not: return Value::boolean(!eval(*code.a).as_bool());
    case Op::NegateInt: {
      std::int64_t out = 0;
      if (__builtin_sub_overflow(std::int64_t{0}, integer(code.a), &out)) fail("E0402", code.span, "the result has more than 64 bits");
      return Value::integer(out);
    }
    case Op::AddInt:
    case Op::SubInt:
    case Op::MulInt: {
      const std::int64_t a = integer(code.a);
      const std::int64_t b = integer(code.b);
      std::int64_t out = 0;
      const bool over = code.op == Op::AddInt   ? __builtin_add_overflow(a, b, &out)
                        : code.op == Op::SubInt ? __builtin_sub_overflow(a, b, &out)
                                                : __builtin_mul_overflow(a, b, &out);
      if (over) fail("E0402", code.span, "the result has more than 64 bits", "numbers end at 9,223,372,036,854,775,807");
      return Value::integer(out);
    }
    case Op::DivInt: {
      const std::int64_t a = integer(code.a);
      const std::int64_t b = integer(code.b);
      if (b == 0) fail("E0403", code.span, "division by zero");
      if (b == -1) {
        std::int64_t out = 0;
        if (__builtin_sub_overflow(std::int64_t{0}, a, &out)) fail("E0402", code.span, "the result has more than 64 bits");
        return Value::integer(out);
      }
      if (a % b != 0)
        fail("E0403", code.span, std::to_string(a) + " / " + std::to_string(b) + " leaves a rest", "`div(a, b)` rounds down");
      return Value::integer(a / b);
    }
    case Op::Concat: {
      std::string out;
      for (const Code* part : code.list) out += eval(*part).as_string();
      spend(out.size(), code.span);
      return Value::string(out);
    }
    case Op::AppendList: {
      const Value a = eval(*code.a);
      const Value b = eval(*code.b);
      std::vector<Value> out(a.items().begin(), a.items().end());
      out.insert(out.end(), b.items().begin(), b.items().end());
      spend(out.size() * sizeof(Value), code.span);
      return Value::list(std::move(out));
    }
    case Op::And: return Value::boolean(eval(*code.a).as_bool() && eval(*code.b).as_bool());
    case Op::Or: return Value::boolean(eval(*code.a).as_bool() || eval(*code.b).as_bool());
    case Op::Equal:
    case Op::NotEqual: {
      const Value left = eval(*code.a);
      measure(left, code.span);   // both sides are of one type: what is equal is not larger
      return Value::boolean((left == eval(*code.b)) == (code.op == Op::Equal));
    }
    case Op::Less: return Value::boolean(integer(code.a) < integer(code.b));
    case Op::LessEqual: return Value::boolean(integer(code.a) <= integer(code.b));
    case Op::Greater: return Value::boolean(integer(code.a) > integer(code.b));
    case Op::GreaterEqual: return Value::boolean(integer(code.a) >= integer(code.b));
    case Op::TextLess:
    case Op::TextLessEqual:
    case Op::TextGreater:
    case Op::TextGreaterEqual: {
      const Value a = eval(*code.a);
      const Value b = eval(*code.b);
      const int order = a.as_string().compare(b.as_string());
      if (code.op == Op::TextLess) return Value::boolean(order < 0);
      if (code.op == Op::TextLessEqual) return Value::boolean(order <= 0);
      if (code.op == Op::TextGreater) return Value::boolean(order > 0);
      return Value::boolean(order >= 0);
    }
    case Op::InList: {
      const Value a = eval(*code.a);
      const Value b = eval(*code.b);
      measure(a, code.span);
      count(b.size());
      return Value::boolean(std::find(b.items().begin(), b.items().end(), a) != b.items().end());
    }
    case Op::InMap: {
      const Value a = eval(*code.a);
      return Value::boolean(eval(*code.b).find(a.as_string()) != nullptr);
    }
    case Op::Coalesce: {
      Value a = eval(*code.a);
      return a.is_null() ? eval(*code.b) : a;
    }
    case Op::If: return eval(eval(*code.a).as_bool() ? *code.b : *code.c);
    case Op::Where: return where(code);
    case Op::MakeList: {
      std::vector<Value> out;
      out.reserve(code.list.size());
      for (const Code* item : code.list) out.push_back(eval(*item));
      spend(out.size() * sizeof(Value), code.span);
      return Value::list(std::move(out));
    }
    case Op::MakeMap: {
      const Value& keys = unit_.constants[code.n];
      std::vector<Entry> out;
      out.reserve(code.list.size());
      for (std::size_t i = 0; i < code.list.size(); ++i) out.push_back({keys.items()[i], eval(*code.list[i])});
      spend(out.size() * sizeof(Entry), code.span);
      return Value::map(std::move(out));
    }
    case Op::MakeMapComputed: {
      std::vector<Entry> out;
      for (std::size_t i = 0; i + 1 < code.list.size(); i += 2) {
        Value key = eval(*code.list[i]);
        for (const Entry& before : out)
          if (before.name() == key.as_string()) fail("E0203", code.list[i]->span, "the key `" + std::string(key.as_string()) + "` stands twice");
        out.push_back({std::move(key), eval(*code.list[i + 1])});
      }
      return Value::map(std::move(out));
    }
    case Op::ForList: return for_list(code);
    case Op::ForMap: return for_map(code);
    case Op::ToText: return Value::string(value_text(eval(*code.a), static_cast<TypeTag>(code.aux)));
    case Op::ToImage: {
      Value value = eval(*code.a);
      if (const std::string problem = image_problem(value.as_string()); !problem.empty())
        fail("E0306", code.span, "\"" + std::string(value.as_string().substr(0, 80)) + "\" is no image: " + problem);
      return value;
    }
    case Op::ToPort: {
      const std::int64_t port = integer(code.a);
      if (port < 1 || port > 65'535) fail("E0411", code.span, std::to_string(port) + " is no port", "ports are 1 to 65535");
      return MapBuilder().set("port", port).set("protocol", "TCP").build();
    }
    case Op::ToMount: {
      const Value ref = eval(*code.a);
      return MapBuilder().set(spec_of(static_cast<BlockKind>(code.aux)).keyword, ref).build();
    }
    case Op::MapValues: {
      const Value in = eval(*code.a);
      if (in.is_list()) {
        std::vector<Value> out;
        for (const Value& item : in.items()) {
          frame_[code.n] = item;
          out.push_back(eval(*code.b));
        }
        return Value::list(std::move(out));
      }
      std::vector<Entry> out;
      for (const Entry& entry : in.entries()) {
        frame_[code.n] = entry.value;
        out.push_back({entry.key, eval(*code.b)});
      }
      return Value::map(std::move(out));
    }
    case Op::Secret: return secret(code);
  }
  throw Failed{};
}

}  // namespace mcp
