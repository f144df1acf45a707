#pragma once
// The implementations behind sema's table of native functions, in its order. Each takes evaluated arguments, reports
// through the interpreter, and is listed in one place (natives.cpp).
#include <span>

#include "lang/eval/interp.hpp"

namespace mcp {

struct NativeCall {
  Interp& interp;
  const Code& code;
  std::span<const Value> args;
  TypeTag element;      // of the first argument, or of its items

  [[noreturn]] void fail(const char* error_code, std::string message, std::string help = {}) const {
    interp.fail(error_code, code.span, std::move(message), std::move(help));
  }
  std::string_view text(std::size_t i) const { return args[i].as_string(); }
  Span span(std::size_t i) const { return code.list[i]->span; }
};
using Native = Value (*)(NativeCall&);

/// By index into native_functions().
std::span<const Native> natives();

/// One row of a file in this folder.
struct NativeEntry {
  std::string_view name;
  Native run;
};
std::span<const NativeEntry> list_natives();
std::span<const NativeEntry> number_natives();
std::span<const NativeEntry> string_natives();
std::span<const NativeEntry> encoding_natives();
std::span<const NativeEntry> source_natives();

}  // namespace mcp
