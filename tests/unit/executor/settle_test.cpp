#include "executor/run/settle.hpp"

#include "lang/value/yaml.hpp"
#include "tests/support/catch.hpp"

namespace mcp {

TEST_CASE("a Deployment is ready in the order of questions that kubectl asks") {
  using State = Readiness::State;
  struct Row { const char* name; const char* object; State want; const char* what; };
  const Row rows[] = {
      {"our write not seen", "{metadata: {generation: 2}, spec: {replicas: 2}, status: {observedGeneration: 1, updatedReplicas: 2}}", State::Waiting, "its controller to see the change"},
      {"an old verdict", "{metadata: {generation: 3}, spec: {replicas: 2}, status: {observedGeneration: 2, conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]}}",
       State::Waiting, "its controller to see the change"},
      {"too late", "{metadata: {generation: 3}, spec: {replicas: 2}, status: {observedGeneration: 3, readyReplicas: 1, conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]}}",
       State::Failed, "its rollout did not end before its progress deadline"},
      {"not updated", "{metadata: {generation: 3}, spec: {replicas: 2}, status: {observedGeneration: 3, updatedReplicas: 1}}", State::Waiting, "1 of 2 new Pods"},
      {"old ones left", "{metadata: {generation: 3}, spec: {replicas: 2}, status: {observedGeneration: 3, updatedReplicas: 2, replicas: 3}}", State::Waiting, "1 old Pods to end"},
      {"not available", "{metadata: {generation: 3}, spec: {replicas: 2}, status: {observedGeneration: 3, updatedReplicas: 2, replicas: 2, readyReplicas: 1, availableReplicas: 1}}", State::Waiting, "1 of 2 Pods ready"},
      {"ready", "{metadata: {generation: 3}, spec: {replicas: 2}, status: {observedGeneration: 3, updatedReplicas: 2, replicas: 2, readyReplicas: 2, availableReplicas: 2, conditions: [{type: Available, status: 'True'}, "
                "{type: Progressing, status: 'True', reason: NewReplicaSetAvailable}]}}", State::Ready, ""},
      {"no replicas", "{metadata: {generation: 3}, spec: {replicas: 0}, status: {observedGeneration: 3}}", State::Ready, ""},
      {"paused", "{metadata: {generation: 3}, spec: {replicas: 2, paused: true}, status: {observedGeneration: 3}}", State::Paused, "its rollout is paused"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Readiness got = readiness(ReadyRule::Deployment, parse_yaml(row.object)->front(), 2);
    CHECK(got.state == row.want);
    CHECK(got.what == row.what);
  }
}

TEST_CASE("what keeps Pods from being ready is told") {
  const Value object = parse_yaml("{metadata: {generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1, conditions: ["
                                  "{type: ReplicaFailure, status: 'True', reason: FailedCreate, message: 'exceeded quota: small'}]}}")->front();
  CHECK(readiness(ReadyRule::Deployment, object, 1).hint == "FailedCreate: exceeded quota: small");
}

TEST_CASE("other kinds are ready by their own signs") {
  CHECK(readiness(ReadyRule::AtOnce, {}, 1).state == Readiness::State::Ready);
  CHECK(readiness(ReadyRule::Generic, parse_yaml("{status: {conditions: [{type: Ready, status: 'False', message: no}]}}")->front(), 0).hint == "no");
  CHECK(readiness(ReadyRule::Generic, parse_yaml("{spec: {}}")->front(), 0).state == Readiness::State::Ready);
  CHECK(readiness(ReadyRule::Job, parse_yaml("{status: {conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded}]}}")->front(), 0).state == Readiness::State::Failed);
  CHECK(readiness(ReadyRule::Established, parse_yaml("{status: {}}")->front(), 0).state == Readiness::State::Waiting);
}

}  // namespace mcp
