#pragma once
// SourceTree: where the files of a project come from (a folder now, a git revision later, memory in tests). Paths are
// relative with '/'; one that leaves the project is refused here, links included. Reads only.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/base/result.hpp"

namespace mcp {

enum class ReadFault : std::uint8_t { Missing, Outside, NotAFile, TooLarge, Unreadable };

struct ReadError {
  ReadFault fault = ReadFault::Missing;
  std::string detail;
};
template <class T>
using Read_ = tl::expected<T, ReadError>;

class SourceTree {
 public:
  virtual ~SourceTree() = default;
  /// Names of the regular files directly in `dir` ("" is the root), sorted by bytes; hidden ones left out.
  virtual Read_<std::vector<std::string>> files(const std::string& dir) const = 0;
  /// The bytes of a file of at most `limit` bytes.
  virtual Read_<std::string> read(const std::string& path, std::size_t limit) const = 0;
  /// Name of the project's directory: the project's name where no `mcp` block says another.
  virtual std::string name() const = 0;
};

/// "lib/../x" -> "x"; nullopt if it leaves the root, is absolute, or holds a NUL.
std::optional<std::string> normal_path(std::string_view base_dir, std::string_view path);
/// "lib" of "lib/common.mcp"; "" of "x.mcp".
std::string directory_of(std::string_view path);

std::unique_ptr<SourceTree> folder_tree(const std::string& directory);
std::unique_ptr<SourceTree> memory_tree(std::map<std::string, std::string> files, std::string name = "project");

}  // namespace mcp
