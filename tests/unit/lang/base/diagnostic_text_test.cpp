#include "lang/base/diagnostic_text.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

using namespace mcp;

namespace {

/// Sources and spans by the text they hold.
struct World {
  SourceMap sources;
  const SourceFile& file;
  explicit World(std::string text) : file(sources.add("shop.mcp", std::move(text))) {}

  Span at(std::string_view piece, const SourceFile* in = nullptr) const {
    const SourceFile& f = in == nullptr ? file : *in;
    const auto offset = static_cast<std::uint32_t>(f.text.find(piece));
    return {f.base + offset, f.base + offset + static_cast<std::uint32_t>(piece.size())};
  }
  std::string text(const Diagnostic& d) const { return to_text(d, sources, Colour::No); }
};

std::size_t widest(const std::string& text) {
  std::size_t most = 0;
  std::size_t width = 0;
  for (const char c : text) {
    if (c == '\n') width = 0;
    else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) most = std::max(most, ++width);
  }
  return most;
}

}  // namespace

TEST_CASE("a finding shows its line, points at it, and says what next") {
  World w("a = 1\n  memory = 400m\n");
  Diagnostic d = error("E0303", w.at("400m"), "`memory` needs a size; `400m` is two fifths of a CPU", "did you mean `400Mi`?");
  d.notes.push_back("sizes end in Ki, Mi, Gi");
  d.help.push_back("write `400Mi`");
  d.values.push_back("x = 1");
  CHECK(w.text(d) ==
        "error[E0303]: `memory` needs a size; `400m` is two fifths of a CPU\n"
        "  --> shop.mcp:2:12\n"
        "   |\n"
        " 2 |   memory = 400m\n"
        "   |            ^^^^ did you mean `400Mi`?\n"
        "   = value: x = 1\n"
        "   = note: sizes end in Ki, Mi, Gi\n"
        "   = help: write `400Mi`\n");
}

TEST_CASE("further places stand in the order of lines, those of other files under their name") {
  World w("one\ntwo\nthree\n");
  const SourceFile& other = w.sources.add("lib/b.mcp", "first\nsecond\n");
  Diagnostic d = error("E0201", w.at("three"), "twice");
  d.labels.push_back({w.at("second", &other), "there"});
  d.labels.push_back({w.at("one"), "here"});
  CHECK(w.text(d) ==
        "error[E0201]: twice\n"
        "  --> shop.mcp:3:1\n"
        "   |\n"
        " 1 | one\n"
        "   | --- here\n"
        " 3 | three\n"
        "   | ^^^^^\n"
        "  ::: lib/b.mcp:2:1\n"
        " 2 | second\n"
        "   | ------ there\n");
}

TEST_CASE("a finding without a place has none") {
  World w("a = 1\n");
  CHECK(w.text(error("E0509", {}, "the inventory is empty")) == "error[E0509]: the inventory is empty\n");
}

TEST_CASE("columns count code points, tabs and invisible characters are made visible") {
  World w("x = \"\xC3\xBC\xE2\x80\xAE\" + bad\n\ty = worse\n");
  const std::string first = w.text(error("E0101", w.at("bad"), "no"));
  CHECK(first.find("1 | x = \"\xC3\xBC\\u{202e}\" + bad\n   |                   ^^^\n") != std::string::npos);
  CHECK(first.find("shop.mcp:1:12") != std::string::npos);
  const std::string second = w.text(error("E0101", w.at("worse"), "no"));
  CHECK(second.find("2 |   y = worse\n   |       ^^^^^\n") != std::string::npos);
}

TEST_CASE("what users wrote cannot forge lines or colours") {
  World w("a\n");
  const std::string text = w.text(error("E0101", w.at("a"), "found `\x1b[31m\nerror[E9999]: fake`"));
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.starts_with("error[E0101]: found `\\u{1b}[31m\\u{a}error"));
  CHECK(visible("a\xFFz\xE2\x80\x8B") == "a\\x{ff}z\\u{200b}");
}

TEST_CASE("no line is wider than 80 columns but the message") {
  World w("let a = \"" + std::string(300, 'x') + "\" + bad + \"" + std::string(300, 'y') + "\"\n");
  Diagnostic d = error("E0204", w.at("bad"), "no such name", "a label that is long enough to need a line of its own, or even two of them, as it goes on and on");
  for (int i = 0; i < 20; ++i) d.notes.push_back("a note with many words, which are to be laid out over several lines because it goes on and on");
  const std::string text = w.text(d);
  INFO(text);
  CHECK(widest(text) <= 80);
  CHECK(text.find("...") != std::string::npos);
  CHECK(text.find(" bad ") != std::string::npos);
  // Every end of the long line.
  for (std::uint32_t at = 0; at < w.file.text.size(); at += 7) CHECK(widest(w.text(error("E0204", {w.file.base + at, w.file.base + at + 400}, "no"))) <= 80);
}

TEST_CASE("colour adds and never carries") {
  World w("abc\n");
  Diagnostic d = warning("W0510", w.at("b"), "unused", "here");
  d.help.push_back("remove it");
  std::string coloured = to_text(d, w.sources, Colour::Yes);
  std::string plain;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b') i = coloured.find('m', i);
    else plain += coloured[i];
  }
  CHECK(plain == w.text(d));
  CHECK(coloured.size() > plain.size());
}

TEST_CASE("20 errors are printed, then a count") {
  World w(std::string(100, '\n'));
  Diagnostics all;
  for (std::uint32_t i = 0; i < 25; ++i) all.add(error("E0101", {w.file.base + i, w.file.base + i + 1}, "no " + std::to_string(i)));
  const std::string text = to_text(all, w.sources, Colour::No);
  CHECK(text.find("no 19") != std::string::npos);
  CHECK(text.find("no 20") == std::string::npos);
  CHECK(text.ends_with("\n5 more errors; 20 are shown\n"));
}

TEST_CASE("the record of a finding") {
  World w("a = \xC3\xBC \"b\"\n");
  Diagnostic d = error("E0101", w.at("\"b\""), "a \"b\"\n", "here");
  d.labels.push_back({w.at("a"), "there"});
  d.values.push_back("v");
  d.notes.push_back("n");
  d.help.push_back("h");
  d.fixes.push_back({w.at("a"), "c", true});
  d.stack.push_back("s");
  CHECK(to_json(d, w.sources) ==
        R"({"type":"diagnostic","severity":"error","code":"E0101","message":"a \"b\"\n",)"
        R"("span":{"column":7,"end_column":10,"end_line":1,"file":"shop.mcp","length":3,"line":1,"offset":7},"label":"here",)"
        R"("labels":[{"span":{"column":1,"end_column":2,"end_line":1,"file":"shop.mcp","length":1,"line":1,"offset":0},"text":"there"}],)"
        R"("values":["v"],"notes":["n"],"help":["h"],)"
        R"("fixes":[{"safe":true,"span":{"column":1,"end_column":2,"end_line":1,"file":"shop.mcp","length":1,"line":1,"offset":0},"text":"c"}],"stack":["s"]})");
  CHECK(to_json(error("E0509", {}, "m"), w.sources) == R"({"type":"diagnostic","severity":"error","code":"E0509","message":"m","span":null})");
}
