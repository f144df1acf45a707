#include "cli/view/line_diff.hpp"

#include <algorithm>
#include <cstdint>

namespace mcp::view {

namespace {

using Lines = std::vector<std::string_view>;

/// Shortest edit of two middles by Myers' greedy algorithm, kept as one frontier per number of edits.
/// Source: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986.
bool myers(const Lines& a, const Lines& b, std::vector<LineEdit>& out) {
  constexpr std::int64_t most_edits = 400;
  const auto n = static_cast<std::int64_t>(a.size());
  const auto m = static_cast<std::int64_t>(b.size());
  const std::int64_t bound = std::min(n + m, most_edits);
  std::vector<std::int64_t> furthest(static_cast<std::size_t>(2 * bound + 3), 0);
  const auto at = [&](std::int64_t k) -> std::int64_t& { return furthest[static_cast<std::size_t>(k + bound + 1)]; };
  std::vector<std::vector<std::int64_t>> trace;
  std::int64_t edits = -1;
  for (std::int64_t d = 0; d <= bound && edits < 0; ++d) {
    trace.push_back(furthest);
    for (std::int64_t k = -d; k <= d; k += 2) {
      std::int64_t x = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
      while (x < n && x - k < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)]) ++x;
      at(k) = x;
      if (x >= n && x - k >= m) {
        edits = d;
        break;
      }
    }
  }
  if (edits < 0) return false;
  std::int64_t x = n;
  std::int64_t y = m;
  for (std::int64_t d = edits; d >= 0; --d) {
    const auto& old = trace[static_cast<std::size_t>(d)];
    const auto was = [&](std::int64_t k) { return old[static_cast<std::size_t>(k + bound + 1)]; };
    const std::int64_t k = x - y;
    const bool down = k == -d || (k != d && was(k - 1) < was(k + 1));
    const std::int64_t from_k = down ? k + 1 : k - 1;
    const std::int64_t from_x = d == 0 ? 0 : was(from_k);
    const std::int64_t from_y = d == 0 ? 0 : from_x - from_k;
    while (x > from_x && y > from_y) {
      --x;
      --y;
      out.push_back({LineMark::Same, a[static_cast<std::size_t>(x)], 0});
    }
    if (d == 0) break;
    if (down) out.push_back({LineMark::New, b[static_cast<std::size_t>(--y)], 0});
    else out.push_back({LineMark::Gone, a[static_cast<std::size_t>(--x)], 0});
  }
  std::reverse(out.begin(), out.end());
  return true;
}

/// Within a run of changes, what went stands first.
void settle(std::vector<LineEdit>& edits) {
  for (auto it = edits.begin(); it != edits.end();) {
    it = std::find_if(it, edits.end(), [](const LineEdit& e) { return e.mark != LineMark::Same; });
    const auto end = std::find_if(it, edits.end(), [](const LineEdit& e) { return e.mark == LineMark::Same; });
    std::stable_partition(it, end, [](const LineEdit& e) { return e.mark == LineMark::Gone; });
    it = end;
  }
}

}  // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

std::vector<LineEdit> line_diff(std::string_view before, std::string_view after, std::size_t context) {
  Lines a = lines_of(before);
  Lines b = lines_of(after);
  std::size_t front = 0;
  while (front < a.size() && front < b.size() && a[front] == b[front]) ++front;
  std::size_t back = 0;
  while (back < a.size() - front && back < b.size() - front && a[a.size() - 1 - back] == b[b.size() - 1 - back]) ++back;
  std::vector<LineEdit> all;
  for (std::size_t i = 0; i < front; ++i) all.push_back({LineMark::Same, a[i], 0});
  const auto middle = [&](const Lines& lines) { return Lines(lines.begin() + static_cast<std::ptrdiff_t>(front), lines.end() - static_cast<std::ptrdiff_t>(back)); };
  const Lines gone = middle(a);
  const Lines come = middle(b);
  std::vector<LineEdit> edits;
  if (!myers(gone, come, edits)) {
    edits.clear();
    for (const std::string_view line : gone) edits.push_back({LineMark::Gone, line, 0});
    for (const std::string_view line : come) edits.push_back({LineMark::New, line, 0});
  }
  settle(edits);
  all.insert(all.end(), edits.begin(), edits.end());
  for (std::size_t i = a.size() - back; i < a.size(); ++i) all.push_back({LineMark::Same, a[i], 0});

  std::vector<bool> near(all.size(), false);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].mark == LineMark::Same) continue;
    const std::size_t end = std::min(all.size(), i + context + 1);
    for (std::size_t k = i > context ? i - context : 0; k < end; ++k) near[k] = true;
  }
  std::vector<LineEdit> out;
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!near[i]) {
      ++skipped;
      continue;
    }
    if (skipped > 0 && !out.empty()) out.push_back({LineMark::Skip, {}, skipped});
    skipped = 0;
    out.push_back(all[i]);
  }
  return out;
}

}  // namespace mcp::view
