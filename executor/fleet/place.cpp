#include "executor/fleet/place.hpp"

namespace mcp {

List list_of_place(const ObjectRef& ref) {
  List out;
  out.ns = ref.ns;
  out.kinds = {{ref.api, ref.kind}};
  return out;
}

std::map<std::string_view, const Value*> by_name(const Page& page) {
  std::map<std::string_view, const Value*> out;
  for (const Value& object : page.objects)
    if (const Value* metadata = object.find("metadata"); metadata != nullptr) out.emplace(metadata->text_or("name", ""), &object);
  return out;
}

}  // namespace mcp
