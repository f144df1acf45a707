// Calls: native functions by the signatures of functions.cpp, and functions of the project.
#include <algorithm>

#include "lang/sema/checker.hpp"
#include "lang/sema/functions.hpp"

namespace mcp {

namespace {

std::string_view trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

std::string counted(std::size_t count, const char* what) { return std::to_string(count) + " " + what + (count == 1 ? "" : "s"); }

/// Splits at `by` outside of parentheses.
std::vector<std::string_view> split_outside(std::string_view s, char by) {
  std::vector<std::string_view> out;
  int depth = 0;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= s.size(); ++i) {
    if (i == s.size() || (s[i] == by && depth == 0)) {
      if (const auto part = trim(s.substr(from, i - from)); !part.empty()) out.push_back(part);
      from = i + 1;
    } else if (s[i] == '(') {
      ++depth;
    } else if (s[i] == ')') {
      --depth;
    }
  }
  return out;
}

struct Bindings {
  std::optional<Type> t;
  std::optional<Type> n;
};

Type simple_named(std::string_view word) {
  if (word == "int") return simple(TypeTag::Int);
  if (word == "bool") return simple(TypeTag::Bool);
  if (word == "string") return simple(TypeTag::String);
  if (word == "json") return simple(TypeTag::Json);
  if (word == "image") return simple(TypeTag::Image);
  if (word == "port") return simple(TypeTag::Port);
  if (word == "secret") return simple(TypeTag::Secret);
  if (word == "env_source") return simple(TypeTag::EnvSource);
  return Type{};
}

/// The type a pattern stands for with what is bound so far; Error where it is still free.
Type instance(std::string_view pattern, const Bindings& bound) {
  if (pattern == "T") return bound.t.value_or(Type{});
  if (pattern == "N") return bound.n.value_or(Type{});
  const bool list = pattern.starts_with("list(");
  if (list || pattern.starts_with("map(")) {
    const auto open = pattern.find('(');
    Type inner = instance(pattern.substr(open + 1, pattern.size() - open - 2), bound);
    if (inner.failed()) return inner;
    return list ? list_of(std::move(inner)) : map_of(std::move(inner));
  }
  return simple_named(pattern);
}

}  // namespace

Checker::Typed Checker::call(const ast::Call& e, const Type* want) {
  Symbol name = Symbol::None;
  std::optional<std::uint32_t> function;
  if (e.callee->kind == ast::ExprKind::Name) {
    name = static_cast<const ast::Name&>(*e.callee).symbol;
    if (const auto it = scopes_[at_.module].functions.find(name); it != scopes_[at_.module].functions.end()) function = it->second;
    if (!function) {
      const std::string_view word = names_.text(name);
      if (const int native = native_index(word); native >= 0) return call_native(native, e, want);
      for (const ast::Arg& arg : e.args) expr(*arg.value);
      if (word == "matches" || word == "render" || word == "error") {
        report("E0299", e.callee->span, "`" + std::string(word) + "` is not yet supported");
        return failed(e.span);
      }
      if (modules_.faulty) return failed(e.span);
      auto& d = report("E0202", e.callee->span, "unknown function `" + std::string(word) + "`");
      if (!advises()) return failed(e.span);
      std::vector<std::string_view> known;
      for (const NativeSpec& spec : native_functions()) known.push_back(spec.name);
      for (const auto& [symbol, id] : scopes_[at_.module].functions) known.push_back(names_.text(symbol));
      std::sort(known.begin(), known.end());
      suggest(d, word, known);
      return failed(e.span);
    }
  } else if (e.callee->kind == ast::ExprKind::Member) {
    const auto& member = static_cast<const ast::Member&>(*e.callee);
    if (member.base->kind == ast::ExprKind::Name) {
      const auto& aliases = modules_.all[at_.module]->files[at_.file].aliases;
      const auto module = aliases.find(static_cast<const ast::Name&>(*member.base).symbol);
      if (module != aliases.end()) {
        const Scope& scope = scopes_[module->second];
        if (const auto it = scope.functions.find(member.name.symbol); it != scope.functions.end()) function = it->second;
        if (!function) {
          if (modules_.faulty) return failed(e.span);
          auto& d = report("E0202", member.name.span, "`" + modules_.all[module->second]->path + "` has no function `" + text(member.name.symbol) + "`");
          if (!advises()) return failed(e.span);
          std::vector<std::string_view> known;
          for (const auto& [symbol, id] : scope.functions) known.push_back(names_.text(symbol));
          std::sort(known.begin(), known.end());
          suggest(d, names_.text(member.name.symbol), known);
          return failed(e.span);
        }
      }
    }
  }
  if (function) return call_function(*function, e);
  report("E0301", e.callee->span, "only functions are called, and functions are no values");
  return failed(e.span);
}

Checker::Typed Checker::call_function(std::uint32_t id, const ast::Call& e) {
  function_signature(id);
  if (calling_ != nullptr) calling_->calls.emplace_back(id, e.callee->span);
  const Function& function = functions_[id];
  const auto& params = function.fn->params;
  std::vector<const Code*> args(params.size(), nullptr);
  bool bad = false;
  std::size_t next = 0;
  Restore attribute(attribute_, std::string_view{});
  for (const ast::Arg& arg : e.args) {
    std::size_t at = params.size();
    if (arg.name.symbol == Symbol::None) {
      at = next++;
    } else {
      for (std::size_t i = 0; i < params.size(); ++i)
        if (params[i].name.symbol == arg.name.symbol) at = i;
    }
    if (at >= params.size() || args[at] != nullptr) {
      const bool named = arg.name.symbol != Symbol::None;
      auto& d = report("E0212", named ? arg.name.span : arg.value->span,
                       named && at >= params.size() ? "`" + text(function.fn->name.symbol) + "` has no argument `" + text(arg.name.symbol) + "`"
                       : at >= params.size() ? "`" + text(function.fn->name.symbol) + "` takes " + counted(params.size(), "argument")
                                           : "argument `" + text(params[at].name.symbol) + "` is given twice");
      d.labels.push_back({function.fn->name.span, "declared here"});
      if (named && at >= params.size()) {
        std::vector<std::string_view> words;
        for (const auto& param : params) words.push_back(names_.text(param.name.symbol));
        suggest(d, names_.text(arg.name.symbol), words);
      }
      bad = true;
      break;
    }
    args[at] = value(*arg.value, function.params[at]);
    bad = bad || args[at]->op == Op::Fail;
  }
  if (!bad)
    for (std::size_t i = 0; i < params.size(); ++i)
      if (args[i] == nullptr) {
        auto& d = report("E0212", e.span, "`" + text(function.fn->name.symbol) + "` needs the argument `" + text(params[i].name.symbol) + "`");
        d.labels.push_back({function.fn->name.span, "declared here"});
        bad = true;
        break;
      }
  if (bad) return failed(e.span);
  Code* code = node_list(Op::CallFn, e.span, args);
  code->n = function.index;
  return {code, function.result};
}

Checker::Typed Checker::call_native(int at, const ast::Call& e, const Type* want) {
  const NativeSpec& spec = native_functions()[static_cast<std::size_t>(at)];
  const auto params = split_outside(spec.params, ',');
  std::vector<const Code*> args;
  Bindings bound;
  bool bad = false;
  TypeTag element = TypeTag::Error;
  Restore attribute(attribute_, std::string_view{});
  const std::string signature = std::string(spec.name) + "(" + std::string(spec.params) + ") -> " + std::string(spec.result);
  std::vector<const ast::Arg*> by_param(params.size(), nullptr);
  std::size_t next = 0;
  for (const ast::Arg& arg : e.args) {
    std::size_t to = params.size();
    if (arg.name.symbol == Symbol::None) {
      to = next++;
      if (to < params.size() && params[to].find('=') != std::string_view::npos) to = params.size();
    } else {
      for (std::size_t i = 0; i < params.size(); ++i)
        if (const auto eq = params[i].find('='); eq != std::string_view::npos && trim(params[i].substr(0, eq)) == names_.text(arg.name.symbol)) to = i;
    }
    if (to >= params.size() || by_param[to] != nullptr) {
      auto& d = report("E0212", arg.value->span, "`" + std::string(spec.name) + "` does not take this argument");
      d.notes.push_back("it is " + signature);
      // What has a name in the signature is given by name: `port(53, protocol = "udp")`.
      std::string names;
      for (const std::string_view param : params)
        if (const auto eq = param.find('='); eq != std::string_view::npos) names += (names.empty() ? "`" : " or `") + std::string(trim(param.substr(0, eq))) + " = ..`";
      if (!names.empty() && arg.name.symbol == Symbol::None) d.help.push_back("it is given by name: " + names);
      return failed(e.span);
    }
    by_param[to] = &arg;
  }
  for (std::size_t i = 0; i < params.size(); ++i) {
    std::string_view pattern = params[i];
    const auto eq = pattern.find('=');
    if (eq != std::string_view::npos) pattern = trim(pattern.substr(eq + 1));
    if (by_param[i] == nullptr) {
      if (eq == std::string_view::npos) {
        report("E0212", e.span, "`" + std::string(spec.name) + "` needs " + counted(params.size(), "argument")).notes.push_back("it is " + signature);
        return failed(e.span);
      }
      args.push_back(constant(Value(), e.span));
      continue;
    }
    const ast::Expr& given = *by_param[i]->value;
    // The first alternative that fits, or the only one, says what is expected.
    const auto alternatives = split_outside(pattern, '|');
    const Type hint = instance(alternatives[0], bound);
    Typed typed = expr(given, !hint.failed() ? &hint : (want != nullptr && pattern == "map(T)" && want->is(TypeTag::Map)) ? want : nullptr);
    if (typed.failed()) {
      bad = true;
      continue;
    }
    const Code* code = nullptr;
    for (const std::string_view each : alternatives) {
      Type to = instance(each, bound);
      if (to.failed()) {
        // Binds T or N to what is there.
        const Type& t = typed.type;
        const bool list = each.starts_with("list(");
        const bool map = each.starts_with("map(");
        if (t.optional || t.is(TypeTag::Null)) continue;
        Type inner = t;
        if (list) {
          if (!t.is(TypeTag::List)) continue;
          inner = *t.element;
          if (each.starts_with("list(list(")) {
            if (!inner.is(TypeTag::List)) continue;
            inner = *inner.element;
          }
        } else if (map) {
          if (t.is(TypeTag::Map)) {
            inner = *t.element;
          } else if (t.is(TypeTag::Record)) {
            inner = simple(TypeTag::Empty);
            for (const auto& [name, type] : *t.fields) inner = inner.failed() ? inner : unify(inner, type);
          } else {
            continue;
          }
        }
        if (inner.failed()) continue;
        if (each.find('N') != std::string_view::npos) {
          if (!is_ordered(inner) && !inner.is(TypeTag::Empty)) continue;
          if (inner.is(TypeTag::Empty)) inner = simple(TypeTag::Int);
          bound.n = inner;
        } else {
          if (each == "T" && spec.name == "string" && !is_printable(inner)) continue;
          bound.t = inner;
        }
        to = instance(each, bound);
      }
      if (assignable(typed.type, to)) {
        code = convert(typed, to, given.span);
        if (code != nullptr) break;
      }
      // A later argument may widen T: get({ a = 1 }, "b", null) or merge of two maps.
      if (bound.t && each.find('T') != std::string_view::npos) {
        const Type wide = each == "T" ? unify(*bound.t, typed.type) : Type{};
        if (!wide.failed()) {
          bound.t = wide;
          code = typed.code;
          break;
        }
      }
    }
    if (code == nullptr) {
      if (typed.type.is(TypeTag::Secret)) {
        mismatch(typed.type, simple(TypeTag::String), given);
      } else if (typed.type.optional) {
        mismatch(typed.type, typed.type.required(), given);
      } else {
        auto& d = report("E0301", given.span, "`" + std::string(spec.name) + "` takes " + std::string(pattern) + " here, found " + to_string(typed.type));
        d.notes.push_back("it is " + signature);
      }
      bad = true;
      continue;
    }
    if (i == 0) element = typed.type.is(TypeTag::List) || typed.type.is(TypeTag::Map) ? typed.type.element->tag : typed.type.tag;
    args.push_back(code);
  }
  if (bad) return failed(e.span);
  const bool reads = spec.name == "file" || spec.name == "files" || spec.name == "from_file";
  if (reads) args.push_back(constant(Value::string(modules_.all[at_.module]->files[at_.file].directory), e.span));
  Code* code = node_list(Op::CallNative, e.span, args);
  code->n = static_cast<std::uint32_t>(at);
  code->aux = static_cast<std::uint8_t>(element);
  return {code, instance(spec.result, bound)};
}

}  // namespace mcp
