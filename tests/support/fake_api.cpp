#include "tests/support/fake_api.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace mcp::test {

namespace {

void demand(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

/// A socket bound to a port of loopback that the system chose, and that port.
std::pair<int, int> bound() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  demand(fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0, "no port of loopback is to be had");
  return {fd, ntohs(address.sin_port)};
}

std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

std::string FakeRequest::header(const std::string& name) const {
  const auto it = headers.find(name);
  return it == headers.end() ? std::string() : it->second;
}

bool Wire::readable(int milliseconds) {
  pollfd both[] = {{fd_, POLLIN, 0}, {stop_, POLLIN, 0}};
  return ::poll(both, 2, milliseconds) > 0 && both[1].revents == 0;
}

bool Wire::fill() {
  char chunk[16384];
  if (!readable(-1)) return false;
  const auto n = ::recv(fd_, chunk, sizeof chunk, 0);
  if (n <= 0) return false;
  read_.append(chunk, static_cast<std::size_t>(n));
  return true;
}

std::string Wire::bytes(std::size_t count) {
  while (read_.size() < count && fill()) {}
  std::string out = read_.substr(0, count);
  read_.erase(0, out.size());
  return out;
}

std::unique_ptr<FakeRequest> Wire::request() {
  std::size_t end = 0;
  while ((end = read_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return nullptr;
  auto out = std::make_unique<FakeRequest>();
  std::istringstream head(bytes(end + 4));
  head >> out->method >> out->target;
  std::string line;
  std::getline(head, line);
  while (std::getline(head, line) && line != "\r") {
    const auto colon = line.find(':');
    const auto value = line.find_first_not_of(' ', colon + 1);
    out->headers.emplace(lower(line.substr(0, colon)), line.substr(value, line.size() - value - 1));
  }
  const std::string length = out->header("content-length");
  const auto wanted = length.empty() ? std::size_t{0} : std::stoul(length);
  out->body = bytes(wanted);
  return out->body.size() == wanted ? std::move(out) : nullptr;
}

void Wire::send(const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const auto n = ::send(fd_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<std::size_t>(n);
  }
}

void Wire::hold() {
  while (fill()) read_.clear();
}

void Wire::drip(const std::string& text) {
  for (const char c : text) {
    send(std::string(1, c));
    if (pollfd both[] = {{fd_, POLLIN, 0}, {stop_, POLLIN, 0}}; ::poll(both, 2, 5) != 0) return;
  }
}

RawServer::RawServer(std::function<void(Wire&)> script) : script_(std::move(script)) {
  std::tie(listener_, port_) = bound();
  demand(::listen(listener_, 256) == 0 && ::pipe2(stop_, O_CLOEXEC) == 0, "the server cannot listen");
  thread_ = std::thread([this] { accept(); });
}

void RawServer::accept() {
  for (;;) {
    pollfd both[] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    if (::poll(both, 2, -1) <= 0 || both[1].revents != 0) return;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    connections_.emplace_back([this, fd] {
      Wire wire(fd, stop_[0]);
      script_(wire);
      ::close(fd);
    });
  }
}

RawServer::~RawServer() {
  ::close(stop_[1]);
  thread_.join();
  for (std::thread& each : connections_) each.join();
  ::close(stop_[0]);
  ::close(listener_);
}

std::string http_text(const FakeReply& reply) {
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + " Text\r\nContent-Type: " + reply.type + "\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n";
  for (const auto& [name, value] : reply.headers) out += name + ": " + value + "\r\n";
  return out + "\r\n" + reply.body;
}

/// The TLS server of the library, whose header is seen here only.
struct FakeApi::Tls {
  httplib::SSLServer server;
  int port = 0;
  std::thread thread;

  Tls(const CertificateFiles& own, const std::string& client_ca)
      : server(own.certificate_file.c_str(), own.key_file.c_str(), client_ca.empty() ? nullptr : client_ca.c_str()) {
    demand(server.is_valid(), "the certificate cannot be used");
    server.new_task_queue = [] { return new httplib::ThreadPool(64); };   // a connection holds its thread while it is open
  }
  void run() {
    port = server.bind_to_any_port("127.0.0.1");
    demand(port > 0, "no port of loopback is to be had");
    thread = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
  }
  ~Tls() {
    server.stop();
    if (thread.joinable()) thread.join();
  }
};

FakeApi::FakeApi(FakeHandler handler) : handler_(std::move(handler)) {
  plain_ = std::make_unique<RawServer>([this](Wire& wire) {
    while (const auto request = wire.request()) wire.send(http_text(answer(*request)));
  });
}

FakeApi::FakeApi(FakeHandler handler, const CertificateFiles& own, const std::string& client_ca) : handler_(std::move(handler)), tls_(std::make_unique<Tls>(own, client_ca)) {
  const auto serve = [this](const httplib::Request& in, httplib::Response& out) {
    FakeRequest request{in.method, in.target, {}, in.body};
    for (const auto& [name, value] : in.headers) request.headers.emplace(lower(name), value);
    const FakeReply reply = answer(request);
    out.status = reply.status;
    for (const auto& [name, value] : reply.headers) out.set_header(name, value);
    out.set_content(reply.body, reply.type);
  };
  tls_->server.Get(".*", serve).Patch(".*", serve).Put(".*", serve).Post(".*", serve).Delete(".*", serve);
  tls_->run();
}

FakeApi::~FakeApi() = default;

int FakeApi::port() const { return plain_ ? plain_->port() : tls_->port; }
std::string FakeApi::url() const { return (plain_ ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port()); }

std::vector<FakeRequest> FakeApi::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

FakeReply FakeApi::answer(const FakeRequest& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  return handler_(request);
}

const TestPki& TestPki::get() {
  static const TestPki pki;
  return pki;
}

TestPki::TestPki() {
  const auto script = dir_.file("make.sh");
  std::ofstream(script) << R"(set -e
cd "$1"
exec 2>/dev/null
for name in ca other; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.pem -days 2 -subj "/CN=mcp test $name"
done
sign() {   # name, days, extension
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.csr -subj "/CN=$1"
  echo "$3" > $1.ext
  openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -set_serial $4 -days $2 -extfile $1.ext -out $1.pem
}
sign server 2 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kube.example' 1
sign expired -1 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kube.example' 2
sign client 2 'extendedKeyUsage=clientAuth' 3
openssl pkey -in client.key -aes128 -passout pass:secret -out locked.key
)";
  demand(std::system(("sh " + script + " " + dir_.path()).c_str()) == 0, "the command openssl cannot make certificates");
  const auto files = [&](const std::string& name) {
    return CertificateFiles{dir_.file(name + ".pem"), dir_.file(name + ".key"), file_text(dir_.file(name + ".pem")), file_text(dir_.file(name + ".key"))};
  };
  ca_file = dir_.file("ca.pem");
  ca = file_text(ca_file);
  other_ca = file_text(dir_.file("other.pem"));
  server = files("server");
  expired = files("expired");
  client = files("client");
  locked_key = file_text(dir_.file("locked.key"));
}

int dead_port() {
  static const int port = bound().second;   // bound for good, so that nobody else gets it; never listening
  return port;
}

}  // namespace mcp::test
