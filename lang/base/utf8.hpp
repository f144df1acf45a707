#pragma once
// Whether bytes are UTF-8: shortest forms, no surrogates, nothing above U+10FFFF.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mcp {

/// Offset of the first byte that begins no character, or the size of the text.
inline std::size_t first_bad_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto byte = [&](std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U; };
    const unsigned b = byte(i);
    if (b < 0x80) {
      std::uint64_t eight = 0;
      while (i + 8 <= bytes.size()) {
        std::memcpy(&eight, bytes.data() + i, 8);
        if ((eight & 0x8080'8080'8080'8080U) != 0) break;
        i += 8;
      }
      while (i < bytes.size() && byte(i) < 0x80) ++i;
      continue;
    }
    const std::size_t length = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
    if (b < 0xC2 || b > 0xF4) return i;
    for (std::size_t k = 1; k < length; ++k)
      if ((byte(i + k) & 0xC0U) != 0x80U) return i;
    const unsigned second = byte(i + 1);
    if ((b == 0xE0 && second < 0xA0) || (b == 0xED && second > 0x9F) || (b == 0xF0 && second < 0x90) || (b == 0xF4 && second > 0x8F)) return i;
    i += length;
  }
  return bytes.size();
}

inline bool is_utf8(std::string_view bytes) { return first_bad_utf8(bytes) == bytes.size(); }

}  // namespace mcp
