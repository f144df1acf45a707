// Declarations of modules, and what a name means.
#include <algorithm>

#include "lang/sema/checker.hpp"
#include "lang/sema/functions.hpp"

namespace mcp {

namespace {

constexpr std::string_view built_in[] = {"clusters", "self", "scratch", "plan", "cluster", "namespace", "config",
                                         "secret", "workload", "service", "manifest", "guard"};

bool is_built_in(std::string_view name) { return std::find(std::begin(built_in), std::end(built_in), name) != std::end(built_in); }

std::optional<BlockKind> table_kind(std::string_view name) {
  const BlockSpec* spec = block_of(name);
  if (spec == nullptr || !spec->top_level || spec->kind == BlockKind::Mcp) return std::nullopt;
  return spec->kind;
}

const ast::Ident& name_of(const ast::Stmt& stmt) {
  if (stmt.kind == ast::StmtKind::Param) return static_cast<const ast::Param&>(stmt).name;
  return static_cast<const ast::Let&>(stmt).name;
}

}  // namespace

void suggest(Diagnostic& diagnostic, std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string best = nearest(word, candidates);
  if (best.empty()) return;
  diagnostic.help.push_back("did you mean `" + best + "`?");
  diagnostic.fixes.push_back({diagnostic.span, best, true});
}

Checker::Checker(const Modules& modules, Interner& names, Diagnostics& out, Unit& unit)
    : modules_(modules), names_(names), out_(out), unit_(unit) {
  const auto field = [this](std::string name, TypeTag tag, bool optional) {
    Type type = simple(tag);
    type.optional = optional;
    row_fields_.emplace(std::move(name), type);
  };
  field("name", TypeTag::String, false);
  field("cloud", TypeTag::String, false);
  field("region", TypeTag::String, false);
  field("zone", TypeTag::String, true);
  field("context", TypeTag::String, false);
  field("capacity", TypeTag::Int, true);
  field("cpu", TypeTag::Cpu, true);
  field("memory", TypeTag::Memory, true);
  field("cordon", TypeTag::Bool, false);
  field("drain", TypeTag::Bool, false);
  for (std::size_t kind = 0; kind < block_kinds; ++kind)
    for (const AttrSpec& attr : spec_of(static_cast<BlockKind>(kind)).attrs) attr_types_[kind].push_back(type_of_attr(attr));
}

Diagnostic& Checker::report(std::string code, Span span, std::string message, std::string label) {
  return out_.add(error(std::move(code), span, std::move(message), std::move(label)));
}

void Checker::later(const ast::Stmt& stmt, Span span, std::string_view what) {
  report("E0299", span.known() ? span : stmt.span, std::string(what) + " is not yet supported");
}

bool Checker::taken(Symbol name, Span span, std::string_view what) {
  const std::string_view word = names_.text(name);
  if (!is_built_in(word)) return false;
  auto& d = report("E0207", span, "`" + std::string(word) + "` is built in and cannot name a " + std::string(what));
  d.help.push_back("choose another name");
  return true;
}

/// Only what stands between the quotes as it is.
std::string quoted_set(std::string_view name, std::string_view written) {
  if (written.empty() || written.find_first_of("\"'\\$\n") != std::string_view::npos) return {};
  return "a string has quotes of its own: `--set '" + std::string(name) + "=\"" + std::string(written) + "\"'`";
}

void Checker::declare_label(const ast::Param& label) {
  const std::string name = text(label.name.symbol);
  Type type = resolve_type(*label.type);
  if (type.failed()) return;
  if (!type.is(TypeTag::Union) && !type.is(TypeTag::String) && !type.is(TypeTag::Int) && !type.is(TypeTag::Bool)) {
    report("E0301", label.type->span, "a label holds strings, ints, bools or one of some strings, not " + to_string(type));
    return;
  }
  if (row_fields_.contains(name) || block_of(name) != nullptr || name == "price" || name == "taints" || name == "protect") {
    const auto before = std::find_if(unit_.labels.begin(), unit_.labels.end(), [&](const LabelCode& l) { return l.name == name; });
    auto& d = report("E0201", label.name.span, before != unit_.labels.end()
                                                   ? "label `" + name + "` is declared twice"
                                                   : "`" + name + "` is a field of every cluster already");
    if (before != unit_.labels.end()) d.labels.push_back({before->span, "first here"});
    return;
  }
  if (unit_.labels.size() == max_labels) {
    if (!std::exchange(too_many_labels_, true)) report("E0407", label.name.span, "more than 10,000 labels are declared");
    return;
  }
  LabelCode code{name, label.name.span, type, nullptr};
  row_fields_.emplace(name, type);
  unit_.labels.push_back(std::move(code));
}

void Checker::declare_module(std::size_t module) {
  const Module& m = *modules_.all[module];
  Scope& scope = scopes_[module];
  std::map<Symbol, Span> seen;
  std::map<Symbol, Span> seen_functions;
  const auto fresh = [this](std::map<Symbol, Span>& table, const ast::Ident& name, std::string_view what) {
    const auto [it, first] = table.emplace(name.symbol, name.span);
    if (first) return true;
    const bool later_here = it->second.begin < name.span.begin;
    auto& d = report("E0201", later_here ? name.span : it->second, std::string(what) + " `" + text(name.symbol) + "` is declared twice");
    d.labels.push_back({later_here ? it->second : name.span, "first here"});
    return false;
  };
  for (std::size_t f = 0; f < m.files.size(); ++f) {
    at_ = {module, f};
    for (const ast::Stmt* stmt : m.files[f].ast.stmts) {
      switch (stmt->kind) {
        case ast::StmtKind::Let:
        case ast::StmtKind::Out:
        case ast::StmtKind::Param: {
          const ast::Ident& name = name_of(*stmt);
          const std::string_view what = stmt->kind == ast::StmtKind::Param ? "param" : "let";
          if (taken(name.symbol, name.span, what) || !fresh(seen, name, what)) break;
          Global global;
          global.stmt = stmt;
          global.module = module;
          global.file = f;
          global.name_span = name.span;
          global.index = static_cast<std::uint32_t>(unit_.globals.size());
          GlobalCode code;
          code.name = text(name.symbol);
          code.span = name.span;
          code.param = stmt->kind == ast::StmtKind::Param;
          code.forced = m.project() && !code.param;
          unit_.globals.push_back(std::move(code));
          scope.globals.emplace(name.symbol, static_cast<std::uint32_t>(globals_.size()));
          globals_.push_back(std::move(global));
          break;
        }
        case ast::StmtKind::Fn: {
          const auto& fn = static_cast<const ast::Fn&>(*stmt);
          if (native_index(names_.text(fn.name.symbol)) >= 0) {
            report("E0207", fn.name.span, "`" + text(fn.name.symbol) + "` is a native function").help.push_back("choose another name");
            break;
          }
          if (!fresh(seen_functions, fn.name, "function")) break;
          Function function;
          function.fn = &fn;
          function.module = module;
          function.file = f;
          function.index = static_cast<std::uint32_t>(unit_.functions.size());
          unit_.functions.push_back({text(fn.name.symbol), 0, 0, nullptr, fn.name.span});
          scope.functions.emplace(fn.name.symbol, static_cast<std::uint32_t>(functions_.size()));
          functions_.push_back(std::move(function));
          break;
        }
        case ast::StmtKind::Type: {
          const auto& decl = static_cast<const ast::TypeDecl&>(*stmt);
          if (!fresh(seen, decl.name, "type")) break;
          scope.aliases.emplace(decl.name.symbol, static_cast<std::uint32_t>(aliases_.size()));
          Alias alias;
          alias.decl = &decl;
          alias.module = module;
          alias.file = f;
          aliases_.push_back(std::move(alias));
          break;
        }
        case ast::StmtKind::Component: scope.broken.insert(static_cast<const ast::Component&>(*stmt).name.symbol); break;
        default: break;
      }
    }
  }
}

void Checker::project() {
  scopes_.resize(modules_.all.size());
  for (std::size_t m = 0; m < modules_.all.size(); ++m) declare_module(m);
  // Labels give clusters their fields, which any expression may read: they come before all others.
  for (std::size_t m = 0; m < modules_.all.size(); ++m)
    for (std::size_t f = 0; f < modules_.all[m]->files.size(); ++f)
      for (const ast::Stmt* stmt : modules_.all[m]->files[f].ast.stmts)
        if (stmt->kind == ast::StmtKind::Label) {
          at_ = {m, f};
          declare_label(static_cast<const ast::Param&>(*stmt));
        }
  std::sort(unit_.labels.begin(), unit_.labels.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (std::size_t f = 0; f < modules_.all[0]->files.size(); ++f)
    for (const ast::Stmt* stmt : modules_.all[0]->files[f].ast.stmts)
      if (stmt->kind == ast::StmtKind::Label) {
        const auto& label = static_cast<const ast::Param&>(*stmt);
        if (label.value == nullptr) continue;
        at_ = {0, f};
        for (LabelCode& code : unit_.labels)
          if (code.span == label.name.span) code.otherwise = value(*label.value, code.type);
      }
  for (std::uint32_t id = 0; id < globals_.size(); ++id) check_global(id);
  for (std::uint32_t id = 0; id < functions_.size(); ++id) check_function(id);
  check_recursion();
  for (Alias& alias : aliases_)
    if (alias.state == State::Unseen) {
      at_ = {alias.module, alias.file};
      resolve_type(*alias.decl->type);
    }
  for (std::size_t f = 0; f < modules_.all[0]->files.size(); ++f) {
    at_ = {0, f};
    auto code = std::make_unique<BodyCode>();
    body_into(*code, modules_.all[0]->files[f].ast.stmts, In::File, BlockKind::Mcp);
    unit_.bodies.push_back(std::move(code));
  }
  // An imported file declares values and functions only: objects come from the project alone.
  for (std::size_t m = 1; m < modules_.all.size(); ++m) {
    for (const ast::Stmt* stmt : modules_.all[m]->files[0].ast.stmts) {
      switch (stmt->kind) {
        case ast::StmtKind::Import:
        case ast::StmtKind::Let:
        case ast::StmtKind::Param:
        case ast::StmtKind::Fn:
        case ast::StmtKind::Type: break;
        case ast::StmtKind::Component: later(*stmt, {}, "`component`"); break;
        default: {
          const Span span = stmt->kind == ast::StmtKind::Block ? static_cast<const ast::Block&>(*stmt).head : stmt->span;
          auto& d = report("E0705", span, "an imported file declares no objects and no overrides");
          d.help.push_back("keep `import`, `type`, `let`, `param` and `fn` here, and move the rest into the project's own files");
        }
      }
    }
  }
}

bool Checker::takes_text(Symbol param) const {
  const auto it = scopes_[0].globals.find(param);
  if (it == scopes_[0].globals.end()) return false;
  const Type plain = globals_[it->second].type.required();
  return plain.is(TypeTag::String) || plain.is(TypeTag::Union) || plain.is(TypeTag::Image);
}

void Checker::set_param(Symbol name, Span name_span, const ast::Expr& value_expr, std::string_view written) {
  const auto it = scopes_[0].globals.find(name);
  if (it == scopes_[0].globals.end() || globals_[it->second].stmt->kind != ast::StmtKind::Param) {
    auto& d = report("E0202", name_span, "there is no param `" + text(name) + "`");
    std::vector<std::string_view> params;
    for (const auto& [symbol, id] : scopes_[0].globals)
      if (globals_[id].stmt->kind == ast::StmtKind::Param) params.push_back(names_.text(symbol));
    suggest(d, names_.text(name), params);
    return;
  }
  const Global& global = globals_[it->second];
  at_ = {0, 0};
  Restore attribute(attribute_, names_.text(name));
  Restore setting(setting_, takes_text(name) ? quoted_set(names_.text(name), written) : std::string());
  unit_.globals[global.index].value = value(value_expr, global.type);
  unit_.globals[global.index].forced = true;
}

const Type& Checker::global_type(std::uint32_t id, Span used) {
  Global& global = globals_[id];
  if (global.state == State::Unseen) check_global(id);
  if (global.state == State::Open) {
    static const Type none;
    auto& d = report("E0401", used, "`" + unit_.globals[global.index].name + "` needs its own value");
    d.labels.push_back({global.name_span, "declared here"});
    d.help.push_back("break the circle: state one of the values without the other");
    global.type = none;
    return none;
  }
  return global.type;
}

void Checker::check_global(std::uint32_t id) {
  Global& global = globals_[id];
  if (global.state != State::Unseen) return;
  // As deep as evaluation goes: each level may nest expressions on the stack.
  Restore chain(global_chain_, global_chain_ + 1);
  Restore calling(calling_, static_cast<Function*>(nullptr));
  if (global_chain_ > max_chain) {
    if (!std::exchange(too_deep_, true))
      report("E0401", global.name_span, "values need each other more than 400 deep").help.push_back("state the type, `let NAME: TYPE = ..`, or use fewer steps");
    global.state = State::Done;
    unit_.globals[global.index].value = fail_node(global.name_span);
    return;
  }
  global.state = State::Open;
  Restore at(at_, Where{global.module, global.file});
  Restore row(row_, Row{});
  Restore self(self_, false);
  Restore slots(next_slot_, std::uint16_t{0});
  Restore locals(locals_, std::deque<Local>{});
  Restore narrowing(narrowed_, {});
  const bool param = global.stmt->kind == ast::StmtKind::Param;
  const ast::TypeExpr* declared = param ? static_cast<const ast::Param*>(global.stmt)->type : static_cast<const ast::Let*>(global.stmt)->type;
  const ast::Expr* given = param ? static_cast<const ast::Param*>(global.stmt)->value : static_cast<const ast::Let*>(global.stmt)->value;
  const Code* code = nullptr;
  Type type;
  if (declared != nullptr) {
    type = resolve_type(*declared);
    global.type = type;
    global.state = State::Done;  // its type is known: a circle of values is found when it is evaluated
    if (given != nullptr) code = type.failed() ? fail_node(given->span) : value(*given, type);
  } else {
    Typed typed = expr(*given);
    if (globals_[id].state == State::Open) globals_[id].type = typed.type;
    code = typed.failed() ? fail_node(given->span) : typed.code;
  }
  if (param && given == nullptr && type.optional) code = constant(Value(), global.name_span);
  // A default is wrong or right whether or not somebody reads it.
  if (code != nullptr && modules_.all[global.module]->project()) unit_.globals[global.index].forced = true;
  globals_[id].state = State::Done;
  unit_.globals[global.index].value = code;
  unit_.globals[global.index].type_name = to_string(globals_[id].type);
  unit_.slots = std::max(unit_.slots, next_slot_);
}

void Checker::function_signature(std::uint32_t id) {
  Function& function = functions_[id];
  if (function.state != State::Unseen) return;
  function.state = State::Done;
  Restore at(at_, Where{function.module, function.file});
  for (const ast::FnParam& param : function.fn->params) function.params.push_back(resolve_type(*param.type));
  function.result = resolve_type(*function.fn->result);
}

/// A call needs the signature only, so bodies are checked one after the other, however long the chains of calls are.
void Checker::check_function(std::uint32_t id) {
  function_signature(id);
  Function& function = functions_[id];
  Restore calling(calling_, &function);
  Restore at(at_, Where{function.module, function.file});
  Restore row(row_, Row{});
  Restore self(self_, false);
  Restore slots(next_slot_, std::uint16_t{0});
  Restore locals(locals_, std::deque<Local>{});
  Restore narrowing(narrowed_, {});
  std::set<Symbol> seen;
  for (std::size_t i = 0; i < function.fn->params.size(); ++i) {
    const ast::Ident& name = function.fn->params[i].name;
    if (taken(name.symbol, name.span, "parameter")) continue;
    if (!seen.insert(name.symbol).second) report("E0201", name.span, "parameter `" + text(name.symbol) + "` stands twice");
    locals_.push_back({name.symbol, new_slot(name.span), function.params[i], name.span, nullptr, State::Done, nullptr});
  }
  const Code* code = value(*function.fn->value, function.result);
  FnCode& out = unit_.functions[function.index];
  out.params = static_cast<std::uint16_t>(function.params.size());
  out.body = code;
  unit_.slots = std::max(unit_.slots, next_slot_);
}

/// Functions that call each other in a circle, found along their calls without recursing ourselves.
void Checker::check_recursion() {
  std::vector<State> states(functions_.size(), State::Unseen);
  std::vector<std::pair<std::uint32_t, std::size_t>> chain;   // functions that call on, and which call is next
  for (std::uint32_t root = 0; root < functions_.size(); ++root) {
    if (states[root] != State::Unseen) continue;
    chain.emplace_back(root, 0);
    states[root] = State::Open;
    while (!chain.empty()) {
      const auto [id, at] = chain.back();
      if (at == functions_[id].calls.size()) {
        states[id] = State::Done;
        chain.pop_back();
        continue;
      }
      ++chain.back().second;
      const auto& [callee, used] = functions_[id].calls[at];
      if (states[callee] == State::Unseen) {
        states[callee] = State::Open;
        chain.emplace_back(callee, 0);
      } else if (states[callee] == State::Open) {
        auto& d = report("E0209", used, "function `" + text(functions_[callee].fn->name.symbol) + "` calls itself, in the end");
        std::size_t first = 0;
        while (chain[first].first != callee) ++first;
        for (std::size_t i = first; i < chain.size() && i < first + 20; ++i) {
          const Function& each = functions_[chain[i].first];
          d.labels.push_back({each.fn->name.span, "calls on"});
          unit_.functions[each.index].body = nullptr;   // a call of it fails, and that is reported
        }
        unit_.functions[functions_[callee].index].body = nullptr;
        d.help.push_back("there is no recursion; loop over a list with `for`");
      }
    }
  }
}

Checker::Local* Checker::find_local(Symbol name) {
  for (auto it = locals_.rbegin(); it != locals_.rend(); ++it)
    if (it->name == name) return &*it;
  return nullptr;
}

/// Where a name that can be seen from here is declared: in a block around it, or in the files of the project.
std::optional<Span> Checker::declaration_of(Symbol name) {
  if (const Local* local = find_local(name)) return local->span;
  const auto& globals = scopes_[at_.module].globals;
  if (const auto it = globals.find(name); it != globals.end()) return globals_[it->second].name_span;
  return std::nullopt;
}

std::uint16_t Checker::new_slot(Span span) {
  if (next_slot_ < max_slots) return next_slot_++;
  if (!std::exchange(too_many_locals_, true)) report("E0109", span, "more than 10,000 variables are seen from here").help.push_back("declare them at the top of a file, or keep them in a map");
  return static_cast<std::uint16_t>(next_slot_ - 1);
}

std::uint16_t Checker::new_local(Symbol name, Type type, Span span) {
  if (!taken(name, span, "variable"))
    if (const auto before = declaration_of(name)) {
      auto& d = report("E0211", span, "`" + text(name) + "` hides another `" + text(name) + "`");
      d.labels.push_back({*before, "this one"});
      d.help.push_back("choose another name");
    }
  const std::uint16_t slot = new_slot(span);
  locals_.push_back({name, slot, std::move(type), span, nullptr, State::Done, nullptr});
  unit_.slots = std::max(unit_.slots, next_slot_);
  return slot;
}

void Checker::close_locals(std::size_t count) {
  while (locals_.size() > count) {
    next_slot_ = std::min(next_slot_, locals_.back().slot);
    locals_.pop_back();
  }
}

void Checker::check_local(Local& local) {
  if (local.state == State::Done) return;
  if (local.state == State::Open) {
    auto& d = report("E0401", local.span, "`" + text(local.name) + "` needs its own value");
    d.help.push_back("break the circle: state one of the values without the other");
    local.type = Type{};
    local.state = State::Done;
    return;
  }
  local.state = State::Open;
  const Code* code = nullptr;
  if (local.let->type != nullptr) {
    const Type type = resolve_type(*local.let->type);
    code = type.failed() ? fail_node(local.let->value->span) : value(*local.let->value, type);
    local.type = type;
  } else {
    Typed typed = expr(*local.let->value);
    local.type = typed.type;
    code = typed.code;
  }
  local.state = State::Done;
  depend(*local.body, code);
  local.body->lets.push_back({local.slot, code});
}

std::vector<std::string_view> Checker::visible_names() const {
  std::vector<std::string_view> out;
  if (!advises()) return out;
  for (const Local& local : locals_) out.push_back(names_.text(local.name));
  for (const auto& [symbol, id] : scopes_[at_.module].globals) out.push_back(names_.text(symbol));
  for (const auto& [symbol, id] : modules_.all[at_.module]->files[at_.file].aliases) out.push_back(names_.text(symbol));
  for (const std::string_view each : built_in) out.push_back(each);
  std::sort(out.begin(), out.end());
  return out;
}

/// "`workload.web` or `service.web`": what a bare name may have meant; empty: no block has it.
std::string Checker::blocks_named(Symbol symbol) const {
  std::array<bool, block_kinds> kinds{};
  const auto look = [&](const auto& self, std::span<const ast::Stmt* const> stmts) -> void {
    for (const ast::Stmt* stmt : stmts) {
      if (stmt->kind == ast::StmtKind::For) self(self, static_cast<const ast::For&>(*stmt).body.stmts);
      if (stmt->kind == ast::StmtKind::When)
        for (const auto* when = static_cast<const ast::When*>(stmt); when != nullptr; when = when->else_when) {
          self(self, when->body.stmts);
          if (when->else_body != nullptr) self(self, when->else_body->stmts);
        }
      if (stmt->kind != ast::StmtKind::Block) continue;
      const auto& block = static_cast<const ast::Block&>(*stmt);
      const bool same = block.name.symbol == symbol || (block.name_text != nullptr && block.name_text->plain() && block.name_text->text() == names_.text(symbol));
      if (!same || block.path.size() != 1) continue;
      if (const auto kind = table_kind(names_.text(block.path[0].symbol))) kinds[static_cast<std::size_t>(*kind)] = true;
    }
  };
  if (advises())
    for (const ModuleFile& file : modules_.all[0]->files) look(look, file.ast.stmts);
  std::string out;
  for (std::size_t kind = 0; kind < block_kinds; ++kind)
    if (kinds[kind]) out += (out.empty() ? "`" : " or `") + std::string(spec_of(static_cast<BlockKind>(kind)).keyword) + "." + text(symbol) + "`";
  return out;
}

Checker::Typed Checker::unknown_name(Symbol symbol, Span span) {
  if (modules_.faulty || scopes_[at_.module].broken.contains(symbol)) return failed(span);
  if (modules_.all[at_.module]->files[at_.file].alias_spans.contains(symbol)) return failed(span);  // its import failed
  const std::string_view word = names_.text(symbol);
  auto& d = report("E0202", span, "unknown name `" + std::string(word) + "`");
  if (!setting_.empty()) {
    d.help.push_back(setting_);
    return failed(span);
  }
  // `x-1` is one name; who wrote it meant a subtraction.
  if (const auto dash = word.find('-'); dash != std::string_view::npos) {
    const Symbol left = names_.find(word.substr(0, dash));
    const std::string_view right = word.substr(dash + 1);
    const bool digits = !right.empty() && right.find_first_not_of("0123456789_") == std::string_view::npos;
    const bool known = left != Symbol::None && (find_local(left) != nullptr || scopes_[at_.module].globals.contains(left));
    if (known) {
      d.help.push_back("a dash belongs to the name; write `" + std::string(word.substr(0, dash)) + " - " + std::string(right) + "`");
      d.fixes.push_back({span, std::string(word.substr(0, dash)) + " - " + std::string(right), digits});
      return failed(span);
    }
  }
  if (const std::string blocks = blocks_named(symbol); !blocks.empty()) {
    d.help.push_back("write " + blocks);
    return failed(span);
  }
  suggest(d, word, visible_names());
  if (const BlockSpec* spec = block_of(word); d.help.empty() && spec != nullptr) d.help.push_back("`" + std::string(word) + "` starts a block");
  if (d.help.empty() && native_index(word) >= 0) d.help.push_back("`" + std::string(word) + "` is a function: call it, `" + std::string(word) + "(..)`");
  return failed(span);
}

Checker::Typed Checker::global_value(std::uint32_t id, Span used) {
  const Type type = global_type(id, used);
  Code* code = node(Op::Global, used);
  code->n = globals_[id].index;
  return {code, type};
}

Checker::Typed Checker::name(const ast::Name& e) {
  if (Local* local = find_local(e.symbol)) {
    check_local(*local);
    Code* code = node(Op::Local, e.span);
    code->n = local->slot;
    code->low_slot = local->slot;
    return {code, local->type};
  }
  if (const auto it = scopes_[at_.module].globals.find(e.symbol); it != scopes_[at_.module].globals.end()) return global_value(it->second, e.span);
  const std::string_view word = names_.text(e.symbol);
  if (modules_.all[at_.module]->files[at_.file].aliases.contains(e.symbol)) {
    report("E0202", e.span, "`" + std::string(word) + "` is an import: name one of its values, `" + std::string(word) + ".x`");
    return failed(e.span);
  }
  if (word == "clusters") return {node(Op::Clusters, e.span), list_of(simple(TypeTag::Cluster))};
  if (word == "scratch") return {constant(MapBuilder().set("scratch", true).build(), e.span), simple(TypeTag::Scratch)};
  if (word == "plan" || word == "guard") {
    report("E0299", e.span, "`" + std::string(word) + "` is not yet supported");
    return failed(e.span);
  }
  if (word == "self") {
    report("E0301", e.span, "`self` is no value: read `self.name` or `self.namespace`");
    return failed(e.span);
  }
  if (const auto kind = table_kind(word)) return {fail_node(e.span), table_of(*kind)};
  return unknown_name(e.symbol, e.span);
}

}  // namespace mcp
