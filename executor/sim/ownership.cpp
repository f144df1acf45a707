#include "executor/sim/ownership.hpp"

#include <algorithm>

#include "lang/value/json.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

const ApiType anything;

/// Where a walk stands.
struct Place {
  const ApiType& type;
  std::size_t depth = 0;
  bool metadata = false;   // in that of the object
  Place below(std::string_view name) const {
    const ApiType* inner = type.field(name);
    return {inner != nullptr ? *inner : anything, depth + 1, depth == 0 && name == "metadata"};
  }
  Place item() const { return {type.item(), depth + 1}; }
};

bool identity_field(const Place& at, std::string_view name) {
  if (at.depth == 0) return name == "apiVersion" || name == "kind";
  return at.metadata && (name == "name" || name == "namespace" || name == "uid" || name == "resourceVersion");
}

/// The merge keys of an item, as paths and managedFields write them.
Value key_of(const ApiType& list, const Value& item) {
  MapBuilder out;
  for (const std::string& k : list.keys) out.set(k, merge_key_value(item, k));
  return out.build();
}

/// `[name="web"]`
std::string item_text(const ApiType& list, const Value& item) {
  std::string out;
  const Value key = key_of(list, item);
  for (const Entry& e : key.entries()) out += (out.empty() ? "" : ",") + std::string(e.name()) + "=" + to_json(e.value);
  return "[" + out + "]";
}

struct Owner {
  std::string_view manager;
  const Value* shape;
};

template <class Step>
std::vector<Owner> narrowed(const std::vector<Owner>& owners, const Step& step) {
  std::vector<Owner> next;
  for (const Owner& o : owners)
    if (const Value* v = step(*o.shape)) next.push_back({o.manager, v});
  return next;
}

void contest(const Place& at, const Value& applied, const Value* live, const std::vector<Owner>& owners, const std::string& path, std::vector<FieldConflict>& out) {
  if (owners.empty() || at.depth > 128 || (live != nullptr && *live == applied)) return;
  const auto entries = [&](const Place& in, const Value& map, const Value* there, const std::vector<Owner>& holders, const std::string& here, const ApiType* list) {
    for (const Entry& e : map.entries()) {
      if (identity_field(in, e.name()) || (list != nullptr && list->is_key(e.name()))) continue;
      contest(in.below(e.name()), e.value, there != nullptr ? there->find(e.name()) : nullptr, narrowed(holders, [&](const Value& shape) { return shape.find(e.name()); }),
              here + "." + std::string(e.name()), out);
    }
  };
  if (at.type.by_entry(applied) && (live == nullptr || live->is_map())) {
    if (applied.size() > 0) return entries(at, applied, live, owners, path, nullptr);
    if (live != nullptr) return;   // adds nothing
  } else if (at.type.by_item(applied) && (live == nullptr || live->is_list())) {
    for (const Value& item : applied.items()) {
      if (!item.is_map()) continue;
      const Value* there = at.type.item_like(live, item);
      const auto holders = narrowed(owners, [&](const Value& shape) { return at.type.item_like(&shape, item); });
      const std::string here = path + item_text(at.type, item);
      if (at.type.item().whole) contest(at.item(), item, there, holders, here, out);
      else entries(at.item(), item, there, holders, here, &at.type);
    }
    return;
  }
  for (const Owner& o : owners) out.push_back({path, std::string(o.manager)});
}

Value merge(const Place& at, const Value* live, const Value& applied);

/// The order that is applied wins; items of others stay where they are between those that both have.
Value merge_items(const Place& at, const Value& live, const Value& applied) {
  const auto left = live.items();
  const auto right = applied.items();
  std::vector<Value> out;
  std::vector<const Value*> shared;   // of the applied ones those that are there, in their order
  for (const Value& item : right)
    if (at.type.item_like(&live, item) != nullptr) shared.push_back(&item);
  std::size_t next = 0;               // in `shared`
  std::vector<bool> taken(right.size());
  const auto take = [&](std::size_t r) {
    taken[r] = true;
    out.push_back(merge(at.item(), at.type.item_like(&live, right[r]), right[r]));
    if (next < shared.size() && shared[next] == &right[r]) ++next;
  };
  for (std::size_t l = 0, r = 0; l < left.size() || r < right.size();) {
    const Value* same = l < left.size() ? at.type.item_like(&applied, left[l]) : nullptr;
    if (l < left.size() && r < right.size()) {
      if (same == &right[r]) {
        take(r++);
        ++l;
        continue;
      }
      if (same != nullptr && next < shared.size() && shared[next] != same) {   // shared, and not the one whose turn it is
        ++l;
        continue;
      }
    }
    if (l < left.size()) {
      if (same == nullptr) {
        out.push_back(left[l++]);
        continue;
      }
      if (taken[static_cast<std::size_t>(same - right.data())]) ++l;
    }
    if (r < right.size()) take(r++);
  }
  return Value::list(std::move(out));
}

Value merge(const Place& at, const Value* live, const Value& applied) {
  if (live == nullptr || live->same_as(applied) || at.depth > 128) return applied;
  if (at.type.by_entry(applied) && live->is_map()) {
    std::vector<Entry> out(live->entries().begin(), live->entries().end());
    for (const Entry& e : applied.entries()) {
      const auto it = std::find_if(out.begin(), out.end(), [&](const Entry& o) { return o.name() == e.name(); });
      if (it == out.end()) out.push_back(e);
      else it->value = merge(at.below(e.name()), &it->value, e.value);
    }
    return Value::map(std::move(out));
  }
  if (at.type.by_item(applied) && live->is_list()) return merge_items(at, *live, applied);
  return applied;
}

using Shapes = std::vector<const Value*>;

template <class Step>
Shapes below(const Shapes& shapes, const Step& step) {
  Shapes next;
  for (const Value* s : shapes)
    if (const Value* v = step(*s)) next.push_back(v);
  return next;
}

/// Of `live`, in which `before` held something and `kept` still do: what stays.
Value release(const Place& at, const Value& live, const Value& before, const Shapes& kept) {
  if (at.depth > 128) return live;
  const auto entries = [&](const Place& in, const Value& map, const Value& was, const Shapes& holders, const ApiType* list) {
    std::vector<Entry> out;
    for (const Entry& e : map.entries()) {
      const Value* held = was.find(e.name());
      const bool stays = held == nullptr || identity_field(in, e.name()) || (list != nullptr && list->is_key(e.name()));
      const Shapes inner = stays ? Shapes() : below(holders, [&](const Value& s) { return s.find(e.name()); });
      if (stays) out.push_back(e);
      else if (!inner.empty()) out.push_back({e.key, release(in.below(e.name()), e.value, *held, inner)});
    }
    return Value::map(std::move(out));
  };
  if (at.type.by_entry(before) && before.size() > 0 && live.is_map()) return entries(at, live, before, kept, nullptr);
  if (at.type.by_item(before) && live.is_list()) {
    std::vector<Value> out;
    for (const Value& item : live.items()) {
      const Value* was = at.type.item_like(&before, item);
      const Shapes holders = was == nullptr ? Shapes() : below(kept, [&](const Value& s) { return at.type.item_like(&s, item); });
      if (was == nullptr || (!holders.empty() && (at.type.set || at.type.item().whole))) out.push_back(item);
      else if (!holders.empty()) out.push_back(entries(at.item(), item, *was, holders, &at.type));
    }
    return Value::list(std::move(out));
  }
  return live;
}

/// Null: nothing is left.
Value lose(const Place& at, const Value& shape, const Value& changed, const Value* live) {
  if (at.depth > 128 || (live != nullptr && *live == changed)) return shape;
  const auto entries = [&](const Place& in, const Value& map, const Value& by, const Value* there, const ApiType* list) {
    std::vector<Entry> out;
    for (const Entry& e : map.entries()) {
      const Value* c = by.find(e.name());
      const bool stays = c == nullptr || identity_field(in, e.name()) || (list != nullptr && list->is_key(e.name()));
      Value left = stays ? e.value : lose(in.below(e.name()), e.value, *c, there != nullptr ? there->find(e.name()) : nullptr);
      if (stays || !left.is_null()) out.push_back({e.key, std::move(left)});
    }
    return out;
  };
  if (at.type.by_entry(changed) && shape.is_map()) {
    if (changed.size() == 0) return live != nullptr && live->is_map() ? shape : Value();
    std::vector<Entry> out = entries(at, shape, changed, live, nullptr);
    return out.empty() ? Value() : Value::map(std::move(out));
  }
  if (at.type.by_item(changed) && shape.is_list()) {
    std::vector<Value> out;
    for (const Value& item : shape.items()) {
      const Value* c = at.type.item_like(&changed, item);
      if (c == nullptr || !item.is_map()) {
        out.push_back(item);
      } else if (at.type.item().whole) {
        if (Value left = lose(at.item(), item, *c, at.type.item_like(live, item)); !left.is_null()) out.push_back(std::move(left));
      } else out.push_back(Value::map(entries(at.item(), item, *c, at.type.item_like(live, item), &at.type)));
    }
    return Value::list(std::move(out));
  }
  return {};
}

Value trie(const Place& at, const Value& shape) {
  if (at.depth > 128) return Value::empty_map();
  std::vector<Entry> out;
  if (at.type.by_entry(shape)) {
    for (const Entry& e : shape.entries())
      if (!identity_field(at, e.name()) && !(at.depth == 0 && e.name() == "status")) out.push_back(entry("f:" + std::string(e.name()), trie(at.below(e.name()), e.value)));
  } else if (at.type.by_item(shape)) {
    for (const Value& item : shape.items()) {
      if (at.type.item_like(&shape, item) != &item) continue;
      if (at.type.set) {
        out.push_back(entry("v:" + to_json(item), Value::empty_map()));
        continue;
      }
      std::vector<Entry> fields;
      if (!at.type.item().whole) fields.push_back(entry(".", Value::empty_map()));
      for (const Entry& e : at.type.item().whole ? std::span<const Entry>() : item.entries()) fields.push_back(entry("f:" + std::string(e.name()), trie(at.item().below(e.name()), e.value)));
      out.push_back(entry("k:" + to_json(key_of(at.type, item)), Value::map(std::move(fields))));
    }
  }
  return Value::map(std::move(out));
}

}  // namespace

Value without_empty_lists(const ApiType& type, const Value& body) {
  if (!type.by_entry(body)) {
    if (!type.by_item(body) || type.set) return body;
    std::vector<Value> items;
    for (const Value& item : body.items()) items.push_back(without_empty_lists(type.item(), item));
    Value out = Value::list(std::move(items));
    return out == body ? body : out;
  }
  std::vector<Entry> entries;
  for (const Entry& e : body.entries()) {
    const ApiType* inner = type.field(e.name());
    if (inner == nullptr) {
      entries.push_back(e);
    } else if (!inner->by_item(e.value) || e.value.size() > 0) {
      Value left = without_empty_lists(*inner, e.value);
      const bool emptied = (left.is_map() || left.is_list()) && left.size() == 0 && e.value.size() > 0;
      if (!emptied) entries.push_back({e.key, std::move(left)});
    }
  }
  Value out = Value::map(std::move(entries));
  return out == body ? body : out;
}

std::vector<FieldConflict> conflicts(const ApiType& type, const Value& live, const Value& applied, std::string_view me,
                                     const std::vector<SimManager>& managers) {
  std::vector<FieldConflict> out;
  std::vector<Owner> owners;
  for (const SimManager& m : managers)
    if (m.name != me || !m.apply) owners.push_back({m.name, &m.shape});
  contest({type}, applied, &live, owners, "", out);
  return out;
}

Value merged(const ApiType& type, const Value& live, const Value& applied) { return merge({type}, live.is_null() ? nullptr : &live, applied); }

Value released(const ApiType& type, const Value& live, const Value& before, const Value& after, const std::vector<const Value*>& others) {
  Shapes kept = others;
  kept.push_back(&after);
  return release({type}, live, before, kept);
}

Value without_lost(const ApiType& type, const Value& shape, const Value& changed, const Value& live) { return lose({type}, shape, changed, &live); }

Value fields_v1(const ApiType& type, const Value& shape) {
  Value all = trie({type}, shape);
  // A `metadata` that only named the object holds nothing.
  if (const Value* metadata = all.find("f:metadata"); metadata != nullptr && metadata->size() == 0) all = all.without("f:metadata");
  return all;
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
  if (found == nullptr) return std::nullopt;
  auto inner = build(at.item(), found, steps.subspan(1), value);
  if (!inner) return std::nullopt;
  if (at.type.by_item(*live) && inner->is_map()) {
    for (const std::string& k : at.type.keys)
      if (inner->find(k) == nullptr) inner = inner->with(k, merge_key_value(*found, k));
    return Value::list(std::vector<Value>{*std::move(inner)});
  }
  // An atomic list is written whole.
  std::vector<Value> items(live->items().begin(), live->items().end());
  items[static_cast<std::size_t>(found - live->items().data())] =
      steps.size() == 1 ? *inner : merge(at.item(), found, *inner);
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

std::optional<Value> body_for(const ApiType& type, const Value& live, const FieldPath& path, const Value& value) {
  return build({type}, &live, path.steps, value);
}

Value without_path(const Value& body, const FieldPath& path) { return body.is_null() ? body : erase(body, path.steps); }

}  // namespace mcp
