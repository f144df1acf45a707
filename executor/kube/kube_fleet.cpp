#include "executor/kube/kube_fleet.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "executor/kube/status.hpp"
#include "lang/base/check.hpp"
#include "lang/base/diagnostic_text.hpp"
#include "lang/value/json.hpp"

namespace mcp {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_out = 512;         // requests at once, over all members
constexpr std::size_t most_of_one = 16;       // at one member: more gain little, and one that is silent must not take all
constexpr std::size_t page_size = 500;
constexpr int most_restarts = 3;              // of one list whose token expired
constexpr std::int64_t expiry_margin_s = 30;

/// Goes on while the machine sleeps, so that a lease that ran out meanwhile is known to have.
Instant since_boot() {
  std::timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::milliseconds(t.tv_nsec / 1'000'000);
}

std::int64_t unix_now() { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string what_of(const ObjectRef& ref, const KindPath& kind) {
  const auto slash = ref.api.find('/');
  return kind.plural + (slash == std::string::npos ? "" : "." + ref.api.substr(0, slash)) + " " + (ref.ns.empty() ? "" : ref.ns + "/") + ref.name;
}

/// Of an operation on one object.
const ObjectRef& object_of(const Operation& op) {
  if (const auto* write = std::get_if<Write>(&op.request)) return write->ref;
  if (const auto* swap = std::get_if<Swap>(&op.request)) return swap->ref;
  if (const auto* remove = std::get_if<Remove>(&op.request)) return remove->ref;
  return std::get<Read>(op.request).ref;
}

bool makes_new(const Swap& swap) { return !swap.expect.uid && !swap.expect.version; }

Result<std::string> read_token(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail("token file " + visible(path) + " cannot be read");
  std::string out(65536, '\0');
  const auto n = ::read(fd, out.data(), out.size());
  ::close(fd);
  if (n < 0) return fail("token file " + visible(path) + " cannot be read");
  out.resize(static_cast<std::size_t>(n));
  while (!out.empty() && (out.back() == '\n' || out.back() == '\r' || out.back() == ' ')) out.pop_back();
  for (const char c : out)
    if (static_cast<unsigned char>(c) <= 32 || c == 127) return fail("token file " + visible(path) + " holds more than a token");
  if (out.empty()) return fail("token file " + visible(path) + " is empty");
  return out;
}

}  // namespace

/// A member's connection: who it is, who we are there, which kinds it has.
struct KubeFleet::Member {
  MemberName name;
  Result<Endpoint> endpoint = fail("not asked for");
  std::shared_ptr<const HttpPeer> peer;         // null: no credential yet; stays while another is fetched
  std::uint64_t credential = 0;                 // which one the peer has: it only grows
  Login* login = nullptr;                       // where it comes from a plug-in
  bool stale = false;                           // a token from a file was refused
  Clock::time_point token_read{};
  ServedKinds served;
  bool discovered = false;
  std::uint64_t discovery = 0;                  // the call that finds out; 0: none
  std::vector<std::uint64_t> for_discovery;     // calls that wait for it
  std::deque<std::pair<std::uint64_t, HttpRequest>> queue;   // beyond what may be out at once
  std::size_t busy = 0;                         // requests that are out

  std::shared_ptr<HttpPeer> make_peer() const { return std::make_shared<HttpPeer>(*endpoint); }

  /// The peer gets what the plug-in gave.
  void log_in() {
    auto out = make_peer();
    if (!login->credential->token.empty()) out->token = login->credential->token;
    if (!login->credential->certificate.empty()) {
      out->certificate = login->credential->certificate;
      out->key = login->credential->key;
    }
    peer = std::move(out);
    credential = login->number;
  }
};

/// An operation, or a discovery of ours, from its submission to its outcome.
struct KubeFleet::Call {
  std::uint64_t number = 0;
  std::optional<OpId> id;        // null: discovery
  Operation op;
  bool renewed = false;          // its credential has been renewed once
  bool rediscovered = false;
  // of a Probe
  std::optional<MemberFacts> facts;
  // of a List: one part per kind
  struct Part {
    std::string api;
    std::string kind;
    KindPath path;
    std::string token;           // of the next page
    std::vector<Value> objects;
    int restarts = 0;
  };
  std::vector<Part> parts;
  std::size_t open_parts = 0;
  std::vector<std::uint64_t> requests;   // its own that are out or queued
  // of a discovery
  ServedKinds served;
  bool second = false;
  std::string what;              // for messages
  std::string resource;          // of a Right: plural of its kind
};

KubeFleet::KubeFleet(KubeOptions options) : options_(std::move(options)), http_("mcp/" + options_.version, options_.trace, [this] { return options_.signals && options_.signals() != signals_; }), epoch_(since_boot()) {}
KubeFleet::~KubeFleet() = default;

Instant KubeFleet::now() const { return since_boot() - epoch_; }

KubeFleet::Member& KubeFleet::member(const MemberName& name) {
  auto& slot = members_[name];
  if (slot) return *slot;
  slot = std::make_unique<Member>();
  slot->name = name;
  slot->endpoint = options_.endpoint(name);
  if (slot->endpoint && slot->endpoint->plugin) slot->login = &logins_[*slot->endpoint->plugin];
  return *slot;
}

std::uint64_t KubeFleet::open(Call call) {
  call.number = ++next_;
  const std::uint64_t number = call.number;
  calls_.emplace(number, std::move(call));
  return number;
}

void KubeFleet::submit(OpId id, Operation op) {
  MCP_CHECK(!of_op_.contains(id), "an operation was submitted twice");
  Call call;
  call.id = id;
  call.op = std::move(op);
  const std::uint64_t number = open(std::move(call));
  of_op_.emplace(id, number);
  start(number);
}

void KubeFleet::cancel(OpId id) {
  const auto it = of_op_.find(id);
  if (it == of_op_.end()) return;
  finish(calls_.at(it->second), Cancelled{});
}

/// True if requests can go out as somebody; else `call` is kept until they can, or has ended.
bool KubeFleet::ready(Member& m, std::uint64_t number) {
  const auto refuse = [&](const char* reason, const Error& error) {
    finish(calls_.at(number), Rejected{0, reason, error.text() + (error.help.empty() ? "" : "; " + error.help)});
    return false;
  };
  if (!m.endpoint) return refuse("Kubeconfig", m.endpoint.error());
  if (m.login != nullptr) {
    Login& login = *m.login;
    const bool expired = login.credential && login.credential->expires_s && unix_now() + expiry_margin_s >= *login.credential->expires_s;
    if (login.credential && !expired && !login.stale) {
      if (m.credential != login.number) m.log_in();
      return true;
    }
    const ExecPlugin& plugin = *m.endpoint->plugin;
    if (!options_.plugins)
      return refuse("Kubeconfig", Error{"context " + visible(m.endpoint->context) + " wants the credential plug-in " + visible(plugin.command) + ", and plug-ins are off", "allow them: --credential-plugins, or MCP_CREDENTIAL_PLUGINS=1", 1, {}});
    if (!login.run) {
      auto run = PluginRun::start(plugin, options_.plugin_limit);
      if (!run) return refuse("Credential", run.error());
      login.run = *std::move(run);
    }
    login.waiting.push_back(number);
    return false;
  }
  const std::string& file = m.endpoint->token_file;
  if (m.peer && (file.empty() || (!m.stale && Clock::now() - m.token_read < options_.token_age))) return true;
  auto peer = m.make_peer();
  if (!file.empty()) {
    auto token = read_token(file);
    if (!token) return refuse("Kubeconfig", token.error());
    peer->token = *std::move(token);
    m.token_read = Clock::now();
    m.stale = false;
  }
  m.peer = std::move(peer);
  ++m.credential;
  return true;
}

/// The credential with which `refused` went out is not good any more; a newer one may be there already.
void KubeFleet::renew(Member& m, std::uint64_t refused) {
  if (m.login != nullptr) m.login->stale = m.login->stale || refused == m.login->number;
  else m.stale = m.stale || refused == m.credential;
}

void KubeFleet::poll_plugins() {
  for (auto& [plugin, login] : logins_) {
    if (!login.run) continue;
    auto result = login.run->poll();
    if (!result) continue;
    login.run = nullptr;
    const std::vector<std::uint64_t> waiting = std::exchange(login.waiting, {});
    if (*result) {
      login.credential = **std::move(result);
      login.stale = false;
      ++login.number;
    }
    for (const std::uint64_t number : waiting) {
      const auto it = calls_.find(number);
      if (it == calls_.end()) continue;
      if (!*result) {
        finish(it->second, Rejected{0, "Credential", result->error().text() + "; " + result->error().help});
        continue;
      }
      // Whatever it says of its expiry, it is tried: asking again at once would give the same.
      member(it->second.op.member).log_in();
      issue(it->second);
    }
  }
}

void KubeFleet::start(std::uint64_t number) {
  Call& call = calls_.at(number);
  if (!ready(member(call.op.member), number)) return;
  issue(call);
}

std::optional<KindPath> KubeFleet::path_of(Call& call, const std::string& api, const std::string& kind) {
  if (auto known = built_in_path(api, kind)) return known;
  Member& m = member(call.op.member);
  if (const auto it = m.served.find(std::pair(api, kind)); it != m.served.end()) return it->second;
  if (!m.discovered || !call.rediscovered) {
    call.rediscovered = true;
    m.for_discovery.push_back(call.number);
    if (m.discovery == 0) {
      Call discovery;
      discovery.op.member = m.name;
      discovery.op.timeout = call.op.timeout;   // nobody waits longer than for an answer of their own
      m.discovery = open(std::move(discovery));
      start(m.discovery);
    }
    return std::nullopt;
  }
  const auto versions = versions_of(m.served, kind);
  std::string text = m.name + " does not serve kind " + visible(kind) + " of " + visible(api);
  if (!versions.empty()) {
    text += "; it has it under";
    for (const std::string& each : versions) text += (&each == &versions.front() ? " " : ", ") + each;
  }
  finish(call, Rejected{404, "NotServed", std::move(text)});
  return std::nullopt;
}

void KubeFleet::send(Call& call, std::size_t part, HttpRequest request) {
  Member& m = member(call.op.member);
  request.peer = m.peer;
  request.timeout = call.op.timeout;
  request.largest = options_.largest;
  const std::uint64_t number = ++next_;
  sent_.emplace(number, Sent{call.number, part, m.credential, &m});
  call.requests.push_back(number);
  if (m.queue.empty()) queued_.push_back(&m);
  m.queue.emplace_back(number, std::move(request));
}

void KubeFleet::pump() {
  for (std::size_t n = queued_.size(); n > 0 && http_.out() < most_out; --n) {
    Member& m = *queued_.front();
    queued_.pop_front();
    while (!m.queue.empty() && m.busy < most_of_one && http_.out() < most_out) {
      auto [number, request] = std::move(m.queue.front());
      m.queue.pop_front();
      const auto it = sent_.find(number);
      if (it == sent_.end()) continue;   // given up
      it->second.out = true;
      ++m.busy;
      http_.send(number, std::move(request));
    }
    if (!m.queue.empty()) queued_.push_back(&m);
  }
}

void KubeFleet::issue(Call& call) {
  if (!call.id) {
    HttpRequest request;
    request.path = call.second ? "/apis" : "/api";
    request.accept = discovery_accept;
    return send(call, 0, std::move(request));
  }
  if (std::holds_alternative<Probe>(call.op.request)) {
    HttpRequest request;
    request.path = call.facts ? "/version" : "/api/v1/namespaces/kube-system";
    call.what = "namespaces kube-system";
    return send(call, 0, std::move(request));
  }
  if (std::holds_alternative<List>(call.op.request)) return issue_list(call);
  if (const auto* right = std::get_if<Right>(&call.op.request)) {
    const auto path = path_of(call, right->api, right->kind);
    if (!path) return;
    const auto slash = right->api.find('/');
    const Value attributes = MapBuilder()
                                 .set("verb", std::string_view(right->verb))
                                 .set("group", slash == std::string::npos ? std::string_view() : std::string_view(right->api).substr(0, slash))
                                 .set("resource", std::string_view(path->plural))
                                 .build();
    HttpRequest request;
    call.what = "selfsubjectaccessreviews.authorization.k8s.io";
    call.resource = path->plural;
    request.method = "POST";
    request.path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    request.content_type = "application/json";
    request.body = to_json(MapBuilder()
                               .set("apiVersion", "authorization.k8s.io/v1")
                               .set("kind", "SelfSubjectAccessReview")
                               .set("spec", MapBuilder().set("resourceAttributes", attributes).build())
                               .build());
    return send(call, 0, std::move(request));
  }
  const auto* write = std::get_if<Write>(&call.op.request);
  const auto* swap = std::get_if<Swap>(&call.op.request);
  const auto* remove = std::get_if<Remove>(&call.op.request);
  const ObjectRef& ref = object_of(call.op);
  const auto path = path_of(call, ref.api, ref.kind);
  if (!path) return;
  call.what = what_of(ref, *path);
  HttpRequest request;
  request.path = object_path(ref, *path);
  if (swap != nullptr) {
    const bool makes = makes_new(*swap);
    request.method = makes ? "POST" : "PUT";
    if (makes) request.path = list_path(ref.api, *path, ref.ns);
    request.path += "?fieldManager=mcp";
    request.content_type = "application/json";
    request.body = to_json(with_preconditions(swap->body, swap->expect));
  } else if (write != nullptr) {
    auto body = to_wire(*write);
    if (!body) return finish(call, Rejected{0, "Secret", body.error().message});
    request.method = "PATCH";
    request.path += "?fieldManager=" + url_escape(write->manager) + (write->force == Force::Yes ? "&force=true" : "") + (write->trial ? "&dryRun=All" : "");
    request.content_type = "application/apply-patch+yaml";
    request.body = *std::move(body);
  } else if (remove != nullptr) {
    MapBuilder options;
    options.set("apiVersion", "v1").set("kind", "DeleteOptions").set("propagationPolicy", "Background");
    MapBuilder preconditions;
    if (remove->expect.uid) preconditions.set("uid", std::string_view(*remove->expect.uid));
    if (remove->expect.version) preconditions.set("resourceVersion", std::string_view(*remove->expect.version));
    if (!preconditions.empty()) options.set("preconditions", preconditions.build());
    request.method = "DELETE";
    request.content_type = "application/json";
    request.body = to_json(options.build());
  }
  send(call, 0, std::move(request));
}

void KubeFleet::issue_list(Call& call) {
  const auto& list = std::get<List>(call.op.request);
  MCP_CHECK(list.page == 0 || list.kinds.size() == 1, "a list by page is of one kind");
  call.parts.clear();
  Member& m = member(call.op.member);
  if (list.kinds.empty()) {
    if (!m.discovered) {
      (void)path_of(call, "", "");   // waits for discovery, whatever it finds
      return;
    }
    for (const auto& [key, path] : m.served)
      if (path.lists && path.preferred && (list.ns.empty() || path.namespaced)) call.parts.push_back({key.first, key.second, path, {}, {}, 0});
  }
  for (const auto& [api, kind] : list.kinds) {
    auto path = built_in_path(api, kind);
    if (!path) {
      if (const auto it = m.served.find(std::pair(api, kind)); it != m.served.end()) path = it->second;
      // A kind that is gone from the server has no objects there any more.
      else if (call.rediscovered) continue;
      else path = path_of(call, api, kind);
      if (!path) return;
    }
    call.parts.push_back({api, kind, *path, list.cursor, {}, 0});
  }
  call.open_parts = call.parts.size();
  if (call.parts.empty()) return finish(call, Page{});
  for (std::size_t i = 0; i < call.parts.size(); ++i) next_page(call, i);
}

void KubeFleet::next_page(Call& call, std::size_t part) {
  const auto& list = std::get<List>(call.op.request);
  const Call::Part& p = call.parts[part];
  HttpRequest request;
  request.path = list_path(p.api, p.path, list.ns) + "?limit=" + std::to_string(list.page > 0 ? list.page : page_size);
  std::string selector = list.project.empty() ? "" : "mcp.dev/project=" + list.project;
  if (!list.selector.empty()) selector += (selector.empty() ? "" : ",") + list.selector;
  if (!selector.empty()) request.path += "&labelSelector=" + url_escape(selector);
  if (!p.token.empty()) request.path += "&continue=" + url_escape(p.token);
  send(call, part, std::move(request));
}

void KubeFleet::forget_requests(Call& call) {
  for (const std::uint64_t number : std::exchange(call.requests, {})) {
    const auto it = sent_.find(number);
    if (it == sent_.end()) continue;
    if (it->second.out) --it->second.member->busy;
    http_.cancel(number);
    sent_.erase(it);
  }
}

void KubeFleet::finish(Call& call, Outcome outcome) {
  const std::uint64_t number = call.number;
  forget_requests(call);
  if (call.id) {
    of_op_.erase(*call.id);
    done_.push_back({*call.id, std::move(outcome), now()});
    calls_.erase(number);
    return;
  }
  // A discovery that failed fails those who wait for it, in the same way.
  Member& m = member(call.op.member);
  m.discovery = 0;
  const std::vector<std::uint64_t> waiting = std::move(m.for_discovery);
  m.for_discovery.clear();
  calls_.erase(number);
  for (const std::uint64_t each : waiting)
    if (const auto it = calls_.find(each); it != calls_.end()) finish(it->second, outcome);
}

void KubeFleet::handle(HttpReply reply) {
  const auto found = sent_.find(reply.id);
  if (found == sent_.end()) return;   // given up
  const Sent sent = found->second;
  --sent.member->busy;
  sent_.erase(found);
  const auto it = calls_.find(sent.call);
  if (it == calls_.end()) return;
  Call& call = it->second;
  std::erase(call.requests, reply.id);
  if (reply.failure == HttpFailure::None && reply.status == 401 && !call.renewed) {
    Member& m = member(call.op.member);
    if (m.endpoint && (m.endpoint->plugin || !m.endpoint->token_file.empty())) {
      call.renewed = true;
      renew(m, sent.credential);
      forget_requests(call);   // of a list: its other kinds, which are asked for anew too
      return start(call.number);
    }
  }
  if (!call.id) return discovery_answer(call, reply);
  if (std::holds_alternative<Probe>(call.op.request)) return probe_answer(call, reply);
  if (std::holds_alternative<Right>(call.op.request)) return right_answer(call, reply);
  if (std::holds_alternative<List>(call.op.request)) return page_answer(call, sent.part, reply);
  object_answer(call, reply);
}

void KubeFleet::probe_answer(Call& call, HttpReply& reply) {
  if (reply.failure != HttpFailure::None || reply.status != 200) {
    Outcome outcome = outcome_of(reply, Verb::Get, call.what);
    if (std::holds_alternative<Done>(outcome)) outcome = Rejected{404, "NotFound", "there is no namespace kube-system: is this a Kubernetes API server?"};
    return finish(call, std::move(outcome));
  }
  const auto body = parse_json(reply.body);
  if (!body || !body->is_map()) return finish(call, Uncertain{"the answer is no JSON"});
  if (!call.facts) {
    const Value* uid = body->at("metadata", "uid");
    if (uid == nullptr || !uid->is_string()) return finish(call, Rejected{200, "Unknown", "the answer is not a namespace: is this a Kubernetes API server?"});
    call.facts = MemberFacts{std::string(uid->as_string()), {}};
    return issue(call);
  }
  call.facts->version = visible(body->text_or("gitVersion", ""));
  Done done;
  done.facts = std::move(call.facts);
  finish(call, std::move(done));
}

void KubeFleet::right_answer(Call& call, HttpReply& reply) {
  if (reply.failure != HttpFailure::None || reply.status < 200 || reply.status >= 300) return finish(call, outcome_of(reply, Verb::Get, call.what));
  const auto body = parse_json(reply.body);
  const Value* allowed = body && body->is_map() ? body->at("status", "allowed") : nullptr;
  if (allowed == nullptr || !allowed->is_bool()) return finish(call, Uncertain{"the answer is no access review"});
  Done done;
  done.object = MapBuilder().set("allowed", *allowed).set("resource", std::string_view(call.resource)).build();
  finish(call, std::move(done));
}

void KubeFleet::discovery_answer(Call& call, HttpReply& reply) {
  if (reply.failure != HttpFailure::None || reply.status != 200) {
    Outcome outcome = outcome_of(reply, Verb::Get, "discovery");
    if (std::holds_alternative<Done>(outcome)) outcome = Rejected{404, "NotServed", "the server has no discovery"};
    return finish(call, std::move(outcome));
  }
  const auto body = parse_json(reply.body);
  if (!body || !read_discovery(*body, call.served)) return finish(call, Rejected{200, "Discovery", "the server has no aggregated discovery: Kubernetes 1.30 or newer is needed"});
  if (!call.second) {
    call.second = true;
    return issue(call);
  }
  Member& m = member(call.op.member);
  m.served = std::move(call.served);
  m.discovered = true;
  m.discovery = 0;
  const std::vector<std::uint64_t> waiting = std::move(m.for_discovery);
  m.for_discovery.clear();
  calls_.erase(call.number);
  for (const std::uint64_t each : waiting)
    if (calls_.contains(each)) start(each);
}

void KubeFleet::page_answer(Call& call, std::size_t part, HttpReply& reply) {
  Call::Part& p = call.parts[part];
  const auto& list = std::get<List>(call.op.request);
  const bool by_page = list.page > 0;   // what came before this page is the asker's
  if (reply.failure != HttpFailure::None || reply.status != 200) {
    const auto slash = p.api.find('/');
    const std::string what = p.path.plural + (slash == std::string::npos ? "" : "." + p.api.substr(0, slash));
    const bool all = list.kinds.empty();
    // The token of a page has expired: what goes on from it would not be of one moment.
    if (reply.failure == HttpFailure::None && reply.status == 410 && !by_page && p.restarts < most_restarts) {
      ++p.restarts;
      p.token.clear();
      p.objects.clear();
      return next_page(call, part);
    }
    // Among all kinds there are some that only look like lists, and some whose own server is away.
    // And what a credential may not see is nothing that it has made.
    const bool passed_over = all && reply.failure == HttpFailure::None && (reply.status == 403 || reply.status == 404 || reply.status == 405);
    if (!passed_over && !(not_served(reply) && !built_in_path(p.api, p.kind))) {
      Outcome outcome = outcome_of(reply, Verb::List, what);
      if (std::holds_alternative<Done>(outcome)) outcome = Rejected{404, "NotFound", what + " cannot be listed"};
      return finish(call, std::move(outcome));
    }
    p.token.clear();
  } else {
    const auto body = parse_json(reply.body);
    const Value* items = body && body->is_map() ? body->find("items") : nullptr;
    // What lacks `items` is of somebody between, and no list without objects.
    if (items == nullptr || (!items->is_list() && !items->is_null())) return finish(call, Uncertain{"the answer is no list"});
    if (items->is_list())
      for (const Value& object : items->items()) {
        if (!object.is_map()) return finish(call, Uncertain{"the answer is no list of objects"});
        p.objects.push_back(from_wire(object, p.api, p.kind, options_.fingerprint));
      }
    const Value* token = body->at("metadata", "continue");
    std::string next = token != nullptr && token->is_string() ? std::string(token->as_string()) : std::string();
    if (!next.empty() && next == p.token) return finish(call, Uncertain{"the list does not get on"});
    p.token = std::move(next);
    if (!p.token.empty() && !by_page) return next_page(call, part);
  }
  if (--call.open_parts > 0) return;
  Page page;
  if (by_page) page.cursor = std::move(p.token);
  for (Call::Part& each : call.parts) std::move(each.objects.begin(), each.objects.end(), std::back_inserter(page.objects));
  finish(call, std::move(page));
}

void KubeFleet::object_answer(Call& call, HttpReply& reply) {
  const auto* write = std::get_if<Write>(&call.op.request);
  const auto* swap = std::get_if<Swap>(&call.op.request);
  const auto* remove = std::get_if<Remove>(&call.op.request);
  const auto* read = std::get_if<Read>(&call.op.request);
  const ObjectRef& ref = object_of(call.op);
  const Verb verb = write != nullptr ? Verb::Apply : swap != nullptr ? (makes_new(*swap) ? Verb::Create : Verb::Update) : remove != nullptr ? Verb::Delete : Verb::Get;
  if (reply.failure != HttpFailure::None || reply.status < 200 || reply.status >= 300) {
    // A kind that discovery knew may have gone since: one look more.
    if (not_served(reply) && !built_in_path(ref.api, ref.kind)) {
      Member& m = member(call.op.member);
      m.served.erase(std::pair(ref.api, ref.kind));
      if (const auto path = path_of(call, ref.api, ref.kind)) issue(call);
      return;
    }
    Outcome outcome = outcome_of(reply, verb, call.what);
    if (auto* no = std::get_if<Rejected>(&outcome)) no->audit = std::move(reply.audit_id);
    return finish(call, std::move(outcome));
  }
  const auto body = parse_json(reply.body);
  if (!body || !body->is_map()) return finish(call, Uncertain{"the answer is no JSON object"});
  Done done;
  done.warnings = std::move(reply.warnings);
  done.created = (write != nullptr || swap != nullptr) && reply.status == 201;
  // A delete that is over answers with a Status or, of some kinds, with the object that was; one that has begun with the
  // object that ends.
  const Value* ending = body->at("metadata", "deletionTimestamp");
  done.deleting = (ending != nullptr && ending->is_string()) || (remove != nullptr && reply.status == 202);
  if (remove != nullptr && (body->text_or("kind", "") == "Status" || !done.deleting)) return finish(call, std::move(done));
  if (const Value* name = body->at("metadata", "name"); name == nullptr || !name->is_string() || name->as_string() != ref.name) return finish(call, Uncertain{"the answer is another object than was asked for"});
  const bool plain = swap != nullptr || (read != nullptr && read->plain);
  done.object = plain ? *body : from_wire(*body, ref.api, ref.kind, options_.fingerprint);
  finish(call, std::move(done));
}

void KubeFleet::wait(Instant until, std::vector<Completion>& done) {
  const auto limit = until == Instant::max() ? Clock::time_point::max() : Clock::now() + (until - now());
  std::vector<HttpReply> replies;
  // Who asks without time to wait still gets on: what has come in is taken once.
  for (bool first = true;; first = false) {
    pump();
    if (!done_.empty()) break;
    const auto current = Clock::now();
    if (current >= limit && !first) break;
    auto slice = std::min(limit, current + std::chrono::seconds(60));
    std::vector<int> descriptors;
    bool plugins = false;
    for (const auto& [plugin, login] : logins_) {
      if (!login.run) continue;
      plugins = true;
      slice = std::min({slice, current + std::chrono::seconds(1), login.run->deadline()});
      if (const int fd = login.run->descriptor(); fd >= 0) descriptors.push_back(fd);
    }
    replies.clear();
    http_.wait(slice, descriptors, replies);
    for (HttpReply& reply : replies) handle(std::move(reply));
    if (plugins) poll_plugins();
    if (const int signals = options_.signals ? options_.signals() : 0; signals != signals_) {
      signals_ = signals;
      break;
    }
  }
  std::move(done_.begin(), done_.end(), std::back_inserter(done));
  done_.clear();
}

}  // namespace mcp
