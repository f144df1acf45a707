#include "lang/sema/functions.hpp"

#include <array>

namespace mcp {

namespace {

constexpr NativeSpec table[] = {
    {"len", "list(T) | map(T) | string", "int", "number of items, entries or code points", R"(len("née") == 3)"},
    {"keys", "map(T)", "list(string)", "keys in order", R"(keys({ b = 1, a = 2 }) == ["a", "b"])"},
    {"values", "map(T)", "list(T)", "values in the order of their keys", R"(values({ b = 1, a = 2 }) == [2, 1])"},
    {"get", "map(T), string, T", "T", "the value of a key, or the third argument", R"(get({ a = 1 }, "b", 7) == 7)"},
    {"merge", "map(T), map(T)", "map(T)", "both maps; the right one wins", R"(merge({ a = 1 }, { a = 2, b = 3 })["a"] == 2)"},
    {"distinct", "list(T)", "list(T)", "each value once, where it first stands", "distinct([2, 1, 2]) == [2, 1]"},
    {"sort", "list(T)", "list(T)", "ascending; strings by bytes", "sort([3, 1, 2]) == [1, 2, 3]"},
    {"reverse", "list(T)", "list(T)", "last first", "reverse([1, 2]) == [2, 1]"},
    {"flatten", "list(list(T))", "list(T)", "one level of lists less", "flatten([[1], [2, 3]]) == [1, 2, 3]"},
    {"range", "int", "list(int)", "0 up to, not including, the argument", "range(3) == [0, 1, 2]"},
    {"sum", "list(N)", "N", "sum; 0 of nothing", "sum([1, 2, 3]) == 6"},
    {"min", "list(N)", "N", "least; of nothing an error (E0404)", "min([3, 1, 2]) == 1"},
    {"max", "list(N)", "N", "greatest; of nothing an error (E0404)", "max([1s, 2min]) == 120s"},
    {"any", "list(bool)", "bool", "true if one is", "any([false, true])"},
    {"all", "list(bool)", "bool", "true if none is false", "all([true, true])"},
    {"div", "int, int", "int", "quotient rounded down", "div(-7, 2) == -4"},
    {"mod", "int, int", "int", "remainder with the sign of the divisor", "mod(-7, 2) == 1"},
    {"join", "list(string), string", "string", "the strings with a text between", R"(join(["a", "b"], "-") == "a-b")"},
    {"split", "string, string", "list(string)", "parts between a text", R"(split("a,b", ",") == ["a", "b"])"},
    {"lines", "string", "list(string)", "lines without their ends", R"(lines("a\nb\n") == ["a", "b"])"},
    {"replace", "string, string, string", "string", "every occurrence of the second by the third", R"(replace("a.b.c", ".", "-") == "a-b-c")"},
    {"trim", "string", "string", "without white space at both ends", R"(trim(" a ") == "a")"},
    {"lower", "string", "string", "ASCII letters in lower case", R"(lower("Ab") == "ab")"},
    {"upper", "string", "string", "ASCII letters in upper case", R"(upper("Ab") == "AB")"},
    {"pad", "int, int", "string", "with leading zeros up to a width", R"(pad(7, 3) == "007")"},
    {"starts_with", "string, string", "bool", "", R"(starts_with("abc", "ab"))"},
    {"ends_with", "string, string", "bool", "", R"(ends_with("abc", "bc"))"},
    {"contains", "string, string", "bool", "", R"(contains("abc", "b"))"},
    {"to_json", "json", "string", "JSON with sorted keys, without blanks", R"(to_json({ b = 1, a = [true] }) == "{\"a\":[true],\"b\":1}")"},
    {"to_yaml", "json", "string", "YAML with sorted keys", R"(to_yaml({ a = 1 }) == "a: 1\n")"},
    {"from_json", "string", "json", "", R"(to_json(from_json("[1, 2]")) == "[1,2]")"},
    {"from_yaml", "string", "json", "", R"(to_json(from_yaml("a: b")) == to_json({ a = "b" }))"},
    {"file", "string", "string", "a file of the project, relative to the file that says so", ""},
    {"files", "string", "map(string)", "the regular files directly in a folder, by name; without dot files", ""},
    {"from_env", "string", "secret", "an environment variable, read when the plan is applied", ""},
    {"from_file", "string", "secret", "a file of the project, read when the plan is applied", ""},
    {"sha256", "string", "string", "64 hex digits", R"(starts_with(sha256(""), "e3b0c442"))"},
    {"base64", "string", "string", "padded standard base64", R"(base64("a") == "YQ==")"},
    {"int", "string | int | bool", "int", "conversion, or an error (E0410)", R"(int("42") == 42)"},
    {"string", "T", "string", "as an interpolation prints it", R"(string(250m) == "250m")"},
    {"bool", "string | bool", "bool", "\"true\" or \"false\", or an error (E0410)", R"(bool("true"))"},
    {"image", "string", "image", "checked as an image reference", R"(image("nginx:1.27") == "nginx:1.27")"},
    {"port", "int, to = string, protocol = string", "port", "port of a service or container; protocol \"tcp\", \"udp\" or \"sctp\"", ""},
    {"pod_field", "string", "env_source", "a field of the Pod as environment variable (downward API)", ""},
};

}  // namespace

std::span<const NativeSpec> native_functions() { return table; }

int native_index(std::string_view name) {
  int at = 0;
  for (const NativeSpec& spec : table) {
    if (spec.name == name) return at;
    ++at;
  }
  return -1;
}

}  // namespace mcp
