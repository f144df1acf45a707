#pragma once
// The state of an expansion; expand.cpp (declarations), bodies.cpp (blocks), references.cpp (names) share it.
#include "lang/eval/defaults.hpp"
#include "lang/eval/expand.hpp"

namespace mcp {

class Expander final : public Declarations {
 public:
  Expander(const Unit& unit, Reading& reading, std::string directory);
  Expanded run();

  const Value& clusters() override;
  const Value* cluster_row(std::string_view name) override;
  std::string resolve(BlockKind kind, std::string_view name, std::string_view ns, Span span) override;
  void needs_key(BlockKind kind, std::string ref, std::string key, Span span) override;

 private:
  /// A declared object whose name is known and whose body is not evaluated yet.
  struct Pending {
    const ObjectCode* code = nullptr;
    Address address;
    std::vector<Value> frame;     // locals around it
    std::shared_ptr<Block> block;
    bool failed = false;
  };
  /// What tells declared objects apart; texts of a Pending.
  struct Key {
    AddressKind kind;
    std::string_view ns;
    std::string_view name;
    auto operator<=>(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      const std::hash<std::string_view> of;
      return (of(key.name) * 31 + of(key.ns)) * 31 + static_cast<std::size_t>(key.kind);
    }
  };
  static Key key_of(const Address& address) { return {address.kind, address.ns, address.name}; }
  /// Objects of one kind and name: the first of them, and in how many namespaces they are.
  struct Namesakes {
    const Pending* first = nullptr;
    std::size_t count = 0;
  };
  struct KeyUse {
    BlockKind kind;
    std::string ref;
    std::string key;
    Span span;
  };
  /// A block under construction.
  struct Building {
    Block* block = nullptr;
    std::vector<bool> written;           // per attribute (labels of a cluster follow)
    std::vector<Value> labels;           // of a cluster
    std::vector<std::unique_ptr<Building>> children;   // beside block->children; null: finished and shared
    bool by_path = false;                // only paths (`container.web.cpu = ..`) wrote it so far
    bool failed = false;                 // something in it is missing for a reason already reported
  };

  // ---- declarations
  /// `top`: the body of a file, in which clusters are declared apart from the rest.
  void declare(const BodyCode& body, bool clusters_only, bool top);
  void declare_object(const ObjectCode& code);
  void run_for(const ForCode& loop, const std::function<void()>& body);
  bool admit(const ObjectCode& code, Address& address);
  void evaluate_clusters();
  void evaluate(Pending& pending);
  void mcp_block(const Pending& pending);
  std::vector<std::string> loop_stack(const ObjectCode& code) const;
  static AddressKind address_kind_of(BlockKind kind);

  // ---- names
  bool declared(AddressKind kind, std::string_view ns, std::string_view name) const { return by_address_.contains({kind, ns, name}); }
  Namesakes namesakes(AddressKind kind, std::string_view name);
  /// Names of all declared objects of a kind, in one namespace or, with null, in any; sorted, each once.
  std::vector<std::string_view> names_of(AddressKind kind, const std::string_view* ns) const;
  void objects_by_address();

  // ---- bodies
  std::shared_ptr<Block> build(BlockKind kind, std::string name, const BodyCode& body, Span head, Span name_span, Building& building);
  void body_into(Building& to, const BodyCode& body);
  void set(Building& to, const SetCode& code);
  void child(Building& to, const ChildCode& code);
  void finish(Building& to);
  Cell cell_of(BlockKind kind, AttrId id, const ValueSite& site, const SetCode& code);
  Value lowered(BlockKind kind, AttrId id, Value value, Span span);
  void check_text(const Value& value, Span span);
  std::vector<ClusterId> candidates_of(const BodyCode& body);

  const Unit& unit_;
  Reading& reading_;
  std::string directory_;
  Interp interp_;
  Topology topology_;
  std::vector<RowFailure> row_failures_;
  std::deque<Pending> pending_;
  std::unordered_map<Key, Pending*, KeyHash> by_address_;
  std::unordered_map<Key, Namesakes, KeyHash> by_name_;   // keys without namespace, of the first `named_` of pending_
  std::size_t named_ = 0;
  Pending* mcp_ = nullptr;
  enum class Clusters : std::uint8_t { Unknown, Open, Known } clusters_state_ = Clusters::Unknown;
  Value cluster_names_;
  std::vector<KeyUse> key_uses_;
  std::size_t objects_ = 0;
  const ObjectCode* current_ = nullptr;        // whose names or body are being evaluated
  const Address* current_address_ = nullptr;
  std::vector<ClusterId> candidates_;          // members for which row values of the current object are wanted
  struct Kept { std::shared_ptr<const Block> block; std::string ns; };
  std::vector<Kept> kept_blocks_;
};

}  // namespace mcp
