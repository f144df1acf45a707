#include "lang/eval/defaults.hpp"

#include <array>

#include "lang/base/check.hpp"

namespace mcp {

namespace {

std::int64_t number(std::string_view text, std::string_view& rest) {
  std::int64_t n = 0;
  std::size_t i = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) n = n * 10 + (text[i] - '0');
  rest = text.substr(i);
  return n;
}

Value default_value(const AttrSpec& spec) {
  const std::string_view text = spec.default_text;
  switch (spec.type) {
    case AttrType::Bool:
    case AttrType::StringOrTrue:
      return spec.nullable == Nullable::Yes ? Value() : Value::boolean(text == "true");
    case AttrType::Int:
    case AttrType::Cpu:
    case AttrType::Memory:
    case AttrType::Time:
    case AttrType::Share: {
      if (text.empty() || text[0] < '0' || text[0] > '9') return {};
      std::string_view unit;
      const std::int64_t n = number(text, unit);
      if (unit == "%") return Value::string(text);
      if (unit == "s") return Value::integer(n * 1000);
      if (unit == "min") return Value::integer(n * 60'000);
      MCP_CHECK(unit.empty(), "a default with an unknown unit");
      return Value::integer(n);
    }
    case AttrType::String:
    case AttrType::Union: {
      if (text.size() < 2 || text.front() != '"') return {};
      return Value::string(text.substr(1, text.size() - 2));
    }
    case AttrType::ListString: {
      if (text == "[\"ALL\"]") return Value::list({Value::string("ALL")});
      return text == "[]" ? Value::empty_list() : Value();
    }
    case AttrType::ListCluster:
    case AttrType::ListRefNamespace:
    case AttrType::ListRefSecret:
    case AttrType::ListRefConfigOrSecret: return text == "[]" ? Value::empty_list() : Value();
    case AttrType::MapString:
    case AttrType::MapInt:
    case AttrType::EnvMap:
    case AttrType::PortMap:
    case AttrType::DataMap:
    case AttrType::SecretMap:
    case AttrType::Json: return spec.nullable == Nullable::Yes || spec.required ? Value() : Value::empty_map();
    default: return {};
  }
}

}  // namespace

const std::vector<Cell>& default_cells(BlockKind kind) {
  static const std::array<std::vector<Cell>, block_kinds> tables = [] {
    std::array<std::vector<Cell>, block_kinds> out;
    for (std::size_t k = 0; k < block_kinds; ++k)
      for (const AttrSpec& attr : spec_of(static_cast<BlockKind>(k)).attrs) {
        Cell cell;
        cell.value = default_value(attr);
        out[k].push_back(std::move(cell));
      }
    return out;
  }();
  return tables[static_cast<std::size_t>(kind)];
}

}  // namespace mcp
