#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace mcp {

namespace {

bool write_all(int fd, std::string_view text, int& error) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      error = errno;
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Terminal::Terminal(ColourChoice choice) {
  out_terminal_ = ::isatty(STDOUT_FILENO) == 1;
  err_terminal_ = ::isatty(STDERR_FILENO) == 1;
  asks_ = ::isatty(STDIN_FILENO) == 1 && err_terminal_;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool wanted = (no_colour == nullptr || *no_colour == 0) && (term == nullptr || std::strcmp(term, "dumb") != 0);
  const auto colour = [&](bool terminal) {
    if (choice == ColourChoice::Always) return Colour::Yes;
    if (choice == ColourChoice::Never) return Colour::No;
    return terminal && wanted ? Colour::Yes : Colour::No;
  };
  out_colour_ = colour(out_terminal_);
  err_colour_ = colour(err_terminal_);
  if (out_terminal_) {
    struct winsize size {};
    int columns = 80;
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) columns = size.ws_col;
    width_ = std::clamp(columns, 60, 100);
    if (columns < 80) width_ = 80;
  }
}

void Terminal::out(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() < (1U << 20U)) return;
  if (!failed_) failed_ = !write_all(STDOUT_FILENO, buffer_, error_);
  buffer_.clear();
}

void Terminal::err(std::string_view text) {
  int ignored = 0;
  write_all(STDERR_FILENO, text, ignored);
}

bool Terminal::flush(std::string& why) {
  if (!failed_ && !buffer_.empty()) failed_ = !write_all(STDOUT_FILENO, buffer_, error_);
  buffer_.clear();
  if (failed_) why = std::strerror(error_);
  return !failed_;
}

bool Terminal::confirm(std::string_view question) {
  err(std::string(question) + " Only `yes` goes on: ");
  std::string line;
  char c = 0;
  while (true) {
    const ssize_t n = ::read(STDIN_FILENO, &c, 1);
    if (n < 0 && errno == EINTR) return false;
    if (n <= 0 || c == '\n') break;
    line += c;
    if (line.size() > 100) break;
  }
  return line == "yes";
}

}  // namespace mcp
