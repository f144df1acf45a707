#include "executor/sim/types.hpp"

#include <algorithm>
#include <deque>

#include "executor/sim/types_text.hpp"
#include "lang/value/json.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

const ApiType any;

/// All types, made from the text once. Names may come before their lines.
class Types {
 public:
  explicit Types(std::string_view text) {
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      if (const std::string_view line = text.substr(0, end); !line.empty() && line[0] != '#') read_line(line);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  const ApiType* named(std::string_view name) const {
    const auto it = names_.find(name);
    return it == names_.end() ? nullptr : it->second;
  }

 private:
  ApiType* make() { return &all_.emplace_back(); }
  ApiType* name(std::string_view text) {
    auto& slot = names_[std::string(text)];
    if (slot == nullptr) slot = make();
    return slot;
  }

  void read_line(std::string_view line) {
    const auto word = [&] {
      const auto end = std::min(line.find(' '), line.size());
      const std::string_view out = line.substr(0, end);
      line.remove_prefix(std::min(end + 1, line.size()));
      return out;
    };
    const std::string_view type_name = word();
    ApiType* type = name(type_name);
    type->name = type_name;
    type->form = ApiType::Form::Struct;
    while (!line.empty()) {
      const std::string_view field = word();
      const auto colon = field.find(':');
      std::string_view field_name = field.substr(0, colon);
      if (field_name.ends_with('*')) {
        field_name.remove_suffix(1);
        type->required.emplace_back(field_name);
      }
      type->fields.emplace(field_name, read_type(field.substr(colon + 1)));
    }
  }

  const ApiType* read_type(std::string_view text) {
    using Form = ApiType::Form;
    const auto of = [&](Form form) {
      ApiType* out = make();
      out->form = form;
      return out;
    };
    if (text == "?") return &any;
    if (text == "x") return of(Form::Scalar);
    if (text == "s") return of(Form::Text);
    if (text == "n") return of(Form::Number);
    if (text == "b") return of(Form::Bool);
    if (text[0] == '{') {
      ApiType* out = of(Form::Map);
      out->inner = read_type(text.substr(1, text.size() - 2));
      return out;
    }
    if (text[0] == '[') {
      ApiType* out = of(Form::List);
      const auto bar = text.rfind('|');
      out->inner = read_type(text.substr(1, std::min(bar, text.size() - 1) - 1));
      out->whole = bar == std::string_view::npos;
      if (out->whole) return out;
      for (std::string_view rest = text.substr(bar + 1, text.size() - bar - 2); !rest.empty();) {
        const auto end = std::min(rest.find(','), rest.size());
        out->keys.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      out->set = out->keys.empty();
      return out;
    }
    if (text[0] == '=') {
      // A named type is held as a whole in some places only, so this is another one with the same fields: made when asked for.
      const ApiType* target = read_type(text.substr(1));
      ApiType* out = of(Form::Struct);
      out->whole = true;
      out->inner = target;
      return out;
    }
    return name(text);
  }

  std::deque<ApiType> all_;
  std::map<std::string, ApiType*, std::less<>> names_;
};

const Types& types() {
  static const Types all(api_types_text[0]);
  return all;
}

const char* expected(const ApiType& type, const Value& v) {
  using Form = ApiType::Form;
  const bool number = v.is_int() || v.kind() == Value::Kind::Double;
  switch (type.form) {
    case Form::Any: return nullptr;
    case Form::Scalar: return v.is_map() || v.is_list() ? "scalar" : nullptr;
    case Form::Text: return v.is_string() || v.find("$secret") != nullptr ? nullptr : "string";
    case Form::Number: return number ? nullptr : "numeric";
    case Form::Bool: return v.is_bool() ? nullptr : "bool";
    case Form::Struct:
    case Form::Map: return v.is_map() ? nullptr : "map";
    case Form::List: return v.is_list() ? nullptr : "list";
  }
  return nullptr;
}

}  // namespace

const ApiType* ApiType::field(std::string_view key) const {
  if (form == Form::Any) return &any;
  if (form == Form::Map) return inner;
  if (form != Form::Struct) return nullptr;
  if (whole) return inner->field(key);
  const auto it = fields.find(key);
  return it == fields.end() ? nullptr : it->second;
}

const ApiType& ApiType::item() const { return form == Form::List ? *inner : any; }

bool ApiType::same_item(const Value& a, const Value& b) const {
  if (set) return a == b;
  return a.is_map() && b.is_map() && std::all_of(keys.begin(), keys.end(), [&](const std::string& k) { return merge_key_value(a, k) == merge_key_value(b, k); });
}

const Value* ApiType::item_like(const Value* list, const Value& item) const {
  if (list == nullptr || !list->is_list()) return nullptr;
  for (const Value& each : list->items())
    if (same_item(each, item)) return &each;
  return nullptr;
}

bool ApiType::is_key(std::string_view key) const { return std::find(keys.begin(), keys.end(), key) != keys.end(); }

const ApiType& api_type(std::string_view api, std::string_view kind) {
  const ApiType* found = types().named(std::string(api) + ":" + std::string(kind));
  return found != nullptr ? *found : any;
}

std::string misfit(const ApiType& type, const Value& value, const std::string& path) {
  if (value.is_null()) return {};
  if (const char* wanted = expected(type, value)) return path + ": expected " + wanted + ", got " + to_json(value);
  if (type.form == ApiType::Form::Any || type.form == ApiType::Form::Text) return {};
  if (value.is_map()) {
    for (const Entry& e : value.entries()) {
      const std::string at = path + "." + std::string(e.name());
      const ApiType* inner = type.field(e.name());
      if (inner == nullptr) return at + ": field not declared in schema";
      if (std::string wrong = misfit(*inner, e.value, at); !wrong.empty()) return wrong;
    }
  } else if (value.is_list()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Value& item = value.items()[i];
      const std::string at = path + "[" + std::to_string(i) + "]";
      if (std::string wrong = misfit(type.item(), item, at); !wrong.empty()) return wrong;
      if (type.by_item(value) && type.item_like(&value, item) != &item) return at + ": duplicate entries for key";
    }
  }
  return {};
}

}  // namespace mcp
