#pragma once
// The door of lang: from the files of a project to its Topology and findings. Nobody outside of lang includes anything
// of syntax, sema or eval, but the commands that show these stages. Pure: reads the SourceTree, and nothing else.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lang/base/diagnostic.hpp"
#include "lang/base/source.hpp"
#include "lang/topology/topology.hpp"
#include "lang/tree/source_tree.hpp"

namespace mcp {

struct LoadOptions {
  std::string file;                                        // only this file of the project; empty: all *.mcp files
  std::vector<std::pair<std::string, std::string>> set;    // --set NAME=EXPR, in order
  std::string env;                                         // -e ENV; empty: the unnamed one
  std::optional<Driver> driver;                            // --driver wins over the `mcp` block
};

/// A project as far as it could be understood. `topology` may be used only if there are no errors in `diagnostics`.
struct Loaded {
  std::unique_ptr<SourceMap> sources;
  Diagnostics diagnostics;
  Topology topology;
  std::map<std::string, std::string> files;                // every file that was read: relative name to SHA-256
  std::vector<RowFailure> row_failures;
  std::uint64_t steps = 0;                                 // of evaluation, against the budget of 50,000,000
  bool ok() const { return !diagnostics.has_errors(); }
};

/// Reads, parses, resolves, checks and expands the project. Never throws; what is wrong is in `diagnostics`.
Loaded load(const SourceTree& tree, const LoadOptions& options);

}  // namespace mcp
