#pragma once
// SecretBytes: values of secrets by fingerprint, for the time of one apply. Cannot be printed or compared; the bytes are
// wiped when it goes. Made by executor/run/secrets, read by drivers that send them, by nobody else.
#include <map>
#include <string>
#include <string_view>

namespace mcp {

class SecretBytes {
 public:
  SecretBytes() = default;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() {
    for (auto& [fingerprint, value] : values_) wipe(value);
  }

  void put(std::string fingerprint, std::string value) { values_.insert_or_assign(std::move(fingerprint), std::move(value)); }
  /// Null if there is none. For the driver that builds the request.
  const std::string* reveal(std::string_view fingerprint) const {
    const auto it = values_.find(fingerprint);
    return it == values_.end() ? nullptr : &it->second;
  }
  /// Overwrites the bytes; the compiler may not leave it out.
  static void wipe(std::string& text) {
    volatile char* at = text.data();
    for (std::size_t i = 0; i < text.size(); ++i) at[i] = 0;
    text.clear();
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace mcp
