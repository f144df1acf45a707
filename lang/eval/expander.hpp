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
  std::map<Address, Pending*> by_address_;
  std::map<std::pair<BlockKind, std::string>, std::vector<std::string>> by_name_;   // kind, name -> namespaces
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
