#pragma once
// The native functions as a table: name, signature, text, example. Checking reads signatures, evaluation binds each row to
// its implementation (lang/eval/builtins), docs print them, and a test runs every example.
#include <span>
#include <string_view>

#include "lang/sema/types.hpp"

namespace mcp {

/// Signature language: types as written in .mcp; `T`, `U` stand for any type, `N` for int or a number with a unit;
/// `a | b` lists alternatives; `name = type` is a named optional argument.
struct NativeSpec {
  std::string_view name;
  std::string_view params;
  std::string_view result;
  std::string_view doc;
  std::string_view example;     // `expression == expected`, an expression that is true; empty: none that is pure
};

std::span<const NativeSpec> native_functions();
/// Index into native_functions(), or -1.
int native_index(std::string_view name);

}  // namespace mcp
