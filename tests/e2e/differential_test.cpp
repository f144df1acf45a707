// The simulator against the truth: the same moves on SimFleet and on a real API server give the same outcomes and the same
// objects. MCP_DIFFERENTIAL=FIRST+COUNT says which seeds; each has namespaces of its own, and all go in step.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "executor/fleet/text.hpp"
#include "executor/kube/kube_fleet.hpp"
#include "executor/kube/kubeconfig.hpp"
#include "executor/sim/sim_fleet.hpp"
#include "tests/e2e/differential/comparable.hpp"
#include "tests/e2e/differential/moves.hpp"
#include "tests/support/catch.hpp"

using namespace mcp;
using namespace mcp::test;

namespace {

constexpr std::size_t moves_each = 60;

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::unique_ptr<Fleet> real_servers(const std::string& bed) {
  KubeconfigFiles files;
  files.flag = bed + "/kubeconfig";
  files.read = [](const std::string& path) { return Result<std::string>(text_of(path)); };
  files.exists = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
  auto config = Kubeconfig::load(files);
  REQUIRE(config);
  KubeOptions options;
  options.endpoint = [config = *config](const MemberName& member) { return config.endpoint(member); };
  options.fingerprint = [](std::string_view, std::string_view, std::string_view bytes) { return std::string(print_of_secret) + std::string(bytes); };
  return std::make_unique<KubeFleet>(std::move(options));
}

std::unique_ptr<Fleet> simulated_servers() { return *SimFleet::open({.path = ":memory:", .project = "differential", .capacity = {}, .pace = {}, .inject = {}}); }

/// One of the two worlds: sends moves, and knows its own identities of the objects they are about.
class Side {
 public:
  Side(std::unique_ptr<Fleet> fleet, MemberName member) : fleet_(std::move(fleet)), member_(std::move(member)) {}

  /// The outcomes, in the order of the moves; all are on their way at once.
  std::vector<Outcome> ask(const std::vector<const Move*>& moves) {
    const std::uint64_t first = next_;
    for (const Move* m : moves) fleet_->submit(OpId{next_++}, operation(*m));
    std::vector<Outcome> out(moves.size());
    std::vector<Completion> done;
    for (std::size_t open = moves.size(); open > 0; open -= done.size()) {
      done.clear();
      fleet_->wait(Instant::max(), done);
      for (Completion& c : done) out[static_cast<std::uint64_t>(c.id) - first] = std::move(c.outcome);
    }
    return out;
  }

  /// What `move`, a read, has found becomes known; whether the object has another version than before.
  bool learn(const Move& move, const Outcome& outcome) {
    const auto* done = std::get_if<Done>(&outcome);
    if (done == nullptr || done->object.is_null()) return false;
    const Value& metadata = *done->object.find("metadata");
    const std::string uid(metadata.text_or("uid", ""));
    const std::string version(metadata.text_or("resourceVersion", ""));
    Known& known = known_[move.ref()];
    if (!known.uid.empty() && known.uid != uid) known.former_uid = known.uid;
    const bool moved = known.version != version;
    if (moved) known.former_version = known.version;
    known.uid = uid;
    known.version = version;
    return moved;
  }

 private:
  struct Known {
    std::string uid, version;
    std::string former_uid, former_version;
  };

  Operation operation(const Move& move) {
    Operation out = move.op;
    out.member = member_;
    const Known& known = known_[move.ref()];
    const auto which = [](Whose whose, const std::string& present, const std::string& former, const char* foreign) -> std::optional<std::string> {
      const std::string& text = whose == Whose::Present ? present : former;
      if (whose == Whose::Anyone) return std::nullopt;
      return whose == Whose::Foreign || text.empty() ? std::string(foreign) : text;
    };
    Precondition expect{which(move.uid, known.uid, known.former_uid, "00000000-0000-4000-8000-000000000000"),
                        which(move.version, known.version, known.former_version, "1")};
    if (auto* write = std::get_if<Write>(&out.request)) write->expect = std::move(expect);
    if (auto* remove = std::get_if<Remove>(&out.request)) remove->expect = std::move(expect);
    return out;
  }

  std::unique_ptr<Fleet> fleet_;
  MemberName member_;
  std::uint64_t next_ = 1;
  std::map<ObjectRef, Known> known_;
};

struct Run {
  std::uint64_t seed = 0;
  std::string prefix;
  std::vector<Move> moves;
  std::string report;      // of the first difference
};

std::vector<Run> runs() {
  unsigned long first = 1;
  unsigned long count = 12;
  if (const char* asked = std::getenv("MCP_DIFFERENTIAL")) {
    char* rest = nullptr;
    first = std::strtoul(asked, &rest, 10);
    count = *rest == '+' ? std::strtoul(rest + 1, nullptr, 10) : 1;
  }
  std::vector<Run> out;
  for (unsigned long seed = first; seed < first + count; ++seed) {
    Run run;
    run.seed = seed;
    run.prefix = "t-differential-" + std::to_string(::getpid()) + "-" + std::to_string(seed);
    run.moves = moves_of(seed, moves_each, run.prefix);
    out.push_back(std::move(run));
  }
  return out;
}

/// One step of all `runs`: `moves[i]` of `runs[i]`. The outcomes of the servers, in that order.
std::pair<std::vector<Outcome>, std::vector<Outcome>> step(Side& sim, Side& real, const std::vector<Run*>& runs, const std::vector<const Move*>& moves, std::size_t number) {
  std::pair<std::vector<Outcome>, std::vector<Outcome>> got{sim.ask(moves), real.ask(moves)};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string differs = difference(comparable(got.first[i]), comparable(got.second[i]));
    if (!differs.empty() && runs[i]->report.empty())
      runs[i]->report = "seed " + std::to_string(runs[i]->seed) + ", move " + std::to_string(number) + ": " + moves[i]->text() + "\n  simulated: " + to_string(got.first[i]) +
                        "\n  real:      " + to_string(got.second[i]) + "\n" + differs;
  }
  return got;
}

}  // namespace

TEST_CASE("simulated members answer as real API servers do") {
  const char* bed = std::getenv("MCP_BED");
  REQUIRE(bed != nullptr);
  Side sim(simulated_servers(), "c1-mcp");
  Side real(real_servers(bed), "c1-mcp");
  std::vector<Run> all = runs();
  std::size_t done = 0;
  for (std::size_t number = 0;; ++number) {
    std::vector<Run*> open;
    for (Run& run : all)
      if (run.report.empty() && number < run.moves.size()) open.push_back(&run);
    if (open.empty()) break;
    done += open.size();
    std::vector<const Move*> moves;
    for (const Run* run : open) moves.push_back(&run->moves[number]);
    step(sim, real, open, moves, number);
    // Whatever was answered, the object is read.
    std::vector<Move> reads;
    std::vector<Run*> readers;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (moves[i]->ref().name.empty() || !open[i]->report.empty()) continue;
      reads.push_back({.op = {.member = "", .request = Read{moves[i]->ref()}}});
      readers.push_back(open[i]);
    }
    std::vector<const Move*> looks;
    for (const Move& m : reads) looks.push_back(&m);
    const auto [of_sim, of_real] = step(sim, real, readers, looks, number);
    for (std::size_t i = 0; i < readers.size(); ++i) {
      const bool moved = sim.learn(reads[i], of_sim[i]);
      if (moved != real.learn(reads[i], of_real[i]) && quiet(reads[i].ref().kind) && readers[i]->report.empty())
        readers[i]->report = "seed " + std::to_string(readers[i]->seed) + ", move " + std::to_string(number) + " " + readers[i]->moves[number].text() +
                             "\n  it has another version now on the " + (moved ? "simulated" : "real") + " member only\n";
      if (!readers[i]->report.empty()) readers[i]->report += "  after:     " + readers[i]->moves[number].text() + "\n";
    }
  }
  for (const Run& run : all) {
    const std::vector<Move> clearing = clearing_of(run.prefix);
    for (const Move& move : clearing) real.ask({&move});
  }
  std::string reports;
  for (const Run& run : all) reports += run.report;
  INFO(done << " moves");
  if (!reports.empty()) std::fputs(reports.c_str(), stderr);
  CHECK(reports.empty());
}
