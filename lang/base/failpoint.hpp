#pragma once
// Failpoints: named places at which a test lets the program die at the k-th visit. Passed by reference to whoever has such
// places; costs a null check when nothing is armed. Never decides anything in a real run.
#include <cstdint>
#include <string>
#include <string_view>

#include "lang/base/result.hpp"

namespace mcp {

class Failpoints {
 public:
  /// The `k`-th hit (from 1) of any place whose name starts with `prefix` fails. 0: never.
  void arm(std::string prefix, std::uint64_t k) {
    prefix_ = std::move(prefix);
    left_ = k;
    hits_ = 0;
    fired_ = false;
  }
  /// An Error once the armed hit is reached: the caller returns it untouched, as if the process had ended there.
  Result<void> hit(std::string_view name) {
    if (!name.starts_with(prefix_)) return {};
    ++hits_;
    if (left_ == 0 || --left_ != 0) return {};
    fired_ = true;
    return fail("stopped at failpoint " + std::string(name), {}, exit_code);
  }
  bool fired() const { return fired_; }
  /// Hits of the armed places since arm().
  std::uint64_t hits() const { return hits_; }

  static constexpr int exit_code = 137;

 private:
  std::string prefix_;
  std::uint64_t left_ = 0;
  std::uint64_t hits_ = 0;
  bool fired_ = false;
};

/// Nothing without failpoints.
inline Result<void> hit(Failpoints* failpoints, std::string_view name) {
  if (failpoints == nullptr) [[likely]] return {};
  return failpoints->hit(name);
}

}  // namespace mcp
