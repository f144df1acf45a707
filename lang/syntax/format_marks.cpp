// What the syntax tree tells the formatter: where items start, which brackets are bodies, which words are keywords.
#include <algorithm>

#include "lang/syntax/format_shape.hpp"
#include "lang/syntax/parser.hpp"

namespace mcp::layout {

namespace {

using namespace ast;

/// `text` is a name that can stand as a key or as the name of a block.
bool is_bare_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text.empty() || !letter(text[0]) || text.back() == '-' || is_reserved(text) || text == "for") return false;
  for (std::size_t i = 1; i < text.size(); ++i)
    if (!letter(text[i]) && !(text[i] >= '0' && text[i] <= '9') && !(text[i] == '-' && text[i - 1] != '-')) return false;
  return true;
}

class Marker {
 public:
  explicit Marker(const Interner& names) : names_(names) {}

  std::vector<Mark> out;

  void stmts(std::span<const Stmt* const> all) {
    for (const Stmt* each : all) {
      Mark& m = at(each->span.begin);
      m.item = true;
      stmt(*each);
    }
  }

 private:
  Mark& at(std::uint32_t offset) {
    out.emplace_back().offset = offset;
    return out.back();
  }

  void body(const Body& b) {
    at(b.open.begin).body = true;
    stmts(b.stmts);
  }

  void bare(const StringLit* text) {
    // With escapes the source is longer than the text it stands for.
    if (text->form == StringForm::Short && text->plain() && is_bare_name(text->text()) &&
        text->span.end - text->span.begin == text->text().size() + 2)
      at(text->span.begin).bare = true;
  }

  void head(const ForHead& h) { expr(h.in); }

  void expr(const Expr* e) {
    if (e == nullptr) return;
    switch (e->kind) {
      case ExprKind::Null:
      case ExprKind::Bool:
      case ExprKind::Number:
      case ExprKind::String:  // what is interpolated stays as it is written
      case ExprKind::Name:
      case ExprKind::RowField:
      case ExprKind::Error: break;
      case ExprKind::Member: expr(static_cast<const Member*>(e)->base); break;
      case ExprKind::Index:
        expr(static_cast<const Index*>(e)->base);
        expr(static_cast<const Index*>(e)->index);
        break;
      case ExprKind::Call:
        expr(static_cast<const Call*>(e)->callee);
        for (const Arg& arg : static_cast<const Call*>(e)->args) expr(arg.value);
        break;
      case ExprKind::Unary: expr(static_cast<const Unary*>(e)->operand); break;
      case ExprKind::Binary:
        expr(static_cast<const Binary*>(e)->left);
        expr(static_cast<const Binary*>(e)->right);
        break;
      case ExprKind::If:
        expr(static_cast<const If*>(e)->condition);
        expr(static_cast<const If*>(e)->then);
        expr(static_cast<const If*>(e)->otherwise);
        break;
      case ExprKind::List:
        for (const Expr* item : static_cast<const List*>(e)->items) expr(item);
        break;
      case ExprKind::Object:
        for (const Entry& each : static_cast<const Object*>(e)->entries) {
          Mark& m = at(each.span.begin);
          m.item = true;
          m.item_kind = ItemKind::Entry;
          if (each.key != nullptr && !each.computed && each.key->kind == ExprKind::String) bare(static_cast<const StringLit*>(each.key));
          if (each.computed) expr(each.key);
          expr(each.value);
        }
        break;
      case ExprKind::ListFor: {
        const auto& f = *static_cast<const ListFor*>(e);
        at(e->span.begin).loop = true;
        head(f.head);
        expr(f.item);
        expr(f.condition);
        break;
      }
      case ExprKind::ObjectFor: {
        const auto& f = *static_cast<const ObjectFor*>(e);
        at(e->span.begin).loop = true;
        head(f.head);
        expr(f.key);
        expr(f.value);
        expr(f.condition);
        break;
      }
    }
  }

  void type(const TypeExpr* t) {
    if (t == nullptr) return;
    if (t->kind == TypeKind::Named && !t->args.empty()) at(t->path.back().span.end).type_args = true;
    for (const TypeExpr* arg : t->args) type(arg);
    for (const TypeField& field : t->fields) {
      at(field.name.span.begin).item = true;
      type(field.type);
    }
  }

  void stmt(const Stmt& s) {
    Mark& own = at(s.span.begin);
    own.keyword = s.kind != StmtKind::Assign && s.kind != StmtKind::Block;
    switch (s.kind) {
      case StmtKind::Assign:
        own.item_kind = ItemKind::Assign;
        expr(static_cast<const Assign&>(s).value);
        break;
      case StmtKind::Import: break;
      case StmtKind::Let:
      case StmtKind::Out:
        type(static_cast<const Let&>(s).type);
        expr(static_cast<const Let&>(s).value);
        break;
      case StmtKind::Param:
      case StmtKind::Label:
        own.item_kind = s.kind == StmtKind::Param ? ItemKind::Param : ItemKind::Label;
        type(static_cast<const Param&>(s).type);
        expr(static_cast<const Param&>(s).value);
        break;
      case StmtKind::Type: type(static_cast<const TypeDecl&>(s).type); break;
      case StmtKind::Fn:
        for (const FnParam& each : static_cast<const Fn&>(s).params) type(each.type);
        type(static_cast<const Fn&>(s).result);
        expr(static_cast<const Fn&>(s).value);
        break;
      case StmtKind::Component: body(static_cast<const Component&>(s).body); break;
      case StmtKind::For:
        head(static_cast<const For&>(s).head);
        body(static_cast<const For&>(s).body);
        break;
      case StmtKind::When:
        for (const auto* w = static_cast<const When*>(&s); w != nullptr; w = w->else_when) {
          at(w->span.begin).keyword = true;
          expr(w->condition);
          body(w->body);
          if (w->else_body != nullptr) body(*w->else_body);
        }
        break;
      case StmtKind::Check:
        expr(static_cast<const Check&>(s).condition);
        expr(static_cast<const Check&>(s).message);
        break;
      case StmtKind::Effect:
        expr(static_cast<const Effect&>(s).condition);
        expr(static_cast<const Effect&>(s).message);
        break;
      case StmtKind::Expect: {
        const auto& x = static_cast<const Expect&>(s);
        expr(x.ref.index);
        expr(x.value);
        if (x.body != nullptr) body(*x.body);
        break;
      }
      case StmtKind::Override: {
        const auto& o = static_cast<const Override&>(s);
        own.item_kind = ItemKind::Override;
        if (o.ref != nullptr) expr(o.ref->index);
        expr(o.where);
        body(o.body);
        break;
      }
      case StmtKind::Block: {
        const auto& b = static_cast<const Block&>(s);
        own.item_kind = ItemKind::Block;
        for (const Ident& each : b.path) own.item_path.append(own.item_path.empty() ? "" : ".").append(names_.text(each.symbol));
        // The name of a test is a sentence and keeps its quotes, however short it is.
        if (b.name_text != nullptr && own.item_path != "test") bare(b.name_text);
        expr(b.where);
        body(b.body);
        break;
      }
    }
  }

  const Interner& names_;
};

}  // namespace

std::vector<Mark> marks_of(const ast::File& file, const Interner& names) {
  Marker marker(names);
  marker.stmts(file.stmts);
  auto& all = marker.out;
  std::stable_sort(all.begin(), all.end(), [](const Mark& a, const Mark& b) { return a.offset < b.offset; });
  std::vector<Mark> merged;
  for (Mark& each : all) {
    if (merged.empty() || merged.back().offset != each.offset) {
      merged.push_back(std::move(each));
      continue;
    }
    Mark& to = merged.back();
    to.keyword |= each.keyword;
    to.body |= each.body;
    to.loop |= each.loop;
    to.type_args |= each.type_args;
    to.bare |= each.bare;
    to.item |= each.item;
    if (each.item_kind != ItemKind::Other) to.item_kind = each.item_kind;
    if (!each.item_path.empty()) to.item_path = std::move(each.item_path);
  }
  return merged;
}

}  // namespace mcp::layout
