#include "executor/shared/pieces.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstdint>

#include "lang/base/check.hpp"
#include "lang/base/crypto.hpp"

namespace mcp {

namespace {

constexpr std::size_t least = std::size_t{64} << 10U;    // bytes of a piece, but for the last
constexpr std::size_t most = std::size_t{2} << 20U;      // at which it ends, whatever its content
constexpr std::uint32_t one_in = 64;                     // keys end a piece
constexpr int gzip_window = 15 + 16;                     // zlib: the largest window, with gzip's header

/// FNV-1a: the same on every machine.
std::uint32_t hash_of(std::string_view key) {
  std::uint32_t h = 2166136261U;
  for (const char c : key) h = (h ^ static_cast<std::uint8_t>(c)) * 16777619U;
  return h;
}

Piece piece(std::string text) { return {sha256(text).hex().substr(0, 32), std::move(text)}; }

Bytef* bytes_of(const std::string& text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

}  // namespace

bool PieceCutter::begin(std::string_view key) {
  const bool ends = text_.size() >= most || (text_.size() >= least && hash_of(key) % one_in == 0);
  if (ends) close();
  return ends;
}

void PieceCutter::line(std::string_view text) {
  text_ += text;
  text_ += '\n';
}

void PieceCutter::close() {
  pieces_.push_back(piece(std::move(text_)));
  text_.clear();
}

std::vector<Piece> PieceCutter::finish() {
  if (!text_.empty()) close();
  return std::move(pieces_);
}

std::vector<Piece> pieces_of(std::string_view bytes) {
  std::vector<Piece> out;
  for (std::size_t at = 0; at < bytes.size(); at += most) out.push_back(piece(std::string(bytes.substr(at, most))));
  return out;
}

std::string packed(std::string_view text) {
  z_stream z{};
  MCP_CHECK(deflateInit2(&z, 6, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) == Z_OK, "no memory to pack in");
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = bytes_of(out);
  z.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&z, Z_FINISH);
  MCP_CHECK(ended == Z_STREAM_END, "what is packed outgrew its bound");
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

Result<std::string> unpacked(std::string_view bytes, std::size_t limit) {
  z_stream z{};
  MCP_CHECK(inflateInit2(&z, gzip_window) == Z_OK, "no memory to unpack in");
  std::string out;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  int got = Z_OK;
  while (got == Z_OK && out.size() <= limit) {
    const std::size_t at = out.size();
    out.resize(at + std::min<std::size_t>(limit + 1 - at, std::size_t{256} << 10U));
    z.next_out = bytes_of(out) + at;
    z.avail_out = static_cast<uInt>(out.size() - at);
    got = inflate(&z, Z_NO_FLUSH);
    out.resize(out.size() - z.avail_out);
    if (got == Z_OK && z.avail_in == 0 && z.avail_out > 0) break;   // more was announced than is there
  }
  inflateEnd(&z);
  if (out.size() > limit) return fail("it unpacks to more than " + std::to_string(limit) + " bytes");
  if (got != Z_STREAM_END) return fail("it is no gzip, or was cut short");
  return out;
}

}  // namespace mcp
