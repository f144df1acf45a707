#include "executor/sim/ownership.hpp"

#include <algorithm>

#include "lang/value/json.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

using Keys = std::span<const std::string_view>;

/// Where a walk stands: the nearest field name and the one around it, which choose merge keys.
struct Place {
  std::string_view kind;
  std::string_view parent;
  std::string_view field;
  std::size_t depth = 0;
  Place below(std::string_view name) const { return {kind, field, name, depth + 1}; }
};

Keys keys_of(const Place& at, const Value& list) { return list.is_list() ? merge_keys(at.kind, at.parent, at.field) : Keys(); }

bool identity_field(const Place& at, std::string_view name) {
  if (at.depth == 0) return name == "apiVersion" || name == "kind";
  return at.depth == 1 && at.field == "metadata" && (name == "name" || name == "namespace" || name == "uid" || name == "resourceVersion");
}

bool same_item(const Value& a, const Value& b, Keys keys) {
  return a.is_map() && b.is_map() &&
         std::all_of(keys.begin(), keys.end(), [&](std::string_view k) { return merge_key_value(a, k) == merge_key_value(b, k); });
}

const Value* item_like(const Value* list, const Value& item, Keys keys) {
  if (list == nullptr || !list->is_list()) return nullptr;
  for (const Value& each : list->items())
    if (same_item(each, item, keys)) return &each;
  return nullptr;
}

bool is_key(std::string_view name, Keys keys) { return std::find(keys.begin(), keys.end(), name) != keys.end(); }

struct Owner {
  std::string_view manager;
  const Value* shape;
};

struct Conflicts {
  std::string_view me;
  std::vector<FieldConflict>& out;
  FieldPath path;

  std::vector<Owner> narrowed(const std::vector<Owner>& owners, auto&& step) {
    std::vector<Owner> next;
    for (const Owner& o : owners)
      if (const Value* v = step(*o.shape)) next.push_back({o.manager, v});
    return next;
  }

  void walk(const Place& at, const Value& applied, const Value* live, const std::vector<Owner>& owners) {
    if (owners.empty() || at.depth > 128 || (live != nullptr && *live == applied)) return;
    if (applied.is_map() && applied.size() > 0 && (live == nullptr || live->is_map())) {
      for (const Entry& e : applied.entries()) {
        if (identity_field(at, e.name())) continue;
        path.steps.emplace_back(FieldPath::Key{std::string(e.name())});
        walk(at.below(e.name()), e.value, live != nullptr ? live->find(e.name()) : nullptr,
             narrowed(owners, [&](const Value& shape) { return shape.find(e.name()); }));
        path.steps.pop_back();
      }
      return;
    }
    if (const Keys keys = keys_of(at, applied); !keys.empty() && (live == nullptr || live->is_list())) {
      for (const Value& item : applied.items()) {
        if (!item.is_map()) continue;
        FieldPath::Merge merge;
        for (const std::string_view k : keys) {
          const Value v = merge_key_value(item, k);
          merge.keys.emplace_back(std::string(k), v.is_string() ? std::string(v.as_string()) : to_json(v));
        }
        path.steps.emplace_back(std::move(merge));
        const Value* there = item_like(live, item, keys);
        const auto holders = narrowed(owners, [&](const Value& shape) { return item_like(&shape, item, keys); });
        for (const Entry& e : item.entries()) {
          if (is_key(e.name(), keys)) continue;
          path.steps.emplace_back(FieldPath::Key{std::string(e.name())});
          walk(at.below(e.name()), e.value, there != nullptr ? there->find(e.name()) : nullptr,
               narrowed(holders, [&](const Value& shape) { return shape.find(e.name()); }));
          path.steps.pop_back();
        }
        path.steps.pop_back();
      }
      return;
    }
    for (const Owner& o : owners)
      if (o.manager != me) out.push_back({path.text(), std::string(o.manager)});
  }
};

Value merge(const Place& at, const Value* live, const Value& applied) {
  if (live == nullptr || live->same_as(applied) || at.depth > 128) return applied;
  if (applied.is_map() && live->is_map()) {
    std::vector<Entry> out(live->entries().begin(), live->entries().end());
    for (const Entry& e : applied.entries()) {
      const auto it = std::find_if(out.begin(), out.end(), [&](const Entry& o) { return o.name() == e.name(); });
      if (it == out.end()) out.push_back(e);
      else it->value = merge(at.below(e.name()), &it->value, e.value);
    }
    return Value::map(std::move(out));
  }
  const Keys keys = keys_of(at, applied);
  if (!keys.empty() && live->is_list()) {
    // The applied order wins; items of others follow in theirs.
    std::vector<Value> out;
    for (const Value& item : applied.items()) {
      const Value* there = item_like(live, item, keys);
      out.push_back(merge({at.kind, at.parent, at.field, at.depth + 1}, there, item));
    }
    for (const Value& item : live->items())
      if (item_like(&applied, item, keys) == nullptr) out.push_back(item);
    return Value::list(std::move(out));
  }
  return applied;
}

/// Null: all of `live` goes.
Value release(const Place& at, const Value& live, const Value& before, const Value* after, const std::vector<const Value*>& others) {
  const auto below = [&](const auto& step) {
    std::vector<const Value*> next;
    for (const Value* o : others)
      if (const Value* v = step(*o)) next.push_back(v);
    return next;
  };
  if (before.is_map() && live.is_map() && before.size() > 0 && at.depth <= 128) {
    std::vector<Entry> out;
    for (const Entry& e : live.entries()) {
      const Value* was = before.find(e.name());
      const Value* is = after != nullptr ? after->find(e.name()) : nullptr;
      if (was == nullptr || identity_field(at, e.name()) || (is != nullptr && is->same_as(*was))) {
        out.push_back(e);
        continue;
      }
      Value left = release(at.below(e.name()), e.value, *was, is, below([&](const Value& o) { return o.find(e.name()); }));
      if (!left.is_null()) out.push_back({e.key, std::move(left)});
    }
    if (out.empty() && after == nullptr && others.empty()) return {};
    return Value::map(std::move(out));
  }
  const Keys keys = keys_of(at, before);
  if (!keys.empty() && live.is_list()) {
    std::vector<Value> out;
    for (const Value& item : live.items()) {
      const Value* was = item_like(&before, item, keys);
      if (was == nullptr) {
        out.push_back(item);
        continue;
      }
      const Value* is = item_like(after, item, keys);
      const auto rest = below([&](const Value& o) { return item_like(&o, item, keys); });
      if (is == nullptr && rest.empty()) continue;
      std::vector<Entry> fields;
      for (const Entry& e : item.entries()) {
        const Value* old = was->find(e.name());
        if (old == nullptr || is_key(e.name(), keys)) {
          fields.push_back(e);
          continue;
        }
        std::vector<const Value*> inner;
        for (const Value* o : rest)
          if (const Value* v = o->find(e.name())) inner.push_back(v);
        Value left = release(at.below(e.name()), e.value, *old, is != nullptr ? is->find(e.name()) : nullptr, inner);
        if (!left.is_null()) fields.push_back({e.key, std::move(left)});
      }
      out.push_back(Value::map(std::move(fields)));
    }
    if (out.empty() && after == nullptr && others.empty()) return {};
    return Value::list(std::move(out));
  }
  return after == nullptr && others.empty() ? Value() : live;
}

/// Null: nothing is left.
Value lose(const Place& at, const Value& shape, const Value& changed, const Value* live) {
  if (live != nullptr && *live == changed) return shape;
  if (shape.is_map() && changed.is_map() && changed.size() > 0 && at.depth <= 128) {
    std::vector<Entry> out;
    for (const Entry& e : shape.entries()) {
      const Value* c = changed.find(e.name());
      if (c == nullptr || identity_field(at, e.name())) {
        out.push_back(e);
        continue;
      }
      Value left = lose(at.below(e.name()), e.value, *c, live != nullptr ? live->find(e.name()) : nullptr);
      if (!left.is_null()) out.push_back({e.key, std::move(left)});
    }
    return out.empty() ? Value() : Value::map(std::move(out));
  }
  const Keys keys = keys_of(at, changed);
  if (!keys.empty() && shape.is_list()) {
    std::vector<Value> out;
    for (const Value& item : shape.items()) {
      const Value* c = item_like(&changed, item, keys);
      if (c == nullptr) {
        out.push_back(item);
        continue;
      }
      const Value* there = item_like(live, item, keys);
      std::vector<Entry> fields;
      for (const Entry& e : item.entries()) {
        const Value* inner = is_key(e.name(), keys) ? nullptr : c->find(e.name());
        if (inner == nullptr) {
          fields.push_back(e);
          continue;
        }
        Value left = lose(at.below(e.name()), e.value, *inner, there != nullptr ? there->find(e.name()) : nullptr);
        if (!left.is_null()) fields.push_back({e.key, std::move(left)});
      }
      out.push_back(Value::map(std::move(fields)));
    }
    return Value::list(std::move(out));
  }
  return {};
}

}  // namespace

std::vector<FieldConflict> conflicts(std::string_view kind, const Value& live, const Value& applied, std::string_view me,
                                     const std::vector<SimManager>& managers) {
  std::vector<FieldConflict> out;
  std::vector<Owner> owners;
  for (const SimManager& m : managers)
    if (m.name != me || !m.apply) owners.push_back({m.name, &m.shape});
  Conflicts walk{me, out, {}};
  walk.walk({kind, "", "", 0}, applied, &live, owners);
  return out;
}

Value merged(std::string_view kind, const Value& live, const Value& applied) { return merge({kind, "", "", 0}, live.is_null() ? nullptr : &live, applied); }

Value released(std::string_view kind, const Value& live, const Value& before, const Value& after, const std::vector<const Value*>& others) {
  return release({kind, "", "", 0}, live, before, &after, others);
}

Value without_lost(std::string_view kind, const Value& shape, const Value& changed, const Value& live) {
  return lose({kind, "", "", 0}, shape, changed, &live);
}

namespace {

std::optional<Value> build(const Place& at, const Value* live, std::span<const FieldPath::Step> steps, const Value& value) {
  if (steps.empty()) return value;
  if (const auto* key = std::get_if<FieldPath::Key>(&steps[0])) {
    auto inner = build(at.below(key->name), live != nullptr ? live->find(key->name) : nullptr, steps.subspan(1), value);
    if (!inner) return std::nullopt;
    return Value::map(std::vector<Entry>{entry(key->name, *std::move(inner))});
  }
  if (live == nullptr || !live->is_list()) {
    // `data[8080]`: a key of digits reads like an index.
    const auto* item = std::get_if<FieldPath::Item>(&steps[0]);
    if (item == nullptr || (live != nullptr && !live->is_map())) return std::nullopt;
    const std::string name = std::to_string(item->index);
    auto inner = build(at.below(name), live != nullptr ? live->find(name) : nullptr, steps.subspan(1), value);
    if (!inner) return std::nullopt;
    return Value::map(std::vector<Entry>{entry(name, *std::move(inner))});
  }
  FieldPath one;
  one.steps.push_back(steps[0]);
  const Value* found = one.in(*live);
  const Keys keys = keys_of(at, *live);
  if (found == nullptr) return std::nullopt;
  auto inner = build({at.kind, at.parent, at.field, at.depth + 1}, found, steps.subspan(1), value);
  if (!inner) return std::nullopt;
  if (!keys.empty() && inner->is_map()) {
    for (const std::string_view k : keys)
      if (inner->find(k) == nullptr) inner = inner->with(k, merge_key_value(*found, k));
    return Value::list(std::vector<Value>{*std::move(inner)});
  }
  // An atomic list is written whole.
  std::vector<Value> items(live->items().begin(), live->items().end());
  items[static_cast<std::size_t>(found - live->items().data())] =
      steps.size() == 1 ? *inner : merge({at.kind, at.parent, at.field, at.depth + 1}, found, *inner);
  return Value::list(std::move(items));
}

Value erase(const Value& body, std::span<const FieldPath::Step> steps) {
  if (steps.empty()) return {};
  FieldPath one;
  one.steps.push_back(steps[0]);
  const Value* found = one.in(body);
  if (found == nullptr) return body;
  Value left = erase(*found, steps.subspan(1));
  if (body.is_map()) {
    for (const Entry& e : body.entries())
      if (&e.value == found) return left.is_null() ? body.without(e.name()) : body.with(e.name(), std::move(left));
    return body;
  }
  std::vector<Value> items;
  for (const Value& item : body.items()) {
    if (&item != found) items.push_back(item);
    else if (!left.is_null()) items.push_back(left);
  }
  return Value::list(std::move(items));
}

}  // namespace

std::optional<Value> body_for(std::string_view kind, const Value& live, const FieldPath& path, const Value& value) {
  return build({kind, "", "", 0}, &live, path.steps, value);
}

Value without_path(const Value& body, const FieldPath& path) { return body.is_null() ? body : erase(body, path.steps); }

}  // namespace mcp
