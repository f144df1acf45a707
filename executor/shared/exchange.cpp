#include "executor/shared/exchange.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "executor/fleet/asking.hpp"
#include "executor/run/marker.hpp"
#include "executor/shared/answers.hpp"
#include "executor/shared/state_text.hpp"
#include "lang/base/crypto.hpp"

namespace mcp {

namespace {

constexpr int most_tries = 3;                  // of one request that gets no answer
constexpr int most_reads = 3;                  // of a head whose pieces went away meanwhile
constexpr Duration pause{1'000};
constexpr char seen_key[] = "head";            // in the store: the head as last exchanged
constexpr char ahead_key[] = "ahead";          // the store holds what was not put there yet
constexpr char apart[] = "apart";              // of applies that did not know of the MCP cluster

/// A signal came, or nothing at all for two minutes: what is out may still happen, and none of it counts.
Error cut_off() { return {std::string("interrupted while waiting for ") + mcp_cluster, "what was done stands in the state here; put it there: mcp resume", 130, {}}; }

/// Asks until there is an answer that says something. `tries` counts those before.
struct Question {
  std::string name;          // of a piece
  std::size_t part = 0;
  int tries = 0;
};

Operation asks(Read read) { return {mcp_cluster, std::move(read), Duration{10'000}}; }
Operation asks(Swap swap) { return {mcp_cluster, std::move(swap), Duration{40'000}}; }

/// One question with patience: its answer, or why there is none. Of a Swap that may have happened, that.
Result<Outcome> ask_once(Fleet& fleet, const Operation& op) {
  const bool swaps = std::holds_alternative<Swap>(op.request);
  Asking<int> asking(fleet);
  std::string why;
  for (int tries = 0; tries < most_tries; ++tries) {
    asking.ask_at(fleet.now() + pause * tries, 0, op);
    auto answer = asking.next();
    if (!answer) return fail(cut_off());
    if (const auto* no = std::get_if<Rejected>(&answer->outcome)) return fail(mcp_cluster_refuses(*no));
    why = no_answer(answer->outcome);
    if (why.empty() || (swaps && std::holds_alternative<Uncertain>(answer->outcome))) return std::move(answer->outcome);
  }
  return fail(mcp_cluster_silent(why));
}

Result<Value> read_object(Fleet& fleet, const ObjectRef& ref, bool plain = false) {
  const Outcome got = MCP_TRY(ask_once(fleet, asks(Read{ref, plain})));
  const auto* done = std::get_if<Done>(&got);
  return done != nullptr ? done->object : Value();
}

std::map<std::string, std::size_t> parts_of(const Head& head) {
  std::map<std::string, std::size_t> out;
  for (const std::vector<PieceName>* each : {&head.pieces, &head.plan})
    for (const PieceName& piece : *each) out.emplace(piece.name, piece.parts);
  return out;
}

std::string seen_text(const Head& head) { return head.uid + "/" + head.version; }

}  // namespace

Result<bool> is_ahead(Store& store) { return !MCP_TRY(store.shared(ahead_key)).empty(); }

Result<bool> is_untold(Store& store) {
  return MCP_TRY(store.shared(seen_key)).empty() && (MCP_TRY(store.recorded_count()) > 0 || MCP_TRY(store.serial()) > 0);
}

Result<void> note_apart(Store& store) {
  if (MCP_TRY(store.shared(seen_key)).empty()) return {};
  Txn txn = MCP_TRY(store.begin());
  MCP_TRY(store.set_shared(ahead_key, apart));
  return txn.commit();
}

Result<bool> has_head(Fleet& fleet, const std::string& project) { return !MCP_TRY(read_object(fleet, head_ref(project))).is_null(); }

/// Equal values must have equal fingerprints on every machine, so the key is theirs, if there is one.
Result<void> Exchange::take_key() {
  const std::string key = read_key(MCP_TRY(read_object(fleet_, key_ref(store_.project()), true)));
  if (!key.empty()) MCP_TRY(set_secret_key(store_.dir(), key));
  key_shared_ = !key.empty();
  return {};
}

/// Or becomes theirs. Requires: the lease.
Result<void> Exchange::share_key() {
  const auto ours = MCP_TRY(read_secret_key(store_.dir()));
  for (int tries = 0; tries < most_reads && !key_shared_; ++tries) {
    MCP_TRY(take_key());
    if (key_shared_ || !ours) return {};
    const Outcome put = MCP_TRY(ask_once(fleet_, asks(Swap{key_ref(store_.project()), key_body(store_.project(), *ours), {}})));
    key_shared_ = std::holds_alternative<Done>(put);
  }
  if (key_shared_) return {};
  return fail("the key of secret fingerprints cannot be agreed on with " + std::string(mcp_cluster), "look at the Secret " + key_ref(store_.project()).name + " in " + marker_home);
}

/// None: one of them is gone, so the head has been swapped since.
Result<std::vector<Piece>> Exchange::fetch(const std::vector<PieceName>& names) {
  std::map<std::string, std::map<std::size_t, std::string>> parts;
  Asking<Question> asking(fleet_);
  const auto ask = [&](Question q) {
    const Instant at = fleet_.now() + pause * q.tries;
    const Operation op = asks(Read{piece_ref(store_.project(), q.name, q.part)});
    asking.ask_at(at, std::move(q), op);
  };
  for (const PieceName& each : names)
    for (std::size_t part = 0; part < each.parts; ++part) ask({each.name, part});
  bool gone = false;
  while (asking.asked() > 0) {
    auto answer = asking.next();
    if (!answer) return fail(cut_off());
    Question& q = answer->about;
    if (const auto* no = std::get_if<Rejected>(&answer->outcome)) return fail(mcp_cluster_refuses(*no));
    const auto* done = std::get_if<Done>(&answer->outcome);
    if (done == nullptr) {
      if (++q.tries >= most_tries) return fail(mcp_cluster_silent("a piece of the state could not be read"));
      ask(std::move(q));
      continue;
    }
    if (done->object.is_null()) {
      gone = true;
      continue;
    }
    auto part = read_part(done->object);
    if (!part) return fail("piece " + q.name + " of the state in " + mcp_cluster + " is damaged");
    parts[q.name][q.part] = *std::move(part);
  }
  std::vector<Piece> out;
  if (gone) return out;
  for (const PieceName& each : names) {
    std::string bytes;
    for (const auto& [number, part] : parts[each.name]) bytes += part;
    out.push_back(MCP_TRY(joined_piece(each.name, bytes)));
  }
  return out;
}

/// An apply that somebody has begun stands here too, with its plan, so that `resume` can go on with it.
Result<void> Exchange::take_open(const Head& head) {
  for (const RunRow& run : MCP_TRY(store_.open_runs()))
    if (!head.open || head.open->id != run.id) MCP_TRY(store_.drop_run(run.id));
  if (!head.open) return {};
  for (const RunRow& run : MCP_TRY(store_.runs()))
    if (run.id == head.open->id) return {};   // ours, or ended here and not told yet
  std::string plan;
  const std::vector<Piece> pieces = MCP_TRY(fetch(head.plan));
  for (const Piece& piece : pieces) plan += piece.text;
  if (pieces.size() != head.plan.size()) return fail("the plan of apply #" + std::to_string(head.open->id) + " is gone from " + mcp_cluster, "try again");
  MCP_TRY(store_.put_plan(head.open->plan, plan));
  return store_.put_run(*head.open);
}

Result<void> Exchange::pull() {
  for (int reads = 0; reads < most_reads; ++reads) {
    Head head = MCP_TRY(read_head(MCP_TRY(read_object(fleet_, head_ref(store_.project())))));
    head_ = head;
    if (!head.present) return {};
    MCP_TRY(take_key());
    const bool news = MCP_TRY(store_.shared(seen_key)) != seen_text(head);
    std::vector<Piece> stale;
    std::vector<Piece> fresh;
    if (news) {
      const auto theirs = parts_of(head);
      std::set<std::string> ours;
      for (Piece& piece : MCP_TRY(state_pieces(store_))) {
        ours.insert(piece.name);
        if (!theirs.contains(piece.name)) stale.push_back(std::move(piece));
      }
      std::vector<PieceName> missing;
      for (const PieceName& piece : head.pieces)
        if (!ours.contains(piece.name)) missing.push_back(piece);
      fresh = MCP_TRY(fetch(missing));
      if (fresh.size() != missing.size()) continue;   // the head has been swapped since
      strange_ = !stale.empty() && (MCP_TRY(is_untold(store_)) || MCP_TRY(store_.shared(ahead_key)) == apart);
      if (strange_)
        return fail(fmt::format("{} holds a state of project {} (apply #{}) that this machine's (apply #{}) is no part of", mcp_cluster, store_.project(), head.serial, MCP_TRY(store_.serial())),
                    "to go on with the one there, move " + store_.dir() + "/" + store_.project() + ".db away");
    } else if (!head.open) {
      return {};
    }
    Txn txn = MCP_TRY(store_.begin());
    if (news) {
      if (!stale.empty() || !fresh.empty()) {
        MCP_TRY(replace_pieces(store_, stale, fresh));
        MCP_TRY(store_.drop_cache());
      }
      MCP_TRY(store_.set_shared(ahead_key, ""));
    }
    if (news || head.open) MCP_TRY(take_open(head));
    MCP_TRY(store_.raise_token(head.token));   // whoever applies without the MCP cluster later is not behind
    MCP_TRY(store_.set_shared(seen_key, seen_text(head)));
    return txn.commit();
  }
  return fail("the state in " + std::string(mcp_cluster) + " changes faster than it can be read", "try again");
}

Result<std::map<std::string, std::size_t>> Exchange::send(const std::vector<const Piece*>& pieces, Lease* lease) {
  struct Sending {
    ObjectRef ref;
    Value body;
    int tries = 0;
    bool look = false;   // whether it is there
    bool lease = false;  // no piece: the lease's request
  };
  constexpr std::size_t at_once = 8;   // pieces are large
  std::map<std::string, std::size_t> parts;
  Asking<Sending> asking(fleet_);
  const auto ask = [&](Sending s) {
    const Instant at = fleet_.now() + pause * s.tries;
    const Operation op = s.look ? asks(Read{s.ref}) : asks(Swap{s.ref, s.body, {}});
    asking.ask_at(at, std::move(s), op);
  };
  std::size_t next = 0;
  while (true) {
    while (next < pieces.size() && asking.asked() < at_once) {
      const Piece& piece = *pieces[next++];
      auto objects = piece_objects(store_.project(), piece);
      parts[piece.name] = objects.size();
      for (auto& [ref, body] : objects) ask({std::move(ref), std::move(body)});
    }
    if (lease != nullptr)
      if (auto op = lease->due(fleet_.now())) asking.ask_at(fleet_.now(), Sending{.ref = {}, .body = {}, .tries = 0, .look = false, .lease = true}, *std::move(op));
    auto answer = asking.next();
    if (!answer && asking.asked() == 0 && next == pieces.size()) return parts;
    if (!answer) return fail(cut_off());
    if (answer->about.lease) {
      MCP_TRY(lease->answer(answer->outcome, fleet_.now()));
      if (lease->lost()) return fail(lease->loss());
      continue;
    }
    if (const auto* no = std::get_if<Rejected>(&answer->outcome)) return fail(mcp_cluster_refuses(*no));
    Sending& about = answer->about;
    const auto* done = std::get_if<Done>(&answer->outcome);
    // What has its name has its content: where there is one, it is the same.
    if (done != nullptr && !done->object.is_null()) continue;
    about.look = std::holds_alternative<Mismatch>(answer->outcome);
    if (++about.tries >= most_tries) return fail(mcp_cluster_silent("a piece of the state could not be written"));
    ask(std::move(answer->about));
  }
}

Result<Head> Exchange::swap_head(const Head& wanted) {
  Swap swap{head_ref(store_.project()), head_body(store_.project(), wanted), {}};
  if (head_.present) swap.expect = {.uid = head_.uid, .version = head_.version};
  for (int tries = 0; tries < most_tries; ++tries) {
    const Outcome put = MCP_TRY(ask_once(fleet_, asks(swap)));
    const auto* done = std::get_if<Done>(&put);
    Head now = MCP_TRY(read_head(done != nullptr ? done->object : MCP_TRY(read_object(fleet_, swap.ref))));
    if (now.same_content(wanted)) return now;
    if (now.present != head_.present || now.uid != head_.uid || now.version != head_.version) break;
  }
  return fail("the shared state was written by somebody else meanwhile", "what was done stands in the state here and on the members; bring them together: mcp plan", 6);
}

Result<void> Exchange::push(std::int64_t token, const std::optional<RunRow>& open, std::string_view plan, Lease* lease) {
  if (lease != nullptr) lease->forget_request();   // of whoever had it before
  Head wanted;
  wanted.present = true;
  wanted.token = token;
  wanted.open = open;
  const std::vector<Piece> plan_pieces = pieces_of(plan);
  std::vector<Piece> state;
  // While nothing has happened since the last exchange, what is there is what is here.
  const bool as_there = head_.present && open && !MCP_TRY(is_ahead(store_));
  if (as_there) {
    wanted.serial = head_.serial;
    wanted.pieces = head_.pieces;
  } else {
    state = MCP_TRY(state_pieces(store_));
    for (const RunRow& run : MCP_TRY(store_.runs()))
      if (run.state != RunState::Open) wanted.serial = std::max(wanted.serial, run.id);
  }
  auto parts = parts_of(head_);
  std::vector<const Piece*> missing;
  for (const std::vector<Piece>* each : {&std::as_const(state), &plan_pieces})
    for (const Piece& piece : *each)
      if (!parts.contains(piece.name)) missing.push_back(&piece);
  parts.merge(MCP_TRY(send(missing, lease)));
  for (const Piece& piece : state) wanted.pieces.push_back({piece.name, parts.at(piece.name)});
  for (const Piece& piece : plan_pieces) wanted.plan.push_back({piece.name, parts.at(piece.name)});
  const Head before = head_;
  head_ = MCP_TRY(swap_head(wanted));
  Txn txn = MCP_TRY(store_.begin());
  MCP_TRY(store_.set_shared(seen_key, seen_text(head_)));
  MCP_TRY(store_.set_shared(ahead_key, open ? "1" : ""));
  MCP_TRY(txn.commit());
  MCP_TRY(share_key());
  forget(before, head_);
  return {};
}

/// Pieces that nobody names any more. If that fails they stay, and do no harm.
void Exchange::forget(const Head& before, const Head& after) {
  const auto now = parts_of(after);
  Asking<int> asking(fleet_);
  for (const auto& [name, parts] : parts_of(before))
    for (std::size_t part = 0; part < parts && !now.contains(name); ++part) asking.ask(0, mcp_cluster, Remove{piece_ref(store_.project(), name, part), {}});
  while (asking.next()) {}
}

}  // namespace mcp
