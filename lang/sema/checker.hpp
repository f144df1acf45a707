#pragma once
// The checker: from parsed modules to a Unit. Resolves names to slots, checks types, units, nulls, secrets and rows, and
// reports all it finds (E02xx, E03xx) before anything runs. One class in several files: names and declarations
// (check_names.cpp), types (check_types.cpp), expressions (check_expr.cpp, check_ops.cpp, check_calls.cpp), bodies (check_body.cpp).
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "lang/sema/code.hpp"
#include "lang/sema/modules.hpp"
#include "lang/syntax/ast.hpp"

namespace mcp {

class Checker {
 public:
  Checker(const Modules& modules, Interner& names, Diagnostics& out, Unit& unit);

  /// All of the project: declarations, then bodies. `set` are the --set values, parsed, by name.
  void project();
  /// A value given on the command line for a root param; E0202 if there is no such param.
  /// Whether there is a root param of that name that holds a string.
  bool takes_text(Symbol param) const;
  void set_param(Symbol name, Span name_span, const ast::Expr& value, std::string_view written);

 private:
  struct Typed {
    const Code* code = nullptr;
    Type type;
    bool failed() const { return type.failed(); }
  };
  enum class State : std::uint8_t { Unseen, Open, Done };
  struct Global {
    const ast::Stmt* stmt = nullptr;   // Let, Out, Param
    std::size_t module = 0;
    std::size_t file = 0;
    State state = State::Unseen;
    Type type;
    std::uint32_t index = 0;           // in Unit::globals
    Span name_span;
  };
  struct Function {
    const ast::Fn* fn = nullptr;
    std::size_t module = 0;
    std::size_t file = 0;
    State state = State::Unseen;       // of its signature
    std::vector<Type> params;
    Type result;
    std::uint32_t index = 0;
    std::vector<std::pair<std::uint32_t, Span>> calls;   // which others its body calls, and where
  };
  struct Alias {
    const ast::TypeDecl* decl = nullptr;
    std::size_t module = 0;
    std::size_t file = 0;
    State state = State::Unseen;
    Type type;
  };
  struct Scope {                       // names of one module
    std::map<Symbol, std::uint32_t> globals;
    std::map<Symbol, std::uint32_t> functions;
    std::map<Symbol, std::uint32_t> aliases;
    std::set<Symbol> broken;           // declared by a kind of statement that is not supported: unknown is no news
  };
  struct Local {
    Symbol name;
    std::uint16_t slot;
    Type type;
    Span span;
    const ast::Let* let = nullptr;     // checked on first use
    State state = State::Done;
    BodyCode* body = nullptr;          // where its LetCode goes
  };
  enum class RowKind : std::uint8_t { None, Each, Cluster, Record };
  struct Row {
    RowKind kind = RowKind::None;
    const Type* record = nullptr;
  };
  struct Where {                       // the place a name is looked up from
    std::size_t module = 0;
    std::size_t file = 0;
  };
  template <class T>
  class Restore {                      // puts a member back at the end of a scope
   public:
    Restore(T& target, T value) : target_(target), old_(std::exchange(target, std::move(value))) {}
    ~Restore() { target_ = std::move(old_); }
    Restore(const Restore&) = delete;
    Restore& operator=(const Restore&) = delete;

   private:
    T& target_;
    T old_;
  };

  // ---- names
  void declare_module(std::size_t module);
  void declare_label(const ast::Param& label);
  void later(const ast::Stmt& stmt, Span span, std::string_view what);
  bool taken(Symbol name, Span span, std::string_view what);
  Typed global_value(std::uint32_t id, Span used);
  const Type& global_type(std::uint32_t id, Span used);
  void check_global(std::uint32_t id);
  void check_function(std::uint32_t id);
  void check_recursion();
  void function_signature(std::uint32_t id);
  Typed name(const ast::Name& e);
  Typed unknown_name(Symbol symbol, Span span);
  std::string blocks_named(Symbol symbol) const;
  Local* find_local(Symbol name);
  std::optional<Span> declaration_of(Symbol name);
  std::uint16_t new_local(Symbol name, Type type, Span span);
  std::uint16_t new_slot(Span span);
  void check_local(Local& local);
  std::vector<std::string_view> visible_names() const;
  std::string text(Symbol symbol) const { return std::string(names_.text(symbol)); }

  // ---- types
  Type resolve_type(const ast::TypeExpr& e);
  Type resolve_named(const ast::TypeExpr& e);
  Type row_field(const ast::Ident& field, const Type& whole, bool cluster);
  /// The type both have, or Error (not reported).
  static Type unify(const Type& a, const Type& b);
  static bool assignable(const Type& from, const Type& to);

  // ---- expressions
  Typed expr(const ast::Expr& e, const Type* want = nullptr);
  Typed expr_inner(const ast::Expr& e, const Type* want);
  /// `e` as a `want`; converts, or reports and returns a Fail node.
  const Code* value(const ast::Expr& e, const Type& want);
  const Code* operand(const ast::Expr& e, const Type& want, std::string_view op);
  const Code* coerce(Typed from, const Type& want, const ast::Expr& e);
  const Code* convert(const Typed& from, const Type& want, Span span);
  void mismatch(const Type& from, const Type& want, const ast::Expr& e);
  Typed number(const ast::NumberLit& e, const Type* want);
  Typed string(const ast::StringLit& e, const Type* want);
  Typed member(const ast::Member& e);
  Typed member_of(const Typed& base, const ast::Ident& name, bool optional, Span span);
  Typed index(const ast::Index& e);
  Typed reference(BlockKind kind, std::string_view name, Span span);
  Typed unary(const ast::Unary& e, const Type* want);
  Typed binary(const ast::Binary& e, const Type* want);
  Typed add(const ast::Binary& e, const Type* want);
  Typed arithmetic(const ast::Binary& e, const Type* want);
  Typed compare(const ast::Binary& e);
  Typed contains(const ast::Binary& e);
  Typed logic(const ast::Binary& e);
  Typed coalesce(const ast::Binary& e, const Type* want);
  Typed where(const ast::Binary& e);
  Typed condition(const ast::If& e, const Type* want);
  Typed list(const ast::List& e, const Type* want);
  Typed object(const ast::Object& e, const Type* want);
  Typed list_for(const ast::ListFor& e, const Type* want);
  Typed object_for(const ast::ObjectFor& e, const Type* want);
  Typed call(const ast::Call& e, const Type* want);
  Typed call_native(int index, const ast::Call& e, const Type* want);
  Typed call_function(std::uint32_t id, const ast::Call& e);
  bool open_loop(const ast::ForHead& head, ForShape& shape, const Code*& in, std::uint16_t& first);
  void close_locals(std::size_t count);
  void collect_narrowed(const ast::Expr& e, bool truth, std::vector<std::string>& to) const;
  std::string narrow_key(const ast::Expr& e) const;
  bool narrowed(const ast::Expr& e) const;
  Typed operand_error(const ast::Binary& e, const Typed& a, const Typed& b, std::string_view help);

  // ---- bodies
  /// Where statements stand: at the top of a file, in a `for` or `when` there, in a block.
  enum class In : std::uint8_t { File, Project, Block };
  std::shared_ptr<BodyCode> body(std::span<const ast::Stmt* const> stmts, In in, BlockKind kind);
  void body_into(BodyCode& out, std::span<const ast::Stmt* const> stmts, In in, BlockKind kind);
  void assign(BodyCode& out, const ast::Assign& e, BlockKind kind);
  void assign_at(BodyCode& out, const ast::Assign& e, BlockKind kind, std::span<const ast::Ident> path);
  void child(BodyCode& out, const ast::Block& e, BlockKind kind);
  void declaration(BodyCode& out, const ast::Block& e);
  void for_stmt(BodyCode& out, const ast::For& e, In in, BlockKind kind);
  void when_stmt(BodyCode& out, const ast::When& e, In in, BlockKind kind);
  const Code* attr_value(BlockKind kind, AttrId id, const ast::Expr& e);
  const Code* label_value(std::size_t label, const ast::Expr& e);
  ValueSite block_name(const ast::Block& e, const BlockSpec& spec);
  void unknown_attribute(const ast::Ident& name, BlockKind kind);
  void note_set(BodyCode& out, SetCode set, BlockKind kind);
  static void depend(BodyCode& body, const Code* code);
  static void depend(BodyCode& body, const BodyCode& inner);
  static void forget_locals(std::uint16_t& low, std::uint16_t from);
  ValueSite site(const Code* code);
  std::shared_ptr<const std::vector<LeafOrigin>> leaves(const ast::Expr& e) const;

  // ---- making code
  Code* node(Op op, Span span, std::initializer_list<const Code*> inputs = {});
  Code* node_list(Op op, Span span, const std::vector<const Code*>& list);
  const Code* constant(Value value, Span span);
  std::uint32_t constant_id(Value value);
  const Code* fail_node(Span span);
  Typed failed(Span span);
  Diagnostic& report(std::string code, Span span, std::string message, std::string label = {});

  const Modules& modules_;
  Interner& names_;
  Diagnostics& out_;
  Unit& unit_;
  std::vector<Scope> scopes_;                 // by module
  std::deque<Global> globals_;
  std::deque<Function> functions_;
  std::deque<Alias> aliases_;
  std::map<std::string, Type> row_fields_;    // of a cluster
  std::set<std::string> required_labels_;
  std::deque<Local> locals_;
  std::uint16_t next_slot_ = 0;
  Where at_;
  Row row_;
  bool self_ = false;                         // inside an object
  std::vector<std::string> narrowed_;
  std::vector<const ForCode*> loops_;
  Function* calling_ = nullptr;               // whose body is being checked
  unsigned depth_ = 0;                        // of expressions inside each other, through the values whose types they need
  bool too_deep_ = false;                     // reported, once
  static constexpr std::size_t max_labels = 10'000;   // their numbers have 16 bits
  bool too_many_labels_ = false;
  static constexpr std::uint16_t max_slots = 10'000;  // and so have those of variables; each call makes a frame of them
  bool too_many_locals_ = false;
  std::array<std::vector<Type>, block_kinds> attr_types_;
  std::map<std::string, const Code*, std::less<>> text_constants_;
  static constexpr unsigned max_chain = 400;
  unsigned global_chain_ = 0;                 // values being checked because another one needs their type
  unsigned alias_chain_ = 0;
  /// After many errors nobody reads suggestions, and looking for them among many names takes long.
  bool advises() const { return out_.errors() <= 100; }
  std::string setting_;                       // how the --set value being checked is written as a string; empty: it is none
  std::string_view attribute_;                // whose value is being checked, for messages; empty: none
};

/// Value of a literal with this unit in the base of its type (milliseconds, millicores, bytes); nullopt: overflow.
std::optional<std::int64_t> unit_value(std::int64_t number, ast::Unit unit);
/// Help for a value of --set that was meant as a string; empty if it cannot just be quoted.
std::string quoted_set(std::string_view name, std::string_view written);
/// Sources with `a` and `b` named: "unknown name `x`" with the nearest of `candidates` as help.
void suggest(Diagnostic& diagnostic, std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace mcp
