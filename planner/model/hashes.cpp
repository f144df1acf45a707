#include "planner/model/hashes.hpp"

#include "lang/base/crypto.hpp"

namespace mcp::model {

namespace {

using enum BlockKind;

constexpr std::size_t hash_digits = 16;

void put(std::string& bytes, const Digest& digest) { bytes.append(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()); }

void put(std::string& bytes, const char* what, const Address& address) { bytes.append(what).append(address.ns).append("/").append(address.name) += '\n'; }

}  // namespace

Value ConfigHashes::of(const Declared& workload, const Followed::Uses& uses, std::size_t cluster) {
  if (uses.configs.empty() && uses.secrets.empty()) return {};
  if (!flag(workload.block->value(attr(Workload, "restart_on_config")))) return {};
  bytes_.clear();
  for (const std::uint32_t i : uses.configs) {
    const Declared& config = topology_.objects[i];
    put(bytes_, "c ", config.address);
    put(bytes_, config.block->value(attr(Config, "data"), cluster).digest());
  }
  for (const std::uint32_t i : uses.secrets) {
    const Declared& secret = topology_.objects[i];
    put(bytes_, "s ", secret.address);
    put(bytes_, secret.block->value(attr(Secret, "data"), cluster).digest());
  }
  // One unknown fingerprint makes the second hash unknown: it is left out, not guessed.
  std::string prints;
  bool known = input_.secrets == SecretText::Fingerprints && input_.fingerprints != nullptr && !uses.secrets.empty();
  for (const std::uint32_t i : uses.secrets) {
    const Declared& secret = topology_.objects[i];
    const Value& data = secret.block->value(attr(Secret, "data"), cluster);
    if (!known || !data.is_map()) continue;
    for (const Entry& e : data.entries()) {
      const auto it = input_.fingerprints->find({secret.address, std::string(e.name())});
      if (it == input_.fingerprints->end() || it->second.empty()) {
        known = false;
        break;
      }
      put(prints, "f ", secret.address);
      prints.append(e.name()).append("=").append(it->second) += '\n';
    }
  }
  const std::size_t config_bytes = bytes_.size();
  if (known) bytes_ += prints;
  const auto [it, fresh] = made_.try_emplace(bytes_);
  if (fresh) {
    MapBuilder out;
    out.set("mcp.dev/config-hash", std::string_view(sha256(std::string_view(bytes_).substr(0, config_bytes)).brief(hash_digits)));
    if (known) out.set("mcp.dev/secret-hash", std::string_view(sha256(prints).brief(hash_digits)));
    it->second = out.build();
  }
  return it->second;
}

}  // namespace mcp::model
