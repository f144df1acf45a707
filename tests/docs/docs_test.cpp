// The documentation is true: its examples run and print what stands under them, and it names everything there is.
#include <algorithm>
#include <set>

#include "lang/sema/functions.hpp"
#include "lang/topology/schema.hpp"
#include "tests/docs/example.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

const std::filesystem::path source_root = MCP_SOURCE;

bool accepting() { return std::getenv("MCP_ACCEPT") != nullptr; }

std::vector<std::filesystem::path> pages() {
  std::vector<std::filesystem::path> out = {source_root / "README.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_root / "docs"))
    if (entry.path().extension() == ".md") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::string doc(const std::string& name) { return read_text(source_root / "docs" / name); }

/// The text from a heading that contains `title` up to the next heading of the same or a higher level; empty if there is none.
std::string section(const std::string& page, const std::string& title) {
  std::string out;
  std::size_t level = 0;
  bool fenced = false;
  for (const std::string& line : lines_of(page)) {
    if (line.starts_with("```")) fenced = !fenced;
    const std::size_t marks = fenced ? std::string::npos : line.find_first_not_of('#');
    const bool heading = marks != std::string::npos && marks > 0;
    if (heading && level == 0 && line.find(title) != std::string::npos) level = marks;
    else if (heading && level != 0 && marks <= level) break;
    if (level != 0) out += line + "\n";
  }
  return out;
}

std::set<std::string> found_in(const std::string& text, const std::string& pattern) {
  std::set<std::string> out;
  const std::regex regex(pattern);
  for (auto it = std::sregex_iterator(text.begin(), text.end(), regex); it != std::sregex_iterator(); ++it) out.insert((*it)[1]);
  return out;
}

std::string sources(const std::string& folder) {
  std::string out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_root / folder))
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp") out += read_text(entry.path());
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

/// A project in .mcp: it checks, or it fails with exactly the codes that its fence names.
void check_policy(const CodeBlock& block) {
  TempDir temp;
  const std::string folder = temp.file("project");
  write_example_files(folder);
  const bool part = block.has("part");
  write_file(folder + "/docs.mcp", part ? whole_project(block.text(), block.attributes.at("part")) : block.text());
  const Ran ran = run_shell(folder, "mcp check --json");
  const std::set<std::string> codes = found_in(ran.output, R"re("code":"([EW][0-9]{4})")re");
  std::set<std::string> wanted;
  for (const char* key : {"error", "warning"})
    if (block.has(key)) wanted.insert(block.attributes.at(key));
  INFO(ran.output);
  CHECK(ran.exit == (block.has("error") ? 1 : 0));
  if (wanted.empty()) {
    for (const std::string& code : codes) CHECK(code.starts_with('W'));
  } else {
    CHECK(codes == wanted);
  }
}

/// `$ command` lines in one folder, each with what it prints under it. Returns the lines as they should be.
std::vector<std::string> run_console(const CodeBlock& block, const std::string& folder) {
  std::vector<std::string> now;
  for (std::size_t i = 0; i < block.lines.size();) {
    const std::string line = block.lines[i++];
    if (!line.starts_with("$ ")) {
      now.push_back(line);
      CHECK(line.empty());
      continue;
    }
    std::vector<std::string> expected;
    while (i < block.lines.size() && !block.lines[i].starts_with("$ ")) expected.push_back(block.lines[i++]);
    std::size_t blanks = 0;
    while (!expected.empty() && expected.back().empty()) {
      expected.pop_back();
      ++blanks;
    }
    std::vector<std::string> found = lines_of(run_shell(folder, line.substr(2)).output);
    while (!found.empty() && found.back().empty()) found.pop_back();
    const bool same = output_matches(expected, found);
    INFO(line << "\n--- the page\n" << joined(expected) << "--- printed\n" << joined(found));
    CHECK((same || accepting()));
    now.push_back(line);
    for (std::string& each : same ? expected : accepted(expected, found)) now.push_back(std::move(each));
    now.insert(now.end(), blanks, "");
  }
  return now;
}

}  // namespace

TEST_CASE("every example of the documentation does what stands under it") {
  for (const std::filesystem::path& path : pages()) {
    Page page = read_page(path);
    auto temp = std::make_unique<TempDir>();
    std::filesystem::create_directories(temp->file("project"));
    bool changed = false;
    for (CodeBlock& block : page.blocks) {
      INFO(path.lexically_relative(source_root).string() << ":" << block.first << " (MCP_ACCEPT=1 rewrites outputs)");
      if (block.has("fresh")) {
        temp = std::make_unique<TempDir>();
        std::filesystem::create_directories(temp->file("project"));
      }
      if (block.has("file")) {
        write_file(temp->file("project") + "/" + block.attributes.at("file"), block.text());
      } else if (block.kind == "mcp") {
        check_policy(block);
      } else if (block.kind == "console") {
        std::vector<std::string> now = run_console(block, temp->file("project"));
        changed = changed || now != block.lines;
        block.lines = std::move(now);
      } else if (block.kind == "sh") {
        // Builds and installs are not run here; that the verbs exist is checked.
        const std::string script = read_text(source_root / "dev");
        if (script.empty()) continue;   // a source package without the build script
        for (const std::string& verb : found_in(block.text(), R"(\./dev ([a-z]+))")) {
          INFO("./dev " << verb);
          CHECK(script.find(verb) != std::string::npos);
        }
      } else {
        CHECK(block.kind == "text");
      }
    }
    if (changed && accepting()) write_page(page);
  }
}

TEST_CASE("each diagnostic code has an entry, and each entry a code") {
  const std::string quoted = R"re("([EW]0[0-9]{3})")re";
  std::set<std::string> codes = found_in(sources("lang") + sources("planner"), quoted);
  const std::set<std::string> entries = found_in(doc("diagnostics.md"), "\n### ([EW]0[0-9]{3})");
  CHECK(codes == entries);
}

TEST_CASE("each command has a section with all of its options") {
  const std::string page = doc("cli.md");
  for (const auto& entry : std::filesystem::directory_iterator(source_root / "cli/commands")) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".md" || name == "mcp" || name == "help") continue;
    const std::string text = section(page, "`mcp " + name + "`");
    INFO("mcp " << name);
    CHECK_FALSE(text.empty());
    for (const std::string& option : found_in(read_text(entry.path()), "(--[a-z][a-z-]+)")) {
      INFO(option);
      CHECK(page.find(option) != std::string::npos);
    }
  }
}

TEST_CASE("each native function is explained") {
  const std::string text = section(doc("language.md"), "Functions");
  for (const NativeSpec& spec : native_functions()) {
    INFO(spec.name);
    CHECK(text.find("`" + std::string(spec.name) + "(") != std::string::npos);
  }
}

TEST_CASE("each kind has a section, with each of its attributes") {
  const std::string page = doc("language.md");
  const std::string common = section(page, "Attributes of every object");
  const std::string later = section(page, "## Not yet supported");
  for (const BlockSpec& spec : all_blocks()) {
    std::string text = spec.support == Support::Later ? later : section(page, "### `" + std::string(spec.keyword));
    if (spec.kind == BlockKind::Init) text += section(page, "### `container");
    INFO(spec.keyword);
    CHECK_FALSE(text.empty());
    if (spec.support == Support::Later) {
      CHECK(text.find("`" + std::string(spec.keyword) + "`") != std::string::npos);
      continue;
    }
    for (const AttrSpec& attr : spec.attrs) {
      INFO(attr.name);
      const std::string cell = "`" + std::string(attr.name) + "`";
      const std::string& where = attr.support == Support::Later ? later : text;
      CHECK((where.find(cell) != std::string::npos || (spec.object_attrs && common.find(cell) != std::string::npos)));
    }
  }
}
