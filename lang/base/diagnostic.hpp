#pragma once
// One finding in the user's files, as data. Printing is in diagnostic_text.hpp. A phase reports all its findings into
// a Diagnostics; it never throws them.
#include <memory>
#include <string>
#include <vector>

#include "lang/base/source.hpp"

namespace mcp {

enum class Severity : std::uint8_t { Error, Warning };

struct Label {
  Span span;
  std::string text;
};

struct FixIt {
  Span span;          // replaced by `text`; empty span: insertion
  std::string text;
  bool safe = false;  // an editor may apply it without asking
};

/// Fields and JSON names: docs/language.md, "Diagnostics".
struct Diagnostic {
  Severity severity = Severity::Error;
  std::string code;                 // "E0304", "W0510"
  std::string message;              // lower case, the user's own names, no final stop
  Span span;                        // primary place; unknown: about the project as a whole
  std::string label;                // text beside the caret
  std::vector<Label> labels;        // further places
  std::vector<std::string> values;  // "gold = [aws-euw1, aws-use1]"
  std::vector<std::string> notes;
  std::vector<std::string> help;
  std::vector<FixIt> fixes;
  std::vector<std::string> stack;   // instances and iterations, innermost first
};

Diagnostic error(std::string code, Span span, std::string message, std::string label = {});
Diagnostic warning(std::string code, Span span, std::string message, std::string label = {});

class Diagnostics {
 public:
  Diagnostic& add(Diagnostic diagnostic);
  bool has_errors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }
  /// Sorted by (file, offset), then code; equal ones at one place stand once.
  std::vector<Diagnostic> sorted() const;
  const std::vector<Diagnostic>& all() const { return all_; }

 private:
  static constexpr std::size_t max_kept = 10'000;
  std::vector<Diagnostic> all_;
  std::shared_ptr<Diagnostic> dropped_;   // the last one that was counted only: its reporter may still add to it
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

/// The candidate nearest to `word` by edit distance, if that is at most a third of its length (at least 1); else "".
std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace mcp
