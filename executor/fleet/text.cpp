#include "executor/fleet/text.hpp"

#include <fmt/format.h>

namespace mcp {

namespace {

struct Text {
  std::string operator()(const Done& d) const {
    if (d.object.is_null()) return "absent";
    return d.created ? "created" : d.deleting ? "deleting" : "done";
  }
  std::string operator()(const Page& p) const { return fmt::format("{} objects", p.objects.size()); }
  std::string operator()(const Mismatch& m) const { return "not the object that was planned: " + m.detail; }
  std::string operator()(const Contested& c) const {
    std::string out = "fields of other managers:";
    for (const FieldConflict& f : c.fields) out += fmt::format(" {} ({})", f.field, f.manager);
    return out;
  }
  std::string operator()(const Throttled& t) const { return fmt::format("busy, again in {} ms", t.retry_after.count()); }
  std::string operator()(const Unreachable& u) const { return "unreachable: " + u.detail; }
  std::string operator()(const Uncertain& u) const { return "no clear answer: " + u.detail; }
  std::string operator()(const Rejected& r) const {
    return fmt::format("refused ({}{}{}): {}", r.code, r.reason.empty() ? "" : " ", r.reason, r.detail);
  }
  std::string operator()(const Cancelled&) const { return "given up"; }
};

}  // namespace

std::string to_string(const Outcome& outcome) { return std::visit(Text{}, outcome); }

}  // namespace mcp
