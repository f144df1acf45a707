#include "cli/command.hpp"

namespace mcp {

namespace {

std::string bash() {
  std::string out = "# bash completion for mcp\n_mcp() {\n  local cur=${COMP_WORDS[COMP_CWORD]} verb= i\n  for ((i = 1; i < COMP_CWORD; i++)); do\n    case ${COMP_WORDS[i]} in\n      -C) ((i++));;\n      -*) ;;\n      *) verb=${COMP_WORDS[i]}; break;;\n    esac\n  done\n  case $verb in\n";
  std::string all;
  for (const VerbSpec& verb : verbs()) {
    all.append(all.empty() ? "" : " ").append(verb.name);
    std::string options;
    for (const std::string& option : verb.options) options.append(options.empty() ? "" : " ").append(option);
    out += "    " + std::string(verb.name) + ") COMPREPLY=($(compgen -W '" + options + "' -- \"$cur\"));;\n";
  }
  out += "    *) COMPREPLY=($(compgen -W '" + all + "' -- \"$cur\"));;\n  esac\n  [[ $cur == -* || -z $verb ]] || COMPREPLY+=($(compgen -f -- \"$cur\"))\n}\ncomplete -o filenames -F _mcp mcp\n";
  return out;
}

std::string zsh() {
  std::string out = "#compdef mcp\n_mcp() {\n  local -a verbs\n  verbs=(\n";
  for (const VerbSpec& verb : verbs()) out += "    '" + std::string(verb.name) + ":" + std::string(verb.summary) + "'\n";
  out += "  )\n  if (( CURRENT == 2 )); then\n    _describe 'command' verbs\n    return\n  fi\n  case $words[2] in\n";
  for (const VerbSpec& verb : verbs()) {
    out += "    " + std::string(verb.name) + ") _arguments";
    for (const std::string& option : verb.options) out += " '" + option + "[]'";
    out += " '*:file:_files';;\n";
  }
  return out + "  esac\n}\n_mcp \"$@\"\n";
}

std::string fish() {
  std::string out = "# fish completion for mcp\n";
  for (const VerbSpec& verb : verbs()) {
    out += "complete -c mcp -n __fish_use_subcommand -f -a " + std::string(verb.name) + " -d '" + std::string(verb.summary) + "'\n";
    for (const std::string& option : verb.options) out += "complete -c mcp -n '__fish_seen_subcommand_from " + std::string(verb.name) + "' -l " + option.substr(2) + "\n";
  }
  return out;
}

}  // namespace

int run_completion(Context& context) {
  const auto& words = context.options.words;
  if (words.size() != 1 || (words[0] != "bash" && words[0] != "zsh" && words[0] != "fish")) throw UsageError{"`mcp completion` takes bash, zsh or fish"};
  context.terminal.out(words[0] == "bash" ? bash() : words[0] == "zsh" ? zsh() : fish());
  return exits::ok;
}

}  // namespace mcp
