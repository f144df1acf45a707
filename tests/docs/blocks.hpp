#pragma once
// Reads the code blocks of a Markdown file, and writes outputs back. It knows nothing of what the blocks mean.
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace mcp::test {

/// ```` ```KIND WORD KEY=VALUE ```` and the lines up to the closing fence.
struct CodeBlock {
  std::string kind;
  std::map<std::string, std::string> attributes;   // a bare word has an empty value
  std::vector<std::string> lines;
  std::size_t first = 0;   // index of its first line in the file
  bool has(const std::string& key) const { return attributes.contains(key); }
  std::string text() const {
    std::string out;
    for (const std::string& line : lines) out += line + "\n";
    return out;
  }
};

struct Page {
  std::filesystem::path path;
  std::vector<std::string> lines;
  std::vector<CodeBlock> blocks;
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

inline Page read_page(const std::filesystem::path& path) {
  Page page{path, lines_of(read_text(path)), {}};
  CodeBlock* open = nullptr;
  for (std::size_t i = 0; i < page.lines.size(); ++i) {
    const std::string& line = page.lines[i];
    if (!line.starts_with("```")) {
      if (open != nullptr) open->lines.push_back(line);
      continue;
    }
    if (open != nullptr) {
      open = nullptr;
      continue;
    }
    std::istringstream words(line.substr(3));
    CodeBlock block;
    words >> block.kind;
    for (std::string word; words >> word;) {
      const auto eq = word.find('=');
      block.attributes[word.substr(0, eq)] = eq == std::string::npos ? "" : word.substr(eq + 1);
    }
    block.first = i + 1;
    page.blocks.push_back(std::move(block));
    open = &page.blocks.back();
  }
  return page;
}

/// Writes the page again with the lines that its blocks hold now.
inline void write_page(const Page& page) {
  std::ofstream out(page.path, std::ios::binary);
  std::size_t at = 0;
  for (const CodeBlock& block : page.blocks) {
    while (at < block.first) out << page.lines[at++] << "\n";
    for (const std::string& line : block.lines) out << line << "\n";
    while (!page.lines[at].starts_with("```")) ++at;
  }
  while (at < page.lines.size()) out << page.lines[at++] << "\n";
}

}  // namespace mcp::test
