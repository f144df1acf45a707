#include "cli/options.hpp"

#include <CLI/CLI.hpp>

#include "lang/base/diagnostic.hpp"

namespace mcp {

namespace {

enum Group : unsigned {
  Policy = 1,      // reads policy files: -e --set --driver
  Machine = 2,     // --json
  Asking = 4,      // --yes --lock-timeout
  Planning = 8,    // --refresh --lost --adopt ...
  Forms = 16,      // -o
  Alone = 32,      // takes no words
};

struct Row {
  std::string_view name;
  std::string_view summary;
  unsigned groups;
  std::vector<std::string_view> formats;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      {"init", "start a project here", Alone, {}},
      {"check", "validate the policy files; no network, no state", Policy | Machine, {}},
      {"fmt", "format policy files", 0, {}},
      {"plan", "compare what is stated with what is, and show the changes", Policy | Machine | Planning, {}},
      {"show", "print a saved plan, or the state", Machine | Forms, {"text", "json"}},
      {"apply", "carry out a plan", Policy | Machine | Planning | Asking, {}},
      {"resume", "finish an interrupted apply", Policy | Machine | Asking | Alone, {}},
      {"destroy", "remove everything that this project owns", Policy | Machine | Asking | Alone, {}},
      {"status", "members, workloads, last apply, locks", Policy | Machine | Alone, {}},
      {"drift", "what was changed outside of mcp", Policy | Machine | Alone, {}},
      {"render", "the final manifests of one cluster", Policy | Machine | Forms, {"yaml", "json"}},
      {"graph", "the order of the present plan as a graph", Policy | Machine | Forms | Planning, {"dot", "mermaid", "json"}},
      {"why", "where a value comes from; why a replica is here, or not", Policy | Machine, {}},
      {"state", "list, show or rebuild what is recorded", Policy | Machine | Asking, {}},
      {"history", "past applies", Policy | Machine | Alone, {}},
      {"lock", "who holds the lock; take it from a dead holder", Policy | Machine, {}},
      {"sim", "lose, restore, edit or slow down simulated members", Policy | Machine | Forms, {"yaml", "json"}},
      {"debug", "print any stage: ast, topology, placement, desired, graph, schedule", Policy | Machine, {}},
      {"completion", "completion script for bash, zsh or fish", 0, {}},
  };
  return table;
}

void pairs(const std::vector<std::string>& texts, const char* option, const char* form, const std::function<void(std::string, std::string)>& put) {
  for (const std::string& text : texts) {
    const auto eq = text.find('=');
    if (eq == std::string::npos || eq == 0) throw UsageError{std::string(option) + " takes " + form + ", found `" + text + "`"};
    put(text.substr(0, eq), text.substr(eq + 1));
  }
}

struct Raw {
  std::vector<std::string> set;
  std::vector<std::string> allow;
  std::string lock_timeout;
  std::string colour = "auto";
};

/// All options of a verb.
void declare(CLI::App& app, const Row& row, Options& o, Raw& raw) {
  app.add_option("-C", o.dir, "");
  app.add_option("--color,--colour", raw.colour, "")->expected(0, 1)->default_str("always");
  app.add_flag("-q,--quiet", o.quiet, "");
  app.add_flag("--stats", o.stats, "");
  app.add_flag("-h,--help", o.help, "");
  if (row.groups & Policy) {
    app.add_option("-e,--env", o.env, "");
    app.add_option("--set", raw.set, "")->allow_extra_args(false);
    app.add_option("--driver", o.driver, "");
    app.add_option("--kubeconfig", o.kubeconfig, "");
    app.add_flag("--credential-plugins", o.credential_plugins, "");
    app.add_flag("--trace-http", o.trace_http, "");
  }
  if (row.groups & Machine) app.add_flag("--json", o.json, "");
  if (row.groups & Forms) app.add_option("-o,--output", o.format, "");
  if (row.groups & Asking) {
    app.add_flag("--yes", o.yes, "");
    app.add_option("--lock-timeout", raw.lock_timeout, "");
  }
  if (row.groups & Planning) {
    app.add_flag("--offline", o.offline, "");
    app.add_option("--refresh", o.refresh, "");
    app.add_option("--lost", o.lost, "")->allow_extra_args(false);
    app.add_option("--adopt", o.adopt, "")->allow_extra_args(false);
    app.add_option("--forget", o.forget, "")->allow_extra_args(false);
    app.add_option("--allow", raw.allow, "")->allow_extra_args(false);
  }
  if (row.name == "plan") {
    app.add_option("--out", o.out, "");
    app.add_flag("--detailed-exitcode", o.detailed, "");
  }
  if (row.name == "plan" || row.name == "show") {
    app.add_flag("--brief", o.brief, "");
    app.add_flag("--full", o.full, "");
  }
  if (row.name == "status") app.add_flag("--capacity", o.capacity, "");
  if (row.name == "lock") {
    app.add_flag("--yes", o.yes, "");
    app.add_flag("--force", o.force, "");
  }
  if (row.name == "drift") app.add_flag("--detailed-exitcode", o.detailed, "");
  if (row.name == "apply") app.add_option("--expect", o.expect, "");
  if (row.name == "resume") app.add_flag("--abandon", o.abandon, "");
  if (row.name == "check") app.add_flag("--members", o.members, "");
  if (row.name == "fmt") {
    app.add_flag("--check", o.check, "");
    app.add_flag("--diff", o.diff, "");
    app.add_flag("--stdout", o.to_stdout, "");
  }
  if (row.name == "render") app.add_option("--cluster", o.cluster, "");
  if (row.name == "graph") app.add_flag("--model", o.model, "");
  if (row.name == "why") app.add_flag("--steps", o.steps, "");
  if (row.name == "sim") {
    app.add_flag("--delete", o.remove, "");
    app.add_option("--as", o.as, "");
  }
  app.add_option("words", o.words, "");
}

const Row* row_of(std::string_view name) {
  const auto it = std::find_if(rows().begin(), rows().end(), [&](const Row& row) { return row.name == name; });
  return it != rows().end() ? &*it : nullptr;
}

/// `app` has the options of `row`.
VerbSpec spec_of(const Row& row, const CLI::App& app) {
  VerbSpec spec{row.name, row.summary, row.formats, {}};
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) spec.options.push_back("--" + name);
  return spec;
}

std::string nearest_option(const VerbSpec& verb, std::string_view word) {
  std::vector<std::string_view> all(verb.options.begin(), verb.options.end());
  return nearest(word, all);
}

}  // namespace

const std::vector<VerbSpec>& verbs() {
  static const std::vector<VerbSpec> table = [] {
    std::vector<VerbSpec> out;
    for (const Row& row : rows()) {
      CLI::App app;
      Options o;
      Raw raw;
      app.set_help_flag();
      declare(app, row, o, raw);
      out.push_back(spec_of(row, app));
    }
    return out;
  }();
  return table;
}

const VerbSpec* verb_of(std::string_view name) {
  for (const VerbSpec& spec : verbs())
    if (spec.name == name) return &spec;
  return nullptr;
}

std::optional<std::int64_t> duration_ms(const std::string& text) {
  std::size_t i = 0;
  std::int64_t n = 0;
  while (i < text.size() && text[i] >= '0' && text[i] <= '9' && i < 9) n = n * 10 + (text[i++] - '0');
  if (i == 0) return std::nullopt;
  const std::string unit = text.substr(i);
  if (unit == "ms") return n;
  if (unit == "s") return n * 1000;
  if (unit == "min") return n * 60'000;
  if (unit == "h") return n * 3'600'000;
  return std::nullopt;
}

Options parse_options(int argc, char** argv) {
  Options o;
  // The verb is the first word; options before it are those that every verb takes.
  std::vector<std::string> args;
  std::string verb;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (verb.empty() && arg == "-C" && i + 1 < argc) {
      args.push_back(arg);
      args.emplace_back(argv[++i]);
    } else if (verb.empty() && (arg == "--version" || arg == "-V")) {
      o.version = true;
      return o;
    } else if (verb.empty() && (arg == "--help" || arg == "-h" || arg == "help")) {
      o.help = true;
      if (i + 1 < argc && argv[i + 1][0] != '-') o.verb = argv[i + 1];
      if (!o.verb.empty() && row_of(o.verb) == nullptr) throw UsageError{"there is no command `" + o.verb + "`"};
      return o;
    } else if (verb.empty() && !arg.starts_with('-')) {
      verb = arg;
    } else {
      args.push_back(arg);
    }
  }
  if (verb.empty()) {
    if (!args.empty() && args[0] != "-C") throw UsageError{"`" + args[0] + "` stands before the command; try `mcp --help`"};
    return o;
  }
  const Row* row = row_of(verb);
  if (row == nullptr) {
    std::vector<std::string_view> names;
    for (const Row& each : rows()) names.push_back(each.name);
    const std::string best = nearest(verb, names);
    throw UsageError{"there is no command `" + visible(verb.substr(0, 60)) + "`" + (best.empty() ? "; `mcp --help` lists them" : "; did you mean `" + best + "`?")};
  }
  o.verb = verb;
  CLI::App app;
  app.set_help_flag();
  Raw raw;
  declare(app, *row, o, raw);
  const VerbSpec spec = spec_of(*row, app);
  for (const std::string& arg : args)
    if (arg.starts_with("--") && arg.size() > 2) {
      const std::string name = arg.substr(0, arg.find('='));
      if (std::find(spec.options.begin(), spec.options.end(), name) == spec.options.end()) {
        const std::string best = nearest_option(spec, name);
        throw UsageError{"`mcp " + verb + "` has no option `" + visible(name.substr(0, 60)) + "`" + (best.empty() ? "; `mcp " + verb + " --help` lists them" : "; did you mean `" + best + "`?")};
      }
    }
  try {
    std::reverse(args.begin(), args.end());
    app.parse(args);
  } catch (const CLI::ParseError& e) {
    std::string text = e.what();
    for (char& c : text)
      if (c == '\n') c = ' ';
    throw UsageError{"`mcp " + verb + "`: " + visible(text) + "; `mcp " + verb + " --help` explains"};
  }
  if ((row->groups & Alone) != 0 && !o.words.empty())
    throw UsageError{"`mcp " + verb + "` takes no word `" + visible(o.words.front()) + "`; " + (verb == "init" ? "another folder is named by `mcp -C DIR init`" : "`mcp " + verb + " --help` explains")};
  if (!raw.lock_timeout.empty()) {
    const auto ms = duration_ms(raw.lock_timeout);
    if (!ms) throw UsageError{"--lock-timeout takes a duration such as 30s or 5min, found `" + visible(raw.lock_timeout) + "`"};
    o.lock_timeout_ms = *ms;
  }
  if (raw.colour == "always" || raw.colour == "yes") o.colour = ColourChoice::Always;
  else if (raw.colour == "never" || raw.colour == "no") o.colour = ColourChoice::Never;
  else if (raw.colour != "auto") throw UsageError{"--color takes always, never or auto, found `" + visible(raw.colour) + "`"};
  pairs(raw.set, "--set", "NAME=EXPR", [&](std::string name, std::string value) { o.set.emplace_back(std::move(name), std::move(value)); });
  pairs(raw.allow, "--allow", "LIMIT=VALUE", [&](std::string name, std::string value) {
    if (name != "max_deletes" && name != "max_moved" && name != "max_clusters") {
      const std::string best = nearest(name, {"max_deletes", "max_moved", "max_clusters"});
      throw UsageError{"there is no limit `" + visible(name) + "`" + (best.empty() ? "; limits are max_deletes, max_moved, max_clusters" : "; did you mean `" + best + "`?")};
    }
    const bool number = !value.empty() && value.find_first_not_of("0123456789%") == std::string::npos && value.find('%') >= value.size() - 1;
    const bool share = name == "max_moved";
    if (!number || (!share && value.ends_with('%')))
      throw UsageError{"--allow " + name + " takes a number" + (share ? " or a percentage" : "") + ", found `" + visible(value) + "`"};
    o.allow[name] = value;
  });
  if (!o.driver.empty() && o.driver != "sim" && o.driver != "kubernetes") throw UsageError{"--driver takes sim or kubernetes, found `" + visible(o.driver) + "`"};
  if (o.refresh != "changed" && o.refresh != "all" && o.refresh != "none") throw UsageError{"--refresh takes changed, all or none, found `" + visible(o.refresh) + "`"};
  if (o.offline) o.refresh = "none";
  // `json` goes everywhere; `text` is what is printed without -o, so naming it does no harm where no other format is.
  const bool known = o.format.empty() || o.format == "json" || (o.format == "text" && row->formats.empty()) ||
                     std::find(row->formats.begin(), row->formats.end(), o.format) != row->formats.end();
  if (!known) {
    std::string all;
    for (const std::string_view each : row->formats) all.append(all.empty() ? "" : ", ").append(each);
    throw UsageError{"`mcp " + verb + " -o` takes " + all + ", found `" + visible(o.format) + "`"};
  }
  return o;
}

}  // namespace mcp
