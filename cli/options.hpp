#pragma once
// What was asked for on the command line, as data. CLI11 lives in options.cpp only.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/terminal.hpp"

namespace mcp {

struct Options {
  std::string verb;                          // empty: none was given
  std::vector<std::string> words;            // positional arguments after the verb
  std::string dir = ".";
  std::string format;                        // -o; empty: the verb's default
  bool json = false;
  ColourChoice colour = ColourChoice::Auto;
  bool quiet = false;
  bool stats = false;
  std::string env;
  std::vector<std::pair<std::string, std::string>> set;
  std::string driver;
  std::string kubeconfig;
  bool credential_plugins = false;
  bool trace_http = false;
  std::int64_t lock_timeout_ms = 0;
  bool yes = false;
  // plan and what plans
  std::optional<std::string> out;            // of --out; "-": stdout
  bool offline = false;
  std::string refresh = "changed";
  std::vector<std::string> lost;
  std::vector<std::string> adopt;
  std::vector<std::string> forget;
  std::map<std::string, std::string> allow;
  bool detailed = false;
  bool brief = false;
  bool full = false;
  std::optional<std::string> expect;
  bool abandon = false;
  // fmt
  bool check = false;
  bool diff = false;
  bool to_stdout = false;
  // others
  std::string cluster;
  bool model = false;
  bool steps = false;
  bool remove = false;                       // sim edit --delete
  std::string as;                            // sim edit --as
  bool members = false;                      // check --members
  bool capacity = false;                     // status --capacity
  bool force = false;                        // lock break --force
  bool help = false;
  bool version = false;
};

struct UsageError {
  std::string message;                       // one line
};

/// The verbs with their options' names, for suggestions and completion.
struct VerbSpec {
  std::string_view name;
  std::string_view summary;
  std::vector<std::string_view> formats;     // of -o, the default first; empty: takes no -o
  std::vector<std::string> options;          // long ones
};
const std::vector<VerbSpec>& verbs();
const VerbSpec* verb_of(std::string_view name);

/// "500ms", "2s", "5min", "1h" in milliseconds; null if the text is none of these.
std::optional<std::int64_t> duration_ms(const std::string& text);

/// Throws UsageError.
Options parse_options(int argc, char** argv);

}  // namespace mcp
