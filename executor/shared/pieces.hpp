#pragma once
// Pieces: a long text of lines, cut where its content says so, each part named by its digest. A change in one place changes
// the piece around it and no other, so that of a large state little is sent and little fetched. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "lang/base/result.hpp"

namespace mcp {

struct Piece {
  std::string name;     // 32 hex digits of the text's SHA-256
  std::string text;
};

class PieceCutter {
 public:
  /// From here on it is about `key`: the one place where a piece may end. True: one did, and a new one begins.
  bool begin(std::string_view key);
  void line(std::string_view text);
  std::vector<Piece> finish();

 private:
  void close();
  std::string text_;
  std::vector<Piece> pieces_;
};

/// Cut at fixed sizes, for what is never changed in part.
std::vector<Piece> pieces_of(std::string_view bytes);

/// gzip, so that people can read it: `.. | base64 -d | gunzip`.
std::string packed(std::string_view text);
/// Errors: no gzip, cut short, or more than `limit` bytes.
Result<std::string> unpacked(std::string_view bytes, std::size_t limit);

}  // namespace mcp
