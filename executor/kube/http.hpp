#pragma once
// Http: many requests to many servers at once on one thread, over one libcurl multi handle; the only place that knows
// libcurl. Carries bytes: no meaning of a status, no repeating, no redirects. Identities never mix: connections are kept
// apart by host, CA and client certificate, tokens travel with their request.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lang/base/result.hpp"

namespace mcp {

/// A server and how to prove who it is, and who asks. Requests hold it, so it may be replaced while they are out.
struct HttpPeer {
  std::string server;              // https://HOST:PORT[/PATH] without a final slash; http for loopback only
  std::string ca;                  // PEM; empty: the system's roots
  bool insecure = false;
  std::string tls_server_name;     // empty: the host
  std::string proxy;               // empty: none, whatever the environment says
  bool compress = true;
  std::string certificate;         // PEM, with key
  std::string key;
  std::string token;               // bearer
  std::string user;                // basic auth
  std::string password;
  std::vector<std::pair<std::string, std::string>> headers;   // more of them, those of an impersonation

  HttpPeer() = default;
  HttpPeer(const HttpPeer&) = default;
  HttpPeer& operator=(const HttpPeer&) = default;
  ~HttpPeer();                     // wipes key, token and password
};

struct HttpRequest {
  std::shared_ptr<const HttpPeer> peer;
  std::string method = "GET";
  std::string path;                // with query, begins with '/'
  std::string accept = "application/json";
  std::string content_type;
  std::string body;
  std::chrono::milliseconds timeout{65'000};
  std::size_t largest = std::size_t{64} << 20U;   // bytes of the answer, unpacked
};

/// How far a request that got no answer came.
enum class HttpFailure : std::uint8_t {
  None,          // `status` and `body` are the answer
  NotSent,       // refused, no route, no such name: the server has not seen it
  Certificate,   // the server did not prove who it is: nothing was sent
  Setup,         // the peer's CA, certificate or key cannot be used: nothing was sent
  Cut,           // it went out, and no whole answer came back
  Timeout,       // the same, by time
  TooLarge,      // the answer is larger than `largest`
  Cancelled,
};

struct HttpReply {
  std::uint64_t id = 0;
  HttpFailure failure = HttpFailure::None;
  std::string detail;              // of a failure, in words
  int status = 0;
  std::string body;
  std::string content_type;
  std::string retry_after;
  std::string audit_id;
  std::vector<std::string> warnings;   // texts of `Warning: 299`
};

class Http {
 public:
  /// `agent`: User-Agent. `trace`: told about each request and answer, without credentials and bodies. `wake`: asked
  /// when a signal came; true ends a wait. Both may be null.
  explicit Http(std::string agent, std::function<void(const std::string&)> trace = {}, std::function<bool()> wake = {});
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  /// Requires: `id` is not out. Exactly one reply follows, from wait().
  void send(std::uint64_t id, HttpRequest request);
  void cancel(std::uint64_t id);
  /// Sleeps until a reply, `until`, or until one of `descriptors` can be read; appends replies in the order they came.
  void wait(std::chrono::steady_clock::time_point until, const std::vector<int>& descriptors, std::vector<HttpReply>& done);
  std::size_t out() const;

 private:
  struct Transfer;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// `text` for a path segment or a query value: everything but A-Z a-z 0-9 - . _ ~ as %XX.
std::string url_escape(std::string_view text);

}  // namespace mcp
