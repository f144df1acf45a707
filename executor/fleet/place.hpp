#pragma once
// A place: the objects of one kind in one namespace of a member. Where a driver lists by kind, many names in one place are
// read as one list, and looked up by name in its answer.
#include <map>
#include <string_view>

#include "executor/fleet/fleet.hpp"

namespace mcp {

/// Names in one place that are still read one by one.
inline constexpr std::size_t few_names = 20;

/// The list of the place where `ref` stands.
List list_of_place(const ObjectRef& ref);
/// The objects of a page by name; they live as long as the page.
std::map<std::string_view, const Value*> by_name(const Page& page);

}  // namespace mcp
