// Expressions: literals, names' fields, containers; and making their code.
#include <unordered_map>
#include <algorithm>

#include "lang/sema/checker.hpp"
#include "lang/sema/functions.hpp"
#include "lang/sema/image.hpp"

namespace mcp {

// ---- making code

Code* Checker::node(Op op, Span span, std::initializer_list<const Code*> inputs) {
  Code* code = unit_.arena.make<Code>();
  code->op = op;
  code->span = span;
  const Code** to[] = {&code->a, &code->b, &code->c};
  std::size_t i = 0;
  for (const Code* input : inputs) {
    *to[i++] = input;
    if (input == nullptr) continue;
    code->deps |= input->deps;
    code->low_slot = std::min(code->low_slot, input->low_slot);
  }
  return code;
}

Code* Checker::node_list(Op op, Span span, const std::vector<const Code*>& list) {
  Code* code = node(op, span);
  code->list = unit_.arena.copy(list);
  for (const Code* input : list) {
    code->deps |= input->deps;
    code->low_slot = std::min(code->low_slot, input->low_slot);
  }
  return code;
}

std::uint32_t Checker::constant_id(Value value) {
  unit_.constants.push_back(std::move(value));
  return static_cast<std::uint32_t>(unit_.constants.size() - 1);
}

const Code* Checker::constant(Value value, Span span) {
  Code* code = node(Op::Const, span);
  code->n = constant_id(std::move(value));
  return code;
}

const Code* Checker::fail_node(Span span) { return node(Op::Fail, span); }
Checker::Typed Checker::failed(Span span) { return {fail_node(span), Type{}}; }

// ---- literals

std::optional<std::int64_t> unit_value(std::int64_t number, ast::Unit unit) {
  std::int64_t factor = 1;
  switch (unit) {
    case ast::Unit::None:
    case ast::Unit::Ms:
    case ast::Unit::M:
    case ast::Unit::B:
    case ast::Unit::Percent: break;
    case ast::Unit::S: factor = 1000; break;
    case ast::Unit::Min: factor = 60'000; break;
    case ast::Unit::H: factor = 3'600'000; break;
    case ast::Unit::D: factor = 86'400'000; break;
    case ast::Unit::Ki: factor = std::int64_t{1} << 10; break;
    case ast::Unit::Mi: factor = std::int64_t{1} << 20; break;
    case ast::Unit::Gi: factor = std::int64_t{1} << 30; break;
    case ast::Unit::Ti: factor = std::int64_t{1} << 40; break;
    case ast::Unit::KB: factor = 1000; break;
    case ast::Unit::MB: factor = 1'000'000; break;
    case ast::Unit::GB: factor = 1'000'000'000; break;
    case ast::Unit::TB: factor = 1'000'000'000'000; break;
  }
  std::int64_t out = 0;
  if (__builtin_mul_overflow(number, factor, &out)) return std::nullopt;
  return out;
}

Checker::Typed Checker::number(const ast::NumberLit& e, const Type* want) {
  if (e.unit == ast::Unit::Percent) return {constant(Value::string(std::to_string(e.value) + "%"), e.span), simple(TypeTag::Percent)};
  auto value = unit_value(e.value, e.unit);
  TypeTag tag = TypeTag::Int;
  switch (e.unit) {
    case ast::Unit::None: break;
    case ast::Unit::Ms:
    case ast::Unit::S:
    case ast::Unit::Min:
    case ast::Unit::H:
    case ast::Unit::D: tag = TypeTag::Duration; break;
    case ast::Unit::M: tag = TypeTag::Cpu; break;
    default: tag = TypeTag::Memory;
  }
  // A bare integer literal where CPU is wanted means cores.
  if (tag == TypeTag::Int && want != nullptr && want->is(TypeTag::Cpu)) {
    tag = TypeTag::Cpu;
    std::int64_t milli = 0;
    value = __builtin_mul_overflow(e.value, std::int64_t{1000}, &milli) ? std::nullopt : std::optional(milli);
  }
  if (!value) {
    report("E0402", e.span, "the number is too large: values have 64 bits in ms, millicores or bytes");
    return failed(e.span);
  }
  return {constant(Value::integer(*value), e.span), simple(tag)};
}

Checker::Typed Checker::string(const ast::StringLit& e, const Type* want) {
  if (e.plain()) {
    const std::string_view words = e.text();
    const Type plain = want == nullptr ? simple(TypeTag::String) : want->required();
    if (plain.is(TypeTag::Union)) {
      const auto& choices = *plain.choices;
      if (std::find(choices.begin(), choices.end(), words) == choices.end()) {
        std::string allowed;
        for (const std::string& c : choices) allowed.append(allowed.empty() ? "\"" : ", \"").append(c).append("\"");
        std::string what = attribute_.empty() ? std::string("this") : "`" + std::string(attribute_) + "`";
        auto& d = report("E0304", e.span, what + " cannot be \"" + std::string(words) + "\"", "it allows " + allowed);
        const std::string best = nearest(words, std::vector<std::string_view>(choices.begin(), choices.end()));
        if (!best.empty()) {
          d.help.push_back("did you mean \"" + best + "\"?");
          d.fixes.push_back({e.span, "\"" + best + "\"", true});
        }
        return failed(e.span);
      }
      return {constant(Value::string(words), e.span), plain};
    }
    if (plain.is(TypeTag::Image)) {
      if (const std::string problem = image_problem(words); !problem.empty()) {
        report("E0306", e.span, "\"" + std::string(words.substr(0, 80)) + "\" is no image: " + problem, "expected registry/repository:tag@sha256:digest");
        return failed(e.span);
      }
      return {constant(Value::string(words), e.span), plain};
    }
    return {constant(Value::string(words), e.span), simple(TypeTag::String)};
  }
  std::vector<const Code*> parts;
  bool secret = false;
  bool bad = false;
  for (const ast::StringPart& part : e.parts) {
    if (part.expr == nullptr) {
      parts.push_back(constant(Value::string(part.text), part.span));
      continue;
    }
    Typed typed = expr(*part.expr);
    if (typed.failed()) {
      bad = true;
      continue;
    }
    if (typed.type.is(TypeTag::Secret)) {
      secret = true;
    } else if (typed.type.optional || typed.type.is(TypeTag::Null)) {
      auto& d = report("E0302", part.expr->span, "a value that may be null cannot stand in a text", "this is " + to_string(typed.type));
      d.help.push_back("give it a default: `${x ?? \"none\"}`");
      bad = true;
      continue;
    } else if (!is_printable(typed.type)) {
      auto& d = report("E0309", part.expr->span, "a text takes strings, numbers and bools, not " + to_string(typed.type));
      if (typed.type.is(TypeTag::List)) d.help.push_back("`join(list, \", \")` makes one string of a list of strings");
      bad = true;
      continue;
    } else if (typed.type.tag != TypeTag::String && typed.type.tag != TypeTag::Union && typed.type.tag != TypeTag::Image) {
      Code* text = node(Op::ToText, part.expr->span, {typed.code});
      text->aux = static_cast<std::uint8_t>(typed.type.tag);
      typed.code = text;
    }
    parts.push_back(typed.code);
  }
  if (bad) return failed(e.span);
  if (secret) return {node_list(Op::Secret, e.span, parts), simple(TypeTag::Secret)};
  return {node_list(Op::Concat, e.span, parts), simple(TypeTag::String)};
}

// ---- converting

void Checker::mismatch(const Type& from, const Type& want, const ast::Expr& e) {
  const std::string subject = attribute_.empty() ? std::string("this place") : "`" + std::string(attribute_) + "`";
  if (from.is(TypeTag::Secret)) {
    auto& d = report("E0305", e.span, subject + " would show a secret");
    d.help.push_back("put it into a `secret` block and use that through `env`, `env_from`, `mount` or `pull`");
    return;
  }
  if (want.is(TypeTag::Secret)) {
    auto& d = report("E0305", e.span, "a secret value does not stand in policy files");
    d.help.push_back("name its source: `from_env(\"NAME\")` or `from_file(\"secrets/name\")`");
    return;
  }
  if (from.is(TypeTag::Null) || (from.optional && assignable(from.required(), want))) {
    auto& d = report("E0302", e.span, subject + " needs a " + to_string(want) + ", and this may be null",
                     from.is(TypeTag::Null) ? "" : "this is " + to_string(from));
    d.help.push_back("give a default with `??`, or ask first: `if x != null then .. else ..`");
    return;
  }
  const auto counts = [](const Type& t) {
    return t.is(TypeTag::Int) || t.is(TypeTag::Duration) || t.is(TypeTag::Cpu) || t.is(TypeTag::Memory) || t.is(TypeTag::Percent) || t.is(TypeTag::Share);
  };
  if (counts(from) && counts(want)) {
    const std::string_view wanted = want.is(TypeTag::Memory)     ? "a size such as `256Mi`"
                                    : want.is(TypeTag::Cpu)      ? "an amount of CPU such as `250m` or `2`"
                                    : want.is(TypeTag::Duration) ? "a duration such as `30s`"
                                    : want.is(TypeTag::Percent)  ? "a percentage such as `30%`"
                                    : want.is(TypeTag::Share)    ? "a number or a percentage"
                                                                 : "a plain number";
    std::string_view found = from.is(TypeTag::Memory)     ? "a size"
                             : from.is(TypeTag::Cpu)      ? "an amount of CPU"
                             : from.is(TypeTag::Duration) ? "a duration"
                             : from.is(TypeTag::Int)      ? "a plain number"
                                                          : "a percentage";
    auto& d = report("E0303", e.span, subject + " needs " + std::string(wanted) + ", and this is " + std::string(found));
    if (e.kind == ast::ExprKind::Number) {
      const auto& lit = static_cast<const ast::NumberLit&>(e);
      const std::string digits = std::to_string(lit.value);
      std::string instead;
      if (want.is(TypeTag::Memory) && (lit.unit == ast::Unit::M || lit.unit == ast::Unit::None)) instead = digits + "Mi";
      if (want.is(TypeTag::Cpu) && lit.unit != ast::Unit::None) instead = digits + "m";
      if (want.is(TypeTag::Duration)) instead = digits + (lit.unit == ast::Unit::M ? "min" : "s");
      if (!instead.empty()) {
        d.label = "did you mean `" + instead + "`?";
        d.fixes.push_back({e.span, instead, false});
      }
    }
    return;
  }
  auto& d = report("E0301", e.span, subject + " needs " + to_string(want) + ", found " + to_string(from));
  if (want.is(TypeTag::Ref) && from.is(TypeTag::String)) {
    const std::string kind(spec_of(want.kind).keyword);
    d.help.push_back("name it: `" + kind + ".NAME`, or exactly `" + kind + "[\"NAMESPACE/NAME\"]`");
  }
  if ((want.is(TypeTag::String) || want.is(TypeTag::EnvValue)) && is_printable(from)) d.help.push_back("convert it: `string(..)`");
  if (want.is(TypeTag::Int) && from.is(TypeTag::String)) d.help.push_back("leave out the quotes, or convert it: `int(..)`");
  if (from.is(TypeTag::String) && (want.is(TypeTag::Cluster) || (want.is(TypeTag::List) && want.element->is(TypeTag::Cluster))))
    d.help.push_back(want.is(TypeTag::List) ? "clusters are named as `[cluster.NAME]` or chosen as `clusters where ..`" : "a cluster is named as `cluster.NAME`");
  if (want.is(TypeTag::List) && assignable(from, *want.element)) d.help.push_back("write it as a list: `[..]`");
}

const Code* Checker::convert(const Typed& from, const Type& want, Span span) {
  if (from.type.failed() || want.failed()) return fail_node(span);
  if (from.type.optional && !want.is(TypeTag::Json)) {
    // null stays null, the rest converts: only what changes nothing may pass here.
    const Typed plain{from.code, from.type.required()};
    const Code* inner = convert(plain, want.required(), span);
    return inner == from.code ? inner : nullptr;
  }
  switch (want.tag) {
    case TypeTag::Image:
      if (from.type.is(TypeTag::Image)) return from.code;
      return node(Op::ToImage, span, {from.code});
    case TypeTag::Port:
      return from.type.is(TypeTag::Int) ? node(Op::ToPort, span, {from.code}) : from.code;
    case TypeTag::MountSource: {
      if (!from.type.is(TypeTag::Ref)) return from.code;
      Code* code = node(Op::ToMount, span, {from.code});
      code->aux = static_cast<std::uint8_t>(from.type.kind);
      return code;
    }
    case TypeTag::Json:
      if (from.type.is(TypeTag::Cpu) || from.type.is(TypeTag::Memory)) {
        Code* code = node(Op::ToText, span, {from.code});
        code->aux = static_cast<std::uint8_t>(from.type.tag);
        return code;
      }
      return from.code;
    case TypeTag::List:
    case TypeTag::Map: {
      if (from.type.is(TypeTag::Empty)) return from.code;
      Type element;
      if (from.type.is(TypeTag::Record)) {
        if (from.type.fields->empty()) return from.code;
        element = from.type.fields->front().second;
        for (const auto& [name, type] : *from.type.fields)
          if (type.tag != element.tag) {
            const Code* same = convert({from.code, type}, *want.element, span);
            if (same != from.code) return nullptr;
          }
      } else {
        element = *from.type.element;
      }
      const std::uint16_t slot = next_slot_;
      Code* item = node(Op::Local, span);
      item->n = slot;
      item->low_slot = slot;
      const Code* inner = convert({item, element}, *want.element, span);
      if (inner == item) return from.code;
      if (inner == nullptr) return nullptr;
      unit_.slots = std::max<std::uint16_t>(unit_.slots, static_cast<std::uint16_t>(slot + 1));
      Code* code = node(Op::MapValues, span, {from.code, inner});
      code->n = slot;
      code->low_slot = from.code->low_slot;
      return code;
    }
    default: return from.code;
  }
}

const Code* Checker::coerce(Typed from, const Type& want, const ast::Expr& e) {
  if (from.failed() || want.failed()) return fail_node(e.span);
  if (!assignable(from.type, want)) {
    mismatch(from.type, want, e);
    return fail_node(e.span);
  }
  const Code* code = convert(from, want, e.span);
  if (code == nullptr) {
    mismatch(from.type, want, e);
    return fail_node(e.span);
  }
  return code;
}

const Code* Checker::value(const ast::Expr& e, const Type& want) { return coerce(expr(e, &want), want, e); }

// ---- fields and items

std::string Checker::narrow_key(const ast::Expr& e) const {
  switch (e.kind) {
    case ast::ExprKind::Name: return text(static_cast<const ast::Name&>(e).symbol);
    case ast::ExprKind::RowField: return "." + text(static_cast<const ast::RowField&>(e).field.symbol);
    case ast::ExprKind::Member: {
      const auto& m = static_cast<const ast::Member&>(e);
      const std::string base = narrow_key(*m.base);
      return base.empty() ? base : base + "." + text(m.name.symbol);
    }
    default: return {};
  }
}

bool Checker::narrowed(const ast::Expr& e) const {
  if (narrowed_.empty()) return false;
  const std::string key = narrow_key(e);
  return !key.empty() && std::find(narrowed_.begin(), narrowed_.end(), key) != narrowed_.end();
}

void Checker::collect_narrowed(const ast::Expr& e, bool truth, std::vector<std::string>& to) const {
  if (e.kind == ast::ExprKind::Unary && static_cast<const ast::Unary&>(e).op == ast::UnaryOp::Not)
    return collect_narrowed(*static_cast<const ast::Unary&>(e).operand, !truth, to);
  if (e.kind != ast::ExprKind::Binary) return;
  const auto& b = static_cast<const ast::Binary&>(e);
  if ((b.op == ast::BinaryOp::And && truth) || (b.op == ast::BinaryOp::Or && !truth)) {
    collect_narrowed(*b.left, truth, to);
    collect_narrowed(*b.right, truth, to);
    return;
  }
  if (b.op != (truth ? ast::BinaryOp::Ne : ast::BinaryOp::Eq)) return;
  const ast::Expr* other = b.right->kind == ast::ExprKind::Null ? b.left : b.left->kind == ast::ExprKind::Null ? b.right : nullptr;
  if (other == nullptr) return;
  if (std::string key = narrow_key(*other); !key.empty()) to.push_back(std::move(key));
}

Checker::Typed Checker::reference(BlockKind kind, std::string_view name, Span span) {
  Code* code = node(Op::RefNamed, span);
  code->n = constant_id(Value::string(name));
  code->aux = static_cast<std::uint8_t>(kind);
  if (kind == BlockKind::Cluster) return {code, simple(TypeTag::Cluster)};
  if (kind != BlockKind::Namespace) code->deps |= DepNamespace;
  return {code, ref_to(kind)};
}

Checker::Typed Checker::member_of(const Typed& base, const ast::Ident& name, bool optional, Span span) {
  if (base.failed()) return failed(span);
  if (base.type.is(TypeTag::Table)) return reference(base.type.kind, names_.text(name.symbol), span);
  if (base.type.is(TypeTag::Null)) {
    report("E0302", span, "null has no field `" + text(name.symbol) + "`");
    return failed(span);
  }
  if (base.type.optional && !optional) {
    auto& d = report("E0302", span, "this may be null, so it may have no `" + text(name.symbol) + "`", "it is " + to_string(base.type));
    d.help.push_back("write `?." + text(name.symbol) + "`, which is null then");
    return failed(span);
  }
  const bool cluster = base.type.is(TypeTag::Cluster);
  if (!cluster && !base.type.is(TypeTag::Record) && !base.type.is(TypeTag::Map) && !base.type.is(TypeTag::Json)) {
    const bool ref = base.type.is(TypeTag::Ref);
    report(ref ? "E0299" : "E0301", name.span,
           ref ? "reading `" + text(name.symbol) + "` of a " + std::string(spec_of(base.type.kind).keyword) + " is not yet supported"
               : to_string(base.type) + " has no fields");
    return failed(span);
  }
  Type type;
  if (base.type.is(TypeTag::Map)) {
    type = *base.type.element;
  } else if (base.type.is(TypeTag::Json)) {
    type = base.type;
  } else {
    type = row_field(name, base.type, cluster);
    if (type.failed()) return failed(span);
  }
  if (base.type.is(TypeTag::Map) || base.type.is(TypeTag::Json)) {
    Code* code = node(Op::IndexMap, span, {base.code, constant(Value::string(names_.text(name.symbol)), name.span)});
    return {code, type};
  }
  Code* code = node(cluster ? (optional ? Op::OptClusterField : Op::ClusterField) : (optional ? Op::OptField : Op::Field), span, {base.code});
  code->n = constant_id(Value::string(names_.text(name.symbol)));
  return {code, optional && base.type.optional ? type.or_null() : type};
}

Checker::Typed Checker::member(const ast::Member& e) {
  if (e.base->kind == ast::ExprKind::Name) {
    const Symbol symbol = static_cast<const ast::Name&>(*e.base).symbol;
    const std::string_view word = names_.text(symbol);
    const bool local = find_local(symbol) != nullptr || scopes_[at_.module].globals.contains(symbol);
    if (!local && word == "self") {
      const std::string_view field = names_.text(e.name.symbol);
      if (field != "name" && field != "namespace") {
        auto& d = report("E0204", e.name.span, "`self` has no field `" + std::string(field) + "`");
        suggest(d, field, {"name", "namespace"});
        return failed(e.span);
      }
      if (!self_) {
        report("E0202", e.span, "`self` is the enclosing object, and there is none here");
        return failed(e.span);
      }
      Code* code = node(field == "name" ? Op::SelfName : Op::SelfNamespace, e.span);
      code->deps = DepSelf;
      return {code, simple(TypeTag::String)};
    }
    const auto& aliases = modules_.all[at_.module]->files[at_.file].aliases;
    if (const auto module = aliases.find(symbol); !local && module != aliases.end()) {
      const Scope& scope = scopes_[module->second];
      if (const auto it = scope.globals.find(e.name.symbol); it != scope.globals.end()) return global_value(it->second, e.span);
      if (modules_.faulty || scope.broken.contains(e.name.symbol)) return failed(e.span);
      auto& d = report("E0202", e.name.span, "`" + modules_.all[module->second]->path + "` has no value `" + text(e.name.symbol) + "`");
      std::vector<std::string_view> known;
      for (const auto& [name, id] : scope.globals) known.push_back(names_.text(name));
      std::sort(known.begin(), known.end());
      suggest(d, names_.text(e.name.symbol), known);
      return failed(e.span);
    }
  }
  Typed out = member_of(expr(*e.base), e.name, e.optional, e.span);
  if (out.type.optional && narrowed(e)) out.type.optional = false;
  return out;
}

Checker::Typed Checker::index(const ast::Index& e) {
  const bool literal = e.index->kind == ast::ExprKind::String && static_cast<const ast::StringLit&>(*e.index).plain();
  const Typed base = expr(*e.base);
  if (base.failed()) {
    expr(*e.index);
    return failed(e.span);
  }
  const Type text_type = simple(TypeTag::String);
  Restore attribute(attribute_, std::string_view{});
  switch (base.type.tag) {
    case TypeTag::Table: {
      const Code* key = value(*e.index, text_type);
      Code* code = node(Op::RefComputed, e.span, {key});
      code->aux = static_cast<std::uint8_t>(base.type.kind);
      if (base.type.kind == BlockKind::Cluster) return {code, simple(TypeTag::Cluster)};
      code->deps |= DepNamespace;
      return {code, ref_to(base.type.kind)};
    }
    case TypeTag::Ref: {
      if (base.type.kind != BlockKind::Config && base.type.kind != BlockKind::Secret) break;
      const Code* key = value(*e.index, text_type);
      Code* code = node(Op::SourceKey, e.span, {base.code, key});
      code->aux = static_cast<std::uint8_t>(base.type.kind);
      return {code, simple(TypeTag::EnvSource)};
    }
    case TypeTag::List: {
      if (base.type.optional) break;
      const Code* key = value(*e.index, simple(TypeTag::Int));
      return {node(Op::IndexList, e.span, {base.code, key}), *base.type.element};
    }
    case TypeTag::Map: {
      if (base.type.optional) break;
      const Code* key = value(*e.index, text_type);
      return {node(Op::IndexMap, e.span, {base.code, key}), *base.type.element};
    }
    case TypeTag::Json: {
      const Typed key = expr(*e.index);
      if (key.failed()) return failed(e.span);
      if (key.type.is(TypeTag::Int)) return {node(Op::IndexList, e.span, {base.code, key.code}), base.type};
      return {node(Op::IndexMap, e.span, {base.code, coerce(key, text_type, *e.index)}), base.type};
    }
    case TypeTag::Record: {
      if (base.type.optional) break;
      if (literal) {
        const auto word = static_cast<const ast::StringLit&>(*e.index).text();
        if (const Type* field = base.type.field(word)) {
          Code* code = node(Op::Field, e.span, {base.code});
          code->n = constant_id(Value::string(word));
          return {code, *field};
        }
        auto& d = report("E0404", e.index->span, "there is no key \"" + std::string(word) + "\"");
        if (!advises()) return failed(e.span);
        std::vector<std::string_view> known;
        for (const auto& [name, type] : *base.type.fields) known.push_back(name);
        suggest(d, word, known);
        return failed(e.span);
      }
      Type element = simple(TypeTag::Empty);
      for (const auto& [name, type] : *base.type.fields) {
        element = unify(element, type);
        if (element.failed()) {
          report("E0308", e.base->span, "an index that is computed needs values of one type", "these differ: " + to_string(base.type));
          return failed(e.span);
        }
      }
      const Code* key = value(*e.index, text_type);
      return {node(Op::IndexMap, e.span, {base.code, key}), element};
    }
    default: break;
  }
  if (base.type.optional)
    report("E0302", e.base->span, "this may be null, so it cannot be indexed", "it is " + to_string(base.type));
  else
    report("E0301", e.base->span, to_string(base.type) + " cannot be indexed", "expected a list, a map, a config or a secret");
  return failed(e.span);
}

// ---- containers

Checker::Typed Checker::list(const ast::List& e, const Type* want) {
  const bool json = want != nullptr && want->is(TypeTag::Json);
  const Type* element_want = json ? want : want != nullptr && want->is(TypeTag::List) ? want->element.get() : nullptr;
  std::vector<const Code*> items;
  Type element = simple(TypeTag::Empty);
  bool bad = false;
  bool all_constant = true;
  for (const ast::Expr* item : e.items) {
    if (element_want != nullptr) {
      items.push_back(value(*item, *element_want));
      bad = bad || items.back()->op == Op::Fail;
    } else {
      const Typed typed = expr(*item);
      bad = bad || typed.failed();
      const Type both = unify(element, typed.type);
      if (both.failed() && !bad) {
        report("E0308", item->span, "the items of a list have one type", "this is " + to_string(typed.type) + ", those before are " + to_string(element));
        bad = true;
      }
      element = both;
      items.push_back(typed.code);
    }
    all_constant = all_constant && items.back()->op == Op::Const;
  }
  if (bad) return failed(e.span);
  const Type type = json ? *want : list_of(element_want != nullptr ? *element_want : element);
  if (all_constant) {
    std::vector<Value> values;
    for (const Code* item : items) values.push_back(unit_.constants[item->n]);
    return {constant(Value::list(std::move(values)), e.span), type};
  }
  return {node_list(Op::MakeList, e.span, items), type};
}

Checker::Typed Checker::object(const ast::Object& e, const Type* want) {
  const bool map = want != nullptr && want->is(TypeTag::Map);
  const bool json = want != nullptr && want->is(TypeTag::Json);
  struct Item {
    std::string key;
    const Code* code;
    Type type;
    Span span;
  };
  std::vector<Item> items;
  std::unordered_map<std::string, Span> known;
  std::vector<const Code*> computed;   // key, value, key, value
  Type element = simple(TypeTag::Empty);
  bool bad = false;
  for (const ast::Entry& entry : e.entries) {
    const bool named = entry.name.symbol != Symbol::None;
    const auto* literal = !named && !entry.computed && entry.key->kind == ast::ExprKind::String ? static_cast<const ast::StringLit*>(entry.key) : nullptr;
    const bool fixed = named || (literal != nullptr && literal->plain());
    const std::string key = named ? text(entry.name.symbol) : fixed ? std::string(literal->text()) : std::string();
    const Type* hint = map ? want->element.get() : json ? want : nullptr;
    if (want != nullptr && want->is(TypeTag::Record) && fixed) hint = want->field(key);
    Typed typed = expr(*entry.value, hint);
    if (hint != nullptr && !typed.failed()) {
      typed.code = coerce(typed, *hint, *entry.value);
      if (typed.code->op == Op::Fail) typed.type = Type{};
      else typed.type = *hint;
    }
    bad = bad || typed.failed();
    if (fixed) {
      const Span key_span = named ? entry.name.span : entry.key->span;
      const auto twice = [&](Span first) {
        report("E0203", key_span, "the key `" + key + "` stands twice").labels.push_back({first, "first here"});
        bad = true;
      };
      // Few keys are compared one by one, many by a table.
      if (items.size() == 16)
        for (const Item& before : items) known.emplace(before.key, before.span);
      if (items.size() >= 16) {
        const auto [at, fresh] = known.emplace(key, key_span);
        if (!fresh) {
          twice(at->second);
          continue;
        }
      } else if (const auto before = std::find_if(items.begin(), items.end(), [&](const Item& i) { return i.key == key; }); before != items.end()) {
        twice(before->span);
        continue;
      }
      items.push_back({key, typed.code, typed.type, key_span});
    } else {
      const Code* key_code = value(*entry.key, simple(TypeTag::String));
      bad = bad || key_code->op == Op::Fail;
      computed.push_back(key_code);
      computed.push_back(typed.code);
      if (!map && !json) {
        element = unify(element, typed.type);
        if (element.failed() && !bad) {
          report("E0308", entry.value->span, "with computed keys all values have one type");
          bad = true;
        }
      }
    }
  }
  if (bad) return failed(e.span);
  if (!computed.empty()) {
    for (const Item& item : items) {
      if (!map && !json) element = unify(element, item.type);
      computed.push_back(constant(Value::string(item.key), item.span));
      computed.push_back(item.code);
    }
    if (element.failed()) {
      report("E0308", e.span, "with computed keys all values have one type");
      return failed(e.span);
    }
    return {node_list(Op::MakeMapComputed, e.span, computed), json ? *want : map_of(map ? *want->element : element)};
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.key < b.key; });
  Type type;
  if (json) {
    type = *want;
  } else if (map) {
    type = map_of(*want->element);
  } else {
    std::vector<std::pair<std::string, Type>> fields;
    for (const Item& item : items) fields.emplace_back(item.key, item.type);
    type = record_of(std::move(fields));
  }
  if (std::all_of(items.begin(), items.end(), [](const Item& i) { return i.code->op == Op::Const; })) {
    std::vector<Entry> entries;
    for (const Item& item : items) entries.push_back(entry(item.key, unit_.constants[item.code->n]));
    return {constant(Value::map(std::move(entries)), e.span), type};
  }
  std::vector<Value> keys;
  std::vector<const Code*> codes;
  for (const Item& item : items) {
    keys.push_back(Value::string(item.key));
    codes.push_back(item.code);
  }
  Code* code = node_list(Op::MakeMap, e.span, codes);
  code->n = constant_id(Value::list(std::move(keys)));
  return {code, type};
}

bool Checker::open_loop(const ast::ForHead& head, ForShape& shape, const Code*& in, std::uint16_t& first) {
  const Typed collection = expr(*head.in);
  in = collection.code;
  const bool pair = head.second.symbol != Symbol::None;
  Type a;
  Type b;
  bool good = !collection.failed();
  if (good && collection.type.optional) {
    report("E0302", head.in->span, "a loop needs a list or a map, and this may be null");
    good = false;
  } else if (good && collection.type.is(TypeTag::List)) {
    shape = pair ? ForShape::IndexedItems : ForShape::Items;
    a = pair ? simple(TypeTag::Int) : *collection.type.element;
    b = *collection.type.element;
  } else if (good && (collection.type.is(TypeTag::Map) || collection.type.is(TypeTag::Record))) {
    Type element = simple(TypeTag::Empty);
    if (collection.type.is(TypeTag::Map)) element = *collection.type.element;
    else
      for (const auto& [name, type] : *collection.type.fields) element = element.failed() ? element : unify(element, type);
    if (!pair || element.failed()) {
      report("E0310", head.in->span, pair ? "the values of this map have several types" : "a map is looped over with two variables, `for key, value in ..`");
      good = false;
    } else {
      shape = ForShape::MapEntries;
      a = simple(TypeTag::String);
      b = element;
    }
  } else if (good) {
    auto& d = report("E0310", head.in->span, "a loop needs a list or a map, found " + to_string(collection.type));
    if (collection.type.is(TypeTag::Int)) d.help.push_back("`range(n)` is the list 0 .. n-1");
    good = false;
  }
  first = new_local(head.first.symbol, good ? a : Type{}, head.first.span);
  if (pair) new_local(head.second.symbol, good ? b : Type{}, head.second.span);
  return good;
}

void Checker::forget_locals(std::uint16_t& low, std::uint16_t from) {
  if (low >= from) low = no_slot;
}

Checker::Typed Checker::list_for(const ast::ListFor& e, const Type* want) {
  const std::size_t locals = locals_.size();
  ForShape shape = ForShape::Items;
  const Code* in = nullptr;
  std::uint16_t first = 0;
  bool good = open_loop(e.head, shape, in, first);
  const Code* condition = e.condition != nullptr ? value(*e.condition, simple(TypeTag::Bool)) : nullptr;
  Typed item;
  if (want != nullptr && want->is(TypeTag::List)) {
    item = {value(*e.item, *want->element), *want->element};
    good = good && item.code->op != Op::Fail;
  } else {
    item = expr(*e.item);
    good = good && !item.failed();
  }
  close_locals(locals);
  if (!good) return failed(e.span);
  Code* code = node(Op::ForList, e.span, {in, item.code, condition});
  code->n = first;
  code->aux = static_cast<std::uint8_t>(shape);
  forget_locals(code->low_slot, first);
  code->low_slot = std::min(code->low_slot, in->low_slot);
  return {code, list_of(item.type)};
}

Checker::Typed Checker::object_for(const ast::ObjectFor& e, const Type* want) {
  const std::size_t locals = locals_.size();
  ForShape shape = ForShape::Items;
  const Code* in = nullptr;
  std::uint16_t first = 0;
  bool good = open_loop(e.head, shape, in, first);
  const Code* condition = e.condition != nullptr ? value(*e.condition, simple(TypeTag::Bool)) : nullptr;
  const Code* key = value(*e.key, simple(TypeTag::String));
  Typed item;
  if (want != nullptr && want->is(TypeTag::Map)) {
    item = {value(*e.value, *want->element), *want->element};
    good = good && item.code->op != Op::Fail;
  } else {
    item = expr(*e.value);
    good = good && !item.failed();
  }
  close_locals(locals);
  if (!good) return failed(e.span);
  Code* code = node_list(Op::ForMap, e.span, {key, item.code});
  code->a = in;
  code->c = condition;
  for (const Code* each : {in, condition}) {
    if (each == nullptr) continue;
    code->deps |= each->deps;
    code->low_slot = std::min(code->low_slot, each->low_slot);
  }
  code->n = first;
  code->aux = static_cast<std::uint8_t>(shape);
  forget_locals(code->low_slot, first);
  code->low_slot = std::min(code->low_slot, in->low_slot);
  return {code, map_of(item.type)};
}

Checker::Typed Checker::condition(const ast::If& e, const Type* want) {
  const Code* test = value(*e.condition, simple(TypeTag::Bool));
  const auto branch = [&](const ast::Expr& side, bool truth) {
    const std::size_t before = narrowed_.size();
    collect_narrowed(*e.condition, truth, narrowed_);
    Typed out = expr(side, want);
    narrowed_.resize(before);
    if (want != nullptr && !out.failed() && assignable(out.type, *want)) {
      // Converted here, so that both branches are of the wanted form.
      if (const Code* code = convert(out, *want, side.span)) out = {code, *want};
    }
    return out;
  };
  const Typed yes = branch(*e.then, true);
  const Typed no = branch(*e.otherwise, false);
  if (yes.failed() || no.failed() || test->op == Op::Fail) return failed(e.span);
  const Type both = unify(yes.type, no.type);
  if (both.failed()) {
    report("E0308", e.otherwise->span, "both branches have one type", "this is " + to_string(no.type) + ", the other " + to_string(yes.type));
    return failed(e.span);
  }
  return {node(Op::If, e.span, {test, yes.code, no.code}), both};
}

// ---- dispatch

Checker::Typed Checker::expr(const ast::Expr& e, const Type* want) {
  if (depth_ >= max_expression_depth) {
    if (!std::exchange(too_deep_, true))
      report("E0109", e.span, "expressions nest more than 2,000 deep, counted through the values that they need")
          .help.push_back("state the type of a value in between, `let NAME: TYPE = ..`, or use fewer steps");
    return failed(e.span);
  }
  Restore depth(depth_, depth_ + 1);
  Typed out = expr_inner(e, want);
  if (out.code == nullptr) out = failed(e.span);
  if (!out.type.bounded()) {
    report("E0109", e.span, "the type of this value has more than 100,000 parts, or is nested more than 500 deep").help.push_back("a value that holds another one twice doubles it; `map(T)` has one part for all keys");
    out = failed(e.span);
  }
  return out;
}

Checker::Typed Checker::expr_inner(const ast::Expr& e, const Type* want) {
  switch (e.kind) {
    case ast::ExprKind::Null: return {constant(Value(), e.span), simple(TypeTag::Null)};
    case ast::ExprKind::Bool: return {constant(Value::boolean(static_cast<const ast::BoolLit&>(e).value), e.span), simple(TypeTag::Bool)};
    case ast::ExprKind::Number: return number(static_cast<const ast::NumberLit&>(e), want);
    case ast::ExprKind::String: return string(static_cast<const ast::StringLit&>(e), want);
    case ast::ExprKind::Name: {
      Typed out = name(static_cast<const ast::Name&>(e));
      if (out.type.optional && narrowed(e)) out.type.optional = false;
      return out;
    }
    case ast::ExprKind::RowField: {
      const auto& field = static_cast<const ast::RowField&>(e);
      if (row_.kind == RowKind::None) {
        auto& d = report("E0307", e.span, "`." + text(field.field.symbol) + "` needs a row, and there is none here");
        d.help.push_back(attribute_.empty() ? "row fields stand in `list where ..` and in attributes that may differ per cluster"
                                            : "`" + std::string(attribute_) + "` is one value for all clusters");
        return failed(e.span);
      }
      Type type = row_field(field.field, row_.record != nullptr ? *row_.record : Type{}, row_.kind != RowKind::Record);
      if (type.failed()) return failed(e.span);
      if (type.optional && narrowed(e)) type.optional = false;
      Code* code = node(Op::RowField, e.span);
      code->n = constant_id(Value::string(names_.text(field.field.symbol)));
      code->deps = row_.kind == RowKind::Each ? DepEach : DepRow;
      return {code, type};
    }
    case ast::ExprKind::Member: return member(static_cast<const ast::Member&>(e));
    case ast::ExprKind::Index: return index(static_cast<const ast::Index&>(e));
    case ast::ExprKind::Call: return call(static_cast<const ast::Call&>(e), want);
    case ast::ExprKind::Unary: return unary(static_cast<const ast::Unary&>(e), want);
    case ast::ExprKind::Binary: return binary(static_cast<const ast::Binary&>(e), want);
    case ast::ExprKind::If: return condition(static_cast<const ast::If&>(e), want);
    case ast::ExprKind::List: return list(static_cast<const ast::List&>(e), want);
    case ast::ExprKind::Object: return object(static_cast<const ast::Object&>(e), want);
    case ast::ExprKind::ListFor: return list_for(static_cast<const ast::ListFor&>(e), want);
    case ast::ExprKind::ObjectFor: return object_for(static_cast<const ast::ObjectFor&>(e), want);
    case ast::ExprKind::Error: return failed(e.span);
  }
  return failed(e.span);
}

}  // namespace mcp
