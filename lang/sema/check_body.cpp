// Bodies: declarations, blocks, attributes, loops and conditions.
#include <algorithm>

#include "lang/sema/checker.hpp"

namespace mcp {

namespace {

constexpr std::string_view later_blocks[] = {"env", "guard", "waive", "test", "moved"};

const AttrSpec& attr_of(BlockKind kind, AttrId id) { return spec_of(kind).attrs[id]; }

int find_attr(BlockKind kind, std::string_view name) {
  const auto attrs = spec_of(kind).attrs;
  for (std::size_t i = 0; i < attrs.size(); ++i)
    if (attrs[i].name == name) return static_cast<int>(i);
  return -1;
}

const ChildSpec* find_child(BlockKind kind, std::string_view keyword) {
  for (const ChildSpec& child : spec_of(kind).children)
    if (spec_of(child.kind).keyword == keyword) return &child;
  return nullptr;
}

bool is_map(AttrType type) {
  switch (type) {
    case AttrType::MapString:
    case AttrType::MapInt:
    case AttrType::EnvMap:
    case AttrType::PortMap:
    case AttrType::DataMap:
    case AttrType::SecretMap: return true;
    default: return false;
  }
}

}  // namespace

void Checker::depend(BodyCode& body, const Code* code) {
  if (code == nullptr) return;
  body.deps |= code->deps;
  body.low_slot = std::min(body.low_slot, code->low_slot);
}

void Checker::depend(BodyCode& body, const BodyCode& inner) {
  body.deps |= inner.deps;
  body.low_slot = std::min(body.low_slot, inner.low_slot);
  body.has_clusters = body.has_clusters || inner.has_clusters;
}

ValueSite Checker::site(const Code* code) {
  ValueSite out;
  out.code = code;
  if (code != nullptr && code->constant() && code->op != Op::Const && code->op != Op::Fail) out.cache = unit_.value_caches++;
  return out;
}

std::shared_ptr<const std::vector<LeafOrigin>> Checker::leaves(const ast::Expr& e) const {
  if (e.kind != ast::ExprKind::Object) return nullptr;
  auto out = std::make_shared<std::vector<LeafOrigin>>();
  const auto add = [&](std::string_view key, const ast::Expr& value) { out->push_back({std::string(key), {value.span, 0, Level::ProjectBlock}}); };
  for (const ast::Entry& entry : static_cast<const ast::Object&>(e).entries) {
    if (entry.name.symbol != Symbol::None) {
      add(text(entry.name.symbol), *entry.value);
    } else if (!entry.computed && entry.key->kind == ast::ExprKind::String && static_cast<const ast::StringLit*>(entry.key)->plain()) {
      add(static_cast<const ast::StringLit*>(entry.key)->text(), *entry.value);
    }
  }
  if (out->empty()) return nullptr;
  return out;
}

const Code* Checker::attr_value(BlockKind kind, AttrId id, const ast::Expr& e) {
  const AttrSpec& spec = attr_of(kind, id);
  Restore attribute(attribute_, spec.name);
  Restore row(row_, Row{spec.rows == Rows::Yes ? RowKind::Each : RowKind::None, nullptr});
  if (spec.support == Support::Later) {
    report("E0299", e.span, "`" + std::string(spec.name) + "` of a " + std::string(spec_of(kind).keyword) + " is not yet supported");
    return fail_node(e.span);
  }
  const Type& want = attr_types_[static_cast<std::size_t>(kind)][id];
  switch (spec.type) {
    case AttrType::StringOrInt: {
      const Typed typed = expr(e);
      if (typed.type.is(TypeTag::Int) && !typed.type.optional) return typed.code;
      return coerce(typed, want, e);
    }
    case AttrType::ByKeys: {
      if (e.kind != ast::ExprKind::List) return value(e, want);
      return value(e, list_of(simple(TypeTag::String)));
    }
    default: return value(e, want);
  }
}

const Code* Checker::label_value(std::size_t label, const ast::Expr& e) {
  Restore attribute(attribute_, std::string_view(unit_.labels[label].name));
  Restore row(row_, Row{});
  return value(e, unit_.labels[label].type);
}

void Checker::unknown_attribute(const ast::Ident& name, BlockKind kind) {
  const BlockSpec& spec = spec_of(kind);
  auto& d = report("E0204", name.span, "a " + std::string(spec.keyword) + " has no attribute `" + text(name.symbol) + "`");
  std::vector<std::string_view> known;
  for (const AttrSpec& attr : spec.attrs) known.push_back(attr.name);
  for (const ChildSpec& child : spec.children) known.push_back(spec_of(child.kind).keyword);
  if (kind == BlockKind::Cluster)
    for (const LabelCode& label : unit_.labels) known.push_back(label.name);
  suggest(d, names_.text(name.symbol), known);
  if (d.help.empty()) {
    std::string all;
    std::size_t shown = 0;
    for (const std::string_view each : known) {
      if (++shown > 12) break;
      all.append(all.empty() ? "" : ", ").append(each);
    }
    if (known.size() > 12) all += ", ...";
    d.notes.push_back("it has " + all);
  }
  if (kind == BlockKind::Cluster) d.help.push_back("a field of your own is declared by `label " + text(name.symbol) + ": string`");
}

void Checker::note_set(BodyCode& out, SetCode set, BlockKind kind) {
  for (const SetCode& before : out.sets)
    if (before.attr == set.attr && (before.key.empty() || set.key.empty() || before.key == set.key) && !(before.key.empty() != set.key.empty())) {
      const bool label = set.attr >= spec_of(kind).attrs.size();
      const std::string name = label ? unit_.labels[set.attr - spec_of(kind).attrs.size()].name : std::string(attr_of(kind, set.attr).name);
      auto& d = report("E0203", set.name_span, "`" + name + (set.key.empty() ? "" : "." + set.key) + "` is set twice");
      d.labels.push_back({before.name_span, "first here"});
      return;
    }
  depend(out, set.value.code);
  out.items.push_back({BodyCode::Item::Kind::Set, static_cast<std::uint32_t>(out.sets.size())});
  out.sets.push_back(std::move(set));
}

void Checker::assign(BodyCode& out, const ast::Assign& e, BlockKind kind) {
  if (e.append) {
    report("E0299", e.path[0].span, "`+=` is not yet supported");
    return;
  }
  assign_at(out, e, kind, e.path);
}

void Checker::assign_at(BodyCode& out, const ast::Assign& e, BlockKind kind, std::span<const ast::Ident> path) {
  const ast::Ident& head = path[0];
  const std::string_view word = names_.text(head.symbol);
  const ChildSpec* nested = find_child(kind, word);
  if (const int id = find_attr(kind, word); id >= 0 && !(nested != nullptr && path.size() > 1)) {
    SetCode set;
    set.attr = static_cast<AttrId>(id);
    set.name_span = join(e.path[0].span, e.path.back().span);
    const AttrSpec& spec = attr_of(kind, set.attr);
    if (path.size() == 1) {
      set.value = site(attr_value(kind, set.attr, *e.value));
      set.leaves = leaves(*e.value);
    } else if (path.size() == 2 && is_map(spec.type)) {
      set.key = text(path[1].symbol);
      Restore attribute(attribute_, spec.name);
      Restore row(row_, Row{spec.rows == Rows::Yes ? RowKind::Each : RowKind::None, nullptr});
      set.value = site(value(*e.value, *attr_types_[static_cast<std::size_t>(kind)][set.attr].element));
    } else {
      report("E0204", path[1].span, "`" + std::string(word) + "` has nothing inside it called `" + text(path[1].symbol) + "`");
      return;
    }
    note_set(out, std::move(set), kind);
    return;
  }
  if (kind == BlockKind::Cluster && path.size() == 1)
    for (std::size_t i = 0; i < unit_.labels.size(); ++i)
      if (unit_.labels[i].name == word) {
        SetCode set;
        set.attr = static_cast<AttrId>(spec_of(kind).attrs.size() + i);
        set.name_span = head.span;
        set.value = site(label_value(i, *e.value));
        note_set(out, std::move(set), kind);
        return;
      }
  if (nested == nullptr) {
    if (!modules_.faulty || kind != BlockKind::Cluster) unknown_attribute(head, kind);
    return;
  }
  const BlockSpec& inner = spec_of(nested->kind);
  const bool named = inner.name != NameRule::None;
  const std::size_t used = named ? 2 : 1;
  if (inner.support == Support::Later) {
    report("E0299", head.span, "`" + std::string(inner.keyword) + "` is not yet supported");
    return;
  }
  if (path.size() <= used) {
    auto& d = report("E0205", head.span, "`" + std::string(inner.keyword) + "` is a block, not an attribute");
    d.help.push_back(named ? "write `" + std::string(inner.keyword) + " NAME { .. }`, or one value of it: `" + std::string(inner.keyword) + ".NAME.ATTRIBUTE = ..`"
                           : "write `" + std::string(inner.keyword) + " { .. }`");
    return;
  }
  ChildCode child;
  child.kind = nested->kind;
  child.merge = true;
  child.head = join(path[0].span, path[used - 1].span);
  child.name_span = path[used - 1].span;
  if (named) child.name = site(constant(Value::string(names_.text(path[1].symbol)), path[1].span));
  child.body = std::make_shared<BodyCode>();
  assign_at(*child.body, e, nested->kind, path.subspan(used));
  depend(out, *child.body);
  out.has_paths = true;
  out.items.push_back({BodyCode::Item::Kind::Child, static_cast<std::uint32_t>(out.children.size())});
  out.children.push_back(std::move(child));
}

ValueSite Checker::block_name(const ast::Block& e, const BlockSpec& spec) {
  const auto literal = [&](std::string_view words, Span span) { return site(constant(Value::string(words), span)); };
  const bool has = e.name.symbol != Symbol::None || e.name_text != nullptr;
  if (spec.name == NameRule::None) {
    if (has) report("E0213", e.name_text != nullptr ? e.name_text->span : e.name.span, "a `" + std::string(spec.keyword) + "` block has no name");
    return {};
  }
  if (!has) {
    if (spec.name != NameRule::Optional)
      report("E0210", e.head, "a " + std::string(spec.keyword) + " needs a name").help.push_back("write `" + std::string(spec.keyword) + " NAME { .. }`");
    return {};
  }
  if (spec.name == NameRule::Choice) {
    const std::string word = e.name_text != nullptr && e.name_text->plain() ? std::string(e.name_text->text()) : text(e.name.symbol);
    if (word != "ready" && word != "live" && word != "start") {
      const Span span = e.name_text != nullptr ? e.name_text->span : e.name.span;
      auto& d = report("E0204", span, "there is no probe `" + word + "`");
      d.help.push_back("a probe is `ready`, `live` or `start`");
      return {};
    }
    return literal(word, e.name.span);
  }
  if (e.name_text == nullptr) return literal(names_.text(e.name.symbol), e.name.span);
  Restore row(row_, Row{});
  Restore attribute(attribute_, std::string_view("name"));
  return site(value(*e.name_text, simple(TypeTag::String)));
}

void Checker::child(BodyCode& out, const ast::Block& e, BlockKind kind) {
  // `container.nginx { .. }` and `container nginx { .. }` are the same block.
  std::span<const ast::Ident> path = e.path;
  const std::string_view word = names_.text(path[0].symbol);
  const ChildSpec* nested = find_child(kind, word);
  if (nested == nullptr) {
    if (find_attr(kind, word) >= 0) {
      auto& d = report("E0205", path[0].span, "`" + std::string(word) + "` is an attribute, not a block");
      d.help.push_back("write `" + std::string(word) + " = ..`");
    } else if (block_of(word) != nullptr) {
      report("E0213", path[0].span, "a `" + std::string(word) + "` block does not stand in a " + std::string(spec_of(kind).keyword));
    } else {
      auto& d = report("E0205", path[0].span, "a " + std::string(spec_of(kind).keyword) + " has no block `" + std::string(word) + "`");
      std::vector<std::string_view> known;
      for (const ChildSpec& each : spec_of(kind).children) known.push_back(spec_of(each.kind).keyword);
      for (const AttrSpec& attr : spec_of(kind).attrs) known.push_back(attr.name);
      suggest(d, word, known);
    }
    return;
  }
  const BlockSpec& spec = spec_of(nested->kind);
  if (spec.support == Support::Later) {
    report("E0299", e.head, "`" + std::string(spec.keyword) + "` is not yet supported");
    return;
  }
  if (e.in_name.symbol != Symbol::None || e.in_text != nullptr) report("E0213", e.head, "only declared objects stand `in` a namespace");
  if (e.where != nullptr) report("E0213", e.where->span, "a `" + std::string(spec.keyword) + "` block takes no `where`");
  ChildCode child;
  child.kind = nested->kind;
  child.head = e.head;
  child.name_span = e.name_text != nullptr ? e.name_text->span : e.name.symbol != Symbol::None ? e.name.span : path[0].span;
  if (path.size() == 1) {
    child.name = block_name(e, spec);
    child.body = body(e.body.stmts, In::Block, nested->kind);
  } else if (path.size() == 2 && spec.name != NameRule::None && e.name.symbol == Symbol::None && e.name_text == nullptr) {
    child.name = site(constant(Value::string(names_.text(path[1].symbol)), path[1].span));
    child.name_span = path[1].span;
    child.body = body(e.body.stmts, In::Block, nested->kind);
    child.merge = true;
    out.has_paths = true;
  } else {
    report("E0205", path[1].span, "blocks are named by their kind and their name").help.push_back("nest the blocks inside each other");
    return;
  }
  depend(out, *child.body);
  depend(out, child.name.code);
  const bool fixed_name = child.name.code == nullptr || child.name.code->constant();
  if (fixed_name && child.body->low_slot == no_slot && (child.body->deps & ~DepNamespace) == 0) {
    child.cache = unit_.block_caches++;
    child.by_namespace = child.body->deps != DepNone;
  }
  out.items.push_back({BodyCode::Item::Kind::Child, static_cast<std::uint32_t>(out.children.size())});
  out.children.push_back(std::move(child));
}

void Checker::declaration(BodyCode& out, const ast::Block& e) {
  const std::string_view word = names_.text(e.path[0].symbol);
  const BlockSpec* spec = block_of(word);
  if (e.path.size() > 1 || spec == nullptr || !spec->top_level) {
    if (e.path.size() == 1 && std::find(std::begin(later_blocks), std::end(later_blocks), word) != std::end(later_blocks)) {
      later(e, e.head, "`" + std::string(word) + "`");
      return;
    }
    if (scopes_[at_.module].broken.contains(e.path[0].symbol)) return;  // a component: reported where it is declared
    const auto& imports = modules_.all[at_.module]->files[at_.file].alias_spans;
    if (e.path.size() == 2 && imports.contains(e.path[0].symbol)) {
      later(e, e.head, "an instance of a component");
      return;
    }
    if (spec != nullptr && !spec->top_level) {
      report("E0213", e.path[0].span, "a `" + std::string(word) + "` block stands inside another block");
      return;
    }
    if (modules_.faulty && e.path.size() > 1) return;
    auto& d = report("E0205", e.path[0].span, "unknown kind `" + std::string(word) + "`");
    std::vector<std::string_view> known;
    for (const BlockSpec& each : all_blocks())
      if (each.top_level) known.push_back(each.keyword);
    for (const std::string_view each : {"let", "param", "label", "import", "for", "when", "type", "fn"}) known.push_back(each);
    suggest(d, word, known);
    if (d.help.empty()) d.notes.push_back("kinds are mcp, label, cluster, namespace, config, secret, workload, service and manifest");
    return;
  }
  ObjectCode object;
  object.kind = spec->kind;
  object.head = e.head;
  object.name_span = e.name_text != nullptr ? e.name_text->span : e.name.symbol != Symbol::None ? e.name.span : e.head;
  object.name = block_name(e, *spec);
  if (e.where != nullptr) report("E0213", e.where->span, "a " + std::string(word) + " takes no `where`");
  const bool has_ns = e.in_name.symbol != Symbol::None || e.in_text != nullptr;
  object.ns_span = e.in_text != nullptr ? e.in_text->span : e.in_name.span;
  if (!spec->in_namespace && has_ns) {
    report("E0213", object.ns_span, "a " + std::string(word) + " stands in no namespace");
    return;
  }
  if (spec->in_namespace && !has_ns && spec->kind != BlockKind::Manifest) {
    auto& d = report("E0210", e.head, "a " + std::string(word) + " needs a namespace");
    const std::string name = object.name.code != nullptr && object.name.code->op == Op::Const
                                 ? std::string(unit_.constants[object.name.code->n].as_string())
                                 : std::string("NAME");
    d.help.push_back("write `" + std::string(word) + " " + name + " in NAMESPACE { .. }`");
    return;
  }
  if (has_ns) {
    if (e.in_text == nullptr) {
      object.ns = site(constant(Value::string(names_.text(e.in_name.symbol)), e.in_name.span));
    } else {
      Restore attribute(attribute_, std::string_view("namespace"));
      object.ns = site(value(*e.in_text, simple(TypeTag::String)));
    }
  }
  object.frame = next_slot_;
  {
    Restore self(self_, true);
    object.body = body(e.body.stmts, In::Block, spec->kind);
  }
  object.loops = loops_;
  out.has_clusters = out.has_clusters || object.kind == BlockKind::Cluster;
  depend(out, object.name.code);
  depend(out, object.ns.code);
  out.items.push_back({BodyCode::Item::Kind::Object, static_cast<std::uint32_t>(out.objects.size())});
  out.objects.push_back(std::move(object));
}

void Checker::for_stmt(BodyCode& out, const ast::For& e, In in, BlockKind kind) {
  const std::size_t locals = locals_.size();
  auto loop = std::make_shared<ForCode>();
  Restore row(row_, Row{});
  Restore attribute(attribute_, std::string_view{});
  if (!open_loop(e.head, loop->shape, loop->in, loop->first)) loop->in = fail_node(e.head.in->span);
  loop->first_name = text(e.head.first.symbol);
  if (e.head.second.symbol != Symbol::None) loop->second_name = text(e.head.second.symbol);
  loop->span = join(e.head.first.span, e.head.in->span);
  loops_.push_back(loop.get());
  loop->body = body(e.body.stmts, in, kind);
  loops_.pop_back();
  close_locals(locals);
  BodyCode inner;
  depend(inner, *loop->body);
  forget_locals(inner.low_slot, loop->first);
  depend(out, inner);
  depend(out, loop->in);
  out.has_paths = out.has_paths || loop->body->has_paths;
  out.items.push_back({BodyCode::Item::Kind::For, static_cast<std::uint32_t>(out.fors.size())});
  out.fors.push_back(std::move(loop));
}

void Checker::when_stmt(BodyCode& out, const ast::When& e, In in, BlockKind kind) {
  WhenCode when;
  {
    Restore row(row_, Row{});
    Restore attribute(attribute_, std::string_view{});
    when.condition = value(*e.condition, simple(TypeTag::Bool));
  }
  const std::size_t before = narrowed_.size();
  collect_narrowed(*e.condition, true, narrowed_);
  when.then = body(e.body.stmts, in, kind);
  narrowed_.resize(before);
  collect_narrowed(*e.condition, false, narrowed_);
  if (e.else_when != nullptr) {
    when.otherwise = std::make_shared<BodyCode>();
    when_stmt(*when.otherwise, *e.else_when, in, kind);
  } else if (e.else_body != nullptr) {
    when.otherwise = body(e.else_body->stmts, in, kind);
  }
  narrowed_.resize(before);
  depend(out, when.condition);
  for (const auto& side : {when.then, when.otherwise}) {
    if (!side) continue;
    depend(out, *side);
    out.has_paths = out.has_paths || side->has_paths;
  }
  out.items.push_back({BodyCode::Item::Kind::When, static_cast<std::uint32_t>(out.whens.size())});
  out.whens.push_back(std::move(when));
}

std::shared_ptr<BodyCode> Checker::body(std::span<const ast::Stmt* const> stmts, In in, BlockKind kind) {
  auto out = std::make_shared<BodyCode>();
  const std::size_t locals = locals_.size();
  const std::uint16_t first = next_slot_;
  // Lets first, in any order: each is checked when something needs it.
  for (const ast::Stmt* stmt : stmts)
    if (stmt->kind == ast::StmtKind::Let) {
      const auto& let = static_cast<const ast::Let&>(*stmt);
      new_local(let.name.symbol, Type{}, let.name.span);
      locals_.back().let = &let;
      locals_.back().state = State::Unseen;
      locals_.back().body = out.get();
    }
  const std::size_t count = locals_.size();
  for (std::size_t i = locals; i < count; ++i) {
    Restore row(row_, Row{});
    Restore attribute(attribute_, std::string_view{});
    check_local(locals_[i]);
  }
  body_into(*out, stmts, in, kind);
  close_locals(locals);
  forget_locals(out->low_slot, first);
  for (const LetCode& let : out->lets)
    if (let.value->low_slot < first) out->low_slot = std::min(out->low_slot, let.value->low_slot);
  return out;
}

void Checker::body_into(BodyCode& out, std::span<const ast::Stmt* const> stmts, In in, BlockKind kind) {
  const In inner = in == In::File ? In::Project : in;
  for (const ast::Stmt* stmt : stmts) {
    switch (stmt->kind) {
      case ast::StmtKind::Assign: {
        const auto& e = static_cast<const ast::Assign&>(*stmt);
        if (in != In::Block) {
          auto& d = report("E0213", e.path[0].span, "an attribute stands inside a block");
          d.help.push_back("a value of your own is declared by `let " + text(e.path[0].symbol) + " = ..`");
        } else {
          assign(out, e, kind);
        }
        break;
      }
      case ast::StmtKind::Let: break;
      case ast::StmtKind::Import:
      case ast::StmtKind::Out:
      case ast::StmtKind::Param:
      case ast::StmtKind::Label:
      case ast::StmtKind::Type:
      case ast::StmtKind::Fn:
        if (in != In::File) report("E0213", stmt->span, "this statement stands at the top of a file");
        break;
      case ast::StmtKind::Component: later(*stmt, static_cast<const ast::Component&>(*stmt).name.span, "`component`"); break;
      case ast::StmtKind::Check: later(*stmt, {}, "`check`"); break;
      case ast::StmtKind::Effect: later(*stmt, {}, "`deny` and `warn`"); break;
      case ast::StmtKind::Expect: later(*stmt, {}, "`expect`"); break;
      case ast::StmtKind::Override: later(*stmt, {}, "`override`"); break;
      case ast::StmtKind::For: for_stmt(out, static_cast<const ast::For&>(*stmt), inner, kind); break;
      case ast::StmtKind::When: when_stmt(out, static_cast<const ast::When&>(*stmt), inner, kind); break;
      case ast::StmtKind::Block: {
        const auto& e = static_cast<const ast::Block&>(*stmt);
        if (in != In::Block) declaration(out, e);
        else child(out, e, kind);
        break;
      }
    }
  }
}

}  // namespace mcp
