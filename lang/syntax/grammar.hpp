#pragma once
// The lexical grammar as PEGTL rules, and nothing else: what a token is. Statements and expressions are parsed from the
// tokens (parser.cpp), since a line end means something or nothing depending on the tokens on both of its sides.
#include <tao/pegtl.hpp>

namespace mcp::grammar {

using namespace tao::pegtl;

struct letter : sor<alpha, one<'_'>> {};
struct name_char : sor<alnum, one<'_'>> {};
/// Names hold dashes, but neither begin nor end with one: `a-b` is a name, `a - b` a subtraction.
struct name : seq<letter, star<sor<name_char, seq<one<'-'>, at<name_char>>>>> {};

/// Digits and what follows them at once; whether that is a unit is asked later, so that `5lightyears` is one mistake.
struct digits : seq<digit, star<sor<digit, one<'_'>>>> {};
struct number : seq<digits, sor<one<'%'>, star<alnum>>> {};

struct blanks : plus<one<' ', '\t', '\r'>> {};
struct line_end : one<'\n'> {};
struct to_line_end : star<not_one<'\n'>> {};
struct doc_comment : seq<string<'/', '/', '/'>, not_at<one<'/'>>, to_line_end> {};
struct line_comment : seq<sor<one<'#'>, two<'/'>>, to_line_end> {};
struct block_comment : seq<string<'/', '*'>, until<string<'*', '/'>>> {};
struct open_comment : seq<string<'/', '*'>, star<any>> {};

/// Strings are tokens as a whole. Their inner structure, `${..}` with strings inside, has no bound on depth, so these
/// two are scanned with a counter instead of recursion (tokens.cpp) and come back as rules.
struct long_raw : seq<string<'r', '"', '"', '"'>, until<string<'"', '"', '"'>>> {};
struct short_raw : seq<string<'r', '"'>, star<not_one<'"', '\n'>>, one<'"'>> {};
struct open_raw : seq<string<'r', '"'>, to_line_end> {};

template <char... Cs>
struct word : string<Cs...> {};
struct op_fat_arrow : word<'=', '>'> {};
struct op_equal : word<'=', '='> {};
struct op_assign : word<'='> {};
struct op_append : word<'+', '='> {};
struct op_plus : word<'+'> {};
struct op_arrow : word<'-', '>'> {};
struct op_minus : word<'-'> {};
struct op_times : word<'*'> {};
struct op_divide : word<'/'> {};
struct op_less_equal : word<'<', '='> {};
struct op_less : word<'<'> {};
struct op_greater_equal : word<'>', '='> {};
struct op_greater : word<'>'> {};
struct op_not_equal : word<'!', '='> {};
struct op_not : word<'!'> {};
struct op_and : word<'&', '&'> {};
struct op_or : word<'|', '|'> {};
struct op_bar : word<'|'> {};
struct op_coalesce : word<'?', '?'> {};
struct op_optional_dot : word<'?', '.'> {};
struct op_question : word<'?'> {};
struct op_dot : word<'.'> {};
struct op_comma : word<','> {};
struct op_colon : word<':'> {};
struct open_paren : word<'('> {};
struct close_paren : word<')'> {};
struct open_bracket : word<'['> {};
struct close_bracket : word<']'> {};
struct open_brace : word<'{'> {};
struct close_brace : word<'}'> {};

/// Longest first where one begins like another.
struct operators : sor<op_fat_arrow, op_equal, op_assign, op_append, op_plus, op_arrow, op_minus, op_times, op_divide, op_less_equal,
                       op_less, op_greater_equal, op_greater, op_not_equal, op_not, op_and, op_or, op_bar, op_coalesce,
                       op_optional_dot, op_question, op_dot, op_comma, op_colon, open_paren, close_paren, open_bracket,
                       close_bracket, open_brace, close_brace> {};

}  // namespace mcp::grammar
