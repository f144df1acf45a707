// The door: checks the bytes, makes tokens, parses them.
#include "lang/syntax/parse.hpp"

#include "lang/base/utf8.hpp"
#include "lang/syntax/parser.hpp"

namespace mcp {

namespace {

std::size_t first_bad_byte(std::string_view text) {
  // Found by halves: a prefix is good or not, but for a sequence cut in its middle, so the last bytes decide by hand.
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t step = std::min<std::size_t>(text.size() - i, 4096);
    std::size_t end = i + step;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
    if (is_utf8(text.substr(i, end - i))) {
      i = end;
      continue;
    }
    for (std::size_t j = i; j < end;) {
      std::size_t next = j + 1;
      while (next < end && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80U) ++next;
      if (!is_utf8(text.substr(j, next - j))) return j;
      j = next;
    }
    return i;
  }
  return text.size();
}

}  // namespace

ast::File parse(const SourceFile& source, Arena& arena, Interner& names, Diagnostics& out) {
  ast::File file;
  file.source = &source;
  const std::string_view text = source.text;
  const auto bad_byte = [&](std::size_t at, const char* message, const char* help) {
    const Span span{source.base + static_cast<std::uint32_t>(at), source.base + static_cast<std::uint32_t>(at) + 1};
    out.add(error("E0101", span, message)).help.push_back(help);
    file.faulty = true;
  };
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    bad_byte(nul, "there is a NUL byte in this file", "policy files are text in UTF-8");
    return file;
  }
  if (!is_utf8(text)) {
    bad_byte(first_bad_byte(text), "this byte is not UTF-8", "save the file as UTF-8");
    return file;
  }
  Tokens tokens = tokenize(text, source.base, out, true);
  Parser parser(text, source.base, arena, names, out, tokens);
  file.stmts = parser.file();
  file.comments = arena.copy(tokens.comments);
  file.faulty = tokens.faulty || parser.faulty;
  return file;
}

const ast::Expr* parse_expression(const SourceFile& source, Arena& arena, Interner& names, Diagnostics& out) {
  Tokens tokens = tokenize(source.text, source.base, out, false);
  if (tokens.faulty) return nullptr;
  Parser parser(source.text, source.base, arena, names, out, tokens);
  return parser.lone_expression(0);
}

}  // namespace mcp
