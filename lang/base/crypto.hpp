#pragma once
// SHA-256, HMAC-SHA-256, base64, random bytes; the only place that knows OpenSSL.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mcp {

struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Digest&) const = default;
  std::string hex() const;                         // 64 digits
  static std::optional<Digest> from_hex(std::string_view text);
  std::string brief(std::size_t digits = 12) const;
  bool empty() const { return *this == Digest{}; }
};

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
std::string base64_encode(std::string_view bytes);
/// False if `text` is not padded standard base64; `out` is then unspecified.
bool base64_decode(std::string_view text, std::string& out);
std::string random_bytes(std::size_t count);
std::string to_hex(std::string_view bytes);

}  // namespace mcp
