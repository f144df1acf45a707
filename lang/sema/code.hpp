#pragma once
// Code: checked expressions and bodies, ready to be evaluated: names are slots, literals constants, conversions explicit.
// Types are gone, for checking was static. Plain data; made by the checker, read by the evaluator, owned by a Unit.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lang/base/arena.hpp"
#include "lang/base/source.hpp"
#include "lang/base/symbol.hpp"
#include "lang/sema/types.hpp"
#include "lang/topology/cells.hpp"
#include "lang/topology/schema.hpp"
#include "lang/value/value.hpp"

namespace mcp {

/// What a node does; a, b, c, list, n as the comment says. Operands are evaluated left to right.
enum class Op : std::uint8_t {
  Fail,            // already reported: ends the evaluation of the value silently
  Const,           // n: constant
  Local,           // n: slot
  Global,          // n: global
  RowField,        // n: constant (key); of the innermost row
  SelfName, SelfNamespace,
  Clusters,        // names of all members
  RefNamed,        // n: constant (name), aux: BlockKind -> "shop/web"
  RefComputed,     // a: name or "ns/name", aux: BlockKind
  SourceKey,       // a: ref, b: key, aux: BlockKind -> {"config": ref, "key": k}
  Field,           // a: record, n: constant (key)
  OptField,        // the same; null if a is null
  ClusterField,    // a: cluster name, n: constant (key)
  OptClusterField,
  IndexMap,        // a[b]; a missing key is E0404
  IndexList,
  CallFn,          // n: function, list: arguments
  CallNative,      // n: native function, list: arguments, aux: TypeTag of the first argument('s element)
  Not, NegateInt,
  AddInt, SubInt, MulInt, DivInt,
  Concat,          // list: strings
  AppendList,      // a ++ b
  And, Or,
  Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual,     // ints
  TextLess, TextLessEqual, TextGreater, TextGreaterEqual,
  InList, InMap,   // a in b
  Coalesce,
  If,              // a ? b : c
  Where,           // a where b; aux 1: of clusters
  MakeList,        // list
  MakeMap,         // list: values; n: constant (list of keys, sorted)
  MakeMapComputed, // list: key, value, key, value ...
  ForList,         // a: collection, b: item, c: condition or null; n: first slot; aux: ForShape
  ForMap,          // a: collection, list: key, value; c: condition or null
  ToText,          // a, aux: TypeTag
  ToImage,         // a: string that must be an image reference
  ToPort,          // a: int -> {"port", "protocol"}
  ToMount,         // a: ref, aux: BlockKind -> {"config": ref}
  MapValues,       // a: list or map; b: code over slot n for each value (a conversion inside a container)
  Secret,          // list: parts: strings and secrets -> list of parts
};

enum class ForShape : std::uint8_t { Items, IndexedItems, MapEntries };

/// What a value depends on besides project values.
enum Dep : std::uint8_t {
  DepNone = 0,
  DepEach = 1,        // row of the enclosing attribute
  DepRow = 2,         // row of a `where`
  DepSelf = 4,        // name or namespace of the enclosing object
  DepNamespace = 8,   // a reference, which the enclosing namespace decides
};

inline constexpr std::uint16_t no_slot = 0xFFFF;

/// How deep expressions stand inside each other, through values and functions: the stack bounds what recurses over them.
inline constexpr unsigned max_expression_depth = 2000;

struct Code {
  Op op = Op::Fail;
  std::uint8_t aux = 0;
  std::uint8_t deps = DepNone;
  std::uint16_t low_slot = no_slot;   // lowest local slot read inside; no_slot: none
  Span span;
  std::uint32_t n = 0;
  const Code* a = nullptr;
  const Code* b = nullptr;
  const Code* c = nullptr;
  std::span<const Code*> list;

  /// The same wherever and however often it is evaluated in a run.
  bool constant() const { return deps == DepNone && low_slot == no_slot; }
};

/// Evaluated once and kept, if `code` is constant.
struct ValueSite {
  const Code* code = nullptr;
  std::uint32_t cache = 0;            // index into the evaluator's table of kept values; 0: not kept
};

struct BodyCode;

/// `attr = value`, `attr.key = value`.
struct SetCode {
  AttrId attr = 0;
  std::string key;                    // of a map, for `labels.team = ..`; else empty
  ValueSite value;
  Span name_span;
  std::shared_ptr<const std::vector<LeafOrigin>> leaves;   // keys of an object literal; null: none
  bool append = false;
};

/// A nested block; `merge`: written as a path (`container.web.cpu = ..`), joins a block of its name.
struct ChildCode {
  BlockKind kind = BlockKind::Container;
  ValueSite name;                     // null code: unnamed
  Span head;
  Span name_span;
  std::shared_ptr<BodyCode> body;
  bool merge = false;
  std::uint32_t cache = 0;            // of the finished block; 0: not kept
  bool by_namespace = false;          // kept for one namespace at a time
};

/// A declared object or cluster, as `Expand` meets it.
struct ObjectCode {
  BlockKind kind = BlockKind::Workload;
  ValueSite name;
  ValueSite ns;                       // null code: none
  Span head;
  Span name_span;
  Span ns_span;
  std::shared_ptr<BodyCode> body;
  std::vector<const struct ForCode*> loops;   // around it, outermost first
  std::uint16_t frame = 0;            // locals around it: slots below this one
};

struct LetCode {
  std::uint16_t slot = 0;
  const Code* value = nullptr;
};

struct ForCode {
  const Code* in = nullptr;
  ForShape shape = ForShape::Items;
  std::uint16_t first = 0;            // its second variable, if any, is the next slot
  std::string first_name;
  std::string second_name;            // empty: none
  std::shared_ptr<BodyCode> body;
  Span span;                          // of the head
};

struct WhenCode {
  const Code* condition = nullptr;
  std::shared_ptr<BodyCode> then;
  std::shared_ptr<BodyCode> otherwise;   // may be null
};

/// Statements in written order; lets first, in an order in which each finds what it needs.
struct BodyCode {
  std::vector<LetCode> lets;
  std::vector<SetCode> sets;
  struct Item { enum class Kind : std::uint8_t { Set, Child, Object, For, When } kind; std::uint32_t index; };
  std::vector<Item> items;
  std::vector<ChildCode> children;
  std::vector<ObjectCode> objects;
  std::vector<std::shared_ptr<ForCode>> fors;
  std::vector<WhenCode> whens;
  std::uint8_t deps = DepNone;
  std::uint16_t low_slot = no_slot;
  bool has_paths = false;             // some child is written as a path: no child is kept
  bool has_clusters = false;          // a `cluster` block lies inside
  bool constant() const { return deps == DepNone && low_slot == no_slot; }
};

struct FnCode {
  std::string name;
  std::uint16_t params = 0;
  std::uint16_t slots = 0;
  const Code* body = nullptr;
  Span span;
};

struct GlobalCode {
  std::string name;
  Span span;                          // of the name
  const Code* value = nullptr;        // null: a param without a value (E0408 when read)
  bool param = false;
  std::string type_name;
  bool forced = true;                 // evaluated even if nothing reads it
};

/// A label: a field of every cluster.
struct LabelCode {
  std::string name;
  Span span;
  Type type;
  const Code* otherwise = nullptr;    // null: required, unless the type is optional
};

/// All checked code of a run.
struct Unit {
  Arena arena;
  std::vector<Value> constants;
  std::vector<GlobalCode> globals;
  std::vector<FnCode> functions;
  std::vector<LabelCode> labels;                       // sorted by name
  std::vector<std::unique_ptr<BodyCode>> bodies;       // one per project file: its declarations
  std::uint32_t value_caches = 1;
  std::uint32_t block_caches = 1;
  std::uint16_t slots = 0;                             // most slots of any frame
};

}  // namespace mcp
