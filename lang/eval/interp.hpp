#pragma once
// Interp: evaluates Code. Holds the frame, the row and the enclosing object of the moment, the values of globals (each
// evaluated once, with a mark against circles), and the budget. What goes wrong is reported once per place and ends the
// value with `Failed`, which never leaves lang/eval.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "lang/base/diagnostic.hpp"
#include "lang/sema/code.hpp"
#include "lang/sema/modules.hpp"

namespace mcp {

/// Thrown when a value cannot be had; the reason is reported already.
struct Failed {};
/// Thrown when the budget is used up: nothing goes on.
struct Exhausted {};

inline constexpr std::uint64_t max_steps = 50'000'000;
inline constexpr std::uint64_t max_value_bytes = 512ULL << 20U;
inline constexpr std::size_t max_objects = 1'000'000;

/// What evaluation asks about declared things; answered by the expander.
class Declarations {
 public:
  virtual ~Declarations() = default;
  /// Names of all members, sorted. Throws Failed in a circle.
  virtual const Value& clusters() = 0;
  /// Row fields of a member; null if there is none of that name. A null value: its block is faulty, so none can be read.
  virtual const Value* cluster_row(std::string_view name) = 0;
  /// "shop/web" for `kind.name`, seen from namespace `ns`; reports E0202, E0206 at `span` and throws Failed.
  virtual std::string resolve(BlockKind kind, std::string_view name, std::string_view ns, Span span) = 0;
  /// Somebody reads key `key` of `kind` object `ref`: checked when all bodies are there.
  virtual void needs_key(BlockKind kind, std::string ref, std::string key, Span span) = 0;
};

class Interp {
 public:
  Interp(const Unit& unit, Reading& reading);

  void bind(Declarations& declarations) { declarations_ = &declarations; }
  Value eval(const Code& code);
  /// Evaluates, or takes the value kept from the first time.
  Value eval(const ValueSite& site);
  const Value& global(std::uint32_t index, Span used);

  std::vector<Value>& frame() { return frame_; }
  /// The enclosing object, for `self` and references.
  struct Self { std::string_view name; std::string_view ns; };
  Self self;
  /// Row of an `each` attribute: a member's row fields; null outside.
  const Value* each_row = nullptr;
  /// Loops at work, innermost last: for the budget's message.
  std::vector<Span> loops;

  /// Reports, once per place and code, and throws Failed.
  [[noreturn]] void fail(std::string code, Span span, std::string message, std::string help = {});
  Diagnostic* report_once(Diagnostic diagnostic);
  void count(std::uint64_t steps = 1) {
    steps_ += steps;
    if (steps_ - counted_ >= 4096) account();
  }
  void account();
  void spend(std::uint64_t bytes, Span span);
  /// Walks through a value as if nothing in it were shared, and counts its parts as steps; fails where it is deeper than
  /// 500 or larger than 4,000,000 parts. To be asked before anything that walks through it without a budget.
  void measure(const Value& value, Span span);
  std::uint64_t steps() const { return steps_; }
  /// True once a file that is no UTF-8 was read: only then texts need a second look where they end up.
  bool binary_seen = false;
  Diagnostics& out() { return reading_.out; }
  Reading& reading() { return reading_; }
  /// While set, findings go here instead: values that fail on one member only.
  std::vector<Diagnostic>* divert = nullptr;
  /// Set when names may be unknown for reasons already reported.
  bool silent_names = false;
  /// Texts for people about the loops around: "for job = \"indexer\"".
  std::function<std::vector<std::string>()> stack;

 private:
  friend struct NativeCall;
  struct Deeper;
  [[noreturn]] void too_deep(Span span);
  Value eval_list(const Code& code);
  Value where(const Code& code);
  Value for_list(const Code& code);
  Value for_map(const Code& code);
  template <class Each>
  void loop(const Code& code, Each&& each);
  Value call_fn(const Code& code);
  Value call_native(const Code& code);
  Value secret(const Code& code);
  std::int64_t integer(const Code* code) { return eval(*code).as_int(); }

  const Unit& unit_;
  Reading& reading_;
  Declarations* declarations_ = nullptr;
  std::vector<Value> frame_;
  const Value* where_row_ = nullptr;
  enum class Mark : std::uint8_t { Unseen, Open, Done, Failed };
  std::vector<Mark> marks_;
  std::vector<Value> globals_;
  std::vector<Value> kept_;
  std::vector<bool> has_kept_;
  std::vector<std::uint32_t> open_globals_;
  std::set<std::pair<std::uint32_t, std::string>> reported_;
  std::map<std::uint32_t, std::uint64_t> loop_steps_;   // by begin of the loop's span
  std::map<std::uint32_t, Span> loop_spans_;
  std::uint64_t steps_ = 0;
  std::uint64_t counted_ = 0;
  std::uint64_t bytes_ = 0;
  unsigned depth_ = 0;              // of values and functions that need each other
  unsigned expression_depth_ = 0;   // of all that is being evaluated
  bool too_deep_said_ = false;      // one finding for all that ends there
};

/// Text of a value of this type as an interpolation prints it: "30s", "250m", "256Mi", "true".
std::string value_text(const Value& value, TypeTag type);

}  // namespace mcp
