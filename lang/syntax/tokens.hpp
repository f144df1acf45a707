#pragma once
// Tokens of one file: kinds and offsets, with comments beside. Knows nothing of statements. PEGTL lives in tokens.cpp.
#include <cstdint>
#include <vector>

#include "lang/base/diagnostic.hpp"
#include "lang/syntax/ast.hpp"

namespace mcp {

enum class Tok : std::uint8_t {
  End, Name, Number, String, LongString, Raw, LongRaw,
  FatArrow, Equal, Assign, Append, Plus, Arrow, Minus, Times, Divide, LessEqual, Less, GreaterEqual, Greater, NotEqual, Not,
  And, Or, Bar, Coalesce, OptionalDot, Question, Dot, Comma, Colon,
  OpenParen, CloseParen, OpenBracket, CloseBracket, OpenBrace, CloseBrace,
  Bad,      // reported by the lexer
};

struct Token {
  Tok kind = Tok::End;
  bool newline = false;        // the first of its line
  bool blank = false;          // white space, a comment or a line end stands before it
  bool inserted = false;       // a missing `}` that was added
  std::uint32_t begin = 0;     // in the virtual text
  std::uint32_t end = 0;
  std::uint32_t comments = 0;  // number of comments before it in the file
};

struct Tokens {
  std::vector<Token> tokens;             // the last is End
  std::vector<ast::Comment> comments;
  bool faulty = false;
};

/// `text` is what stands at offset `base` of the virtual text. Strings that stay open and characters that mean nothing
/// are reported (E0101, E0103, E0104); braces that stay open too (E0102), and are closed where the indentation says so.
Tokens tokenize(std::string_view text, std::uint32_t base, Diagnostics& out, bool whole_file);

/// One past the `}` that ends the interpolation whose content begins at `from`; 0 if it stays open.
std::size_t interpolation_end(std::string_view text, std::size_t from);

}  // namespace mcp
