// The layout, as pairs of texts.
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/policy_text.hpp"

using namespace mcp::test;

namespace {

struct Pair {
  const char* name;
  const char* source;
  const char* expected;
};

void check_all(std::initializer_list<Pair> pairs) {
  for (const Pair& each : pairs) {
    INFO(each.name);
    CHECK(formatted(each.source) == each.expected);
    CHECK(formatting_fault(each.source) == "");
  }
}

/// These are laid out already.
void check_kept(std::initializer_list<const char*> texts) {
  for (const char* each : texts) CHECK(formatted(each) == each);
}

std::string repeated(const std::string& text, std::size_t n) {
  std::string out;
  for (; n > 0; --n) out += text;
  return out;
}

}  // namespace

TEST_CASE("blanks, line ends and blank lines are brought in order") {
  check_all({
      {"nothing", "", ""},
      {"blank lines only", "\n\n  \n", ""},
      {"blanks between tokens", "let   x=1+2 *3", "let x = 1 + 2 * 3\n"},
      {"tabs", "workload\tweb in\tshop {\n\treplicas=2\n}\n", "workload web in shop {\n  replicas = 2\n}\n"},
      {"many blank lines", "\n\na = 1\n\n\n\nb = 2\n\n\n", "a = 1\n\nb = 2\n"},
      {"blank lines beside braces", "place {\n\n  min = 1\n\n}\n", "place {\n  min = 1\n}\n"},
      {"several statements on one line", "a = 1, b = 2\n", "a = 1\nb = 2\n"},
      {"empty braces on two lines", "namespace shop {\n}\n", "namespace shop {}\n"},
      {"empty brackets on two lines", "x = [\n]\n", "x = []\n"},
      {"else on a line of its own", "when a {\n  b = 1\n}\nelse when c {\n  d = 2\n}\nelse {\n  e = 3\n}\n",
       "when a {\n  b = 1\n} else when c {\n  d = 2\n} else {\n  e = 3\n}\n"},
  });
}

TEST_CASE("operators, brackets and signs") {
  check_all({
      {"signs", "x = - 1 - -2 - ( - a )", "x = -1 - -2 - (-a)\n"},
      {"not", "x = ! ! a && !b", "x = !!a && !b\n"},
      {"row fields", "x = clusters where.tier==\"gold\"&& ! .cordon", "x = clusters where .tier == \"gold\" && !.cordon\n"},
      {"members", "x = a.b?.c[ .d ]( 1,to = 2 )", "x = a.b?.c[.d](1, to = 2)\n"},
      {"parentheses stay", "x = ((a) + (b))", "x = ((a) + (b))\n"},
      {"keyword before a bracket", "check(a), \"no\"\nwhen(b) {}\nexpect[1] == x\ncheck -1 < a, \"no\"",
       "check (a), \"no\"\nwhen (b) {}\nexpect [1] == x\ncheck -1 < a, \"no\"\n"},
      {"effects", "deny when.a,\"x\"\nwarn unless(b),\"y\"", "deny when .a, \"x\"\nwarn unless (b), \"y\"\n"},
      {"comprehensions", "x = [for a,b in m:b if a!=c]\ny = {for k in l:k=>1}",
       "x = [for a, b in m : b if a != c]\ny = { for k in l : k => 1 }\n"},
      {"numbers as written", "x = 50_000\ny = 250m", "x = 50_000\ny = 250m\n"},
      {"types", "type A=\"x\"|\"y\"|map( int )?\ntype B={a:int,b:list(string)}",
       "type A = \"x\" | \"y\" | map(int)?\ntype B = { a: int, b: list(string) }\n"},
      {"functions", "fn f (a:int,b:string)->string=\"${a}\"", "fn f(a: int, b: string) -> string = \"${a}\"\n"},
      {"names of keywords", "when = 1\nfor.each = 2\nlabels.in = 3", "when      = 1\nfor.each  = 2\nlabels.in = 3\n"},
  });
}

TEST_CASE("strings are not touched") {
  check_kept({
      "x = \"a  ${ b+c }  \\u{20AC}\"\n",
      "x = r\"a\\  b\"\n",
      "x = \"\"\"\n      deeper\n    as it is  \n    \"\"\"\n",
      "config c in shop {\n  data = {\n    \"a.conf\" = \"\"\"\nleft\n\"\"\"\n  }\n}\n",
      "x = r\"\"\"\n\ttab\n\"\"\"\n",
  });
}

TEST_CASE("quotes go where a bare name says the same") {
  check_all({
      {"keys", "x = { \"a\" = 1, \"b-c\" = 2, \"d.e\" = 3, \"4\" = 4, \"-f\" = 5, \"in\" = 6, \"\" = 7 }",
       "x = { a = 1, b-c = 2, \"d.e\" = 3, \"4\" = 4, \"-f\" = 5, \"in\" = 6, \"\" = 7 }\n"},
      {"names", "workload \"web\" in shop {}\nmount \"/tmp\" {}\nconfig \"a-${b}\" {}", "workload web in shop {}\nmount \"/tmp\" {}\nconfig \"a-${b}\" {}\n"},
      {"tests are sentences", "test \"staging\" {}", "test \"staging\" {}\n"},
      {"computed keys", "x = { (a) = 1, (\"b\") = 2 }", "x = { (a) = 1, (\"b\") = 2 }\n"},
  });
}

TEST_CASE("assignments and entries on consecutive lines align") {
  check_all({
      {"a run", "a = 1\nlonger = 2\nb.c += 3\n", "a      = 1\nlonger = 2\nb.c   += 3\n"},
      {"a blank line ends it", "a = 1\n\nlonger = 2\n", "a = 1\n\nlonger = 2\n"},
      {"a comment ends it", "a = 1\n// why\nlonger = 2\n", "a = 1\n// why\nlonger = 2\n"},
      {"another statement ends it", "a = 1\nlet b = 2\nlonger = 3\n", "a = 1\nlet b = 2\nlonger = 3\n"},
      {"several lines end it, and belong to it", "a = 1\nlonger = {\nb = 2\n}\nc = 3\nevenlonger = 4\n",
       "a      = 1\nlonger = {\n  b = 2\n}\nc          = 3\nevenlonger = 4\n"},
      {"entries", "x = {\n\"a.conf\" = 1\nb = 2\n}\n", "x = {\n  \"a.conf\" = 1\n  b        = 2\n}\n"},
      {"code points count", "x = {\n\"ü\" = 1\n\"ab\" = 2\n(ab) = 3\n}\n", "x = {\n  \"ü\"  = 1\n  ab   = 2\n  (ab) = 3\n}\n"},
      {"not lets", "let a = 1\nlet longer = 2\n", "let a = 1\nlet longer = 2\n"},
      {"a comment at the end does not", "a = 1 // why\nlonger = 2 # because\n", "a      = 1  // why\nlonger = 2  # because\n"},
  });
}

TEST_CASE("types of params and labels align") {
  check_all({
      {"params", "param a: int\nparam longer: list(string) = []\n", "param a:      int\nparam longer: list(string) = []\n"},
      {"labels are another run", "param a: int\nlabel longer: bool\n", "param a: int\nlabel longer: bool\n"},
  });
}

TEST_CASE("one-line blocks of one kind make a table") {
  check_all({
      {"braces", "namespace a {}\nnamespace longer { isolated = false }\n", "namespace a      {}\nnamespace longer { isolated = false }\n"},
      {"columns",
       "cluster a{cloud=\"aws\",region=\"r1\",tier=\"gold\",capacity=4}\n"
       "cluster bb{cloud=\"azure\",region=\"region-2\",tier=\"gold\",capacity=20}\n"
       "cluster c{cloud=\"gcp\",region=\"r3\",tier=\"silver\",stage=\"x\",capacity=1}\n",
       "cluster a  { cloud = \"aws\",   region = \"r1\",       tier = \"gold\",   capacity = 4 }\n"
       "cluster bb { cloud = \"azure\", region = \"region-2\", tier = \"gold\",   capacity = 20 }\n"
       "cluster c  { cloud = \"gcp\",   region = \"r3\",       tier = \"silver\", stage = \"x\", capacity = 1 }\n"},
      {"the last cell of a row widens no column", "cluster a { x = 1, y = 2 }\ncluster b { x = 100000 }\n", "cluster a { x = 1, y = 2 }\ncluster b { x = 100000 }\n"},
      {"a row that lacks a column interrupts nothing", "m a { x = 1, y = 2 }\nm b { x = 1 }\nm c { x = 100, y = 2 }\n",
       "m a { x = 1,   y = 2 }\nm b { x = 1 }\nm c { x = 100, y = 2 }\n"},
      {"other attributes, no column", "m a { x = 1, y = 2 }\nm b { z = 100, y = 2 }\n", "m a { x = 1, y = 2 }\nm b { z = 100, y = 2 }\n"},
      {"overrides", "override workload.a { replicas = 1 }\noverride workload.bcd where .x { replicas = 1 }\n",
       "override workload.a            { replicas = 1 }\noverride workload.bcd where .x { replicas = 1 }\n"},
      {"kinds apart", "config a {}\nsecret longer {}\nsecret b {}\n", "config a {}\nsecret longer {}\nsecret b      {}\n"},
      {"a block of several lines stays out", "wave a {}\nwave longer {\nstep = 1\n}\nwave b {}\n", "wave a {}\nwave longer {\n  step = 1\n}\nwave b {}\n"},
  });
  const std::string wide = "cluster a { x = \"" + repeated("x", 80) + "\", y = 1 }\ncluster b { x = 1, y = \"" + repeated("y", 80) + "\" }\n";
  CHECK(formatted(wide) == wide);
}

TEST_CASE("what stands on one line stays there up to 120 columns") {
  const auto block = [](std::size_t n) { return "workload w { a = \"" + repeated("x", n) + "\", b = 1 }\n"; };
  const std::string fits = block(120 - 28);
  REQUIRE(fits.size() == 121);
  CHECK(formatted(fits) == fits);
  CHECK(formatted(block(121 - 28)) == "workload w {\n  a = \"" + repeated("x", 121 - 28) + "\"\n  b = 1\n}\n");
  const std::string element = "\"" + repeated("x", 40) + "\"";
  CHECK(formatted("x = [" + element + ", " + element + ", " + element + "]\n") == "x = [\n  " + element + ",\n  " + element + ",\n  " + element + ",\n]\n");
  CHECK(formatted("x = f(" + element + ", " + element + ", " + element + ")\n") == "x = f(\n  " + element + ",\n  " + element + ",\n  " + element + ",\n)\n");
  CHECK(formatted("x = f(" + element + ", { a = " + element + ", b = " + element + " })\n") ==
        "x = f(" + element + ", {\n  a = " + element + "\n  b = " + element + "\n})\n");
}

TEST_CASE("what stands on several lines gets a line an item") {
  check_all({
      {"a block", "place { min = 1, max = 2,\nby = .cloud }", "place {\n  min = 1\n  max = 2\n  by  = .cloud\n}\n"},
      {"a block around a block", "workload w { container c {\nimage = \"a\" } }", "workload w {\n  container c {\n    image = \"a\"\n  }\n}\n"},
      {"a list", "x = [1, 2,\n3]", "x = [\n  1,\n  2,\n  3,\n]\n"},
      {"a list of objects", "x = [{ a = 1\nb = 2 }, { c = 3 }]", "x = [{\n  a = 1\n  b = 2\n}, { c = 3 }]\n"},
      {"a call", "x = f(\na, to = 2)", "x = f(\n  a,\n  to = 2,\n)\n"},
      {"an argument of several lines", "x = merge(a, {\nb = 1\n})", "x = merge(a, {\n  b = 1\n})\n"},
      {"parameters", "fn f(\na: int, b: int) -> int = a", "fn f(\n  a: int,\n  b: int\n) -> int = a\n"},
      {"a comprehension", "x = [\nfor a in b : a\nif c ]", "x = [\n  for a in b : a\n    if c\n]\n"},
      {"operators", "x = a &&\nb\n|| c", "x = a &&\n  b\n  || c\n"},
      {"then and else", "x = if a\nthen b\nelse c", "x = if a\n  then b\n  else c\n"},
      {"commas at the end of one line", "x = [1, 2,]\ny = { a = 1, }\nz = f(1,)", "x = [1, 2]\ny = { a = 1 }\nz = f(1)\n"},
  });
}

TEST_CASE("comments stay with what they precede or follow") {
  check_all({
      {"at the end of lines", "a = 1 # one\nb { // two\nc = 2 /* three */\n} // four\n", "a = 1  # one\nb {  // two\n  c = 2  /* three */\n}  // four\n"},
      {"on lines of their own", "# head\n\n\n# next\na = 1\n   // last\n", "# head\n\n# next\na = 1\n// last\n"},
      {"before a brace", "a {\n  b = 1\n\n  // end\n}\n", "a {\n  b = 1\n\n  // end\n}\n"},
      {"alone in braces", "a {\n// nothing\n}\nb = [ /* nothing */ ]\n", "a {\n  // nothing\n}\nb = [/* nothing */]\n"},
      {"before what they stand beside", "/* one */ a = 1\nf = g(/* two */ b, c /* three */)\n", "/* one */ a = 1\nf = g(/* two */ b, c /* three */)\n"},
      {"of several lines", "/* one\n     two  \n*/\na = 1\n", "/* one\n     two\n*/\na = 1\n"},
      {"between elements", "x = [\n1, // one\n2 // two\n, // three\n// four\n3\n]", "x = [\n  1,  // one\n  2,  // two\n  // three\n  // four\n  3,\n]\n"},
      {"between operators", "x = a && // one\n// two\nb", "x = a &&  // one\n  // two\n  b\n"},
      {"documentation", "/// What it is.\n///   More.   \nparam a: int\n", "/// What it is.\n///   More.\nparam a: int\n"},
      {"documentation of nothing", "a = 1 /// no\n, b = 2\n", "a = 1  // no\nb = 2\n"},
      {"before else", "when a {} // one\nelse {}\n", "when a {}  // one\nelse {}\n"},
  });
}

TEST_CASE("a whole file that is laid out already") {
  check_kept({R"(import "std/guards.mcp" as guards

mcp garden {
  driver = "sim"  // no cluster needed
  limits { max_deletes = 5, max_moved = 20% }
}

label tier:  "gold" | "silver"
label green: bool = false

cluster north  { cloud = "aws", region = "eu-north-1", tier = "gold",   capacity = 40 }
cluster valley { cloud = "own", region = "valley",     tier = "silver", green = true }

/// Where what earns money runs.
param gold: list(cluster) = clusters where .tier == "gold"
fn url(host: string, port: int) -> string = "http://${host}:${port}"

workload shed in garden {
  replicas = if len(gold) > 2 then 6 else 2
  container shed {
    image = "registry.example/garden/shed:1.0"
    ports = { http = 8080, admin = port(9000, to = "admin") }
    env   = {
      URL    = url("tools", 80)
      REGION = .region
    }
    args = [
      "--quiet",
      "--shelves=${3 * 4}",
    ]
    mount "/tmp"      { from = scratch, size = 64Mi }
    mount "/etc/shed" { from = config.shed }
    probe ready { http = "/healthz" }
  }
  place { on = gold, weight = .capacity ?? 1 }
  override where .green { container.shed.cpu = 100m }
}

for name, size in { a = 1, b = 2 } {
  workload "bed-${name}" in garden { replicas = size }
}
when len(gold) == 0 {
  namespace spare {}
} else {
  namespace spare { isolated = false }
}
)"});
}
