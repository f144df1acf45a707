#include "executor/kube/curl.hpp"

#include <dlfcn.h>

#include <string>

#include "lang/base/check.hpp"

namespace mcp {

namespace {

template <class Function>
void take(void* library, const char* name, Function& to) {
  void* found = library != nullptr ? ::dlsym(library, name) : nullptr;
  MCP_CHECK(found != nullptr, "libcurl.so.4 cannot be loaded: install the Debian package libcurl4");
  to = reinterpret_cast<Function>(found);
}

Curl load() {
  void* library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  Curl out{};
  take(library, "curl_easy_init", out.easy_init);
  take(library, "curl_easy_cleanup", out.easy_cleanup);
  take(library, "curl_easy_reset", out.easy_reset);
  take(library, "curl_easy_setopt", out.easy_setopt);
  take(library, "curl_easy_getinfo", out.easy_getinfo);
  take(library, "curl_easy_strerror", out.easy_strerror);
  take(library, "curl_multi_init", out.multi_init);
  take(library, "curl_multi_cleanup", out.multi_cleanup);
  take(library, "curl_multi_setopt", out.multi_setopt);
  take(library, "curl_multi_add_handle", out.multi_add_handle);
  take(library, "curl_multi_remove_handle", out.multi_remove_handle);
  take(library, "curl_multi_perform", out.multi_perform);
  take(library, "curl_multi_info_read", out.multi_info_read);
  take(library, "curl_multi_poll", out.multi_poll);
  take(library, "curl_slist_append", out.slist_append);
  take(library, "curl_slist_free_all", out.slist_free_all);
  decltype(&::curl_global_init) global_init = nullptr;
  take(library, "curl_global_init", global_init);
  global_init(CURL_GLOBAL_DEFAULT);
  return out;
}

}  // namespace

const Curl& curl() {
  static const Curl functions = load();
  return functions;
}

}  // namespace mcp
