#include "tests/support/random_policy.hpp"

#include <array>
#include <functional>
#include <string_view>

namespace mcp::test {

std::uint64_t Dice::next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

namespace {

class Writer {
 public:
  explicit Writer(std::uint64_t seed) : dice_(seed) {}

  std::string file(std::size_t statements) {
    if (dice_.one_in(4)) comment_lines();
    for (std::size_t i = 0; i < statements; ++i) {
      if (i > 0) line_end();
      statement(3);
    }
    if (dice_.one_in(2)) comment_lines();
    if (!dice_.one_in(3)) out_ += '\n';
    return std::move(out_);
  }

 private:
  template <std::size_t N>
  std::string_view any(const std::array<std::string_view, N>& of) {
    return of[dice_.below(N)];
  }

  // ---- white space

  /// At least one blank.
  void gap() {
    out_.append(1 + (dice_.one_in(4) ? dice_.below(4) : 0), dice_.one_in(20) ? '\t' : ' ');
    if (dice_.one_in(25)) out_ += "/* note */ ";
  }
  /// A blank or nothing, where neither means anything.
  void maybe() {
    if (dice_.one_in(2)) gap();
  }
  /// Where a line end means nothing.
  void free_gap() {
    if (one_line_ > 0 || !dice_.one_in(12)) return gap();
    newline();
  }
  void free_maybe() {
    if (one_line_ > 0 || !dice_.one_in(12)) return maybe();
    newline();
  }
  void newline() {
    if (dice_.one_in(6)) out_ += dice_.one_in(2) ? "  // why" : " # because";
    if (dice_.one_in(10)) out_ += "  ";
    out_ += '\n';
    if (dice_.one_in(8)) out_ += '\n';
    if (dice_.one_in(8)) comment_lines();
    out_.append(dice_.below(7), ' ');
  }
  void comment_lines() {
    for (std::size_t n = 1 + dice_.below(2); n > 0; --n) {
      out_.append(dice_.below(5), ' ');
      out_ += any<6>({"// a comment", "# another  ", "/// documents what follows", "/* one line */", "/* two\n   lines  \n*/", "//"});
      out_ += '\n';
      if (dice_.one_in(4)) out_ += "\n\n";
    }
  }
  /// Between two statements or entries.
  void line_end() {
    if (one_line_ > 0) {
      maybe();
      out_ += ',';
      return maybe();
    }
    if (dice_.one_in(5)) {
      maybe();
      out_ += ',';
      if (dice_.one_in(2)) return gap();
    }
    newline();
  }

  void many(std::size_t n, const std::function<void()>& one) {
    for (std::size_t i = 0; i < n; ++i) {
      if (i > 0) line_end();
      one();
    }
  }

  /// `{ .. }` around `n` statements or entries.
  void braces(std::size_t n, const std::function<void()>& one) {
    out_ += '{';
    const bool flat = one_line_ > 0 || dice_.one_in(2);
    if (flat) ++one_line_;
    else if (dice_.one_in(4)) maybe();
    else newline();
    maybe();
    many(n, one);
    if (n > 0 && dice_.one_in(6)) out_ += " ,";
    if (flat) --one_line_;
    if (flat || dice_.one_in(4)) maybe();
    else newline();
    out_ += '}';
  }
  /// `( .. )` or `[ .. ]` around elements with commas.
  void commas(char open, char close, std::size_t n, bool trailing, const std::function<void()>& one) {
    out_ += open;
    free_maybe();
    for (std::size_t i = 0; i < n; ++i) {
      if (i > 0) {
        free_maybe();
        out_ += ',';
        free_maybe();
      }
      one();
    }
    if (n > 0 && trailing && dice_.one_in(5)) out_ += ',';
    free_maybe();
    out_ += close;
  }

  // ---- names and literals

  void name() { out_ += any<9>({"a", "web", "by-cloud", "x_1", "image", "when", "check", "for", "a-very-long-name-that-takes-some-room"}); }
  void plain_name() { out_ += any<6>({"a", "web", "by-cloud", "x_1", "image", "orders-db-of-the-shop"}); }
  void path() {
    plain_name();
    for (std::size_t n = dice_.below(3); n > 0; --n) {
      out_ += '.';
      name();
    }
  }
  void string() {
    switch (dice_.below(one_line_ > 0 ? 4 : 6)) {
      case 0: out_ += "\"\""; break;
      case 1: out_ += "\"a \\\"b\\\" \\u{20AC} $5 ü\""; break;
      case 2: out_ += "\"x${a  +  \"in${b}\"}y\""; break;
      case 3: out_ += "r\"no \\escape ${here}\""; break;
      case 4: out_ += "\"\"\"\n    kept   as\n\n      it is ${a}\n    \"\"\""; break;
      default: out_ += "r\"\"\"\n  raw \\n  \n  \"\"\""; break;
    }
  }
  void number() { out_ += any<8>({"0", "12", "50_000", "250m", "64Mi", "30%", "15min", "9223372036854775807"}); }

  // ---- expressions

  void expr(std::size_t depth) {
    switch (dice_.below(depth == 0 ? 1 : 6)) {
      case 0:
      case 1: return operand(depth);
      case 2: {  // a chain of one kind each, so that comparisons do not meet
        const std::string_view op = any<8>({"+", "-", "*", "/", "??", "||", "&&", "where"});
        operand(depth);
        for (std::size_t n = 1 + dice_.below(3); n > 0; --n) {
          free_gap();
          out_ += op;
          free_gap();
          operand(depth - 1);
        }
        return;
      }
      case 3:
        operand(depth - 1);
        free_gap();
        out_ += any<8>({"==", "!=", "<", "<=", ">", ">=", "in", "not in"});
        free_gap();
        return operand(depth - 1);
      case 4:
        out_ += "if";
        free_gap();
        operand(depth - 1);
        free_gap();
        out_ += "then";
        free_gap();
        operand(depth - 1);
        free_gap();
        out_ += "else";
        free_gap();
        return expr(depth - 1);
      default:
        out_ += dice_.one_in(2) ? "!" : "-";
        if (dice_.one_in(4)) out_ += ' ';
        return operand(depth - 1);
    }
  }

  void operand(std::size_t depth) {
    primary(depth);
    for (std::size_t n = dice_.one_in(3) ? dice_.below(3) : 0; n > 0 && depth > 0; --n) {
      switch (dice_.below(4)) {
        case 0:
          out_ += dice_.one_in(4) ? "?." : ".";
          name();
          break;
        case 1:
          out_ += '[';
          free_maybe();
          expr(depth - 1);
          free_maybe();
          out_ += ']';
          break;
        default:
          commas('(', ')', dice_.below(4), true, [&] {
            if (dice_.one_in(4)) out_ += "to = ";
            expr(depth - 1);
          });
      }
    }
  }

  void primary(std::size_t depth) {
    switch (dice_.below(depth == 0 ? 5 : 10)) {
      case 0: return number();
      case 1: return string();
      case 2: return plain_name();
      case 3:
        out_ += '.';
        return name();
      case 4: out_ += any<3>({"true", "false", "null"}); return;
      case 5:
        out_ += '(';
        free_maybe();
        expr(depth - 1);
        free_maybe();
        out_ += ')';
        return;
      case 6:
      case 7: return commas('[', ']', dice_.below(5), true, [&] { expr(depth - 1); });
      case 8:
        return braces(dice_.below(4), [&] {
          switch (dice_.below(5)) {
            case 0: out_ += "\"long.key\""; break;
            case 1: out_ += "\"web\""; break;
            case 2: out_ += "(a)"; break;
            default: plain_name();
          }
          maybe();
          out_ += '=';
          maybe();
          expr(depth - 1);
        });
      default: return loop(depth);
    }
  }

  void loop(std::size_t depth) {
    const bool list = dice_.one_in(2);
    out_ += list ? '[' : '{';
    free_maybe();
    loop_head(depth);
    maybe();
    out_ += ':';
    free_gap();
    expr(depth - 1);
    if (!list) {
      gap();
      out_ += "=>";
      free_gap();
      expr(depth - 1);
    }
    if (dice_.one_in(3)) {
      free_gap();
      out_ += "if";
      free_gap();
      expr(depth - 1);
    }
    free_maybe();
    out_ += list ? ']' : '}';
  }
  void loop_head(std::size_t depth) {
    out_ += "for";
    gap();
    out_ += 'k';
    if (dice_.one_in(2)) {
      maybe();
      out_ += ',';
      maybe();
      out_ += 'v';
    }
    gap();
    out_ += "in";
    gap();
    operand(depth == 0 ? 0 : depth - 1);
  }

  // ---- types

  void type(std::size_t depth) {
    for (std::size_t n = dice_.one_in(4) ? 1 + dice_.below(3) : 1; n > 0; --n) {
      switch (dice_.below(depth == 0 ? 2 : 5)) {
        case 0: out_ += "\"gold\""; break;
        case 1: path(); break;
        case 2:
          out_ += "map(";
          maybe();
          type(depth - 1);
          maybe();
          out_ += ')';
          break;
        case 3: braces(dice_.below(3), [&] { typed(depth - 1); }); break;
        default:
          out_ += '(';
          type(depth - 1);
          out_ += ')';
      }
      if (dice_.one_in(4)) out_ += '?';
      if (n > 1) {
        maybe();
        out_ += '|';
        maybe();
      }
    }
  }
  void typed(std::size_t depth) {
    plain_name();
    maybe();
    out_ += ':';
    maybe();
    type(depth);
  }

  // ---- statements

  void body(std::size_t depth) {
    braces(dice_.one_in(4) ? 0 : 1 + dice_.below(4), [&] { statement(depth - 1); });
  }

  void value(std::size_t depth) {
    maybe();
    out_ += '=';
    maybe();
    expr(depth);
  }

  void statement(std::size_t depth) {
    const std::size_t kinds = depth == 0 ? 6 : 14;
    switch (dice_.below(kinds)) {
      case 0:
      case 1:
      case 2:
        path();
        gap();
        if (dice_.one_in(6)) out_ += '+';
        out_ += '=';
        maybe();
        return expr(depth);
      case 3:
        out_ += dice_.one_in(3) ? "out " : "let ";
        plain_name();
        if (dice_.one_in(3)) {
          maybe();
          out_ += ':';
          maybe();
          type(depth);
        }
        return value(depth);
      case 4:
        out_ += dice_.one_in(2) ? "param " : "label ";
        typed(depth);
        if (dice_.one_in(2)) value(depth);
        return;
      case 5:
        out_ += any<3>({"import \"std/a.mcp\" as b", "import   \"x.mcp\"", "type  Zone = \"a\"|\"b\""});
        return;
      case 6:
        out_ += "fn f";
        maybe();
        commas('(', ')', dice_.below(4), false, [&] { typed(1); });
        gap();
        out_ += "->";
        maybe();
        type(1);
        return value(depth - 1);
      case 7:
        loop_head(depth);
        gap();
        return body(depth);
      case 8:
        out_ += "when";
        gap();
        expr(depth - 1);
        gap();
        body(depth);
        while (dice_.one_in(3)) {
          free_gap();
          out_ += "else";
          gap();
          if (dice_.one_in(2)) return body(depth);
          out_ += "when ";
          expr(depth - 1);
          gap();
          body(depth);
        }
        return;
      case 9:
        out_ += any<4>({"check ", "deny when ", "warn  unless ", "deny unless "});
        expr(depth - 1);
        maybe();
        out_ += ',';
        gap();
        return expr(depth - 1);
      case 10:
        out_ += "override";
        if (dice_.one_in(2)) {
          gap();
          path();
          if (dice_.one_in(3)) out_ += "[\"a/b\"]";
        }
        if (dice_.one_in(2)) {
          gap();
          out_ += "where";
          gap();
          operand(depth - 1);
        }
        gap();
        return body(depth);
      default:
        out_ += any<5>({"cluster", "workload", "container", "std.web", "place"});
        if (!dice_.one_in(4)) {
          gap();
          out_ += any<5>({"a", "web", "\"web\"", "\"x-${a}\"", "\"/etc/x\""});
          if (dice_.one_in(3)) {
            gap();
            out_ += dice_.one_in(2) ? "in shop" : "in \"${ns}\"";
          }
        }
        gap();
        return body(depth);
    }
  }

  Dice dice_;
  std::string out_;
  int one_line_ = 0;   // levels of brackets that stay on one line
};

constexpr std::array<std::string_view, 40> meaningful = {
    "{", "}", "[", "]", "(", ")", "\"", "\"\"\"", "r\"", "${", "#", "//", "///", "/*", "*/", ",", "=", "+=", "=>", "->",
    ".", "?.", "??", "?", ":", "|", "-", "\\", "\n", "\n\n", " ", "\t", "for", "if", "else", "where", "in", "not in", "\xE2\x82\xAC", "9"};

}  // namespace

std::string random_policy(std::uint64_t seed, std::size_t statements) { return Writer(seed).file(statements); }

std::string mutated(std::string text, Dice& dice, std::size_t count) {
  for (; count > 0; --count) {
    const std::size_t at = dice.below(text.size() + 1);
    const std::size_t size = std::min(text.size() - at, 1 + dice.below(dice.one_in(4) ? 40 : 3));
    switch (dice.below(6)) {
      case 0: text.erase(at, size); break;
      case 1: text.insert(at, meaningful[dice.below(meaningful.size())]); break;
      case 2: text.insert(dice.below(text.size() + 1), text.substr(at, size)); break;
      case 3: text.replace(at, size, meaningful[dice.below(meaningful.size())]); break;
      case 4:
        if (at < text.size()) text[at] = static_cast<char>(dice.below(256));
        break;
      default: {
        const std::string piece = text.substr(at, size);
        text.erase(at, size);
        text.insert(dice.below(text.size() + 1), piece);
      }
    }
  }
  return text;
}

}  // namespace mcp::test
