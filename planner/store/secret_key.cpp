#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>

#include "planner/store/store.hpp"

namespace mcp {

namespace {

constexpr std::size_t key_size = 32;

std::string key_path(const std::string& dir) { return (std::filesystem::path(dir) / "secret.key").string(); }

}  // namespace

Result<std::optional<std::string>> read_secret_key(const std::string& dir) {
  const std::string path = key_path(dir);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>();
    return fail("cannot read " + path + ": " + std::strerror(errno), "it holds the key of secret fingerprints; make it readable for you alone");
  }
  std::array<char, key_size + 1> bytes{};
  const auto got = ::read(fd, bytes.data(), bytes.size());
  ::close(fd);
  if (got != static_cast<ssize_t>(key_size))
    return fail(path + " does not hold a key of 32 bytes", "remove it; a new one is made, and what uses secrets restarts once");
  return std::optional<std::string>(std::string(bytes.data(), key_size));
}

namespace {

Result<void> make_folder(const std::string& dir) {
  std::error_code failed;
  std::filesystem::create_directories(dir, failed);
  if (!failed && std::filesystem::is_directory(dir, failed)) return {};
  return fail("cannot make the folder " + dir + " of the state: " + (failed ? failed.message() : std::string("a file of that name is there")),
              "give yourself write permission there, or name another folder with MCP_STATE_DIR");
}

/// `place` gives the file that was written its name.
Result<void> write_key(const std::string& dir, const std::string& key, const std::function<bool(const char* written, const char* path)>& place) {
  MCP_TRY(make_folder(dir));
  const std::string path = key_path(dir);
  const std::string fresh = path + "." + std::to_string(::getpid());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return fail("cannot write " + path + ": " + std::strerror(errno), "give yourself write permission on " + dir);
  const bool written = ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(fd) == 0;
  ::close(fd);
  const bool placed = written && place(fresh.c_str(), path.c_str());
  const int reason = errno;
  ::unlink(fresh.c_str());
  if (!placed) return fail("cannot write " + path + ": " + std::strerror(reason), "give yourself write permission on " + dir);
  return {};
}

}  // namespace

// Written under another name and linked, so that of two first writers one wins and nobody reads half a key.
Result<std::string> secret_key(const std::string& dir) {
  if (auto known = MCP_TRY(read_secret_key(dir))) return *known;
  MCP_TRY(write_key(dir, random_bytes(key_size), [](const char* written, const char* path) { return ::link(written, path) == 0 || errno == EEXIST; }));
  if (auto known = MCP_TRY(read_secret_key(dir))) return *known;
  return fail("cannot read " + key_path(dir) + " after writing it");
}

Result<void> set_secret_key(const std::string& dir, const std::string& key) {
  if (key.size() != key_size) return fail("a key of secret fingerprints has 32 bytes, and this one " + std::to_string(key.size()));
  if (const auto known = read_secret_key(dir); known && *known) {
    if (**known == key) return {};
    ::rename(key_path(dir).c_str(), (key_path(dir) + ".old").c_str());
  }
  return write_key(dir, key, [](const char* written, const char* path) { return ::rename(written, path) == 0; });
}

}  // namespace mcp
