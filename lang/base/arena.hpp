#pragma once
// A bump arena for plain data that lives as long as a phase: no destructors run, everything goes at once.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mcp {

class Arena {
 public:
  void* allocate(std::size_t size, std::size_t align) {
    auto at = (next_ + align - 1) & ~(align - 1);
    if (at + size > end_) {
      const std::size_t block = size + align > block_size ? size + align : block_size;
      blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(block));
      total_ += block;
      next_ = reinterpret_cast<std::uintptr_t>(blocks_.back().get());
      end_ = next_ + block;
      at = (next_ + align - 1) & ~(align - 1);
    }
    next_ = at + size;
    return reinterpret_cast<void*>(at);
  }
  template <class T, class... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }
  template <class T>
  std::span<T> copy(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (items.empty()) return {};
    auto* to = static_cast<T*>(allocate(items.size_bytes(), alignof(T)));
    std::memcpy(static_cast<void*>(to), items.data(), items.size_bytes());
    return {to, items.size()};
  }
  template <class T>
  std::span<T> copy(const std::vector<T>& items) {
    return copy(std::span<const T>(items));
  }
  std::string_view text(std::string_view text) {
    const auto chars = copy(std::span<const char>(text.data(), text.size()));
    return {chars.data(), chars.size()};
  }
  std::size_t bytes() const { return total_; }
  /// Ends all that was made in it.
  void clear() { *this = {}; }

 private:
  static constexpr std::size_t block_size = 64 * 1024;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::uintptr_t next_ = 0;
  std::uintptr_t end_ = 0;
  std::size_t total_ = 0;
};

}  // namespace mcp
