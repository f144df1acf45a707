#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/commands/planning.hpp"
#include "lang/program/formatting.hpp"

namespace mcp {

namespace {

bool leads_to_folder(const std::string& link) {
  struct stat info {};
  return ::stat(link.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
}

/// All *.mcp files below `dir`, hidden folders left out, links to folders not followed; relative, sorted. A link to a
/// file counts as one, as it does for whoever reads the project; reading says what is wrong with it.
void policy_files(const std::string& root, const std::string& below, int depth, std::vector<std::string>& out) {
  if (depth > 16) return;
  DIR* handle = ::opendir((below.empty() ? root : root + "/" + below).c_str());
  if (handle == nullptr) return;
  std::vector<std::string> folders;
  while (const dirent* each = ::readdir(handle)) {
    const std::string name = each->d_name;
    if (name.starts_with('.') || name == "node_modules") continue;
    const std::string path = below.empty() ? name : below + "/" + name;
    struct stat info {};
    if (::lstat((root + "/" + path).c_str(), &info) != 0) continue;
    if (S_ISDIR(info.st_mode)) folders.push_back(path);
    else if (name.ends_with(".mcp") && (S_ISREG(info.st_mode) || (S_ISLNK(info.st_mode) && !leads_to_folder(root + "/" + path)))) out.push_back(path);
  }
  ::closedir(handle);
  std::sort(folders.begin(), folders.end());
  for (const std::string& folder : folders) policy_files(root, folder, depth + 1, out);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

/// A unified diff with three lines around each change. Lines are matched from both ends and, in between, greedily by the
/// next equal line: formatting changes few lines far apart.
std::string unified(const std::string& name, const std::string& before, const std::string& after) {
  const auto a = lines_of(before);
  const auto b = lines_of(after);
  struct Line { char kind; std::string_view text; };
  std::vector<Line> all;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      all.push_back({' ', a[i]});
      ++i;
      ++j;
      continue;
    }
    // The nearest pair of equal lines ahead.
    std::size_t best_i = a.size();
    std::size_t best_j = b.size();
    for (std::size_t d = 1; d < 200 && best_i == a.size(); ++d)
      for (std::size_t x = 0; x <= d; ++x)
        if (i + x < a.size() && j + (d - x) < b.size() && a[i + x] == b[j + (d - x)] && !a[i + x].empty()) {
          best_i = i + x;
          best_j = j + (d - x);
          break;
        }
    for (; i < best_i; ++i) all.push_back({'-', a[i]});
    for (; j < best_j; ++j) all.push_back({'+', b[j]});
  }
  std::string out = "--- " + name + "\n+++ " + name + "\n";
  std::size_t line_a = 1;
  std::size_t line_b = 1;
  for (std::size_t k = 0; k < all.size();) {
    if (all[k].kind == ' ') {
      ++k;
      ++line_a;
      ++line_b;
      continue;
    }
    std::size_t from = k;
    for (std::size_t n = 0; n < 3 && from > 0 && all[from - 1].kind == ' '; ++n) --from;
    std::size_t to = k;
    for (std::size_t quiet = 0; to < all.size() && quiet < 7; ++to) quiet = all[to].kind == ' ' ? quiet + 1 : 0;
    while (to > k && all[to - 1].kind == ' ' && to - 1 > from && [&] {
      std::size_t trailing = 0;
      for (std::size_t t = to; t > k && all[t - 1].kind == ' '; --t) ++trailing;
      return trailing > 3;
    }()) --to;
    const std::size_t lead = k - from;
    std::size_t count_a = 0;
    std::size_t count_b = 0;
    for (std::size_t t = from; t < to; ++t) {
      if (all[t].kind != '+') ++count_a;
      if (all[t].kind != '-') ++count_b;
    }
    out += "@@ -" + std::to_string(line_a - lead) + "," + std::to_string(count_a) + " +" + std::to_string(line_b - lead) + "," + std::to_string(count_b) + " @@\n";
    for (std::size_t t = from; t < to; ++t) {
      out += all[t].kind;
      append_visible(out, all[t].text);
      out += '\n';
    }
    for (std::size_t t = k; t < to; ++t) {
      if (all[t].kind != '+') ++line_a;
      if (all[t].kind != '-') ++line_b;
    }
    k = to;
  }
  return out;
}

/// The file itself where `path` is a link: the link stays one.
std::string target_of(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string out(real);
  std::free(real);
  return out;
}

/// Whether `path` is there and lies outside of `root`, by a link.
bool leaves(const std::string& root, const std::string& path) {
  const std::string inside = target_of(root);
  const std::string target = target_of(path);
  return ::access(path.c_str(), F_OK) == 0 && !target.starts_with(inside == "/" ? inside : inside + "/");
}

}  // namespace

int run_fmt(Context& context) {
  const Options& options = context.options;
  std::vector<std::string> files = options.words;
  const bool all = files.empty();
  if (all) {
    // A folder that cannot be read is no empty one.
    if (DIR* handle = ::opendir(options.dir.c_str()); handle == nullptr)
      return report(context, Error{"cannot read the project's directory `" + options.dir + "`: " + std::strerror(errno), "", exits::error, {}});
    else
      ::closedir(handle);
    policy_files(options.dir, {}, 0, files);
  }
  if (files.empty()) return report(context, Error{"there is no policy file (*.mcp) here", "`mcp init` writes a first one", exits::error, {}});
  bool bad = false;
  bool would_change = false;
  for (const std::string& file : files) {
    const std::string path = file.starts_with('/') ? file : options.dir + "/" + file;
    if (all && leaves(options.dir, path)) {
      report(context, Error{"`" + file + "` leaves the project: it is a link to outside", "", exits::error, {}});
      bad = true;
      continue;
    }
    auto bytes = read_file_bytes(path);
    if (!bytes) {
      report(context, bytes.error());
      bad = true;
      continue;
    }
    if (bytes->size() > (16U << 20U)) {
      report(context, Error{"`" + file + "` is larger than 16 MiB", "", exits::error, {}});
      bad = true;
      continue;
    }
    const Formatted formatted = format_source(file, *bytes, context.terminal.err_colour());
    if (!formatted.ok) {
      context.terminal.err(formatted.findings);
      bad = true;
      continue;
    }
    if (options.to_stdout) {
      context.terminal.out(formatted.text);
      continue;
    }
    if (formatted.text == *bytes) continue;
    would_change = true;
    if (options.diff) {
      context.terminal.out(unified(visible(file), *bytes, formatted.text));
    } else if (options.check) {
      context.terminal.out(visible(file) + "\n");
    } else {
      const std::string target = target_of(path);
      struct stat info {};
      const bool known = ::stat(target.c_str(), &info) == 0;
      if (known && ::access(target.c_str(), W_OK) != 0) {
        report(context, Error{"cannot write `" + file + "`: it is read-only", "", exits::error, {}});
        bad = true;
        continue;
      }
      if (auto wrote = write_file(target, formatted.text); !wrote) {
        report(context, wrote.error());
        bad = true;
        continue;
      }
      if (known) (void)(::chmod(target.c_str(), info.st_mode & 07777) == 0);
      context.terminal.note("Formatted " + visible(file) + "\n");
    }
  }
  if (bad) return exits::error;
  return would_change && options.check ? exits::error : exits::ok;
}

}  // namespace mcp
