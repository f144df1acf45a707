// BLOCKED, DEFERRED and RISKS: what stops a plan, what waits, and what a reader should look at twice.
#include <algorithm>
#include <map>
#include <set>

#include "cli/view/names.hpp"
#include "cli/view/parts.hpp"

namespace mcp::view {

namespace {

std::string origin_text(const Where& where) { return visible(where.brief()); }

/// Equal verdicts about one thing on several clusters are one line.
struct Verdict {
  BlockedBy what;
  std::string before;                // text up to the address
  std::string address;               // declared; empty: none in the text
  std::string after;
  std::vector<std::string> members;
  const Blocked* first;
};

std::vector<Verdict> folded(const Plan& plan) {
  std::vector<Verdict> out;
  std::map<std::string, std::size_t> known;
  for (const Blocked& b : plan.blocked) {
    Verdict v{b.what, b.text, {}, {}, {}, &b};
    const std::string word = b.text.substr(0, b.text.find(' '));
    if (const auto address = Address::parse(word); address && !address->member.empty()) {
      v.before.clear();
      v.address = address->declared().text();
      v.after = b.text.substr(word.size());
      v.members.push_back(address->member);
    }
    const std::string key = std::string(to_string(v.what)) + "\n" + v.before + "\n" + v.address + "\n" + v.after + "\n" + b.hint + "\n" + b.origin.brief();
    const auto [at, fresh] = known.emplace(key, out.size());
    if (fresh) out.push_back(std::move(v));
    else if (!v.members.empty()) out[at->second].members.push_back(v.members.front());
  }
  return out;
}

Tone tone_of(RiskLevel level) {
  switch (level) {
    case RiskLevel::Critical: return Tone::BoldRed;
    case RiskLevel::High: return Tone::Red;
    case RiskLevel::Medium: return Tone::Yellow;
    case RiskLevel::Low: return Tone::Dim;
  }
  return Tone::Plain;
}

}  // namespace

void put_blocked(Sheet& sheet, const Context& context) {
  if (context.plan.blocked.empty()) return;
  constexpr std::size_t most = 20;
  sheet.section();
  sheet.put(Line("BLOCKED", Tone::BoldRed).add("  the plan can be read and saved, not applied"));
  std::vector<Verdict> all = folded(context.plan);
  std::size_t wide = 7;
  for (const Verdict& v : all) wide = std::max(wide, to_string(v.what).size());
  const std::size_t indent = 2 + wide + 2;
  std::size_t shown = 0;
  for (Verdict& v : all) {
    if (++shown > most && !context.full()) continue;
    std::sort(v.members.begin(), v.members.end());
    v.members.erase(std::unique(v.members.begin(), v.members.end()), v.members.end());
    std::string text = v.before + v.address;
    if (v.members.size() == 1) text += "@" + v.members.front();
    text += v.after;
    if (v.members.size() > 1) text += " on " + clusters_text(v.members, context.members);
    sheet.wrap(Line("  ").add(to_string(v.what), Tone::Red).to(indent), visible(text), indent, origin_text(v.first->origin));
    if (!v.first->hint.empty()) sheet.wrap(Line().to(indent), visible(v.first->hint), indent);
  }
  if (shown > most && !context.full()) sheet.put("  and " + std::to_string(shown - most) + " more; all with --full");
}

void put_deferred(Sheet& sheet, const Context& context) {
  if (context.plan.deferred.empty()) return;
  sheet.section();
  sheet.put("DEFERRED", Tone::Bold);
  std::map<std::pair<std::string, std::uint32_t>, std::vector<std::string>> equal;
  for (const Deferral& d : context.plan.deferred) equal[{d.why, d.changes}].push_back(d.member);
  for (auto& [key, names] : equal) {
    std::sort(names.begin(), names.end());
    std::string text = key.first;
    if (key.second > 0) text += ", " + counted(key.second, "change waits", "changes wait") + (names.size() > 1 ? " on each" : "");
    sheet.wrap(Line("  " + visible(ranges(names, context.members)) + "   "), visible(text), 6);
  }
}

void put_risks(Sheet& sheet, const Context& context) {
  if (context.plan.risks.empty()) return;
  constexpr std::size_t most = 10;   // of one rule
  sheet.section();
  sheet.put("RISKS", Tone::Bold);
  std::size_t wide = 6;
  std::map<std::string, std::size_t> total;
  for (const Risk& r : context.plan.risks) {
    wide = std::max(wide, to_string(r.level).size());
    ++total[r.rule];
  }
  std::map<std::string, std::size_t> shown;
  for (const Risk& r : context.plan.risks) {
    const std::size_t n = ++shown[r.rule];
    const Line lead = Line("  ").add(to_string(r.level), tone_of(r.level)).to(2 + wide + 2).add(r.rule + "  ");
    if (n <= most || context.full()) sheet.wrap(lead, visible(r.text), lead.columns(), origin_text(r.origin));
    else if (n == total[r.rule]) sheet.put(Line(lead).add("and " + std::to_string(n - most) + " more; all with --full"));
  }
}

}  // namespace mcp::view
