#pragma once
// The first stages of the language as text, for `mcp debug`.
#include <string>

#include "lang/tree/source_tree.hpp"

namespace mcp {

struct Stages {
  std::string ast;         // of each file, under its name
  std::string findings;    // as people read them, without colour
  bool faulty = false;
};

/// `file`: that one alone; empty: all policy files of the root.
Stages print_stages(const SourceTree& tree, const std::string& file);

}  // namespace mcp
