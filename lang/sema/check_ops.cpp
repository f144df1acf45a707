// Operators: which types they take, and which operation each then is.
#include "lang/sema/checker.hpp"

namespace mcp {

namespace {

bool is_amount(const Type& t) {
  return t.is(TypeTag::Int) || t.is(TypeTag::Duration) || t.is(TypeTag::Cpu) || t.is(TypeTag::Memory);
}
bool is_text(const Type& t) { return t.is(TypeTag::String) || t.is(TypeTag::Union) || t.is(TypeTag::Image) || t.is(TypeTag::Date); }

}  // namespace

Checker::Typed Checker::operand_error(const ast::Binary& e, const Typed& a, const Typed& b, std::string_view help) {
  if (a.failed() || b.failed()) return failed(e.span);
  const std::string op(ast::spelling(e.op));
  if (a.type.optional || b.type.optional || a.type.is(TypeTag::Null) || b.type.is(TypeTag::Null)) {
    const bool left = a.type.optional || a.type.is(TypeTag::Null);
    auto& d = report("E0302", left ? e.left->span : e.right->span, "`" + op + "` takes no null, and this may be one",
                     "it is " + to_string(left ? a.type : b.type));
    d.help.push_back("give it a default with `??`");
    return failed(e.span);
  }
  if (a.type.is(TypeTag::Secret) || b.type.is(TypeTag::Secret)) {
    auto& d = report("E0305", e.span, "`" + op + "` would look into a secret");
    d.help.push_back("text around a secret is written as \"..${secret}..\" inside of `secret.data`");
    return failed(e.span);
  }
  const bool units = is_amount(a.type) && is_amount(b.type);
  auto& d = report(units ? "E0303" : "E0308", e.op_span, "`" + op + "` does not take " + to_string(a.type) + " and " + to_string(b.type));
  d.labels.push_back({e.left->span, to_string(a.type)});
  d.labels.push_back({e.right->span, to_string(b.type)});
  if (!help.empty()) d.help.push_back(std::string(help));
  return failed(e.span);
}

/// One side of an operator; only what is said about its type names the operator.
const Code* Checker::operand(const ast::Expr& e, const Type& want, std::string_view op) {
  const Typed typed = expr(e, &want);
  Restore attribute(attribute_, op);
  return coerce(typed, want, e);
}

Checker::Typed Checker::unary(const ast::Unary& e, const Type* want) {
  if (e.op == ast::UnaryOp::Not) {
    const Code* code = operand(*e.operand, simple(TypeTag::Bool), "!");
    if (code->op == Op::Fail) return failed(e.span);
    return {node(Op::Not, e.span, {code}), simple(TypeTag::Bool)};
  }
  const Typed typed = expr(*e.operand, want);
  if (typed.failed()) return typed;
  if (!is_amount(typed.type) || typed.type.optional) {
    report(typed.type.optional ? "E0302" : "E0308", e.span, "`-` takes a number, found " + to_string(typed.type));
    return failed(e.span);
  }
  if (typed.code->op == Op::Const) return {constant(Value::integer(-unit_.constants[typed.code->n].as_int()), e.span), typed.type};
  return {node(Op::NegateInt, e.span, {typed.code}), typed.type};
}

Checker::Typed Checker::binary(const ast::Binary& e, const Type* want) {
  switch (e.op) {
    case ast::BinaryOp::Where: return where(e);
    case ast::BinaryOp::Coalesce: return coalesce(e, want);
    case ast::BinaryOp::Or:
    case ast::BinaryOp::And: return logic(e);
    case ast::BinaryOp::Eq:
    case ast::BinaryOp::Ne:
    case ast::BinaryOp::Lt:
    case ast::BinaryOp::Le:
    case ast::BinaryOp::Gt:
    case ast::BinaryOp::Ge: return compare(e);
    case ast::BinaryOp::In:
    case ast::BinaryOp::NotIn: return contains(e);
    case ast::BinaryOp::Add: return add(e, want);
    case ast::BinaryOp::Sub:
    case ast::BinaryOp::Mul:
    case ast::BinaryOp::Div: return arithmetic(e, want);
  }
  return failed(e.span);
}

Checker::Typed Checker::add(const ast::Binary& e, const Type* want) {
  const Type* hint = want != nullptr && want->is(TypeTag::List) ? want : nullptr;
  const Typed a = expr(*e.left, hint);
  const Typed b = expr(*e.right, hint);
  if (a.failed() || b.failed()) return failed(e.span);
  if (!a.type.optional && !b.type.optional) {
    if (a.type.is(TypeTag::List) && b.type.is(TypeTag::List)) {
      Type both = unify(a.type, b.type);
      if (!both.failed()) return {node(Op::AppendList, e.span, {a.code, b.code}), std::move(both)};
    }
    if (is_amount(a.type) && a.type.tag == b.type.tag) return {node(Op::AddInt, e.span, {a.code, b.code}), a.type};
    if (is_text(a.type) && is_text(b.type)) return {node_list(Op::Concat, e.span, {a.code, b.code}), simple(TypeTag::String)};
  }
  const std::string_view help = is_text(a.type) || is_text(b.type) ? "put values into a text with `\"..${value}..\"`" : "both sides are of one type";
  return operand_error(e, a, b, help);
}

Checker::Typed Checker::arithmetic(const ast::Binary& e, const Type* want) {
  (void)want;
  const Typed a = expr(*e.left);
  const Typed b = expr(*e.right);
  if (a.failed() || b.failed()) return failed(e.span);
  if (is_amount(a.type) && is_amount(b.type) && !a.type.optional && !b.type.optional) {
    const bool int_a = a.type.is(TypeTag::Int);
    const bool int_b = b.type.is(TypeTag::Int);
    switch (e.op) {
      case ast::BinaryOp::Sub:
        if (a.type.tag == b.type.tag) return {node(Op::SubInt, e.span, {a.code, b.code}), a.type};
        break;
      case ast::BinaryOp::Mul:
        if (int_a || int_b) return {node(Op::MulInt, e.span, {a.code, b.code}), int_a ? b.type : a.type};
        break;
      default:
        if (int_b) return {node(Op::DivInt, e.span, {a.code, b.code}), a.type};
        if (a.type.tag == b.type.tag) return {node(Op::DivInt, e.span, {a.code, b.code}), simple(TypeTag::Int)};
    }
  }
  return operand_error(e, a, b, e.op == ast::BinaryOp::Sub ? "both sides are of one type" : "a number with a unit goes with a plain number");
}

Checker::Typed Checker::compare(const ast::Binary& e) {
  // The side that is a literal takes the type of the other one.
  const auto literal = [](const ast::Expr& side) {
    return side.kind == ast::ExprKind::String || side.kind == ast::ExprKind::Number || side.kind == ast::ExprKind::List || side.kind == ast::ExprKind::Object;
  };
  // A literal that a row field cannot hold is named after the field.
  const ast::Expr& other = literal(*e.left) ? *e.right : *e.left;
  const Symbol field = other.kind == ast::ExprKind::RowField ? static_cast<const ast::RowField&>(other).field.symbol
                       : other.kind == ast::ExprKind::Member ? static_cast<const ast::Member&>(other).name.symbol
                                                             : Symbol::None;
  const auto literal_side = [&](const ast::Expr& side, const Typed& known) {
    Restore attribute(attribute_, field == Symbol::None ? attribute_ : names_.text(field));
    const Type hint = known.type.required();
    return expr(side, known.failed() ? nullptr : &hint);
  };
  Typed a;
  Typed b;
  if (literal(*e.left) && !literal(*e.right)) {
    b = expr(*e.right);
    a = literal_side(*e.left, b);
  } else {
    a = expr(*e.left);
    if (literal(*e.right)) {
      b = literal_side(*e.right, a);
    } else {
      const Type hint = a.type.required();
      b = expr(*e.right, a.failed() ? nullptr : &hint);
    }
  }
  if (a.failed() || b.failed()) return failed(e.span);
  const Type result = simple(TypeTag::Bool);
  if (e.op == ast::BinaryOp::Eq || e.op == ast::BinaryOp::Ne) {
    const Op op = e.op == ast::BinaryOp::Eq ? Op::Equal : Op::NotEqual;
    if (a.type.is(TypeTag::Secret) || b.type.is(TypeTag::Secret)) return operand_error(e, a, b, {});
    const Type both = unify(a.type, b.type);
    if (both.failed() || (is_amount(a.type) && is_amount(b.type) && a.type.tag != b.type.tag))
      return operand_error(e, a, b, "only values of one type are compared");
    return {node(op, e.span, {a.code, b.code}), result};
  }
  if (!a.type.optional && !b.type.optional) {
    const bool amounts = is_amount(a.type) && a.type.tag == b.type.tag;
    const bool texts = is_text(a.type) && is_text(b.type);
    if (amounts || texts) {
      Op op = Op::Less;
      switch (e.op) {
        case ast::BinaryOp::Lt: op = amounts ? Op::Less : Op::TextLess; break;
        case ast::BinaryOp::Le: op = amounts ? Op::LessEqual : Op::TextLessEqual; break;
        case ast::BinaryOp::Gt: op = amounts ? Op::Greater : Op::TextGreater; break;
        default: op = amounts ? Op::GreaterEqual : Op::TextGreaterEqual;
      }
      return {node(op, e.span, {a.code, b.code}), result};
    }
  }
  return operand_error(e, a, b, "numbers, numbers with the same unit, and strings have an order");
}

Checker::Typed Checker::contains(const ast::Binary& e) {
  const Typed b = expr(*e.right);
  Type hint;
  if (b.type.is(TypeTag::List)) hint = b.type.element->required();
  if (b.type.is(TypeTag::Map) || b.type.is(TypeTag::Record)) hint = simple(TypeTag::String);
  const bool known = !b.failed() && !hint.failed() && !hint.is(TypeTag::Empty);
  const Typed a = expr(*e.left, known ? &hint : nullptr);
  if (a.failed() || b.failed()) return failed(e.span);
  Code* code = nullptr;
  if (!b.type.optional && b.type.is(TypeTag::List) && !unify(a.type, *b.type.element).failed()) {
    // A literal in a list of literals that a union cannot hold is a slip: `.tier in ["glod"]`.
    if (a.type.is(TypeTag::Union) && e.right->kind == ast::ExprKind::List) {
      const Type wanted = list_of(a.type.required());
      const std::size_t errors = out_.errors();
      expr(*e.right, &wanted);
      if (out_.errors() > errors) return failed(e.span);
    }
    code = node(Op::InList, e.span, {a.code, b.code});
  } else if (!b.type.optional && is_text(a.type) && !a.type.optional && (b.type.is(TypeTag::Map) || b.type.is(TypeTag::Record))) {
    code = node(Op::InMap, e.span, {a.code, b.code});
  }
  if (code == nullptr) return operand_error(e, a, b, "`in` looks for an item in a list, or for a key in a map");
  if (e.op == ast::BinaryOp::NotIn) code = node(Op::Not, e.span, {code});
  return {code, simple(TypeTag::Bool)};
}

Checker::Typed Checker::logic(const ast::Binary& e) {
  const Type boolean = simple(TypeTag::Bool);
  const std::string_view op = e.op == ast::BinaryOp::And ? "&&" : "||";
  const Code* a = operand(*e.left, boolean, op);
  const std::size_t before = narrowed_.size();
  collect_narrowed(*e.left, e.op == ast::BinaryOp::And, narrowed_);
  const Code* b = operand(*e.right, boolean, op);
  narrowed_.resize(before);
  if (a->op == Op::Fail || b->op == Op::Fail) return failed(e.span);
  return {node(e.op == ast::BinaryOp::And ? Op::And : Op::Or, e.span, {a, b}), boolean};
}

Checker::Typed Checker::coalesce(const ast::Binary& e, const Type* want) {
  const Typed a = expr(*e.left, want);
  Type hint = a.type.required();
  if (a.type.is(TypeTag::Null) && want != nullptr) hint = *want;
  const Typed b = expr(*e.right, a.failed() ? want : &hint);
  if (a.failed() || b.failed()) return failed(e.span);
  Type both = unify(a.type.is(TypeTag::Null) ? a.type : a.type.required(), b.type);
  if (both.failed()) return operand_error(e, {a.code, a.type.required()}, b, "the default is of the same type");
  both.optional = b.type.optional || b.type.is(TypeTag::Null);
  return {node(Op::Coalesce, e.span, {a.code, b.code}), both};
}

Checker::Typed Checker::where(const ast::Binary& e) {
  const Typed a = expr(*e.left);
  if (a.failed()) return failed(e.span);
  if (!a.type.is(TypeTag::List) || a.type.optional ||
      (!a.type.element->is(TypeTag::Cluster) && !a.type.element->is(TypeTag::Record))) {
    report(a.type.optional ? "E0302" : "E0308", e.left->span, "`where` takes a list of clusters or of records, found " + to_string(a.type));
    return failed(e.span);
  }
  const bool cluster = a.type.element->is(TypeTag::Cluster);
  Restore row(row_, Row{cluster ? RowKind::Cluster : RowKind::Record, cluster ? nullptr : a.type.element.get()});
  Restore attribute(attribute_, std::string_view{});
  const Code* predicate = value(*e.right, simple(TypeTag::Bool));
  if (predicate->op == Op::Fail) return failed(e.span);
  Code* code = node(Op::Where, e.span, {a.code, predicate});
  code->aux = cluster ? 1 : 0;
  code->deps = static_cast<std::uint8_t>(a.code->deps | (predicate->deps & ~DepRow));
  return {code, a.type};
}

}  // namespace mcp
