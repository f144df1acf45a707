#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "lang/tree/source_tree.hpp"

namespace mcp {

namespace {

ReadError from_errno(int error) {
  if (error == ENOENT || error == ENOTDIR) return {ReadFault::Missing, std::strerror(error)};
  return {ReadFault::Unreadable, std::strerror(error)};
}

std::string real_path(const std::string& path) {
  char* got = ::realpath(path.c_str(), nullptr);
  if (got == nullptr) return {};
  std::string out(got);
  std::free(got);
  return out;
}

class FolderTree final : public SourceTree {
 public:
  explicit FolderTree(const std::string& directory) : given_(directory), root_(real_path(directory)) {}

  Read_<std::vector<std::string>> files(const std::string& dir) const override {
    auto at = inside(dir);
    if (!at) return tl::unexpected(at.error());
    DIR* handle = ::opendir(at->c_str());
    if (handle == nullptr) return tl::unexpected(from_errno(errno));
    std::vector<std::string> out;
    while (const dirent* each = ::readdir(handle)) {
      const std::string name = each->d_name;
      if (name.starts_with('.')) continue;
      struct stat info {};
      // A link to nothing is listed, so that reading it says so: what it held would else be gone without a word.
      const bool there = ::stat((*at + "/" + name).c_str(), &info) == 0;
      if (there ? S_ISREG(info.st_mode) : errno == ENOENT || errno == ELOOP || errno == EACCES) out.push_back(name);
    }
    ::closedir(handle);
    std::sort(out.begin(), out.end());
    return out;
  }

  Read_<std::string> read(const std::string& path, std::size_t limit) const override {
    auto at = inside(path);
    if (!at) return tl::unexpected(at.error());
    const int fd = ::open(at->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return tl::unexpected(from_errno(errno));
    struct stat info {};
    std::string out;
    ReadError error;
    bool ok = false;
    if (::fstat(fd, &info) != 0) {
      error = from_errno(errno);
    } else if (!S_ISREG(info.st_mode)) {
      error = {ReadFault::NotAFile, "not a regular file"};
    } else if (static_cast<std::size_t>(info.st_size) > limit) {
      error = {ReadFault::TooLarge, std::to_string(info.st_size) + " bytes"};
    } else {
      ok = fill(fd, static_cast<std::size_t>(info.st_size), limit, out);
      if (!ok) error = from_errno(errno);
      if (ok && out.size() > limit) {
        ok = false;
        error = {ReadFault::TooLarge, "it grows while it is read"};
      }
    }
    ::close(fd);
    if (!ok) return tl::unexpected(error);
    return out;
  }

  std::string name() const override {
    const auto cut = root_.rfind('/');
    return cut == std::string::npos ? given_ : root_.substr(cut + 1);
  }

 private:
  static bool fill(int fd, std::size_t expected, std::size_t limit, std::string& out) {
    out.resize(expected + 1);
    std::size_t have = 0;
    for (;;) {
      if (have == out.size()) out.resize(out.size() * 2);
      const ssize_t got = ::read(fd, out.data() + have, out.size() - have);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
      if (have > limit) break;  // grows: the caller refuses it by size
    }
    out.resize(have);
    return true;
  }

  /// The real path of a relative one, if it and every link on its way stay in the project.
  Read_<std::string> inside(const std::string& path) const {
    if (root_.empty()) return tl::unexpected(ReadError{ReadFault::Missing, "No such file or directory"});
    const std::string joined = path.empty() ? root_ : root_ + "/" + path;
    const std::string real = real_path(joined);
    if (real.empty()) return tl::unexpected(from_errno(errno));
    if (real != root_ && !real.starts_with(root_ == "/" ? root_ : root_ + "/"))
      return tl::unexpected(ReadError{ReadFault::Outside, "it is a link that leaves the project"});
    return real;
  }

  std::string given_;
  std::string root_;
};

}  // namespace

std::unique_ptr<SourceTree> folder_tree(const std::string& directory) { return std::make_unique<FolderTree>(directory); }

}  // namespace mcp
