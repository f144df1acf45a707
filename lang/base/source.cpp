#include "lang/base/source.hpp"

#include <algorithm>

#include "lang/base/check.hpp"

namespace mcp {

Span join(Span a, Span b) {
  if (!a.known()) return b;
  if (!b.known()) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

const SourceFile& SourceMap::add(std::string name, std::string text, bool policy) {
  MCP_CHECK(text.size() < 0xFFFF'0000U - next_, "sources exceed 4 GiB");
  auto file = std::make_unique<SourceFile>(SourceFile{std::move(name), std::move(text), next_, policy});
  next_ += static_cast<std::uint32_t>(file->text.size()) + 1;
  files_.push_back(std::move(file));
  lines_.emplace_back();
  return *files_.back();
}

const SourceFile* SourceMap::file_at(std::uint32_t offset) const {
  auto it = std::upper_bound(files_.begin(), files_.end(), offset,
                             [](std::uint32_t at, const auto& file) { return at < file->base; });
  if (it == files_.begin() || offset == 0) return nullptr;
  return std::prev(it)->get();
}

const std::vector<std::uint32_t>& SourceMap::line_starts(const SourceFile& file) const {
  auto it = std::lower_bound(files_.begin(), files_.end(), file.base,
                             [](const auto& each, std::uint32_t base) { return each->base < base; });
  auto& starts = lines_[static_cast<std::size_t>(it - files_.begin())];
  if (starts.empty()) {
    starts.push_back(0);
    for (std::size_t at = file.text.find('\n'); at != std::string::npos; at = file.text.find('\n', at + 1))
      starts.push_back(static_cast<std::uint32_t>(at) + 1);
  }
  return starts;
}

Place SourceMap::locate(std::uint32_t offset) const {
  const SourceFile* file = file_at(offset);
  MCP_CHECK(file != nullptr, "offset outside of all sources");
  const auto& starts = line_starts(*file);
  const std::uint32_t local = offset - file->base;
  const auto it = std::prev(std::upper_bound(starts.begin(), starts.end(), local));
  std::uint32_t column = 1;
  for (std::uint32_t at = *it; at < local && at < file->text.size(); ++at)
    if ((static_cast<unsigned char>(file->text[at]) & 0xC0U) != 0x80U) ++column;
  return {file->name, static_cast<std::uint32_t>(it - starts.begin()) + 1, column, local};
}

std::string_view SourceMap::text(Span span) const {
  const SourceFile* file = file_at(span.begin);
  if (file == nullptr) return {};
  return std::string_view(file->text).substr(span.begin - file->base, span.end - span.begin);
}

std::string_view SourceMap::line(const SourceFile& file, std::uint32_t number) const {
  const auto& starts = line_starts(file);
  if (number == 0 || number > starts.size()) return {};
  const std::string_view text = file.text;
  const std::size_t from = starts[number - 1];
  const std::size_t end = text.find('\n', from);
  return text.substr(from, end == std::string_view::npos ? end : end - from);
}

std::string SourceMap::brief(Span span) const {
  if (!span.known()) return {};
  const Place place = locate(span.begin);
  return std::string(place.file) + ":" + std::to_string(place.line);
}

}  // namespace mcp
