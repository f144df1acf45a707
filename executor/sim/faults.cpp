#include "executor/sim/faults.hpp"

#include <fmt/format.h>

#include <charconv>

namespace mcp {

namespace {

constexpr std::pair<std::string_view, SimFault> names[] = {
    {"429", SimFault::Throttle},           {"409", SimFault::Conflict},        {"500", SimFault::Error},      {"500-after", SimFault::ErrorAfter},
    {"lost-request", SimFault::LostRequest}, {"lost-reply", SimFault::LostReply}, {"timeout", SimFault::LostReply}, {"refuse", SimFault::Refuse},
};

bool number(std::string_view text, std::uint64_t most, std::uint64_t& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc() && end == text.data() + text.size() && out <= most;
}

/// source: Sebastiano Vigna, splitmix64
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::string_view to_string(SimFault fault) {
  for (const auto& [name, value] : names)
    if (value == fault) return name;
  return "none";
}

Result<SimScript> SimScript::parse(std::string_view text) {
  SimScript out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view item = trimmed(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (item.empty() || item == "off") continue;
    std::uint64_t n = 0;
    if (item.starts_with("image=") && item.size() > 6) {
      out.images.emplace_back(item.substr(6));
      continue;
    }
    if (item.starts_with("random=") && number(item.substr(7), 100, n)) {
      out.random_percent = static_cast<int>(n);
      continue;
    }
    if (item.starts_with("seed=") && number(item.substr(5), ~0ULL, out.seed)) continue;
    const auto star = item.find('*');
    const std::string_view name = item.substr(0, star);
    bool known = star == std::string_view::npos || number(item.substr(star + 1), 1'000'000, n);
    if (star == std::string_view::npos) n = 1;
    SimFault fault = SimFault::None;
    for (const auto& [each, value] : names)
      if (each == name) fault = value;
    known = known && fault != SimFault::None;
    if (!known)
      return fail(fmt::format("`{}` is no fault", item),
                  "write 429, 409, 500, 500-after, lost-request, lost-reply or refuse, each with `*COUNT` if you like, image=TEXT, "
                  "random=PERCENT, seed=NUMBER, or off; commas between");
    if (n > 0) out.next.emplace_back(fault, static_cast<int>(n));
  }
  return out;
}

std::string SimScript::text() const {
  std::string out;
  const auto add = [&](const std::string& item) { out += (out.empty() ? "" : ", ") + item; };
  for (const auto& [fault, count] : next) add(count == 1 ? std::string(to_string(fault)) : fmt::format("{}*{}", to_string(fault), count));
  for (const std::string& image : images) add("image=" + image);
  if (random_percent > 0) add(fmt::format("random={}", random_percent));
  if (random_percent > 0 && seed != 1) add(fmt::format("seed={}", seed));
  return out;
}

SimFault SimScript::take(std::uint64_t request, bool write) {
  if (write && !next.empty()) {
    const SimFault out = next.front().first;
    if (--next.front().second == 0) next.erase(next.begin());
    return out;
  }
  if (random_percent == 0) return SimFault::None;
  const std::uint64_t chance = mix(seed * 0x100000001B3ULL + request);
  if (chance % 100 >= static_cast<std::uint64_t>(random_percent)) return SimFault::None;
  constexpr SimFault kinds[] = {SimFault::Throttle,    SimFault::Conflict,  SimFault::Error, SimFault::ErrorAfter,
                                SimFault::LostRequest, SimFault::LostReply, SimFault::Refuse};
  const SimFault out = kinds[(chance / 100) % 7];
  return !write && out == SimFault::Conflict ? SimFault::Error : out;
}

}  // namespace mcp
