#include "lang/program/program.hpp"

#include "lang/eval/expand.hpp"
#include "lang/sema/checker.hpp"
#include "lang/syntax/parse.hpp"

namespace mcp {

namespace {

void set_params(Reading& reading, Checker& checker, const LoadOptions& options) {
  for (const auto& [name, text] : options.set) {
    const SourceFile& source = reading.sources.add("--set " + name, text);
    const Span span{source.base, source.base + static_cast<std::uint32_t>(text.size())};
    Diagnostics found;
    const ast::Expr* value = parse_expression(source, reading.arena, reading.names, found);
    const std::string quoted = checker.takes_text(reading.names.intern(name)) ? quoted_set(name, text) : std::string();
    for (const Diagnostic& each : found.all()) {
      Diagnostic& d = reading.out.add(each);
      if (value == nullptr && !quoted.empty()) d.help = {quoted};
    }
    if (value != nullptr) checker.set_param(reading.names.intern(name), span, *value, text);
  }
}

/// From files to code; false: some cannot be read.
bool check(Reading& reading, const LoadOptions& options, Unit& unit) {
  const Modules modules = read_modules(reading, options.file);
  Checker checker(modules, reading.names, reading.out, unit);
  checker.project();
  set_params(reading, checker, options);
  return !modules.faulty;
}

}  // namespace

Loaded load(const SourceTree& tree, const LoadOptions& options) {
  Loaded out;
  out.sources = std::make_unique<SourceMap>();
  Interner names;
  Arena arena;
  Reading reading{tree, *out.sources, names, arena, out.diagnostics, {}, 0};
  Unit unit;
  const bool readable = check(reading, options, unit);
  arena.clear();   // code has no part of the trees, and what follows needs memory
  if (!options.env.empty()) {
    auto& d = out.diagnostics.add(error("E0606", {}, "there is no env `" + options.env + "`"));
    d.notes.push_back("`env` blocks are not yet supported; without -e the unnamed environment is meant");
  }
  if (readable) {
    Expanded expanded = expand(unit, reading, tree.name());
    out.topology = std::move(expanded.topology);
    out.row_failures = std::move(expanded.row_failures);
    out.steps = expanded.steps;
    if (options.driver) out.topology.driver = *options.driver;
    out.topology.env = options.env;
  }
  out.files = std::move(reading.hashes);
  return out;
}

}  // namespace mcp
