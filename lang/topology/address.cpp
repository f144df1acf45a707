#include "lang/topology/address.hpp"

#include <array>

namespace mcp {

namespace {
constexpr std::array<std::string_view, 7> kind_names = {"cluster", "namespace", "config",  "secret",
                                                        "workload", "service",   "manifest"};
bool is_name(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (c == '/' || c == '@' || c == ':' || c == ' ' || static_cast<unsigned char>(c) < 0x21) return false;
  return true;
}
}  // namespace

std::string_view to_string(AddressKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

std::optional<AddressKind> address_kind(std::string_view text) {
  for (std::size_t i = 0; i < kind_names.size(); ++i)
    if (kind_names[i] == text) return static_cast<AddressKind>(i);
  return std::nullopt;
}

std::string Address::text() const {
  const std::string_view word = to_string(kind);
  std::string out;
  out.reserve(word.size() + ns.size() + name.size() + part.size() + member.size() + 4);
  out.append(word) += '.';
  if (!ns.empty()) out.append(ns) += '/';
  out += name;
  if (!part.empty()) out.append("/") += part;
  if (!member.empty()) out.append("@") += member;
  return out;
}

Address Address::declared() const { return {kind, ns, name, part, {}}; }

Address Address::on(std::string_view member_name) const { return {kind, ns, name, part, std::string(member_name)}; }

std::optional<Address> Address::parse(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto kind = address_kind(text.substr(0, dot));
  if (!kind) return std::nullopt;
  Address out;
  out.kind = *kind;
  text.remove_prefix(dot + 1);
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    out.member = text.substr(at + 1);
    if (!is_name(out.member)) return std::nullopt;
    text = text.substr(0, at);
  }
  const auto slash = text.find('/');
  switch (*kind) {
    case AddressKind::Cluster:
      if (slash != std::string_view::npos) return std::nullopt;
      out.name = text;
      break;
    case AddressKind::Namespace:
      out.name = text.substr(0, slash);
      if (slash != std::string_view::npos) out.part = text.substr(slash + 1);
      if (!out.part.empty() && out.part != "isolation" && out.part != "quota") return std::nullopt;
      break;
    case AddressKind::Manifest: {
      // [NS/]NAME[/KIND/OBJECT]: the number of slashes tells (0, 1, 2, 3).
      std::string parts[4];
      std::size_t count = 0;
      for (std::string_view rest = text;; ) {
        if (count == 4) return std::nullopt;
        const auto cut = rest.find('/');
        parts[count++] = rest.substr(0, cut);
        if (cut == std::string_view::npos) break;
        rest.remove_prefix(cut + 1);
      }
      if (count == 2 || count == 4) out.ns = parts[0];
      out.name = parts[count == 2 || count == 4 ? 1 : 0];
      if (count >= 3) out.part = parts[count - 2] + "/" + parts[count - 1];
      break;
    }
    default:
      if (slash == std::string_view::npos) return std::nullopt;
      out.ns = text.substr(0, slash);
      out.name = text.substr(slash + 1);
      if (!is_name(out.ns)) return std::nullopt;
  }
  if (!is_name(out.name)) return std::nullopt;
  return out;
}

std::string ObjectRef::text() const {
  std::string out = kind + " ";
  if (!ns.empty()) out += ns + "/";
  return out + name + " on " + member;
}

}  // namespace mcp
