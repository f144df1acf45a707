#include "lang/base/symbol.hpp"

namespace mcp {

Symbol Interner::intern(std::string_view text) {
  if (const auto it = symbols_.find(text); it != symbols_.end()) return it->second;
  const auto symbol = static_cast<Symbol>(texts_.size());
  symbols_.emplace(texts_.emplace_back(text), symbol);
  return symbol;
}

Symbol Interner::find(std::string_view text) const {
  const auto it = symbols_.find(text);
  return it == symbols_.end() ? Symbol::None : it->second;
}

}  // namespace mcp
