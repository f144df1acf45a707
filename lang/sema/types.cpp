#include "lang/sema/types.hpp"

#include <algorithm>

namespace mcp {

const Type* Type::field(std::string_view name) const {
  if (!fields) return nullptr;
  for (const auto& [key, type] : *fields)
    if (key == name) return &type;
  return nullptr;
}

Type simple(TypeTag tag) {
  Type out;
  out.tag = tag;
  return out;
}

namespace {

void add_part(Type& whole, const Type& part) {
  whole.weight = std::min<std::uint32_t>(2 * Type::max_weight, whole.weight + part.weight);
  whole.depth = std::max<std::uint16_t>(whole.depth, std::min<std::uint16_t>(2 * Type::max_depth, static_cast<std::uint16_t>(part.depth + 1)));
}

}  // namespace

Type list_of(Type element) {
  Type out = simple(TypeTag::List);
  add_part(out, element);
  out.element = std::make_shared<Type>(std::move(element));
  return out;
}

Type map_of(Type element) {
  Type out = simple(TypeTag::Map);
  add_part(out, element);
  out.element = std::make_shared<Type>(std::move(element));
  return out;
}

Type union_of(std::vector<std::string> choices) {
  Type out = simple(TypeTag::Union);
  out.choices = std::make_shared<std::vector<std::string>>(std::move(choices));
  return out;
}

Type record_of(std::vector<std::pair<std::string, Type>> fields) {
  std::sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Type out = simple(TypeTag::Record);
  for (const auto& [name, type] : fields) add_part(out, type);
  out.fields = std::make_shared<std::vector<std::pair<std::string, Type>>>(std::move(fields));
  return out;
}

Type ref_to(BlockKind kind) {
  Type out = simple(TypeTag::Ref);
  out.kind = kind;
  return out;
}

Type table_of(BlockKind kind) {
  Type out = simple(TypeTag::Table);
  out.kind = kind;
  return out;
}

namespace {

std::string plain_name(const Type& type) {
  switch (type.tag) {
    case TypeTag::Error: return "error";
    case TypeTag::Null: return "null";
    case TypeTag::Bool: return "bool";
    case TypeTag::Int: return "int";
    case TypeTag::String: return "string";
    case TypeTag::Duration: return "duration";
    case TypeTag::Cpu: return "cpu";
    case TypeTag::Memory: return "memory";
    case TypeTag::Percent: return "percent";
    case TypeTag::Share: return "share";
    case TypeTag::Image: return "image";
    case TypeTag::Date: return "date";
    case TypeTag::Port: return "port";
    case TypeTag::Json: return "json";
    case TypeTag::List: return "list(" + to_string(*type.element) + ")";
    case TypeTag::Map: return "map(" + to_string(*type.element) + ")";
    case TypeTag::Record: {
      if (type.depth > 6) return "{ ... }";
      std::string out = "{ ";
      for (std::size_t i = 0; i < type.fields->size() && i < 4; ++i)
        out += (i > 0 ? ", " : "") + (*type.fields)[i].first + ": " + to_string((*type.fields)[i].second);
      return out + (type.fields->size() > 4 ? ", ... }" : " }");
    }
    case TypeTag::Union: {
      std::string out;
      for (const std::string& choice : *type.choices) out += (out.empty() ? "\"" : " | \"") + choice + "\"";
      return out;
    }
    case TypeTag::Ref: return "ref(" + std::string(spec_of(type.kind).keyword) + ")";
    case TypeTag::Cluster: return "cluster";
    case TypeTag::Secret: return "secret(string)";
    case TypeTag::Scratch: return "scratch";
    case TypeTag::EnvSource: return "source of an environment variable";
    case TypeTag::EnvValue: return "string, config key, secret key or pod_field";
    case TypeTag::MountSource: return "ref(config), ref(secret) or scratch";
    case TypeTag::Table: return "table " + std::string(spec_of(type.kind).keyword);
    case TypeTag::Module: return "import";
    case TypeTag::Empty: return "nothing";
  }
  return "?";
}

}  // namespace

std::string to_string(const Type& type) {
  std::string out = plain_name(type);
  if (!type.optional || type.is(TypeTag::Null)) return out;
  return type.is(TypeTag::Union) ? "(" + out + ")?" : out + "?";
}

bool same_type(const Type& a, const Type& b) {
  if (a.tag != b.tag || a.optional != b.optional) return false;
  switch (a.tag) {
    case TypeTag::List:
    case TypeTag::Map: return a.element == b.element || same_type(*a.element, *b.element);
    case TypeTag::Ref:
    case TypeTag::Table: return a.kind == b.kind;
    case TypeTag::Union: return *a.choices == *b.choices;
    case TypeTag::Record:
      return a.fields == b.fields || std::equal(a.fields->begin(), a.fields->end(), b.fields->begin(), b.fields->end(), [](const auto& x, const auto& y) {
        return x.first == y.first && same_type(x.second, y.second);
      });
    default: return true;
  }
}

bool is_ordered(const Type& type) {
  switch (type.tag) {
    case TypeTag::Int:
    case TypeTag::Duration:
    case TypeTag::Cpu:
    case TypeTag::Memory: return true;
    default: return false;
  }
}

bool is_printable(const Type& type) {
  switch (type.tag) {
    case TypeTag::Bool:
    case TypeTag::Int:
    case TypeTag::String:
    case TypeTag::Duration:
    case TypeTag::Cpu:
    case TypeTag::Memory:
    case TypeTag::Percent:
    case TypeTag::Image:
    case TypeTag::Date:
    case TypeTag::Union:
    case TypeTag::Secret: return true;
    default: return false;
  }
}

Type type_of_attr(const AttrSpec& spec) {
  const auto base = [&]() -> Type {
    switch (spec.type) {
      case AttrType::Bool:
      case AttrType::StringOrTrue: return simple(TypeTag::Bool);
      case AttrType::Int:
      case AttrType::IntOrCapacity: return simple(TypeTag::Int);
      case AttrType::String:
      case AttrType::StringOrInt:
      case AttrType::ByKeys: return simple(TypeTag::String);
      case AttrType::Time: return simple(TypeTag::Duration);
      case AttrType::Cpu: return simple(TypeTag::Cpu);
      case AttrType::Memory: return simple(TypeTag::Memory);
      case AttrType::Share: return simple(TypeTag::Share);
      case AttrType::Percent: return simple(TypeTag::Percent);
      case AttrType::Image: return simple(TypeTag::Image);
      case AttrType::Json:
      case AttrType::Prefer: return simple(TypeTag::Json);
      case AttrType::ListString: return list_of(simple(TypeTag::String));
      case AttrType::MapString:
      case AttrType::DataMap: return map_of(simple(TypeTag::String));
      case AttrType::MapInt: return map_of(simple(TypeTag::Int));
      case AttrType::ListCluster: return list_of(simple(TypeTag::Cluster));
      case AttrType::RefWorkload: return ref_to(BlockKind::Workload);
      case AttrType::ListRefNamespace: return list_of(ref_to(BlockKind::Namespace));
      case AttrType::ListRefSecret: return list_of(ref_to(BlockKind::Secret));
      case AttrType::ListRefConfigOrSecret: return list_of(simple(TypeTag::MountSource));
      case AttrType::MountFrom: return simple(TypeTag::MountSource);
      case AttrType::EnvMap: return map_of(simple(TypeTag::EnvValue));
      case AttrType::PortMap: return map_of(simple(TypeTag::Port));
      case AttrType::SecretMap: return map_of(simple(TypeTag::Secret));
      case AttrType::Union: {
        std::vector<std::string> choices;
        for (std::string_view rest = spec.choices; !rest.empty();) {
          const auto cut = rest.find('|');
          choices.emplace_back(rest.substr(0, cut));
          rest = cut == std::string_view::npos ? std::string_view() : rest.substr(cut + 1);
        }
        return union_of(std::move(choices));
      }
    }
    return simple(TypeTag::Error);
  };
  Type out = base();
  out.optional = spec.nullable == Nullable::Yes;
  return out;
}

}  // namespace mcp
