#include "lang/program/stages.hpp"

#include "lang/base/diagnostic_text.hpp"
#include "lang/sema/modules.hpp"
#include "lang/syntax/dump.hpp"

namespace mcp {

Stages print_stages(const SourceTree& tree, const std::string& file) {
  Stages out;
  SourceMap sources;
  Interner names;
  Arena arena;
  Diagnostics found;
  Reading reading{tree, sources, names, arena, found, {}, 0};
  const Modules modules = read_modules(reading, file);
  for (const auto& module : modules.all)
    for (const ModuleFile& each : module->files) out.ast += each.ast.source->name + "\n" + dump(each.ast, names, DumpSpans::No);
  out.findings = to_text(found, sources, Colour::No);
  out.faulty = modules.faulty;
  return out;
}

}  // namespace mcp
