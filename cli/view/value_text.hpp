#pragma once
// Values of fields in one line: digests cut to eight digits, secrets as their fingerprint, users' text made visible.
// Two values shown side by side never look alike when they differ.
#include <string>
#include <string_view>
#include <utility>

#include "lang/value/value.hpp"

namespace mcp::view {

struct ValueOptions {
  std::size_t digits = 8;          // of a digest
  std::size_t secret_digits = 4;   // of a fingerprint
  bool whole = false;              // nothing is shortened
};

/// The fingerprint of {"$secret": "3f9c..."}; `found` tells whether it is one.
std::string_view fingerprint_of(const Value& value, bool& found);
/// "(secret 3f9c)", "(secret ?)" when its source could not be read.
std::string secret_text(std::string_view fingerprint, std::size_t digits);

/// Secrets inside become their short text, so that no fingerprint is shown whole.
Value masked(const Value& value, std::size_t digits);

std::string value_text(const Value& value, const ValueOptions& options);
/// Both, with as many digits as tell them apart.
std::pair<std::string, std::string> pair_text(const Value& before, const Value& after, ValueOptions options);
/// Both in at most `room` columns each; cuts keep what differs.
void cut_pair(std::string& before, std::string& after, std::size_t room);
/// What stands on two lines of a report, below each other in `room` columns; `absent` for a null pointer.
std::pair<std::string, std::string> two_lines(const Value* before, const Value* after, std::string_view absent, std::size_t room);

}  // namespace mcp::view
