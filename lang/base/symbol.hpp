#pragma once
// Names as small integers: equal names are equal numbers, and no string is compared while evaluating.
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mcp {

enum class Symbol : std::uint32_t { None = 0 };

/// Owns the texts of all symbols of a run. Not iterated for output: numbers depend on the order of arrival.
class Interner {
 public:
  Symbol intern(std::string_view text);
  /// The symbol of `text` if it was interned before, else Symbol::None.
  Symbol find(std::string_view text) const;
  std::string_view text(Symbol symbol) const { return texts_[static_cast<std::size_t>(symbol)]; }

 private:
  std::deque<std::string> texts_{std::string()};
  std::unordered_map<std::string_view, Symbol> symbols_;
};

}  // namespace mcp
