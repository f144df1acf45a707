// Entry: options, the command, and the last catch.
#include <csignal>
#include <exception>
#include <new>

#include "cli/command.hpp"

namespace {

int run(int argc, char** argv, mcp::Terminal& terminal, mcp::Options& options) {
  using namespace mcp;
  if (options.version) {
    terminal.out("mcp " + std::string(mcp_version) + "\n");
    return exits::ok;
  }
  if (options.verb.empty() || options.help) {
    const std::string_view page = help_of(options.verb.empty() ? (options.help ? "help" : "mcp") : options.verb);
    terminal.out(page);
    return exits::ok;
  }
  (void)argc;
  (void)argv;
  Context context{options, terminal};
  return command_of(options.verb)(context);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace mcp;
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);   // a file at its limit is an error of that write, not the end of the process
  int code = exits::error;
  Options options;
  Terminal plain(ColourChoice::Auto);
  try {
    options = parse_options(argc, argv);
    Terminal terminal(options.colour);
    terminal.quiet = options.quiet;
    code = run(argc, argv, terminal, options);
    std::string why;
    if (!terminal.flush(why)) {
      terminal.err("mcp: cannot write to stdout: " + why + "\n");
      return exits::error;
    }
    return code;
  } catch (const UsageError& e) {
    plain.err("mcp: " + e.message + "\n");
    return exits::usage;
  } catch (const std::bad_alloc&) {
    plain.err("mcp: out of memory\n");
  } catch (const std::exception& e) {
    plain.err("mcp: " + std::string(e.what()) + "\n");
  }
  return exits::error;
}
