#include "lang/base/diagnostic.hpp"

#include <algorithm>

namespace mcp {

namespace {

/// Edits from one word to the other: insertions, deletions, substitutions, and swaps of neighbours, each counted as one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> table((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return table[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  return at(a.size(), b.size());
}

Diagnostic make(Severity severity, std::string code, Span span, std::string message, std::string label) {
  Diagnostic d;
  d.severity = severity;
  d.code = std::move(code);
  d.span = span;
  d.message = std::move(message);
  d.label = std::move(label);
  return d;
}

}  // namespace

Diagnostic error(std::string code, Span span, std::string message, std::string label) {
  return make(Severity::Error, std::move(code), span, std::move(message), std::move(label));
}

Diagnostic warning(std::string code, Span span, std::string message, std::string label) {
  return make(Severity::Warning, std::move(code), span, std::move(message), std::move(label));
}

Diagnostic& Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::Error) ++errors_;
  else ++warnings_;
  if (all_.size() >= max_kept) {   // counted, not kept
    if (!dropped_) dropped_ = std::make_shared<Diagnostic>();
    *dropped_ = std::move(diagnostic);
    return *dropped_;
  }
  return all_.emplace_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> out = all_;
  std::stable_sort(out.begin(), out.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.span.begin, a.code, a.message) < std::tie(b.span.begin, b.code, b.message);
  });
  out.erase(std::unique(out.begin(), out.end(),
                        [](const Diagnostic& a, const Diagnostic& b) {
                          return a.span == b.span && a.code == b.code && a.message == b.message;
                        }),
            out.end());
  return out;
}

std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > 200) return {};
  std::string_view best;
  std::size_t distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > 200 || candidate.size() > word.size() + distance || word.size() > candidate.size() + distance) continue;
    const std::size_t d = edit_distance(word, candidate);
    if (d < distance || (d == distance && d < word.size() / 3 + 1 && candidate < best)) {
      distance = d;
      best = candidate;
    }
  }
  return std::string(best);
}

}  // namespace mcp
