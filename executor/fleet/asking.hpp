#pragma once
// Asking: questions put to members, each kept with what it is about until its answer comes. The one loop behind all that
// the engine asks outside of an apply: it sends, waits and hands on. What an answer means is the asker's business.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "executor/fleet/fleet.hpp"

namespace mcp {

/// A number that no other question of this process has had, and none of a run's operations.
OpId next_question();

template <class About>
class Asking {
 public:
  struct Answer {
    About about;
    Outcome outcome;
  };

  explicit Asking(Fleet& fleet) : fleet_(fleet) {}

  template <class Request>
  void ask(About about, const MemberName& member, Request request, Duration timeout = Duration{65'000}) {
    const OpId id = next_question();
    open_.emplace(id, std::move(about));
    fleet_.submit(id, Operation{member, std::move(request), timeout});
  }
  /// The same at a later time of the fleet.
  template <class Request>
  void ask_at(Instant at, About about, const MemberName& member, Request request) {
    ask_at(at, std::move(about), Operation{member, std::move(request), Duration{65'000}});
  }
  void ask_at(Instant at, About about, Operation op) { later_.emplace(at, Later{std::move(about), std::move(op)}); }

  /// The next answer. Null: none is open, or nobody has answered for 120 s; open() are those that were not.
  std::optional<Answer> next() {
    while (answers_.empty()) {
      while (!later_.empty() && later_.begin()->first <= fleet_.now()) {
        Later due = std::move(later_.extract(later_.begin()).mapped());
        const OpId id = next_question();
        open_.emplace(id, std::move(due.about));
        fleet_.submit(id, std::move(due.op));
      }
      if (open_.empty() && later_.empty()) return std::nullopt;
      const Instant patience = fleet_.now() + Instant{120'000};
      std::vector<Completion> done;
      fleet_.wait(later_.empty() ? patience : std::min(patience, later_.begin()->first), done);
      if (done.empty() && later_.empty()) return std::nullopt;
      for (Completion& c : done)
        if (auto found = open_.extract(c.id)) answers_.push_back({std::move(found.mapped()), std::move(c.outcome)});
    }
    Answer out = std::move(answers_.front());
    answers_.pop_front();
    return out;
  }
  std::size_t asked() const { return open_.size() + later_.size() + answers_.size(); }
  std::vector<About> open() const {
    std::vector<About> out;
    for (const auto& [id, about] : open_) out.push_back(about);
    return out;
  }

 private:
  struct Later {
    About about;
    Operation op;
  };
  Fleet& fleet_;
  std::map<OpId, About> open_;
  std::multimap<Instant, Later> later_;
  std::deque<Answer> answers_;
};

}  // namespace mcp
