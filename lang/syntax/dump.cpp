#include "lang/syntax/dump.hpp"

#include "lang/base/diagnostic_text.hpp"

namespace mcp {

namespace {

using namespace ast;

class Dumper {
 public:
  Dumper(const Interner& names, DumpSpans spans) : names_(names), spans_(spans) {}

  std::string out;

  void stmts(std::span<const Stmt* const> all, int depth) {
    for (const Stmt* each : all) stmt(*each, depth);
  }

 private:
  std::string word(Symbol s) const { return std::string(names_.text(s)); }
  std::string path(std::span<const Ident> p) const {
    std::string text;
    for (const Ident& each : p) text += (text.empty() ? "" : ".") + word(each.symbol);
    return text;
  }
  void line(int depth, const std::string& text, Span span) {
    out.append(static_cast<std::size_t>(depth) * 2, ' ').append(text);
    if (spans_ == DumpSpans::Yes) out += " @" + std::to_string(span.begin) + "-" + std::to_string(span.end);
    out += '\n';
  }

  void expr(const Expr* e, int d) {
    if (e == nullptr) return;
    switch (e->kind) {
      case ExprKind::Null: line(d, "null", e->span); break;
      case ExprKind::Bool: line(d, static_cast<const BoolLit*>(e)->value ? "true" : "false", e->span); break;
      case ExprKind::Number: {
        const auto* n = static_cast<const NumberLit*>(e);
        line(d, "number " + std::to_string(n->value) + std::string(spelling(n->unit)), e->span);
        break;
      }
      case ExprKind::String: {
        line(d, "string", e->span);
        for (const StringPart& part : static_cast<const StringLit*>(e)->parts) {
          if (part.expr != nullptr) expr(part.expr, d + 1);
          else line(d + 1, "text \"" + visible(part.text) + "\"", part.span);
        }
        break;
      }
      case ExprKind::Name: line(d, "name " + word(static_cast<const Name*>(e)->symbol), e->span); break;
      case ExprKind::RowField: line(d, "row ." + word(static_cast<const RowField*>(e)->field.symbol), e->span); break;
      case ExprKind::Member: {
        const auto* m = static_cast<const Member*>(e);
        line(d, std::string(m->optional ? "member ?." : "member .") + word(m->name.symbol), e->span);
        expr(m->base, d + 1);
        break;
      }
      case ExprKind::Index:
        line(d, "index", e->span);
        expr(static_cast<const Index*>(e)->base, d + 1);
        expr(static_cast<const Index*>(e)->index, d + 1);
        break;
      case ExprKind::Call: {
        const auto* c = static_cast<const Call*>(e);
        line(d, "call", e->span);
        expr(c->callee, d + 1);
        for (const Arg& arg : c->args) {
          if (arg.name.symbol != Symbol::None) line(d + 1, "argument " + word(arg.name.symbol), arg.name.span);
          expr(arg.value, d + 1);
        }
        break;
      }
      case ExprKind::Unary:
        line(d, static_cast<const Unary*>(e)->op == UnaryOp::Not ? "not" : "negate", e->span);
        expr(static_cast<const Unary*>(e)->operand, d + 1);
        break;
      case ExprKind::Binary: {
        const auto* b = static_cast<const Binary*>(e);
        line(d, "binary " + std::string(spelling(b->op)), e->span);
        expr(b->left, d + 1);
        expr(b->right, d + 1);
        break;
      }
      case ExprKind::If: {
        const auto* i = static_cast<const If*>(e);
        line(d, "if", e->span);
        expr(i->condition, d + 1);
        expr(i->then, d + 1);
        expr(i->otherwise, d + 1);
        break;
      }
      case ExprKind::List:
        line(d, "list", e->span);
        for (const Expr* item : static_cast<const List*>(e)->items) expr(item, d + 1);
        break;
      case ExprKind::Object:
        line(d, "object", e->span);
        for (const Entry& entry : static_cast<const Object*>(e)->entries) {
          line(d + 1, entry.name.symbol != Symbol::None ? "entry " + word(entry.name.symbol) : "entry", entry.span);
          expr(entry.key, d + 2);
          expr(entry.value, d + 2);
        }
        break;
      case ExprKind::ListFor: {
        const auto* f = static_cast<const ListFor*>(e);
        line(d, "list for " + head(f->head), e->span);
        expr(f->head.in, d + 1);
        expr(f->item, d + 1);
        expr(f->condition, d + 1);
        break;
      }
      case ExprKind::ObjectFor: {
        const auto* f = static_cast<const ObjectFor*>(e);
        line(d, "object for " + head(f->head), e->span);
        expr(f->head.in, d + 1);
        expr(f->key, d + 1);
        expr(f->value, d + 1);
        expr(f->condition, d + 1);
        break;
      }
      case ExprKind::Error: line(d, "error", e->span); break;
    }
  }
  std::string head(const ForHead& h) const { return word(h.first.symbol) + (h.second.symbol != Symbol::None ? ", " + word(h.second.symbol) : ""); }

  void type(const TypeExpr* t, int d) {
    if (t == nullptr) return;
    const std::string mark = t->optional ? "?" : "";
    switch (t->kind) {
      case TypeKind::Literal: line(d, "type \"" + visible(t->text) + "\"" + mark, t->span); break;
      case TypeKind::Record:
        line(d, "type record" + mark, t->span);
        for (const TypeField& f : t->fields) {
          line(d + 1, "field " + word(f.name.symbol), f.name.span);
          type(f.type, d + 2);
        }
        break;
      case TypeKind::Named:
      case TypeKind::Union:
        line(d, t->kind == TypeKind::Union ? "type union" + mark : "type " + path(t->path) + mark, t->span);
        for (const TypeExpr* arg : t->args) type(arg, d + 1);
        break;
    }
  }

  void body(const Body& b, int d) { stmts(b.stmts, d); }

  void stmt(const Stmt& s, int d) {
    if (!s.doc.empty()) line(d, "/// " + visible(s.doc), s.span);
    switch (s.kind) {
      case StmtKind::Assign: {
        const auto& a = static_cast<const Assign&>(s);
        line(d, (a.append ? "append " : "assign ") + path(a.path), s.span);
        expr(a.value, d + 1);
        break;
      }
      case StmtKind::Import: {
        const auto& i = static_cast<const Import&>(s);
        line(d, "import" + (i.alias.symbol != Symbol::None ? " as " + word(i.alias.symbol) : ""), s.span);
        expr(i.path, d + 1);
        break;
      }
      case StmtKind::Let:
      case StmtKind::Out: {
        const auto& l = static_cast<const Let&>(s);
        line(d, (s.kind == StmtKind::Let ? "let " : "out ") + word(l.name.symbol), s.span);
        type(l.type, d + 1);
        expr(l.value, d + 1);
        break;
      }
      case StmtKind::Param:
      case StmtKind::Label: {
        const auto& p = static_cast<const Param&>(s);
        line(d, (s.kind == StmtKind::Param ? "param " : "label ") + word(p.name.symbol), s.span);
        type(p.type, d + 1);
        expr(p.value, d + 1);
        break;
      }
      case StmtKind::Type:
        line(d, "type " + word(static_cast<const TypeDecl&>(s).name.symbol), s.span);
        type(static_cast<const TypeDecl&>(s).type, d + 1);
        break;
      case StmtKind::Fn: {
        const auto& f = static_cast<const Fn&>(s);
        line(d, "fn " + word(f.name.symbol), s.span);
        for (const FnParam& p : f.params) {
          line(d + 1, "parameter " + word(p.name.symbol), p.name.span);
          type(p.type, d + 2);
        }
        type(f.result, d + 1);
        expr(f.value, d + 1);
        break;
      }
      case StmtKind::Component:
        line(d, "component " + word(static_cast<const Component&>(s).name.symbol), s.span);
        body(static_cast<const Component&>(s).body, d + 1);
        break;
      case StmtKind::For:
        line(d, "for " + head(static_cast<const For&>(s).head), s.span);
        expr(static_cast<const For&>(s).head.in, d + 1);
        body(static_cast<const For&>(s).body, d + 1);
        break;
      case StmtKind::When: {
        const auto& w = static_cast<const When&>(s);
        line(d, "when", s.span);
        expr(w.condition, d + 1);
        body(w.body, d + 1);
        if (w.else_when != nullptr || w.else_body != nullptr) line(d, "else", s.span);
        if (w.else_when != nullptr) stmt(*w.else_when, d + 1);
        if (w.else_body != nullptr) body(*w.else_body, d + 1);
        break;
      }
      case StmtKind::Check:
        line(d, "check", s.span);
        expr(static_cast<const Check&>(s).condition, d + 1);
        expr(static_cast<const Check&>(s).message, d + 1);
        break;
      case StmtKind::Effect: {
        const auto& f = static_cast<const Effect&>(s);
        line(d, std::string(f.deny ? "deny" : "warn") + (f.unless ? " unless" : " when"), s.span);
        expr(f.condition, d + 1);
        expr(f.message, d + 1);
        break;
      }
      case StmtKind::Expect: {
        const auto& x = static_cast<const Expect&>(s);
        const char* what = x.what == ExpectKind::Deny ? "deny" : x.what == ExpectKind::Warn ? "warn" : x.what == ExpectKind::Error ? "error" : "value";
        line(d, std::string("expect ") + what + (x.ref.path.empty() ? "" : " " + path(x.ref.path)) + (x.code.symbol != Symbol::None ? " " + word(x.code.symbol) : ""), s.span);
        expr(x.ref.index, d + 1);
        expr(x.value, d + 1);
        expr(x.message, d + 1);
        if (x.body != nullptr) body(*x.body, d + 1);
        break;
      }
      case StmtKind::Override: {
        const auto& o = static_cast<const Override&>(s);
        line(d, "override" + (o.ref != nullptr ? " " + path(o.ref->path) : ""), s.span);
        if (o.ref != nullptr) expr(o.ref->index, d + 1);
        expr(o.where, d + 1);
        body(o.body, d + 1);
        break;
      }
      case StmtKind::Block: {
        const auto& b = static_cast<const Block&>(s);
        line(d, "block " + path(b.path) + (b.name.symbol != Symbol::None ? " " + word(b.name.symbol) : "") +
                    (b.in_name.symbol != Symbol::None ? " in " + word(b.in_name.symbol) : ""), s.span);
        expr(b.name_text, d + 1);
        expr(b.in_text, d + 1);
        expr(b.where, d + 1);
        body(b.body, d + 1);
        break;
      }
    }
  }

  const Interner& names_;
  DumpSpans spans_;
};

}  // namespace

std::string dump(const ast::File& file, const Interner& names, DumpSpans spans) {
  Dumper dumper(names, spans);
  dumper.stmts(file.stmts, 0);
  return std::move(dumper.out);
}

}  // namespace mcp
