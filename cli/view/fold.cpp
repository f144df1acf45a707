#include "cli/view/fold.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "cli/view/parts.hpp"

namespace mcp::view {

namespace {

bool only_replicas(const Change& c) {
  return !c.fields.empty() && std::all_of(c.fields.begin(), c.fields.end(), [](const FieldChange& f) { return f.path == replicas_path; });
}

class Folder {
 public:
  Folder(const Plan& plan, std::size_t digits) : plan_(plan), digits_(digits) {
    for (const PlacementRow& row : plan.placement)
      if (row.moved > 0) moves_.emplace(row.address.text(), Move{&row, false});
    for (const DriftRow& row : plan.drift) drifted_.insert(row.address);
  }

  std::vector<ChangeRow> run() {
    for (const Change& change : plan_.changes) take(change);
    for (ChangeRow& row : rows_) {
      std::stable_sort(row.changes.begin(), row.changes.end(),
                       [&](const Change* a, const Change* b) { return member_of(*a) < member_of(*b); });
      for (const Change* c : row.changes) row.members.push_back(member_of(*c));
    }
    return over_addresses();
  }

 private:
  struct Move { const PlacementRow* row; bool shown; };

  const std::string& member_of(const Change& change) const { return member_name(plan_.step_of(change).address); }

  void take(const Change& change) {
    const Step& step = plan_.step_of(change);
    // What is put back only because others changed it stands under DRIFT.
    if (change.reason == Reason::Drift && drifted_.contains(step.address)) return;
    bool moves = false;
    if (step.address.kind == AddressKind::Workload && !moves_.empty()) {
      const auto at = moves_.find(step.address.declared().text());
      if (at != moves_.end()) {
        moves = true;
        if (!at->second.shown) {
          at->second.shown = true;
          ChangeRow row;
          row.move = at->second.row;
          row.addresses = {at->second.row->address};
          rows_.push_back(std::move(row));
        }
        const bool told = step.action == Action::Create || step.action == Action::Delete || step.action == Action::Forget ||
                          (step.action == Action::Update && only_replicas(change));
        if (told) return;
      }
    }
    std::string why = change.why;
    // The header says already why everything goes.
    if (plan_.destroy && (step.action == Action::Delete || step.action == Action::Leave)) why.clear();
    std::size_t details = 0;
    std::string key(to_string(step.action));
    if (step.address.kind != AddressKind::Cluster) key.append(1, '\n') += step.address.declared().text();
    if (change.reason == Reason::Lost && why.empty()) why = "replaces what a lost cluster ran";
    key.append(1, '\n').append(why);
    if (step.action == Action::Create) {
      details = details_of(step);
      key.append(1, '\n') += std::to_string(details);
    }
    for (const FieldChange& f : change.fields) {
      if (f.path == replicas_path) continue;
      key.append(1, '\n').append(f.path).append(1, f.has ? '=' : '-');
      if (f.has) key += f.after.digest().brief(32);
    }
    const auto [at, fresh] = known_.emplace(std::move(key), rows_.size());
    if (fresh) {
      ChangeRow row;
      row.action = step.action;
      row.addresses = {step.address.declared()};
      row.why = why;
      row.without_replicas = moves;
      if (step.action == Action::Create) row.details = all_details_[details];
      rows_.push_back(std::move(row));
    }
    rows_[at->second].changes.push_back(&change);
  }

  /// Number of the details of a new object; equal ones have one number. Bodies are shared, so most are looked up.
  std::size_t details_of(const Step& step) {
    const void* body = step.body.identity();
    const bool keep = body != nullptr;   // a body names its object, so its address is the same too
    if (keep)
      if (const auto at = by_body_.find(body); at != by_body_.end()) return at->second;
    std::vector<DetailLine> details = create_details(plan_, step, digits_);
    std::string text;
    for (const DetailLine& d : details) text += d.name + "\t" + d.text + "\n";
    const auto [at, fresh] = by_text_.emplace(std::move(text), all_details_.size());
    if (fresh) all_details_.push_back(std::move(details));
    if (keep) by_body_.emplace(body, at->second);
    return at->second;
  }

  static bool alike(const ChangeRow& a, const ChangeRow& b) {
    if (a.move != nullptr || b.move != nullptr || a.action != b.action || a.why != b.why || a.members != b.members) return false;
    const Address& x = a.addresses.front();
    const Address& y = b.addresses.front();
    if (a.action == Action::Delete || a.action == Action::Forget) return x.kind != AddressKind::Cluster && y.kind != AddressKind::Cluster;
    return a.action == Action::Create && x.kind == y.kind && x.part == y.part && a.details == b.details &&
           a.changes.front()->origin == b.changes.front()->origin;
  }

  std::vector<ChangeRow> over_addresses() {
    std::vector<ChangeRow> out;
    for (ChangeRow& row : rows_) {
      if (!out.empty() && alike(out.back(), row)) out.back().addresses.push_back(row.addresses.front());
      else out.push_back(std::move(row));
    }
    return out;
  }

  const Plan& plan_;
  std::size_t digits_;
  std::unordered_map<std::string, Move> moves_;
  std::set<Address> drifted_;
  std::unordered_map<std::string, std::size_t> known_;
  std::unordered_map<const void*, std::size_t> by_body_;
  std::unordered_map<std::string, std::size_t> by_text_;
  std::vector<std::vector<DetailLine>> all_details_;
  std::vector<ChangeRow> rows_;
};

}  // namespace

std::vector<ChangeRow> fold_changes(const Plan& plan, std::size_t secret_digits) { return Folder(plan, secret_digits).run(); }

}  // namespace mcp::view
