#include "lang/sema/modules.hpp"

#include <set>

#include "lang/base/crypto.hpp"
#include "lang/syntax/parse.hpp"

namespace mcp {

namespace {

std::string size_text(std::size_t bytes) { return std::to_string(bytes >> 20U) + " MiB"; }

class Reader {
 public:
  Reader(Reading& reading, Modules& modules) : in_(reading), modules_(modules) {}

  void project(const std::string& single) {
    modules_.all.push_back(std::make_unique<Module>());
    std::vector<std::string> names;
    if (!single.empty()) {
      names.push_back(single);
    } else if (auto found = in_.tree.files(""); found) {
      for (std::string& name : *found)
        if (name.ends_with(".mcp")) names.push_back(std::move(name));
    } else {
      in_.out.add(error("E0701", {}, "cannot read the project's directory `" + in_.tree.name() + "`: " + found.error().detail));
      modules_.faulty = true;
      return;
    }
    if (names.empty()) {
      auto& d = in_.out.add(error("E0701", {}, "there is no policy file (*.mcp) here"));
      d.help.push_back("`mcp init` writes a first one");
      modules_.faulty = true;
      return;
    }
    for (const std::string& name : names) {
      std::string bytes;
      if (!read_file(in_, name, {}, bytes)) {
        modules_.faulty = true;
        continue;
      }
      add_file(0, name, std::move(bytes));
    }
    for (std::size_t i = 0; i < modules_.all[0]->files.size(); ++i) imports(0, i);
  }

 private:
  void add_file(std::size_t module, const std::string& path, std::string bytes) {
    const SourceFile& source = in_.sources.add(path, plain_text(std::move(bytes)));
    ModuleFile file;
    file.ast = parse(source, in_.arena, in_.names, in_.out);
    file.directory = directory_of(path);
    modules_.faulty = modules_.faulty || file.ast.faulty;
    modules_.all[module]->files.push_back(std::move(file));
  }

  void imports(std::size_t module, std::size_t at) {
    const auto stmts = modules_.all[module]->files[at].ast.stmts;
    for (const ast::Stmt* stmt : stmts) {
      if (stmt->kind != ast::StmtKind::Import) continue;
      const auto& import = static_cast<const ast::Import&>(*stmt);
      const auto target = import_module(module, at, import);
      ModuleFile& file = modules_.all[module]->files[at];
      Symbol alias = import.alias.symbol;
      Span span = import.alias.span;
      if (alias == Symbol::None) {
        const std::string stem = stem_of(import.path->text());
        alias = in_.names.intern(stem);
        span = import.path->span;
      }
      if (const auto [it, fresh] = file.alias_spans.emplace(alias, span); !fresh) {
        auto& d = in_.out.add(error("E0201", span, "the import name `" + std::string(in_.names.text(alias)) + "` is taken"));
        d.labels.push_back({it->second, "first here"});
        d.help.push_back("write `import \"..\" as OTHER`");
        continue;
      }
      if (target != npos) file.aliases.emplace(alias, target);
    }
  }

  std::size_t import_module(std::size_t module, std::size_t at, const ast::Import& import) {
    if (!import.path->plain()) {
      in_.out.add(error("E0702", import.path->span, "an import names its file literally, without `${}`"));
      return npos;
    }
    const std::string_view written = import.path->text();
    if (written.starts_with("std/")) {
      in_.out.add(error("E0299", import.path->span, "the standard library is not yet supported"));
      return npos;
    }
    const std::string& from = modules_.all[module]->files[at].directory;
    std::string path;
    const bool relative = written.starts_with("./") || written.starts_with("../");
    if (!project_path(relative ? from : std::string(), written, import.path->span, in_.out, path)) return npos;
    if (const auto known = by_path_.find(path); known != by_path_.end()) {
      if (open_.contains(path)) {
        auto& d = in_.out.add(error("E0704", import.path->span, "`" + path + "` imports itself, in a circle"));
        for (const auto& [file, span] : chain_) d.labels.push_back({span, "imports " + file});
        d.help.push_back("move what both need into a third file");
      }
      return known->second;
    }
    if (module == 0 || !modules_.all[0]->files.empty()) {
      for (const ModuleFile& file : modules_.all[0]->files)
        if (file.ast.source->name == path) {
          auto& d = in_.out.add(error("E0705", import.path->span, "`" + path + "` is a file of the project itself"));
          d.notes.push_back("all *.mcp files of the project's directory share one scope; import files of its folders");
          return npos;
        }
    }
    std::string bytes;
    if (!read_file(in_, path, import.path->span, bytes)) {
      modules_.faulty = true;
      return npos;
    }
    const std::size_t id = modules_.all.size();
    modules_.all.push_back(std::make_unique<Module>());
    modules_.all[id]->path = path;
    by_path_.emplace(path, id);
    open_.emplace(path);
    chain_.emplace_back(path, import.path->span);
    add_file(id, path, std::move(bytes));
    if (chain_.size() > 64) {
      in_.out.add(error("E0704", import.path->span, "imports nest more than 64 deep"));
    } else {
      imports(id, 0);
    }
    chain_.pop_back();
    open_.erase(path);
    return id;
  }

  static std::string stem_of(std::string_view path) {
    if (const auto slash = path.rfind('/'); slash != std::string_view::npos) path.remove_prefix(slash + 1);
    if (path.ends_with(".mcp")) path.remove_suffix(4);
    return std::string(path);
  }

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  Reading& in_;
  Modules& modules_;
  std::map<std::string, std::size_t> by_path_;
  std::set<std::string> open_;
  std::vector<std::pair<std::string, Span>> chain_;
};

}  // namespace

std::string plain_text(std::string bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  if (bytes.find('\r') == std::string::npos) return bytes;
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (bytes[i] != '\r' || i + 1 == bytes.size() || bytes[i + 1] != '\n') out += bytes[i];
  return out;
}

bool project_path(const std::string& directory, std::string_view path, Span span, Diagnostics& out, std::string& to) {
  if (path.empty() || path.find('\0') != std::string_view::npos) {
    out.add(error("E0701", span, path.empty() ? "a path cannot be empty" : "a path cannot hold a NUL"));
    return false;
  }
  auto normal = normal_path(directory, path);
  if (normal && normal->empty()) {
    out.add(error("E0701", span, "`" + std::string(path) + "` is the project's own directory")).help.push_back("name a file or a folder in it");
    return false;
  }
  // A path may not climb above the root on its way either: `lib/../../p/x` depends on the directory's own name.
  if (!normal) {
    auto& d = out.add(error("E0702", span, "`" + std::string(path) + "` leaves the project",
                            path.starts_with('/') ? "an absolute path" : ""));
    d.help.push_back("policy files read only what lies inside the project's directory");
    return false;
  }
  to = std::move(*normal);
  return true;
}

bool read_file(Reading& in, const std::string& path, Span span, std::string& bytes) {
  auto got = in.tree.read(path, max_file_bytes);
  if (!got) {
    const ReadError& e = got.error();
    switch (e.fault) {
      case ReadFault::Missing: in.out.add(error("E0701", span, "there is no file `" + path + "`")); break;
      case ReadFault::Outside: in.out.add(error("E0702", span, "`" + path + "` leaves the project: " + e.detail)); break;
      case ReadFault::NotAFile: in.out.add(error("E0701", span, "`" + path + "` is not a regular file")); break;
      case ReadFault::TooLarge: {
        auto& d = in.out.add(error("E0706", span, "`" + path + "` is larger than " + size_text(max_file_bytes)));
        d.notes.push_back("it has " + e.detail);
        break;
      }
      case ReadFault::Unreadable: in.out.add(error("E0701", span, "cannot read `" + path + "`: " + e.detail)); break;
    }
    return false;
  }
  in.bytes += got->size();
  if (in.bytes > max_source_bytes) {
    in.out.add(error("E0706", span, "all files together are larger than " + size_text(max_source_bytes) + " (at `" + path + "`)"));
    return false;
  }
  in.hashes.emplace(path, sha256(*got).hex());
  bytes = std::move(*got);
  return true;
}

Modules read_modules(Reading& reading, const std::string& single) {
  Modules out;
  Reader(reading, out).project(single);
  return out;
}

}  // namespace mcp
