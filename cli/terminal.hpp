#pragma once
// The two streams of a command: results on stdout, the rest on stderr. Knows terminals, width, colour, and that writing
// can fail; decides nothing.
#include <string>
#include <string_view>

#include "lang/base/diagnostic_text.hpp"

namespace mcp {

enum class ColourChoice { Auto, Always, Never };

class Terminal {
 public:
  explicit Terminal(ColourChoice choice);

  Colour out_colour() const { return out_colour_; }
  Colour err_colour() const { return err_colour_; }
  /// Columns of stdout: a terminal's own up to 100, at least 60; 80 in a pipe.
  int width() const { return width_; }
  bool asks() const { return asks_; }        // stdin and stderr are a terminal: questions can be answered
  bool out_is_terminal() const { return out_terminal_; }
  bool err_is_terminal() const { return err_terminal_; }

  void out(std::string_view text);           // kept until flush()
  void err(std::string_view text);           // at once
  /// Text that is no result goes to stderr; with `quiet` nowhere.
  bool quiet = false;
  void note(std::string_view text) {
    if (!quiet) err(text);
  }
  /// False if stdout could not be written; `why` says so.
  bool flush(std::string& why);
  /// Asks on the terminal; true for `yes`.
  bool confirm(std::string_view question);

 private:
  Colour out_colour_ = Colour::No;
  Colour err_colour_ = Colour::No;
  int width_ = 80;
  bool asks_ = false;
  bool out_terminal_ = false;
  bool err_terminal_ = false;
  bool failed_ = false;
  int error_ = 0;
  std::string buffer_;
};

}  // namespace mcp
