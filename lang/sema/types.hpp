#pragma once
// Types of the language. Checking is static, so values need no tags while running: a duration is an int of milliseconds
// whose Type says so. Types are small shared values; two that print alike are alike.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lang/base/symbol.hpp"
#include "lang/topology/schema.hpp"

namespace mcp {

enum class TypeTag : std::uint8_t {
  Error,      // already reported: fits everything, silently
  Null, Bool, Int, String,
  Duration,   // int, milliseconds
  Cpu,        // int, millicores
  Memory,     // int, bytes
  Percent,    // string "30%"
  Share,      // int or percent
  Image, Date,
  Port,       // {"port", "to", "protocol"}
  Json,
  List, Map, Record, Union,
  Ref,        // "shop/web"; the kind is in `kind`
  Cluster,    // its name
  Secret,     // list of parts {"text"} | {"env"} | {"file"}
  Scratch,
  EnvSource,  // {"config","key"} | {"secret","key"} | {"field"}
  EnvValue,   // string or EnvSource
  MountSource,
  Table,      // `workload`, `config`: what references start with
  Module,     // an import's alias
  Empty,      // element of []: fits every list
};

struct Type {
  TypeTag tag = TypeTag::Error;
  bool optional = false;
  BlockKind kind = BlockKind::Workload;              // Ref, Table
  std::shared_ptr<const Type> element;               // List, Map
  std::shared_ptr<const std::vector<std::pair<std::string, Type>>> fields;  // Record, in key order
  std::shared_ptr<const std::vector<std::string>> choices;                  // Union
  std::uint32_t weight = 1;                          // parts, shared ones counted as often as they stand; saturates
  std::uint16_t depth = 1;

  bool is(TypeTag t) const { return tag == t; }
  bool failed() const { return tag == TypeTag::Error; }
  Type required() const {
    Type out = *this;
    out.optional = false;
    return out;
  }
  Type or_null() const {
    Type out = *this;
    out.optional = true;
    return out;
  }
  const Type* field(std::string_view name) const;
  /// Small enough to be walked through: named types and values may double it in each line.
  bool bounded() const { return weight <= max_weight && depth <= max_depth; }
  static constexpr std::uint32_t max_weight = 100'000;
  static constexpr std::uint16_t max_depth = 500;
};

Type simple(TypeTag tag);
Type list_of(Type element);
Type map_of(Type element);
Type union_of(std::vector<std::string> choices);
Type record_of(std::vector<std::pair<std::string, Type>> fields);
Type ref_to(BlockKind kind);
Type table_of(BlockKind kind);

/// "list(string)?", "ref(config)", "\"gold\" | \"silver\"": as people write it.
std::string to_string(const Type& type);
bool same_type(const Type& a, const Type& b);
/// A number or a number with a unit: may be compared, summed.
bool is_ordered(const Type& type);
/// Scalars that an interpolation takes.
bool is_printable(const Type& type);
/// The type of `attribute`'s values as the checker expects them.
Type type_of_attr(const AttrSpec& spec);

}  // namespace mcp
