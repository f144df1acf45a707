#pragma once
// FakeApi and RawServer: servers on loopback that a test scripts, on ports that the system chose. FakeApi answers whole
// requests, with TLS if it has a certificate; RawServer hands out the connection itself, for answers that are cut, slow
// or wrong. Both run on their own threads and end with the object: destroy clients first.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace mcp::test {

struct FakeRequest {
  std::string method;
  std::string target;                                  // with query
  std::multimap<std::string, std::string> headers;     // names in lower case
  std::string body;

  /// The header's value, or "".
  std::string header(const std::string& name) const;
};

struct FakeReply {
  int status = 200;
  std::string body = "{}";
  std::string type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// A connection that came in.
class Wire {
 public:
  Wire(int fd, int stop) : fd_(fd), stop_(stop) {}

  /// The next whole request; null when the client has left, or the server ends.
  std::unique_ptr<FakeRequest> request();
  /// `count` bytes as they come; fewer when the client has left.
  std::string bytes(std::size_t count);
  void send(const std::string& text);
  /// Waits until the client leaves or the server ends.
  void hold();
  /// One byte at a time, with pauses, until the client leaves or the server ends.
  void drip(const std::string& text);

 private:
  bool readable(int milliseconds);                     // false: the time is over, or the server ends
  bool fill();
  int fd_;
  int stop_;
  std::string read_;
};

class RawServer {
 public:
  /// `script` runs once for each connection, which is closed behind it.
  explicit RawServer(std::function<void(Wire&)> script);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void accept();
  std::function<void(Wire&)> script_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};                             // a pipe whose write end is closed at the end
  int port_ = 0;
  std::thread thread_;
  std::vector<std::thread> connections_;
};

/// `reply` as it crosses the wire.
std::string http_text(const FakeReply& reply);

/// Where a certificate and its key stand, and what they are.
struct CertificateFiles {
  std::string certificate_file;
  std::string key_file;
  std::string certificate;                             // PEM
  std::string key;
};

/// Certificates made for one run of the tests, none of which is known outside.
class TestPki {
 public:
  static const TestPki& get();
  std::string ca;                                      // PEM, signs those below
  std::string ca_file;
  std::string other_ca;                                // signs none of them
  CertificateFiles server;                             // 127.0.0.1, localhost, kube.example
  CertificateFiles expired;                            // the same, until yesterday
  CertificateFiles client;
  std::string locked_key;                              // the client's, behind a passphrase

 private:
  TestPki();
  TempDir dir_;
};

using FakeHandler = std::function<FakeReply(const FakeRequest&)>;

class FakeApi {
 public:
  explicit FakeApi(FakeHandler handler);               // plain http
  /// With TLS. `client_ca`: a file of CAs one of which must have signed the client's certificate; empty: none is asked for.
  FakeApi(FakeHandler handler, const CertificateFiles& own, const std::string& client_ca = {});
  ~FakeApi();
  FakeApi(const FakeApi&) = delete;
  FakeApi& operator=(const FakeApi&) = delete;

  std::string url() const;
  int port() const;
  /// What came so far, in order of arrival.
  std::vector<FakeRequest> requests() const;

 private:
  FakeReply answer(const FakeRequest& request);
  struct Tls;
  FakeHandler handler_;
  mutable std::mutex mutex_;                           // over the two below; the handler runs under it too
  std::vector<FakeRequest> requests_;
  std::unique_ptr<RawServer> plain_;
  std::unique_ptr<Tls> tls_;
};

/// A port of loopback where nobody listens.
int dead_port();

}  // namespace mcp::test
