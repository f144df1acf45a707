#include "executor/kube/http.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>

#include "executor/fleet/secret_bytes.hpp"
#include "executor/kube/curl.hpp"
#include "executor/kube/kubeconfig.hpp"
#include "lang/base/check.hpp"
#include "lang/base/diagnostic_text.hpp"

namespace mcp {

namespace {

constexpr std::chrono::milliseconds connect_timeout{10'000};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

/// The text of `299 - "text"`.
std::string warning_text(std::string_view value) {
  const auto from = value.find('"');
  const auto to = value.rfind('"');
  if (!value.starts_with("299 ") || from == std::string_view::npos || to <= from) return {};
  std::string out;
  for (std::size_t i = from + 1; i < to; ++i) {
    if (value[i] == '\\' && i + 1 < to) ++i;
    out += value[i];
  }
  return visible(out);
}

}  // namespace

HttpPeer::~HttpPeer() {
  SecretBytes::wipe(key);
  SecretBytes::wipe(token);
  SecretBytes::wipe(password);
}

std::string url_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    constexpr char digits[] = "0123456789ABCDEF";
    out += '%';
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

/// One request on its way.
struct Http::Transfer {
  std::uint64_t id = 0;
  HttpRequest request;
  HttpReply reply;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  curl_slist* connect_to = nullptr;
  char error[CURL_ERROR_SIZE] = {};
  std::chrono::steady_clock::time_point started;
  std::size_t uploaded = 0;             // bytes of the body
  bool too_large = false;

  ~Transfer() {
    for (curl_slist* each = headers; each != nullptr; each = each->next) wipe(each->data);
    curl().slist_free_all(headers);
    curl().slist_free_all(connect_to);
    SecretBytes::wipe(request.body);
  }
  static void wipe(char* line) {
    for (volatile char* at = line; *at != 0; ++at) *at = 0;
  }

  // Read piece by piece, and from the start only once: libcurl repeats a request by itself when a connection that was
  // in use before ends without an answer, and a write may have been done by then. A body that cannot be had again keeps
  // it from that.
  static std::size_t on_upload(char* to, std::size_t, std::size_t room, void* self) {
    auto& t = *static_cast<Transfer*>(self);
    const std::size_t n = std::min(room, t.request.body.size() - t.uploaded);
    std::memcpy(to, t.request.body.data() + t.uploaded, n);
    t.uploaded += n;
    return n;
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& t = *static_cast<Transfer*>(self);
    if (t.reply.body.size() + count > t.request.largest) {
      t.too_large = true;
      return 0;
    }
    t.reply.body.append(bytes, count);
    return count;
  }

  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& t = *static_cast<Transfer*>(self);
    const std::string_view line = trimmed({bytes, count});
    const auto colon = line.find(':');
    if (line.starts_with("HTTP/")) {   // of a proxy, or of 1xx: what came before was not the answer
      t.reply.warnings.clear();
      t.reply.retry_after.clear();
      return count;
    }
    if (colon == std::string_view::npos) return count;
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "retry-after") t.reply.retry_after = value;
    else if (name == "audit-id") t.reply.audit_id = value;
    else if (name == "content-type") t.reply.content_type = value;
    else if (name == "warning") {
      if (std::string text = warning_text(value); !text.empty() && t.reply.warnings.size() < 32) t.reply.warnings.push_back(std::move(text));
    }
    return count;
  }

  // Keep-alive finds peers that are gone while nothing is sent; this bounds what is sent and not acknowledged.
  static int on_socket(void*, curl_socket_t fd, curlsocktype) {
    const unsigned int limit = 45'000;
    ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
    return CURL_SOCKOPT_OK;
  }
};

struct Http::Impl {
  std::string agent;
  std::function<void(const std::string&)> trace;
  std::function<bool()> wake;
  CURLM* multi = nullptr;
  std::map<std::uint64_t, std::unique_ptr<Transfer>> transfers;
  std::vector<CURL*> idle;              // handles to be used again
  std::vector<HttpReply> ended;         // by cancel, until the next wait

  CURL* handle() {
    if (idle.empty()) return curl().easy_init();
    CURL* easy = idle.back();
    idle.pop_back();
    return easy;
  }

  void give_back(Transfer& t) {
    curl().multi_remove_handle(multi, t.easy);
    curl().easy_reset(t.easy);            // now, so that no key and no password stays in it
    if (idle.size() < 64) idle.push_back(t.easy);
    else curl().easy_cleanup(t.easy);
    t.easy = nullptr;
  }

  void tell(const Transfer& t, const std::string& what) const {
    if (!trace) return;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - t.started).count();
    trace("http " + t.request.method + " " + t.request.peer->server + visible(t.request.path) + " " + what + " " + std::to_string(ms) + "ms" + (t.reply.audit_id.empty() ? "" : " audit " + visible(t.reply.audit_id)));
  }
};

Http::Http(std::string agent, std::function<void(const std::string&)> trace, std::function<bool()> wake) : impl_(std::make_unique<Impl>()) {
  impl_->agent = std::move(agent);
  impl_->trace = std::move(trace);
  impl_->wake = std::move(wake);
  impl_->multi = curl().multi_init();
  MCP_CHECK(impl_->multi != nullptr, "libcurl has no memory");
  curl().multi_setopt(impl_->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl().multi_setopt(impl_->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 100L);
  curl().multi_setopt(impl_->multi, CURLMOPT_MAXCONNECTS, 512L);
}

Http::~Http() {
  for (auto& [id, t] : impl_->transfers) {
    curl().multi_remove_handle(impl_->multi, t->easy);
    curl().easy_cleanup(t->easy);
  }
  for (CURL* easy : impl_->idle) curl().easy_cleanup(easy);
  curl().multi_cleanup(impl_->multi);
}

std::size_t Http::out() const { return impl_->transfers.size() + impl_->ended.size(); }

void Http::send(std::uint64_t id, HttpRequest request) {
  auto owned = std::make_unique<Transfer>();
  Transfer& t = *owned;
  t.id = id;
  t.request = std::move(request);
  t.reply.id = id;
  t.started = std::chrono::steady_clock::now();
  const HttpPeer& peer = *t.request.peer;
  CURL* easy = t.easy = impl_->handle();
  const auto set = [&](CURLoption option, auto value) { curl().easy_setopt(easy, option, value); };
  const auto blob = [&](CURLoption option, const std::string& bytes) {
    curl_blob b{const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_COPY};
    curl().easy_setopt(easy, option, &b);
  };

  const auto url = server_url(peer.server);
  MCP_CHECK(url.has_value(), "a peer without a URL");
  std::string address = peer.server + t.request.path;
  const auto header = [&](const std::string& line) { t.headers = curl().slist_append(t.headers, line.c_str()); };
  if (!peer.tls_server_name.empty() && url->scheme == "https") {
    // The name to be proven stands in the URL; the connection goes to the real host, which stays in `Host`.
    const std::string host = url->host.find(':') != std::string::npos ? "[" + url->host + "]" : url->host;
    address = "https://" + peer.tls_server_name + ":" + url->port + url->path + t.request.path;
    t.connect_to = curl().slist_append(nullptr, (peer.tls_server_name + ":" + url->port + ":" + host + ":" + url->port).c_str());
    set(CURLOPT_CONNECT_TO, t.connect_to);
    header("Host: " + host + ":" + url->port);
  }
  set(CURLOPT_URL, address.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https,http");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  // Names are the proxy's to find, as everybody else has it: it may see more of them than this machine.
  const bool socks = peer.proxy.starts_with("socks5://");
  set(CURLOPT_PROXY, (socks ? "socks5h" + peer.proxy.substr(6) : peer.proxy).c_str());   // "" keeps the environment's out
  set(CURLOPT_NOPROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);   // else an end waits for a name that is still being looked up
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  // With TLS the handshake tells whether a connection can be shared. Without it an answer would, and might never come.
  set(CURLOPT_PIPEWAIT, url->scheme == "https" ? 1L : 0L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(connect_timeout, t.request.timeout).count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(t.request.timeout.count()));
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_TCP_KEEPIDLE, 30L);
  set(CURLOPT_TCP_KEEPINTVL, 15L);
  set(CURLOPT_SOCKOPTFUNCTION, &Transfer::on_socket);
  if (peer.insecure) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  } else if (!peer.ca.empty()) {
    blob(CURLOPT_CAINFO_BLOB, peer.ca);
  }
  if (!peer.certificate.empty()) {
    set(CURLOPT_SSLCERTTYPE, "PEM");
    set(CURLOPT_SSLKEYTYPE, "PEM");
    blob(CURLOPT_SSLCERT_BLOB, peer.certificate);
    blob(CURLOPT_SSLKEY_BLOB, peer.key);
    set(CURLOPT_KEYPASSWD, "");   // a key that wants one is refused; without this somebody would be asked for it
  }
  if (!peer.token.empty()) {
    std::string line = "Authorization: Bearer " + peer.token;
    header(line);
    SecretBytes::wipe(line);
  } else if (!peer.user.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, peer.user.c_str());
    set(CURLOPT_PASSWORD, peer.password.c_str());
  }
  for (const auto& [name, value] : peer.headers) header(name + ": " + value);
  header("Accept: " + t.request.accept);
  header("Expect:");
  set(CURLOPT_USERAGENT, impl_->agent.c_str());
  if (peer.compress) set(CURLOPT_ACCEPT_ENCODING, "gzip");
  if (!t.request.body.empty()) {
    header("Content-Type: " + t.request.content_type);
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(t.request.body.size()));
    set(CURLOPT_READFUNCTION, &Transfer::on_upload);
    set(CURLOPT_READDATA, &t);
  }
  if (t.request.method != "GET") set(CURLOPT_CUSTOMREQUEST, t.request.method.c_str());
  set(CURLOPT_HTTPHEADER, t.headers);
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, &t);
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, &t);
  set(CURLOPT_ERRORBUFFER, t.error);
  set(CURLOPT_PRIVATE, &t);
  const bool fresh = impl_->transfers.emplace(id, std::move(owned)).second;
  MCP_CHECK(fresh, "a request was sent twice");
  curl().multi_add_handle(impl_->multi, easy);
}

void Http::cancel(std::uint64_t id) {
  const auto it = impl_->transfers.find(id);
  if (it == impl_->transfers.end()) return;
  impl_->tell(*it->second, "cancelled");
  impl_->give_back(*it->second);
  HttpReply reply;
  reply.id = id;
  reply.failure = HttpFailure::Cancelled;
  impl_->ended.push_back(std::move(reply));
  impl_->transfers.erase(it);
}

void Http::wait(std::chrono::steady_clock::time_point until, const std::vector<int>& descriptors, std::vector<HttpReply>& done) {
  const std::size_t before = done.size();
  std::move(impl_->ended.begin(), impl_->ended.end(), std::back_inserter(done));
  impl_->ended.clear();
  std::vector<curl_waitfd> extra;
  for (const int fd : descriptors) extra.push_back({fd, CURL_WAIT_POLLIN, 0});
  for (;;) {
    int running = 0;
    curl().multi_perform(impl_->multi, &running);
    int left = 0;
    while (CURLMsg* message = curl().multi_info_read(impl_->multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      char* owner = nullptr;
      curl().easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
      Transfer& t = *reinterpret_cast<Transfer*>(owner);
      long status = 0;
      curl_off_t sent = 0;      // when it had a way to the server and began to go out; 0: never
      curl_off_t received = 0;
      curl().easy_getinfo(t.easy, CURLINFO_RESPONSE_CODE, &status);
      curl().easy_getinfo(t.easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
      curl().easy_getinfo(t.easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
      const std::string words = code == CURLE_SEND_FAIL_REWIND ? "the connection ended before an answer came" : t.error[0] != 0 ? t.error : curl().easy_strerror(code);
      switch (code) {
        case CURLE_OK: t.reply.status = static_cast<int>(status); break;
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_CONNECT:
        case CURLE_PROXY:
        case CURLE_SSL_CONNECT_ERROR: t.reply.failure = HttpFailure::NotSent; break;
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CACERT_BADFILE: t.reply.failure = HttpFailure::Setup; break;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_ISSUER_ERROR: t.reply.failure = HttpFailure::Certificate; break;
        case CURLE_OPERATION_TIMEDOUT: t.reply.failure = sent > 0 ? HttpFailure::Timeout : HttpFailure::NotSent; break;
        default: t.reply.failure = t.too_large ? HttpFailure::TooLarge : sent > 0 ? HttpFailure::Cut : HttpFailure::NotSent; break;
      }
      if (code != CURLE_OK) t.reply.detail = t.too_large ? "the answer is larger than " + std::to_string(t.request.largest >> 20U) + " MiB" : words;
      // libcurl would go on using a connection that has stopped answering.
      if (code == CURLE_OPERATION_TIMEDOUT && sent > 0 && received == 0) {
        curl_socket_t fd = CURL_SOCKET_BAD;
        if (curl().easy_getinfo(t.easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD) ::shutdown(fd, SHUT_RDWR);
      }
      impl_->tell(t, code == CURLE_OK ? std::to_string(status) : visible(words));
      impl_->give_back(t);
      done.push_back(std::move(t.reply));
      impl_->transfers.erase(t.id);
    }
    if (done.size() > before) return;
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(until - now).count();
    // libcurl 7.88 may have read the end of an answer and say so only at its next timer, up to ten seconds later. Performing
    // tells; so while something is out, nobody sleeps long.
    const std::int64_t longest = impl_->transfers.empty() ? 60'000 : 100;
    int ready = 0;
    curl().multi_poll(impl_->multi, extra.empty() ? nullptr : extra.data(), static_cast<unsigned>(extra.size()), static_cast<int>(std::clamp<std::int64_t>(ms + 1, 1, longest)), &ready);
    if (impl_->wake && impl_->wake()) return;
    if (std::any_of(extra.begin(), extra.end(), [](const curl_waitfd& w) { return w.revents != 0; })) {
      curl().multi_perform(impl_->multi, &running);
      return;
    }
  }
}

}  // namespace mcp
