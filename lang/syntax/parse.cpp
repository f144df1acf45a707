// The door: checks the bytes, makes tokens, parses them.
#include "lang/syntax/parse.hpp"

#include "lang/base/utf8.hpp"
#include "lang/syntax/parser.hpp"

namespace mcp {

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
  if (const std::size_t bad = first_bad_utf8(text); bad < text.size()) {
    bad_byte(bad, "this byte is not UTF-8", "save the file as UTF-8");
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
  if (const std::size_t bad = first_bad_utf8(source.text); bad < source.text.size()) {
    const auto at = source.base + static_cast<std::uint32_t>(bad);
    out.add(error("E0101", {at, at + 1}, "this byte is not UTF-8"));
    return nullptr;
  }
  Tokens tokens = tokenize(source.text, source.base, out, false);
  if (tokens.faulty) return nullptr;
  Parser parser(source.text, source.base, arena, names, out, tokens);
  return parser.lone_expression(0);
}

}  // namespace mcp
