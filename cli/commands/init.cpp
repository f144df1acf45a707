#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/commands/planning.hpp"
#include "lang/tree/source_tree.hpp"

namespace mcp {

namespace {

constexpr std::string_view first_file = R"(// A web server on three clouds. `mcp plan` shows what would happen, `mcp apply` does it.
// The clusters are simulated; take `driver` away to use the contexts of your kubeconfig.
mcp NAME { driver = "sim" }

cluster aws-use1 { cloud = "aws",   region = "us-east-1" }
cluster azr-weu  { cloud = "azure", region = "westeurope" }
cluster gcp-euw1 { cloud = "gcp",   region = "europe-west1" }

// Only Pods of the same namespace may call in, unless allow_from says more.
namespace web {}

// Configuration lives outside of the container and is mounted as files.
config site in web {
  data = { "index.html" = "<h1>Hello from three clouds</h1>\n" }
}

workload site in web {
  replicas = 6
  container nginx {
    image  = "docker.io/nginxinc/nginx-unprivileged:1.27"
    ports  = { http = 8080 }
    memory = 64Mi
    mount "/usr/share/nginx/html" { from = config.site }
    probe ready { http = "/" }
  }
  place { weight = { aws = 3, azure = 2, gcp = 1 }[.cloud] }
}

service site in web { target = workload.site, ports = { http = 80 } }
)";

std::string project_name(const std::string& directory) {
  std::string out;
  for (const char c : directory) {
    const char l = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if ((l >= 'a' && l <= 'z') || (l >= '0' && l <= '9')) out += l;
    else if (!out.empty() && out.back() != '-') out += '-';
  }
  if (out.empty() || !(out[0] >= 'a' && out[0] <= 'z')) out = "hello" + (out.empty() ? "" : "-" + out);
  out = out.substr(0, 40);
  while (out.back() == '-') out.pop_back();
  return out;
}

}  // namespace

int run_init(Context& context) {
  const std::string& dir = context.options.dir;
  const auto tree = folder_tree(dir);
  const auto files = tree->files("");
  if (!files) return report(context, Error{"cannot read `" + dir + "`: " + files.error().detail, "", exits::error, {}});
  for (const std::string& file : *files)
    if (file.ends_with(".mcp")) {
      return report(context, Error{"there is a policy file already: " + file, "`mcp plan` shows what it would do", exits::error, {}});
    }
  std::string text(first_file);
  text.replace(text.find("NAME"), 4, project_name(tree->name()));
  const std::string path = dir + "/main.mcp";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return report(context, Error{"cannot write main.mcp: " + std::string(std::strerror(errno)), "", exits::error, {}});
  const ssize_t wrote = ::write(fd, text.data(), text.size());
  const int failed = wrote == static_cast<ssize_t>(text.size()) ? ::fsync(fd) : -1;
  const int error = errno;
  ::close(fd);
  if (failed != 0) {
    ::unlink(path.c_str());
    return report(context, Error{"cannot write main.mcp: " + std::string(std::strerror(error)), "", exits::error, {}});
  }
  context.terminal.out("Wrote main.mcp: a web server on three simulated clusters.\nNext: mcp " + (context.options.dir == "." ? std::string() : "-C " + visible(context.options.dir) + " ") + "plan\n");
  return exits::ok;
}

}  // namespace mcp
