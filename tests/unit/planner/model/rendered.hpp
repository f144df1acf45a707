#pragma once
// Policy text in, objects and findings out: the way from .mcp to Desired without state or members.
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "lang/program/program.hpp"
#include "planner/model/model.hpp"
#include "tests/support/catch.hpp"

namespace mcp::test {

struct RenderOptions {
  std::map<std::string, std::string> files = {};                        // beside the policy
  std::map<SecretKey, std::string> fingerprints = {};
  bool fingerprints_known = false;
  SecretText secrets = SecretText::Fingerprints;
  std::set<std::pair<std::string, std::string>> namespaces = {};        // recorded: member, namespace
  std::map<Address, std::vector<Standing>> previous = {};
};

class Rendered {
 public:
  /// `policy` follows two clusters a (aws, eu) and b (gcp, us) and namespace shop.
  explicit Rendered(const std::string& policy, const RenderOptions& options = {});

  const Loaded& loaded() const { return loaded_; }
  const Desired& desired() const { return desired_; }
  /// The body at "workload.shop/web@a"; null if it is not there.
  Value body(std::string_view address) const;
  /// The same as YAML; "" if it is not there.
  std::string yaml(std::string_view address) const;
  /// The field at a path of it.
  Value field(std::string_view address, std::string_view path) const;
  /// Addresses of a member, with blanks between; namespace objects are left out.
  std::string on(std::string_view member) const;
  /// "E0901 3" for each finding: code and line of the policy as given, sorted by place.
  std::string findings() const;
  std::string first_message() const;

 private:
  Loaded loaded_;
  Inventory inventory_;
  Placement placement_;
  Diagnostics out_;
  Desired desired_;
};

/// A workload with one container in namespace shop; `inside` stands in the container.
std::string workload(const std::string& inside, const std::string& beside = {});

}  // namespace mcp::test
