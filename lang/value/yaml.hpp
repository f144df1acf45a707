#pragma once
// YAML text to Values and back. Scalars follow the YAML 1.2 core schema (`yes` is a string, 0755 an int), duplicate keys,
// tags and non-string keys are errors, aliases are bounded. yaml-cpp lives in yaml.cpp only.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lang/value/json.hpp"

namespace mcp {

/// All documents of a stream, empty ones left out; JSON texts one after another are taken too.
Parsed<std::vector<Value>> parse_yaml(std::string_view text);
/// Block style, keys sorted, strings quoted where a YAML 1.1 or 1.2 reader would take them for something else.
void append_yaml(std::string& out, const Value& value, int indent = 0);
std::string to_yaml(const Value& value);

/// Writes many values that share content: what many of them hold is put into text once.
class YamlWriter {
 public:
  YamlWriter();
  ~YamlWriter();
  YamlWriter(const YamlWriter&) = delete;
  YamlWriter& operator=(const YamlWriter&) = delete;
  /// The same text as append_yaml(). Requires: values that were written live as long as the writer.
  void append(std::string& out, const Value& value);

 private:
  struct Memo;
  std::unique_ptr<Memo> memo_;
};

}  // namespace mcp
