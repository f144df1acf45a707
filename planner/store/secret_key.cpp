#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

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

// Written under another name and linked, so that of two first writers one wins and nobody reads half a key.
Result<std::string> secret_key(const std::string& dir) {
  if (auto known = MCP_TRY(read_secret_key(dir))) return *known;
  std::error_code failed;
  std::filesystem::create_directories(dir, failed);
  if (failed || !std::filesystem::is_directory(dir, failed))
    return fail("cannot make the folder " + dir + " of the state: " + (failed ? failed.message() : std::string("a file of that name is there")),
                "give yourself write permission there, or name another folder with MCP_STATE_DIR");
  const std::string path = key_path(dir);
  const std::string fresh = path + "." + std::to_string(::getpid());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return fail("cannot write " + path + ": " + std::strerror(errno), "give yourself write permission on " + dir);
  const std::string key = random_bytes(key_size);
  const bool written = ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(fd) == 0;
  ::close(fd);
  const bool placed = written && (::link(fresh.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const int reason = errno;
  ::unlink(fresh.c_str());
  if (!placed) return fail("cannot write " + path + ": " + std::strerror(reason), "give yourself write permission on " + dir);
  if (auto known = MCP_TRY(read_secret_key(dir))) return *known;
  return fail("cannot read " + path + " after writing it");
}

}  // namespace mcp
