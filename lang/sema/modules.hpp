#pragma once
// The files of a project as modules: the project itself (all its *.mcp files, one scope) and each imported file. Reads
// and parses them, follows imports, refuses cycles and paths that leave the project (E07xx). Resolves no other name.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lang/base/arena.hpp"
#include "lang/base/diagnostic.hpp"
#include "lang/base/symbol.hpp"
#include "lang/syntax/ast.hpp"
#include "lang/tree/source_tree.hpp"

namespace mcp {

struct ModuleFile {
  ast::File ast;
  std::string directory;                        // where its relative paths start
  std::map<Symbol, std::size_t> aliases;        // import alias to module
  std::map<Symbol, Span> alias_spans;
};

struct Module {
  std::string path;                             // "lib/common.mcp"; empty: the project
  std::vector<ModuleFile> files;                // the project's in name order; of an import exactly one
  bool project() const { return path.empty(); }
};

struct Modules {
  std::vector<std::unique_ptr<Module>> all;     // the project is the first
  bool faulty = false;                          // a file could not be read or parsed whole: unknown names may stand in it
};

/// Budgets of reading: a file 16 MiB, all of them 64 MiB.
inline constexpr std::size_t max_file_bytes = 16U << 20U;
inline constexpr std::size_t max_source_bytes = 64U << 20U;

/// What reading adds to, as it goes.
struct Reading {
  const SourceTree& tree;
  SourceMap& sources;
  Interner& names;
  Arena& arena;
  Diagnostics& out;
  std::map<std::string, std::string> hashes;    // path to SHA-256 of its bytes
  std::size_t bytes = 0;
};

/// Text of a policy file without BOM and with LF line ends.
std::string plain_text(std::string bytes);
/// All *.mcp files of the root, or only `single`; with everything they import.
Modules read_modules(Reading& reading, const std::string& single);
/// Reads one file for `file()` and friends; at `span` stands who wants it. False if it was refused (reported).
bool read_file(Reading& reading, const std::string& path, Span span, std::string& bytes);
/// "conf/x.yaml" of `path` as written in a file of `directory`; false if it leaves the project (E0702, reported).
bool project_path(const std::string& directory, std::string_view path, Span span, Diagnostics& out, std::string& to);

}  // namespace mcp
