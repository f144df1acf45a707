#include <fmt/format.h>

#include <algorithm>

#include "lang/topology/quantity.hpp"
#include "planner/place/explain.hpp"

namespace mcp {

namespace {

constexpr std::size_t margin_column = 58;   // where origins stand, if there is room
constexpr std::size_t label_width = 10;
constexpr std::size_t column_width = 14;
constexpr std::size_t most_columns = 6;
constexpr std::size_t most_rows = 8;

/// "5/15 .3333": the quotient in which a part stands in line, cut to four digits.
std::string quotient(std::int64_t weight, Replicas count) {
  const std::int64_t divisor = 2 * count + 1;
  const std::int64_t whole = weight / divisor;
  const std::int64_t digits = weight % divisor * 10'000 / divisor;
  return fmt::format("{}/{} {}.{:04}", weight, divisor, whole == 0 ? "" : std::to_string(whole), digits);
}

std::string cell(const PlaceStep& step, std::size_t part) {
  const PlaceStep::Part& p = step.parts[part];
  if (p.full) return "full";
  return (part == step.winner ? "* " : "") + quotient(p.weight, p.count);
}

void put_line(std::string& out, std::string text, const std::string& origin) {
  if (!origin.empty()) {
    text += "  ";
    while (text.size() < margin_column) text += ' ';
    text += origin;
  }
  out += text + "\n";
}

/// The expression of one level of `by` as written: ".cloud", of "[.cloud, .region]" the second one.
std::string level_name(std::string_view written, std::size_t level, std::size_t levels) {
  if (levels < 2 || written.size() < 2 || written.front() != '[') return std::string(written);
  written.remove_prefix(1);
  written.remove_suffix(1);
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= written.size(); ++i) {
    const char c = i < written.size() ? written[i] : ',';
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (c != ',' || depth > 0) continue;
    if (level-- == 0) {
      std::string_view one = written.substr(start, i - start);
      while (!one.empty() && (one.front() == ' ' || one.front() == '\n')) one.remove_prefix(1);
      while (!one.empty() && (one.back() == ' ' || one.back() == '\n')) one.remove_suffix(1);
      return std::string(one);
    }
    start = i + 1;
  }
  return {};
}

std::string heading(const PlaceTable& table, const PlaceExplanation& why, const SourceMap& sources) {
  if (!table.group.empty()) return "in " + table.group;
  if (table.level == why.levels) return "by weight";
  const std::string name = why.by_origin.span.known() ? level_name(sources.text(why.by_origin.span), table.level, why.levels) : "";
  return "by " + (name.empty() ? std::string("group") : name);
}

void put_row(std::string& out, std::string_view label, const std::vector<std::string>& cells, std::size_t width) {
  std::string line = "    " + std::string(label);
  while (line.size() < label_width) line += ' ';
  for (const std::string& c : cells) line += fmt::format("{:>{}}", c, width);
  out += line + "\n";
}

void put_wide(std::string& out, const PlaceTable& t, std::size_t first) {
  std::vector<std::string> cells;
  for (std::size_t i = 0; i < t.names.size(); ++i) cells.push_back(fmt::format("{} {}", t.names[i], t.weights[i]));
  std::size_t width = column_width;
  const auto widen = [&](const std::vector<std::string>& row) {
    for (const std::string& c : row) width = std::max(width, c.size() + 2);
  };
  widen(cells);
  std::vector<std::vector<std::string>> rows;
  for (std::size_t s = first; s < t.steps.size(); ++s) {
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < t.names.size(); ++i) row.push_back(cell(t.steps[s], i));
    widen(row);
  }
  put_row(out, "weight", cells, width);
  cells.clear();
  for (std::size_t i = 0; i < t.names.size(); ++i) cells.push_back(std::to_string(first == 0 ? t.before[i] : t.steps[first].parts[i].count));
  put_row(out, "before", cells, width);
  for (std::size_t s = first; s < t.steps.size(); ++s) put_row(out, std::to_string(t.steps[s].number), rows[s - first], width);
}

/// Above six parts: the winner, the next one in line and the one asked for.
void put_narrow(std::string& out, const PlaceTable& t, std::size_t first) {
  for (std::size_t s = first; s < t.steps.size(); ++s) {
    const PlaceStep& step = t.steps[s];
    std::size_t second = t.names.size();
    for (std::size_t i = 0; i < step.parts.size(); ++i) {
      if (i == step.winner || step.parts[i].full) continue;
      if (second == t.names.size() || due_before(step.parts[i].weight, step.parts[i].count, step.parts[second].weight, step.parts[second].count)) second = i;
    }
    std::vector<std::size_t> shown = {step.winner};
    if (second < t.names.size()) shown.push_back(second);
    if (std::find(shown.begin(), shown.end(), t.own) == shown.end()) shown.push_back(t.own);
    std::string line = fmt::format("    {:<{}}", step.number, label_width - 4);
    for (const std::size_t i : shown) line += fmt::format("  {} {}", t.names[i], cell(step, i));
    out += line + "\n";
  }
}

std::string_view cause_word(Cause cause) {
  switch (cause) {
    case Cause::Open: return "open";
    case Cause::SaidLost: return "--lost";
    case Cause::FailedOver: return "failover";
    case Cause::NeverReached: return "never answered";
    case Cause::Unreachable: return "unreachable";
    case Cause::Refused: return "refuses us";
    case Cause::NotSelected: return "on";
    case Cause::Leaving: return "leaving";
    case Cause::Drain: return "drain";
    case Cause::Cordon: return "cordon";
  }
  return {};
}

std::string verdict(const PlaceExplanation& why) {
  const auto because = [&](const char* what) { return fmt::format("{} ({})", what, cause_word(why.slot.cause)); };
  switch (why.slot.state) {
    case MemberState::Frozen: return because("frozen");
    case MemberState::Lost: return because("lost");
    case MemberState::Leave: return because(why.after > 0 ? "stays for want of room" : why.before > 0 ? "leaves" : "refused");
    case MemberState::Hold: return because(why.after > 0 ? "held" : "refused");
    case MemberState::Open: break;
  }
  if (why.stop == "max" || why.stop == "room") return "full (" + why.stop + ")";
  if (why.stop == "weight 0") return why.after > 0 ? "takes its min (weight 0)" : "refused (weight 0)";
  if (why.added > 0) return "takes its share";
  if (why.after < why.before) return fmt::format("gives up {}", why.before - why.after);
  return why.after > 0 ? "keeps its share" : "not in line yet";
}

std::string_view dimension_word(Dimension d) { return d == Dimension::Pods ? "pods" : d == Dimension::Cpu ? "cpu" : "memory"; }

std::string capacity_text(const PlaceRoom& room) {
  switch (room.dimension) {
    case Dimension::None: return {};
    case Dimension::Pods: return std::to_string(room.capacity);
    case Dimension::Cpu: return cpu_text(room.capacity);
    case Dimension::Memory: return memory_text(room.capacity);
  }
  return {};
}

Value place_value(const Origin& origin, const SourceMap& sources) {
  return origin.span.known() ? Value::string(sources.brief(origin.span)) : Value();
}

Value bound_value(Replicas n) { return n == unbounded ? Value() : Value::integer(n); }

}  // namespace

std::string to_text(const PlaceExplanation& why, const SourceMap& sources, ExplainOptions options) {
  const auto brief = [&](const Origin& o) { return o.span.known() ? sources.brief(o.span) : std::string(); };
  const auto plural = [](Replicas n) { return fmt::format("{} replica{}", n, n == 1 ? "" : "s"); };
  std::string out = fmt::format("{}  {}, {} before: {}\n", why.address.text(), plural(why.after), why.before, verdict(why));
  const std::string state = fmt::format("  state     {}", why.state_text);
  const std::string origin = brief(why.state_origin);
  out += state + (origin.empty() ? "" : "  " + origin) + "\n";
  const bool counted = why.slot.takes_part() && (why.slot.state == MemberState::Open || why.after > 0);
  if (counted) {
    std::string bounds = fmt::format("  bounds    min {}, max {}", why.slot.min, why.slot.max == unbounded ? std::string("none") : std::to_string(why.slot.max));
    if (why.room.dimension == Dimension::None) {
      bounds += ", no capacity stated";
    } else {
      // In replicas of this workload; of the capacity itself where one replica is one unit of it.
      bounds += why.room.dimension == Dimension::Pods ? fmt::format(", room {} of {} pods", why.room.room, capacity_text(why.room))
                                                      : fmt::format(", room {} in {} of {}", why.room.room, capacity_text(why.room), dimension_word(why.room.dimension));
      bounds += why.room.observed ? " observed" : " declared";
    }
    if (why.slot.cap != unbounded) bounds += fmt::format(": at most {}", std::max(why.slot.cap, why.after));
    out += bounds + "\n";
    out += fmt::format("  kept {}, added {} of {}\n", why.kept, why.added, why.added_in_all);
    for (const PlaceTable& t : why.tables) {
      const Origin& at = t.group.empty() ? (t.level == why.levels ? why.weight_origin : why.by_origin) : Origin{};
      put_line(out, "  " + heading(t, why, sources), brief(at));
      const std::size_t first = options.all_steps || t.steps.size() <= most_rows ? 0 : t.steps.size() - most_rows;
      if (t.names.size() > most_columns) put_narrow(out, t, first);
      else put_wide(out, t, first);
    }
  }
  out += "  stop      " + why.stop_text + "\n";
  if (!why.one_more.empty()) out += "  one more  " + why.one_more + "\n";
  return out;
}

Value to_value(const PlaceExplanation& why, const SourceMap& sources) {
  MapBuilder out;
  out.set("type", "why_replicas").set("address", std::string_view(why.address.text()));
  out.set("state", to_string(why.slot.state)).set("reason", std::string_view(why.state_text)).set("origin", place_value(why.state_origin, sources));
  out.set("before", why.before).set("after", why.after).set("kept", why.kept).set("added", why.added).set("added_in_all", why.added_in_all);
  out.set("floor", why.slot.floor).set("cap", bound_value(why.slot.cap)).set("min", why.slot.min).set("max", bound_value(why.slot.max));
  if (why.room.dimension == Dimension::None) {
    out.set("room", Value());
  } else {
    out.set("room", MapBuilder().set("replicas", why.room.room).set("dimension", dimension_word(why.room.dimension)).set("capacity", why.room.capacity)
                        .set("others", why.room.others).set("observed", why.room.observed).build());
  }
  std::vector<Value> tables;
  for (const PlaceTable& t : why.tables) {
    std::vector<Value> steps;
    for (const PlaceStep& step : t.steps) {
      std::vector<Value> parts;
      for (std::size_t i = 0; i < step.parts.size(); ++i)
        parts.push_back(MapBuilder().set("name", std::string_view(t.names[i])).set("weight", step.parts[i].weight).set("divisor", 2 * step.parts[i].count + 1)
                            .set("full", step.parts[i].full).build());
      steps.push_back(MapBuilder().set("number", step.number).set("winner", std::string_view(t.names[step.winner])).set("parts", Value::list(std::move(parts))).build());
    }
    tables.push_back(MapBuilder().set("heading", std::string_view(heading(t, why, sources))).set("steps", Value::list(std::move(steps))).build());
  }
  out.set("tables", Value::list(std::move(tables)));
  out.set("stop", std::string_view(why.stop)).set("stop_text", std::string_view(why.stop_text));
  out.set("one_more", why.one_more.empty() ? Value() : Value::string(why.one_more));
  return out.build();
}

}  // namespace mcp
