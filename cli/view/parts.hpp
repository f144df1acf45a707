#pragma once
// The sections of a plan's text, each in a file of its own, and what they share. Internal to the view.
#include <string>
#include <vector>

#include "cli/view/line.hpp"
#include "cli/view/plan_text.hpp"
#include "cli/view/value_text.hpp"

namespace mcp::view {

/// What every section needs: the plan, how to print, and facts that are cheaper found once.
struct Context {
  const Plan& plan;
  const PlanTextOptions& options;
  std::vector<std::string> members;       // names of all members, sorted
  ValueOptions values;
  bool full() const { return options.detail == PlanDetail::Full; }
  bool brief() const { return options.detail == PlanDetail::Brief; }
};

Tone tone_of(Action action);
const PlanMember* member_of(const Plan& plan, std::string_view name);
/// The member a change or step happens on: of a join and a leave the cluster itself.
const std::string& member_name(const Address& address);

void put_header(Sheet& sheet, const Context& context);
void put_blocked(Sheet& sheet, const Context& context);
void put_placement(Sheet& sheet, const Context& context);
void put_drift(Sheet& sheet, const Context& context);
void put_changes(Sheet& sheet, const Context& context);
void put_deferred(Sheet& sheet, const Context& context);
void put_order(Sheet& sheet, const Context& context);
void put_risks(Sheet& sheet, const Context& context);
/// Objects the record holds as far as a plan knows them.
std::int64_t recorded_objects(const Plan& plan);

}  // namespace mcp::view
