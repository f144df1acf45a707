#pragma once
// JSON text to Value and back. Reading checks what the library lets pass: duplicate keys, integers above 64 bits, text
// after the document, depth over 128. Writing is canonical: keys sorted by bytes, no blanks, shortest escapes.
#include <string>
#include <string_view>

#include "lang/base/result.hpp"
#include "lang/value/value.hpp"

namespace mcp {

/// Where and why a text is not what it should be; `offset` in bytes.
struct TextError {
  std::size_t offset = 0;
  std::string message;
};
template <class T>
using Parsed = tl::expected<T, TextError>;

Parsed<Value> parse_json(std::string_view text);
/// Several JSON texts one after another, with blanks between.
Parsed<std::vector<Value>> parse_json_texts(std::string_view text);

void append_json(std::string& out, const Value& value);
std::string to_json(const Value& value);
/// With line ends and `indent` blanks a level.
std::string to_json_pretty(const Value& value, int indent = 2);
/// `text` in quotes with the shortest escapes; bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace mcp
