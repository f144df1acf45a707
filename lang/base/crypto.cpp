#include "lang/base/crypto.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "lang/base/check.hpp"

namespace mcp {

namespace {

/// One digest context and one fetched algorithm for the process: fetching costs three times a small hash.
struct Sha {
  EVP_MD* md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

}  // namespace

Digest sha256(std::string_view bytes) {
  static const Sha sha;
  Digest out;
  unsigned size = 0;
  const bool ok = EVP_DigestInit_ex2(sha.context, sha.md, nullptr) == 1 &&
                  EVP_DigestUpdate(sha.context, bytes.data(), bytes.size()) == 1 &&
                  EVP_DigestFinal_ex(sha.context, out.bytes.data(), &size) == 1;
  MCP_CHECK(ok && size == 32, "SHA-256 failed");
  return out;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Digest out;
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* got = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, bytes.size(), out.bytes.data(), &size);
  MCP_CHECK(got != nullptr && size == 32, "HMAC failed");
  return out;
}

std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto b = static_cast<unsigned char>(c);
    out += digits[b >> 4U];
    out += digits[b & 15U];
  }
  return out;
}

std::string Digest::hex() const { return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()}); }

std::optional<Digest> Digest::from_hex(std::string_view text) {
  Digest out;
  if (text.size() != 2 * out.bytes.size()) return std::nullopt;
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return out;
}

std::string Digest::brief(std::size_t digits) const { return hex().substr(0, digits); }

std::string base64_encode(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  if (bytes.empty()) return out;
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return out;
}

bool base64_decode(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0) return false;
  out.assign(text.size() / 4 * 3, '\0');
  if (text.empty()) return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool pad = c == '=' && i + 2 >= text.size();
    const bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    if (!digit && !pad) return false;
  }
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return false;
  std::size_t padding = 0;
  if (text.back() == '=') padding = text[text.size() - 2] == '=' ? 2 : 1;
  out.resize(static_cast<std::size_t>(size) - padding);
  return true;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  MCP_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1, "no randomness");
  return out;
}

}  // namespace mcp
