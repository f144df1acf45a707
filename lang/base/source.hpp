#pragma once
// All files of a run as one virtual text: a place is one 32-bit offset, and lines are counted only when something is
// printed. SourceMap owns the texts. Origin says which source and which level of overriding wrote a value.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// Half-open range of the virtual text. {0, 0}: no place.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool known() const { return begin != 0; }
  bool operator==(const Span&) const = default;
};

/// Smallest span that holds both; an unknown one counts for nothing.
Span join(Span a, Span b);

/// A place as people read it. Line and column count from 1, columns in code points; `offset` in bytes of the file.
struct Place {
  std::string_view file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t offset = 0;
};

struct SourceFile {
  std::string name;             // relative to the project, with '/'
  std::string text;             // with LF line ends, without BOM
  std::uint32_t base = 0;       // offset of its first byte in the virtual text
  bool policy = true;           // an .mcp file; else a file that a policy read
};

class SourceMap {
 public:
  /// Adds a text; the returned reference stays valid. Requires: total size below 4 GiB (the budget is 64 MiB).
  const SourceFile& add(std::string name, std::string text, bool policy = true);
  const SourceFile* file_at(std::uint32_t offset) const;
  const std::vector<std::unique_ptr<SourceFile>>& files() const { return files_; }
  /// Requires: span.known().
  Place locate(std::uint32_t offset) const;
  std::string_view text(Span span) const;
  /// The line of this number (from 1), without its end.
  std::string_view line(const SourceFile& file, std::uint32_t number) const;
  /// "shop.mcp:12", or "" for an unknown span.
  std::string brief(Span span) const;

 private:
  const std::vector<std::uint32_t>& line_starts(const SourceFile& file) const;

  std::vector<std::unique_ptr<SourceFile>> files_;
  mutable std::vector<std::vector<std::uint32_t>> lines_;  // per file, made on first use
  std::uint32_t next_ = 1;
};

/// Levels of overriding; the later wins (design language.md section 5).
enum class Level : std::uint8_t { SchemaDefault, ComponentBody, ProjectBlock, NestedOverride, TopOverride, EnvOverride };

/// Where a value came from. `chain` names component, `for` and `fn` calls on the way (0: none), see ChainTable.
struct Origin {
  Span span;
  std::uint32_t chain = 0;
  Level level = Level::SchemaDefault;
  bool operator==(const Origin&) const = default;
};

}  // namespace mcp
