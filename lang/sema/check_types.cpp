// Types as written, and which fits which.
#include <algorithm>

#include "lang/sema/checker.hpp"

namespace mcp {

namespace {

constexpr std::pair<std::string_view, TypeTag> simple_types[] = {
    {"bool", TypeTag::Bool},         {"int", TypeTag::Int},       {"string", TypeTag::String}, {"duration", TypeTag::Duration},
    {"cpu", TypeTag::Cpu},           {"memory", TypeTag::Memory}, {"percent", TypeTag::Percent}, {"share", TypeTag::Share},
    {"image", TypeTag::Image},       {"date", TypeTag::Date},     {"port", TypeTag::Port},     {"json", TypeTag::Json},
    {"cluster", TypeTag::Cluster},
};

}  // namespace

Type Checker::resolve_named(const ast::TypeExpr& e) {
  const std::string_view word = names_.text(e.path[0].symbol);
  const auto arity = [&](std::size_t count) {
    if (e.args.size() == count) return true;
    report("E0301", e.span, "`" + std::string(word) + "` takes " + std::to_string(count) + (count == 1 ? " type" : " types") + " in parentheses");
    return false;
  };
  if (e.path.size() == 1) {
    for (const auto& [name, tag] : simple_types)
      if (name == word) return arity(0) ? simple(tag) : Type{};
    if (word == "list" || word == "map") {
      if (!arity(1)) return Type{};
      Type inner = resolve_type(*e.args[0]);
      if (inner.failed()) return inner;
      return word == "list" ? list_of(std::move(inner)) : map_of(std::move(inner));
    }
    if (word == "ref") {
      if (!arity(1)) return Type{};
      const ast::TypeExpr& kind = *e.args[0];
      const BlockSpec* spec = kind.kind == ast::TypeKind::Named && kind.path.size() == 1 ? block_of(names_.text(kind.path[0].symbol)) : nullptr;
      if (spec == nullptr || !spec->object_attrs) {
        report("E0301", kind.span, "`ref` takes a kind: namespace, config, secret, workload, service or manifest");
        return Type{};
      }
      return ref_to(spec->kind);
    }
    if (word == "secret") {
      if (!arity(1)) return Type{};
      const Type inner = resolve_type(*e.args[0]);
      return inner.failed() ? inner : simple(TypeTag::Secret);
    }
    if (word == "each") {
      report("E0299", e.span, "the type `each(cluster, T)` is not yet supported");
      return Type{};
    }
    const auto it = scopes_[at_.module].aliases.find(e.path[0].symbol);
    if (it != scopes_[at_.module].aliases.end()) {
      Alias& alias = aliases_[it->second];
      if (alias.state == State::Open) {
        report("E0401", e.span, "type `" + std::string(word) + "` needs itself");
        return Type{};
      }
      if (alias.state == State::Unseen) {
        Restore chain(alias_chain_, alias_chain_ + 1);
        if (alias_chain_ > max_chain) {
          if (!std::exchange(too_deep_, true)) report("E0401", e.span, "types need each other more than 400 deep");
          return Type{};
        }
        alias.state = State::Open;
        Restore at(at_, Where{alias.module, alias.file});
        const Type type = resolve_type(*alias.decl->type);
        aliases_[it->second].type = type;
        aliases_[it->second].state = State::Done;
      }
      return aliases_[it->second].type;
    }
  } else if (e.path.size() == 2) {
    const auto& imports = modules_.all[at_.module]->files[at_.file].aliases;
    if (const auto module = imports.find(e.path[0].symbol); module != imports.end()) {
      const auto it = scopes_[module->second].aliases.find(e.path[1].symbol);
      if (it != scopes_[module->second].aliases.end()) {
        Restore at(at_, Where{module->second, 0});
        return resolve_type(*aliases_[it->second].decl->type);
      }
    }
  }
  if (modules_.faulty) return Type{};
  auto& d = report("E0202", e.span, "unknown type `" + std::string(word) + "`");
  if (!advises()) return Type{};
  std::vector<std::string_view> known = {"list", "map", "ref", "secret"};
  for (const auto& [name, tag] : simple_types) known.push_back(name);
  for (const auto& [symbol, id] : scopes_[at_.module].aliases) known.push_back(names_.text(symbol));
  std::sort(known.begin(), known.end());
  suggest(d, word, known);
  return Type{};
}

Type Checker::resolve_type(const ast::TypeExpr& e) {
  Type out;
  switch (e.kind) {
    case ast::TypeKind::Literal: out = union_of({std::string(e.text)}); break;
    case ast::TypeKind::Record: {
      std::vector<std::pair<std::string, Type>> fields;
      for (const ast::TypeField& field : e.fields) {
        fields.emplace_back(text(field.name.symbol), resolve_type(*field.type));
        if (fields.back().second.failed()) return Type{};
      }
      out = record_of(std::move(fields));
      break;
    }
    case ast::TypeKind::Named: out = resolve_named(e); break;
    case ast::TypeKind::Union: {
      std::vector<std::string> choices;
      bool optional = false;
      for (const ast::TypeExpr* each : e.args) {
        const Type member = resolve_type(*each);
        if (member.failed()) return member;
        if (!member.is(TypeTag::Union)) {
          report("E0301", each->span, "a union holds string literals only", "this is " + to_string(member));
          return Type{};
        }
        optional = optional || member.optional;
        choices.insert(choices.end(), member.choices->begin(), member.choices->end());
      }
      out = union_of(std::move(choices));
      out.optional = optional;
      break;
    }
  }
  if (e.optional && !out.failed()) out.optional = true;
  return out;
}

bool Checker::assignable(const Type& from, const Type& to) {
  if (from.failed() || to.failed()) return true;
  if (from.is(TypeTag::Null)) return to.optional || to.is(TypeTag::Json);
  if (from.optional && !to.optional && !to.is(TypeTag::Json)) return false;
  if (from.is(TypeTag::Empty)) return true;
  switch (to.tag) {
    case TypeTag::String: return from.is(TypeTag::String) || from.is(TypeTag::Union) || from.is(TypeTag::Image) || from.is(TypeTag::Date);
    case TypeTag::Share: return from.is(TypeTag::Share) || from.is(TypeTag::Int) || from.is(TypeTag::Percent);
    case TypeTag::Image: return from.is(TypeTag::Image) || from.is(TypeTag::String) || from.is(TypeTag::Union);
    case TypeTag::Port: return from.is(TypeTag::Port) || from.is(TypeTag::Int);
    case TypeTag::MountSource:
      return from.is(TypeTag::MountSource) || from.is(TypeTag::Scratch) ||
             (from.is(TypeTag::Ref) && (from.kind == BlockKind::Config || from.kind == BlockKind::Secret));
    case TypeTag::EnvValue:
      return from.is(TypeTag::EnvValue) || from.is(TypeTag::EnvSource) || from.is(TypeTag::String) || from.is(TypeTag::Union) ||
             from.is(TypeTag::Image) || from.is(TypeTag::Date);
    case TypeTag::Json:
      switch (from.tag) {
        case TypeTag::List:
        case TypeTag::Map: return assignable(*from.element, to);
        case TypeTag::Record:
          return std::all_of(from.fields->begin(), from.fields->end(), [&](const auto& f) { return assignable(f.second, to); });
        case TypeTag::Bool:
        case TypeTag::Int:
        case TypeTag::String:
        case TypeTag::Union:
        case TypeTag::Image:
        case TypeTag::Date:
        case TypeTag::Percent:
        case TypeTag::Share:
        case TypeTag::Cpu:
        case TypeTag::Memory:
        case TypeTag::Json: return true;
        default: return false;
      }
    case TypeTag::Union:
      return from.is(TypeTag::Union) && std::all_of(from.choices->begin(), from.choices->end(), [&](const std::string& c) {
               return std::find(to.choices->begin(), to.choices->end(), c) != to.choices->end();
             });
    case TypeTag::List: return from.is(TypeTag::List) && assignable(*from.element, *to.element);
    case TypeTag::Map:
      if (from.is(TypeTag::Map)) return assignable(*from.element, *to.element);
      return from.is(TypeTag::Record) && std::all_of(from.fields->begin(), from.fields->end(),
                                                     [&](const auto& f) { return assignable(f.second, *to.element); });
    case TypeTag::Record:
      if (!from.is(TypeTag::Record)) return false;
      for (const auto& [name, type] : *to.fields) {
        const Type* have = from.field(name);
        if (have == nullptr ? !type.optional : !assignable(*have, type)) return false;
      }
      return from.fields->size() <= to.fields->size() &&
             std::all_of(from.fields->begin(), from.fields->end(), [&](const auto& f) { return to.field(f.first) != nullptr; });
    case TypeTag::Ref:
    case TypeTag::Table: return from.tag == to.tag && from.kind == to.kind;
    default: return from.tag == to.tag;
  }
}

Type Checker::unify(const Type& a, const Type& b) {
  if (a.failed()) return a;
  if (b.failed()) return b;
  const bool optional = a.optional || b.optional || a.is(TypeTag::Null) || b.is(TypeTag::Null);
  const auto with = [optional](Type t) {
    if (!t.is(TypeTag::Null)) t.optional = optional;
    return t;
  };
  if (a.is(TypeTag::Null)) return with(b);
  if (b.is(TypeTag::Null)) return with(a);
  if (a.is(TypeTag::Empty)) return with(b);
  if (b.is(TypeTag::Empty)) return with(a);
  if (a.is(TypeTag::Union) && b.is(TypeTag::Union)) {
    std::vector<std::string> both = *a.choices;
    both.insert(both.end(), b.choices->begin(), b.choices->end());
    return with(union_of(std::move(both)));
  }
  const auto share = [](const Type& t) { return t.is(TypeTag::Int) || t.is(TypeTag::Percent) || t.is(TypeTag::Share); };
  if (a.tag != b.tag && share(a) && share(b)) return with(simple(TypeTag::Share));
  if (a.tag == b.tag) {
    switch (a.tag) {
      case TypeTag::List:
      case TypeTag::Map: {
        Type element = unify(*a.element, *b.element);
        if (element.failed()) return element;
        return with(a.is(TypeTag::List) ? list_of(std::move(element)) : map_of(std::move(element)));
      }
      case TypeTag::Record: {
        if (a.fields->size() != b.fields->size()) return Type{};
        std::vector<std::pair<std::string, Type>> fields;
        for (std::size_t i = 0; i < a.fields->size(); ++i) {
          if ((*a.fields)[i].first != (*b.fields)[i].first) return Type{};
          fields.emplace_back((*a.fields)[i].first, unify((*a.fields)[i].second, (*b.fields)[i].second));
          if (fields.back().second.failed()) return Type{};
        }
        return with(record_of(std::move(fields)));
      }
      case TypeTag::Ref:
      case TypeTag::Table: return a.kind == b.kind ? with(a) : Type{};
      default: return with(a);
    }
  }
  if (assignable(a.required(), b.required())) return with(b);
  if (assignable(b.required(), a.required())) return with(a);
  return Type{};
}

Type Checker::row_field(const ast::Ident& field, const Type& whole, bool cluster) {
  const std::string word = text(field.symbol);
  if (cluster) {
    if (const auto it = row_fields_.find(word); it != row_fields_.end()) return it->second;
    if (modules_.faulty) return Type{};
    auto& d = report("E0204", field.span, "clusters have no field `" + word + "`");
    std::vector<std::string_view> known;
    for (const auto& [name, type] : row_fields_) known.push_back(name);
    suggest(d, word, known);
    if (d.help.empty()) d.help.push_back("declare it: `label " + word + ": string`");
    return Type{};
  }
  if (const Type* type = whole.field(word)) return *type;
  auto& d = report("E0204", field.span, "there is no field `" + word + "` in " + to_string(whole));
  std::vector<std::string_view> known;
  if (whole.fields)
    for (const auto& [name, type] : *whole.fields) known.push_back(name);
  suggest(d, word, known);
  return Type{};
}

}  // namespace mcp
