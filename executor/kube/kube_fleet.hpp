#pragma once
// KubeFleet: members behind their Kubernetes API, all on one thread over one Http. Turns operations of the seam into
// requests and answers into outcomes; holds what belongs to a connection (credential, served kinds), nothing else.
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "executor/fleet/fleet.hpp"
#include "executor/kube/credential.hpp"
#include "executor/kube/http.hpp"
#include "executor/kube/objects.hpp"
#include "executor/kube/paths.hpp"

namespace mcp {

struct KubeOptions {
  /// The context of a member, resolved. Asked once each; errors are the member's, not the fleet's.
  std::function<Result<Endpoint>(const MemberName&)> endpoint;
  Fingerprinter fingerprint;
  bool plugins = false;                              // credential plug-ins may run
  std::string version;                               // of mcp, for User-Agent
  std::function<void(const std::string&)> trace;     // told about each request; may be null
  std::function<int()> signals;                      // how many signals came: one more ends a wait; may be null
  std::size_t largest = std::size_t{64} << 20U;      // bytes of an answer, unpacked
  std::chrono::milliseconds plugin_limit{60'000};    // for a run of a credential plug-in
  std::chrono::milliseconds token_age{60'000};       // after which a token file is read again
};

class KubeFleet final : public Fleet {
 public:
  explicit KubeFleet(KubeOptions options);
  ~KubeFleet() override;

  Capabilities capabilities(const MemberName&) const override { return {false, true, true}; }
  void submit(OpId id, Operation op) override;
  void cancel(OpId id) override;
  void wait(Instant until, std::vector<Completion>& done) override;
  Instant now() const override;

 private:
  struct Member;
  struct Call;
  struct Sent {                      // a request that is out, or will be
    std::uint64_t call = 0;
    std::size_t part = 0;            // of a list: which kind
    std::uint64_t credential = 0;    // Member::credential it went with
    Member* member = nullptr;
    bool out = false;                // else it waits in the member's queue
  };
  /// What one plug-in gives; members whose contexts state the same one share it.
  struct Login {
    std::unique_ptr<PluginRun> run;
    std::vector<std::uint64_t> waiting;        // calls, for its end
    std::optional<Credential> credential;
    bool stale = false;                        // refused by a server
    std::uint64_t number = 0;                  // of the credential: how often it ran
  };

  Member& member(const MemberName& name);
  std::uint64_t open(Call call);
  void start(std::uint64_t call);
  void issue(Call& call);
  void issue_list(Call& call);
  void send(Call& call, std::size_t part, HttpRequest request);
  void next_page(Call& call, std::size_t part);
  void pump();
  void handle(HttpReply reply);
  void probe_answer(Call& call, HttpReply& reply);
  void right_answer(Call& call, HttpReply& reply);
  void page_answer(Call& call, std::size_t part, HttpReply& reply);
  void discovery_answer(Call& call, HttpReply& reply);
  void object_answer(Call& call, HttpReply& reply);
  void finish(Call& call, Outcome outcome);
  /// Answers to what `call` has out will not be listened to.
  void forget_requests(Call& call);
  /// Nullopt: not known yet, and the call waits for discovery; or there is none, and the call has ended.
  std::optional<KindPath> path_of(Call& call, const std::string& api, const std::string& kind);
  bool ready(Member& m, std::uint64_t call);
  void renew(Member& m, std::uint64_t refused);
  void poll_plugins();

  KubeOptions options_;
  Http http_;
  Instant epoch_{0};                 // on the clock that goes on while the machine sleeps
  std::map<MemberName, std::unique_ptr<Member>> members_;
  std::map<ExecPlugin, Login> logins_;
  std::map<std::uint64_t, Call> calls_;
  std::map<OpId, std::uint64_t> of_op_;
  std::map<std::uint64_t, Sent> sent_;
  std::deque<Member*> queued_;       // whose queue holds something, each once; the next to be served first
  std::vector<Completion> done_;
  std::uint64_t next_ = 0;
  int signals_ = 0;
};

}  // namespace mcp
