#include "planner/diff/fields.hpp"

#include <algorithm>
#include <charconv>

#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

std::string key_text(const Value& v) {
  if (v.is_string()) return std::string(v.as_string());
  if (v.is_int()) return std::to_string(v.as_int());
  if (v.is_bool()) return v.as_bool() ? "true" : "false";
  return {};
}

/// The value of a secret stands in a body as {"$secret": fingerprint}: one value, not a map.
bool is_fingerprint(const Value* v) { return v != nullptr && v->is_map() && v->size() == 1 && v->entries().front().name() == "$secret"; }

class Comparer {
 public:
  explicit Comparer(std::string_view kind) : kind_(kind) {}

  void compare(std::string_view parent, std::string_view field, const Value* before, const Value* after) {
    if (before != nullptr && after != nullptr && *before == *after) return;
    if (is_fingerprint(before) || is_fingerprint(after)) {
      out.push_back({path_, before, after});
      return;
    }
    if (before != nullptr && after != nullptr) {
      // A map that becomes empty, and stays, is one statement: its leaves alone would take it away.
      const bool emptied = !path_.steps.empty() && after->is_map() && after->size() == 0;
      if (before->is_map() && after->is_map() && !emptied) return maps(field, *before, *after);
      if (before->is_list() && after->is_list()) {
        const auto keys = merge_keys(kind_, parent, field);
        if (!keys.empty() && keyed(*before, keys) && keyed(*after, keys)) return lists(field, *before, *after, keys);
      }
    }
    // A map that comes or goes is shown by its leaves, so that a reader sees what it says.
    const Value* only = before == nullptr ? after : after == nullptr ? before : nullptr;
    if (only != nullptr && only->is_map() && only->size() > 0) {
      for (const Entry& e : only->entries()) {
        path_.steps.emplace_back(FieldPath::Key{std::string(e.name())});
        compare(field, e.name(), before == nullptr ? nullptr : &e.value, after == nullptr ? nullptr : &e.value);
        path_.steps.pop_back();
      }
      return;
    }
    out.push_back({path_, before, after});
  }

  std::vector<FieldDifference> out;

 private:
  static bool keyed(const Value& list, std::span<const std::string_view> keys) {
    return std::all_of(list.items().begin(), list.items().end(), [&](const Value& item) {
      return item.is_map() && std::all_of(keys.begin(), keys.end(), [&](std::string_view k) { return !merge_key_value(item, k).is_null(); });
    });
  }

  void maps(std::string_view field, const Value& before, const Value& after) {
    auto a = before.entries().begin();
    auto b = after.entries().begin();
    while (a != before.entries().end() || b != after.entries().end()) {
      const bool take_a = b == after.entries().end() || (a != before.entries().end() && a->name() <= b->name());
      const bool take_b = a == before.entries().end() || (b != after.entries().end() && b->name() <= a->name());
      const std::string_view name = take_a ? a->name() : b->name();
      path_.steps.emplace_back(FieldPath::Key{std::string(name)});
      compare(field, name, take_a ? &a->value : nullptr, take_b ? &b->value : nullptr);
      path_.steps.pop_back();
      if (take_a) ++a;
      if (take_b) ++b;
    }
  }

  void lists(std::string_view field, const Value& before, const Value& after, std::span<const std::string_view> keys) {
    const auto same = [&](const Value& x, const Value& y) {
      return std::all_of(keys.begin(), keys.end(), [&](std::string_view k) { return merge_key_value(x, k) == merge_key_value(y, k); });
    };
    const auto find = [&](const Value& in, const Value& item) -> const Value* {
      const auto it = std::find_if(in.items().begin(), in.items().end(), [&](const Value& other) { return same(item, other); });
      return it == in.items().end() ? nullptr : &*it;
    };
    const auto at = [&](const Value& item, const Value* was, const Value* is) {
      FieldPath::Merge step;
      // One key is enough where the second has its default.
      for (const std::string_view key : keys)
        if (!(key == "protocol" && key_text(merge_key_value(item, key)) == "TCP")) step.keys.emplace_back(std::string(key), key_text(merge_key_value(item, key)));
      path_.steps.emplace_back(std::move(step));
      compare(field, field, was, is);
      path_.steps.pop_back();
    };
    for (const Value& item : after.items()) at(item, find(before, item), &item);
    for (const Value& item : before.items())
      if (find(after, item) == nullptr) at(item, &item, nullptr);
  }

  std::string_view kind_;
  FieldPath path_;
};

Value key_value(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size() ? Value::integer(number) : Value::string(text);
}

bool empty_map(const Value& v) { return v.is_map() && v.size() == 0; }

/// `value` with what lies `step` steps down the path set, or removed for a null `after`. What a removal empties goes too.
Value patch_at(const Value& value, const FieldPath& path, std::size_t step, const Value* after) {
  if (step == path.steps.size()) return after == nullptr ? Value() : *after;
  const bool last = step + 1 == path.steps.size();
  if (const auto* key = std::get_if<FieldPath::Key>(&path.steps[step])) {
    const Value* inner = value.find(key->name);
    if (after == nullptr) {
      if (inner == nullptr) return value;
      Value rest = last ? Value() : patch_at(*inner, path, step + 1, nullptr);
      return last || empty_map(rest) || (rest.is_list() && rest.size() == 0) ? value.without(key->name) : value.with(key->name, std::move(rest));
    }
    return (value.is_map() ? value : Value::empty_map()).with(key->name, patch_at(inner == nullptr ? Value() : *inner, path, step + 1, after));
  }
  std::vector<Value> items;
  if (value.is_list()) items.assign(value.items().begin(), value.items().end());
  if (const auto* item = std::get_if<FieldPath::Item>(&path.steps[step])) {
    if (item->index < items.size()) items[item->index] = patch_at(items[item->index], path, step + 1, after);
    return Value::list(std::move(items));
  }
  const auto& merge = std::get<FieldPath::Merge>(path.steps[step]);
  FieldPath one;
  one.steps.push_back(path.steps[step]);
  const Value* found = one.in(value);
  if (found == nullptr) {
    if (after == nullptr) return value;
    // Its keys first, so that its other fields find it; their own differences follow and settle the types.
    MapBuilder fresh;
    for (const auto& [name, text] : merge.keys) fresh.set(name, key_value(text));
    items.push_back(patch_at(fresh.build(), path, step + 1, after));
    return Value::list(std::move(items));
  }
  const auto index = static_cast<std::size_t>(found - value.items().data());
  // An item without the key that tells it apart is none, and what is left of it will be removed as well.
  const auto* leaf = last ? nullptr : std::get_if<FieldPath::Key>(&path.steps[step + 1]);
  const bool loses_key = after == nullptr && leaf != nullptr && step + 2 == path.steps.size() && !merge.keys.empty() && leaf->name == merge.keys.front().first;
  if (after == nullptr && (last || loses_key)) {
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
  } else {
    items[index] = patch_at(*found, path, step + 1, after);
    if (after == nullptr && empty_map(items[index])) items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
  }
  return Value::list(std::move(items));
}

}  // namespace

std::vector<FieldDifference> compare_fields(std::string_view kind, const Value& before, const Value& after) {
  Comparer comparer(kind);
  comparer.compare("", "", before.is_null() ? nullptr : &before, after.is_null() ? nullptr : &after);
  return std::move(comparer.out);
}

Value patch(const Value& body, const std::vector<FieldDifference>& differences) {
  Value out = body;
  for (const FieldDifference& d : differences) out = patch_at(out, d.path, 0, d.after);
  return out;
}

bool same_content(std::string_view kind, const Value& a, const Value& b) {
  return a == b || compare_fields(kind, a, b).empty();
}

}  // namespace mcp
