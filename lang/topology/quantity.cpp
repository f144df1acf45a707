#include "lang/topology/quantity.hpp"

namespace mcp {

std::string cpu_text(std::int64_t millicores) {
  return millicores % 1000 == 0 ? std::to_string(millicores / 1000) : std::to_string(millicores) + "m";
}

std::string memory_text(std::int64_t bytes) {
  constexpr const char* binary[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
  constexpr const char* decimal[] = {"", "k", "M", "G", "T", "P"};
  const auto by = [&](std::int64_t base, const char* const* names) {
    std::int64_t value = bytes;
    int power = 0;
    while (power < 5 && value != 0 && value % base == 0) {
      value /= base;
      ++power;
    }
    return std::pair(power, std::to_string(value) + names[power]);
  };
  const auto two = by(1024, binary);
  const auto ten = by(1000, decimal);
  return two.first == 0 && ten.first > 0 ? ten.second : two.second;
}

}  // namespace mcp
