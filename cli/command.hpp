#pragma once
// What a command is: a function of options and terminal to an exit code. Each stands in cli/commands/VERB.cpp, its help
// text beside it in VERB.md.
#include "cli/exits.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "executor/engine/project.hpp"
#include "executor/engine/queries.hpp"
#include "lang/base/result.hpp"

namespace mcp {

struct Context {
  const Options& options;
  Terminal& terminal;
};

using Command = int (*)(Context&);
/// Null: no such command.
Command command_of(std::string_view verb);
std::string_view help_of(std::string_view verb);   // "" if there is none; "mcp" is the page of mcp itself

int run_init(Context&);
int run_check(Context&);
int run_fmt(Context&);
int run_plan(Context&);
int run_show(Context&);
int run_apply(Context&);
int run_resume(Context&);
int run_destroy(Context&);
int run_status(Context&);
int run_drift(Context&);
int run_render(Context&);
int run_graph(Context&);
int run_why(Context&);
int run_state(Context&);
int run_history(Context&);
int run_lock(Context&);
int run_sim(Context&);
int run_debug(Context&);
int run_completion(Context&);

// ---- shared by commands

/// The project that the options name; `file` is a policy file given as argument (empty: all).
ProjectOptions project_options(const Options& options, const std::string& file = {});
/// Prints the findings: text on stderr, records on stdout with --json. 1 if there are errors, else 0.
int report(Context& context, const Loaded& loaded);
/// Prints an error of the world and gives its exit code.
int report(Context& context, const Error& error);
/// The first record of every --json output.
std::string version_record();
/// The state that belongs to the policy files here; without policy files, the only one in the state folder.
Result<StateView> state_of(Context& context, const ProjectOptions& where);
int rebuild_state(Context& context);
int show_state(Context& context, const StateView& state);
/// Milliseconds of the wall clock, for what people read and for how long a member has been silent.
std::int64_t wall_ms();
/// "2026-11-20 14:02 UTC"
std::string utc_text(std::int64_t ms);
/// The one policy file among the words, or empty; a usage error for more.
std::string file_word(const Options& options);

inline constexpr std::string_view mcp_version = "1.0.0";

}  // namespace mcp
