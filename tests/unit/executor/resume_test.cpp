#include "executor/run/resume.hpp"

#include "executor/run/conflict.hpp"
#include "lang/value/yaml.hpp"
#include "planner/diff/normalize.hpp"
#include "tests/support/catch.hpp"

namespace mcp {
namespace {

Value doc(std::string_view text) { return parse_yaml(text)->front(); }

const char* const old_body = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: '1', gone: x}}";
const char* const new_body = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: '2'}}";

Value live(const char* uid, const char* data, const char* more = "") {
  return doc("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, uid: " + std::string(uid) + ", resourceVersion: '7', managedFields: [{manager: mcp, operation: Apply}, "
             "{manager: kubectl-edit, operation: Update, time: '2026-11-20T14:02:00Z'}]" + more + "}, data: " + data + "}");
}

Step step_of(Action action) {
  Step step;
  step.action = action;
  step.ref = {"a", "v1", "ConfigMap", "shop", "c"};
  step.address = *Address::parse("config.shop/c@a");
  if (action != Action::Create) {
    step.uid = "u1";
    step.before = doc(old_body).digest();
  }
  if (action != Action::Delete) {
    step.body = doc(new_body);
    step.after = step.body.digest();
  }
  return step;
}

}  // namespace

TEST_CASE("what a member holds says what is left of a step") {
  const char* at_before = "{a: '1', gone: x, theirs: y}";
  const char* at_after = "{a: '2', theirs: y}";
  const char* else_where = "{a: '3'}";
  const char* deleting = ", deletionTimestamp: '2026-11-20T14:02:00Z'";
  struct Row { const char* name; Action action; Value live; Verdict want; };
  const Row rows[] = {
      {"create, absent", Action::Create, {}, Verdict::Send},
      {"create, ours at after", Action::Create, live("u9", at_after), Verdict::Done},
      {"create, other content", Action::Create, live("u9", else_where), Verdict::Conflict},
      {"create, a namesake that ends", Action::Create, live("u9", else_where, deleting), Verdict::Wait},
      {"create, equal but not ours", Action::Create, doc("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, uid: u}, data: {a: '2'}}"), Verdict::Conflict},
      {"update, at before", Action::Update, live("u1", at_before), Verdict::Send},
      {"update, at after", Action::Update, live("u1", at_after), Verdict::Done},
      {"update, elsewhere", Action::Update, live("u1", else_where), Verdict::Conflict},
      {"update, other uid", Action::Update, live("u2", at_before), Verdict::Conflict},
      {"update, ending", Action::Update, live("u1", at_before, deleting), Verdict::Conflict},
      {"update, gone", Action::Update, {}, Verdict::Conflict},
      {"replace, at before", Action::Replace, live("u1", at_before), Verdict::Send},
      {"replace, ending", Action::Replace, live("u1", at_before, deleting), Verdict::Wait},
      {"replace, gone", Action::Replace, {}, Verdict::Create},
      {"replace, new one there", Action::Replace, live("u2", at_after), Verdict::Done},
      {"replace, somebody else's", Action::Replace, live("u2", else_where), Verdict::Conflict},
      {"delete, at before", Action::Delete, live("u1", at_before), Verdict::Send},
      {"delete, ending", Action::Delete, live("u1", at_before, deleting), Verdict::Wait},
      {"delete, gone", Action::Delete, {}, Verdict::Done},
      {"delete, other uid", Action::Delete, live("u2", at_before), Verdict::Done},
      {"delete, changed", Action::Delete, live("u1", else_where), Verdict::Conflict},
  };
  const Known known{"u1", doc(old_body)};
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(to_string(judge(step_of(row.action), known, row.live).verdict) == to_string(row.want));
  }
}

TEST_CASE("an update that only gives a field up is still to be sent") {
  Step step = step_of(Action::Update);
  step.body = doc("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: '1'}}");
  step.after = step.body.digest();
  const Known known{"u1", doc(old_body)};
  CHECK(judge(step, known, live("u1", "{a: '1', gone: x}")).verdict == Verdict::Send);
  CHECK(judge(step, known, live("u1", "{a: '1'}")).verdict == Verdict::Done);
}

TEST_CASE("an adoption is bound to all that was there, and is sent even if no value changes") {
  const Value there = doc("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, uid: u1, managedFields: []}, data: {a: '2'}}");
  Step step = step_of(Action::Adopt);
  step.before = normalize("ConfigMap", there).digest();
  CHECK(judge(step, {}, there).verdict == Verdict::Send);
  CHECK(judge(step, {"u1", step.body}, there).verdict == Verdict::Done);
}

TEST_CASE("a stale object is told with field, values, manager and time") {
  const Known known{"u1", doc(old_body)};
  const Step step = step_of(Action::Update);
  const StaleObject stale = stale_object(step, known, live("u1", "{a: '3', gone: x}"), nullptr, "fields differ");
  REQUIRE(stale.fields.size() == 1);
  CHECK(stale.fields[0].path == "data.a");
  CHECK(stale.fields[0].planned == Value::string("1"));
  CHECK(stale.fields[0].present == Value::string("3"));
  CHECK(stale.manager == "kubectl-edit");
  CHECK(stale.time == "2026-11-20T14:02:00Z");
}

TEST_CASE("fields of others are taken only if the plan lists each with its manager") {
  Step step = step_of(Action::Update);
  step.takeovers = {{"spec.replicas", "kubectl"}, {"spec.template.spec.containers[name=web].image", "kubectl"}};
  CHECK(may_take(step, {{".spec.replicas", "kubectl"}}));
  CHECK(may_take(step, {{".spec.template.spec.containers[name=\"web\"].image", "kubectl"}}));
  CHECK_FALSE(may_take(step, {{"spec.replicas", "hpa"}}));
  CHECK_FALSE(may_take(step, {{"spec.replicas", "kubectl"}, {"spec.paused", "kubectl"}}));
  CHECK_FALSE(may_take(step, {}));
  CHECK(conflict_text(step, {{"spec.replicas", "kubectl"}, {"spec.paused", "argo"}}) == "spec.paused is held by argo, and the plan does not take that over");
}

}  // namespace mcp
