#include <array>

#include "lang/syntax/parser.hpp"

namespace mcp {

namespace {
constexpr std::array<std::string_view, 16> operators = {"where", "??", "||", "&&", "==", "!=", "<", "<=",
                                                        ">", ">=", "in", "not in", "+", "-", "*", "/"};
constexpr std::array<std::string_view, 17> units = {"",   "ms", "s", "min", "h",  "d",  "m",  "Ki", "Mi",
                                                    "Gi", "Ti", "B", "kB",  "MB", "GB", "TB", "%"};
constexpr std::string_view reserved[] = {"true", "false", "null", "if", "then", "else", "where", "in", "not"};
}  // namespace

std::string_view ast::spelling(BinaryOp op) { return operators[static_cast<std::size_t>(op)]; }
std::string_view ast::spelling(Unit unit) { return units[static_cast<std::size_t>(unit)]; }

bool unit_of(std::string_view text, ast::Unit& unit) {
  for (std::size_t i = 0; i < units.size(); ++i)
    if (units[i] == text) {
      unit = static_cast<ast::Unit>(i);
      return true;
    }
  return false;
}

bool is_reserved(std::string_view word) {
  for (const std::string_view each : reserved)
    if (each == word) return true;
  return false;
}

}  // namespace mcp
