#include "lang/program/formatting.hpp"

#include "lang/sema/modules.hpp"
#include "lang/syntax/format.hpp"
#include "lang/syntax/parse.hpp"

namespace mcp {

Formatted format_source(const std::string& name, std::string bytes, Colour colour) {
  Formatted out;
  SourceMap sources;
  Interner names;
  Arena arena;
  Diagnostics found;
  const SourceFile& source = sources.add(name, plain_text(std::move(bytes)));
  const ast::File file = parse(source, arena, names, found);
  out.findings = to_text(found, sources, colour);
  if (file.faulty) return out;
  out.text = format(file, names);
  out.ok = true;
  return out;
}

}  // namespace mcp
