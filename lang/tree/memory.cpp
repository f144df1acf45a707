#include "lang/tree/source_tree.hpp"

namespace mcp {

namespace {

class MemoryTree final : public SourceTree {
 public:
  MemoryTree(std::map<std::string, std::string> files, std::string name) : files_(std::move(files)), name_(std::move(name)) {}

  Read_<std::vector<std::string>> files(const std::string& dir) const override {
    std::vector<std::string> out;
    const std::string prefix = dir.empty() ? "" : dir + "/";
    bool any = dir.empty();
    for (const auto& [path, text] : files_) {
      if (!path.starts_with(prefix)) continue;
      any = true;
      const std::string rest = path.substr(prefix.size());
      if (rest.find('/') == std::string::npos && !rest.starts_with('.')) out.push_back(rest);
    }
    if (!any) return tl::unexpected(ReadError{ReadFault::Missing, "no such folder"});
    return out;
  }

  Read_<std::string> read(const std::string& path, std::size_t limit) const override {
    const auto it = files_.find(path);
    if (it == files_.end()) return tl::unexpected(ReadError{ReadFault::Missing, "no such file"});
    if (it->second.size() > limit) return tl::unexpected(ReadError{ReadFault::TooLarge, ""});
    return it->second;
  }

  std::string name() const override { return name_; }

 private:
  std::map<std::string, std::string> files_;
  std::string name_;
};

}  // namespace

std::unique_ptr<SourceTree> memory_tree(std::map<std::string, std::string> files, std::string name) {
  return std::make_unique<MemoryTree>(std::move(files), std::move(name));
}

}  // namespace mcp
