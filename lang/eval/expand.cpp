// Declarations: which objects there are, and in what order they are evaluated.
#include "lang/eval/expand.hpp"

#include <algorithm>

#include "lang/base/large.hpp"
#include "lang/eval/expander.hpp"

namespace mcp {

Expander::Expander(const Unit& unit, Reading& reading, std::string directory)
    : unit_(unit), reading_(reading), directory_(std::move(directory)), interp_(unit, reading) {
  interp_.bind(*this);
  interp_.silent_names = reading.out.has_errors();
  interp_.stack = [this] { return current_ != nullptr ? loop_stack(*current_) : std::vector<std::string>(); };
  kept_blocks_.resize(unit.block_caches);
}

AddressKind Expander::address_kind_of(BlockKind kind) {
  switch (kind) {
    case BlockKind::Cluster: return AddressKind::Cluster;
    case BlockKind::Namespace: return AddressKind::Namespace;
    case BlockKind::Config: return AddressKind::Config;
    case BlockKind::Secret: return AddressKind::Secret;
    case BlockKind::Service: return AddressKind::Service;
    case BlockKind::Manifest: return AddressKind::Manifest;
    default: return AddressKind::Workload;
  }
}

std::vector<std::string> Expander::loop_stack(const ObjectCode& code) const {
  std::vector<std::string> out;
  const auto& frame = const_cast<Interp&>(interp_).frame();
  for (auto it = code.loops.rbegin(); it != code.loops.rend(); ++it) {
    const ForCode& loop = **it;
    const auto shown = [&](const std::string& name, std::size_t slot) {
      const Value& v = frame[slot];
      if (v.is_string()) return name + " = \"" + std::string(v.as_string()) + "\"";
      if (v.is_int()) return name + " = " + std::to_string(v.as_int());
      return name;
    };
    std::string text = "for " + shown(loop.first_name, loop.first);
    if (!loop.second_name.empty()) text += ", " + shown(loop.second_name, static_cast<std::size_t>(loop.first) + 1);
    out.push_back(std::move(text));
  }
  return out;
}

void Expander::run_for(const ForCode& loop, const std::function<void()>& body) {
  const Value in = interp_.eval(*loop.in);
  auto& frame = interp_.frame();
  interp_.account();
  interp_.loops.push_back(loop.span);
  struct Leave {
    Interp& interp;
    ~Leave() { interp.loops.pop_back(); }
  } leave{interp_};
  if (loop.shape == ForShape::MapEntries) {
    for (const Entry& entry : in.entries()) {
      interp_.count();
      frame[loop.first] = entry.key;
      frame[loop.first + 1U] = entry.value;
      body();
    }
    return;
  }
  std::int64_t at = 0;
  for (const Value& item : in.items()) {
    interp_.count();
    if (loop.shape == ForShape::IndexedItems) {
      frame[loop.first] = Value::integer(at++);
      frame[loop.first + 1U] = item;
    } else {
      frame[loop.first] = item;
    }
    body();
  }
}

void Expander::declare(const BodyCode& body, bool clusters_only, bool top) {
  for (const LetCode& let : body.lets) {
    try {
      interp_.frame()[let.slot] = interp_.eval(*let.value);
    } catch (const Failed&) {
      interp_.silent_names = true;   // the body needs it; what it declares stays unknown
      return;
    }
  }
  for (const BodyCode::Item& item : body.items) {
    switch (item.kind) {
      case BodyCode::Item::Kind::Object: {
        const ObjectCode& object = body.objects[item.index];
        if (top && (object.kind == BlockKind::Cluster) != clusters_only) break;
        declare_object(object);
        break;
      }
      case BodyCode::Item::Kind::For: {
        const ForCode& loop = *body.fors[item.index];
        if (top && loop.body->has_clusters != clusters_only) break;
        try {
          run_for(loop, [&] { declare(*loop.body, clusters_only, false); });
        } catch (const Failed&) {
          interp_.silent_names = true;
        }
        break;
      }
      case BodyCode::Item::Kind::When: {
        const WhenCode& when = body.whens[item.index];
        const bool has = when.then->has_clusters || (when.otherwise && when.otherwise->has_clusters);
        if (top && has != clusters_only) break;
        try {
          if (interp_.eval(*when.condition).as_bool()) declare(*when.then, clusters_only, false);
          else if (when.otherwise) declare(*when.otherwise, clusters_only, false);
        } catch (const Failed&) {
          interp_.silent_names = true;
        }
        break;
      }
      default: break;
    }
  }
}

bool Expander::admit(const ObjectCode& code, Address& address) {
  current_ = &code;
  try {
    if (code.name.code == nullptr) throw Failed{};
    address.kind = address_kind_of(code.kind);
    address.name = interp_.eval(code.name).as_string();
    if (code.ns.code != nullptr) address.ns = interp_.eval(code.ns).as_string();
  } catch (const Failed&) {
    current_ = nullptr;
    interp_.silent_names = true;
    return false;
  }
  if (address.name.empty() || address.name.find('/') != std::string::npos) {
    Diagnostic d = error("E0901", code.name_span, address.name.empty() ? "a name cannot be empty" : "`" + address.name + "` is no name: it holds a `/`");
    interp_.report_once(std::move(d));
    current_ = nullptr;
    return false;
  }
  current_ = nullptr;
  return true;
}

void Expander::declare_object(const ObjectCode& code) {
  Pending pending;
  pending.code = &code;
  if (!admit(code, pending.address)) return;
  if (++objects_ > max_objects) {
    reading_.out.add(error("E0407", code.head, "more than 1,000,000 objects are declared", "when this one is reached")).help.push_back("loop over less: nested loops multiply");
    throw Exhausted{};
  }
  if (code.frame > 0 && (code.body->low_slot != no_slot || !code.loops.empty())) {
    const auto& frame = interp_.frame();
    pending.frame.assign(frame.begin(), frame.begin() + code.frame);
  }
  if (code.kind == BlockKind::Mcp) {
    if (mcp_ != nullptr) {
      const bool later = mcp_->code->head.begin < code.head.begin;
      auto d = error("E0201", later ? code.head : mcp_->code->head, "a project has one `mcp` block");
      d.labels.push_back({later ? mcp_->code->head : code.head, "the other one"});
      interp_.report_once(std::move(d));
      return;
    }
    pending_.push_back(std::move(pending));
    mcp_ = &pending_.back();
    return;
  }
  pending_.push_back(std::move(pending));
  Pending* added = &pending_.back();
  const auto [it, fresh] = by_address_.emplace(key_of(added->address), added);
  if (!fresh) {
    const ObjectCode& before = *it->second->code;
    const bool later = before.head.begin <= code.head.begin;
    Diagnostic d = error("E0201", later ? code.name_span : before.name_span, "`" + added->address.text() + "` is declared twice");
    if (before.head.begin != code.head.begin) d.labels.push_back({later ? before.name_span : code.name_span, "first here"});
    d.stack = loop_stack(code);
    if (!it->second->frame.empty() && !before.loops.empty()) {
      std::swap_ranges(it->second->frame.begin(), it->second->frame.end(), interp_.frame().begin());
      for (const std::string& each : loop_stack(before)) d.notes.push_back("first " + each);
      std::swap_ranges(it->second->frame.begin(), it->second->frame.end(), interp_.frame().begin());
    }
    interp_.report_once(std::move(d));
    pending_.pop_back();
    return;
  }
}

void Expander::evaluate_clusters() {
  for (Pending& pending : pending_) {
    if (pending.code->kind != BlockKind::Cluster) continue;
    evaluate(pending);
  }
  std::sort(topology_.clusters.begin(), topology_.clusters.end(), [](const Cluster& a, const Cluster& b) { return a.name < b.name; });
  std::vector<Value> names;
  for (const Cluster& cluster : topology_.clusters) names.push_back(Value::string(cluster.name));
  cluster_names_ = Value::list(std::move(names));
  clusters_state_ = Clusters::Known;
}

void Expander::mcp_block(const Pending& pending) {
  const Block& block = *pending.block;
  topology_.project = pending.address.name;
  topology_.project_declared = true;
  topology_.limits.origin = block.origin;
  if (const Value& driver = block.value(attr(BlockKind::Mcp, "driver")); driver.is_string())
    topology_.driver = driver.as_string() == "sim" ? Driver::Sim : Driver::Kubernetes;
  if (const Value& cluster = block.value(attr(BlockKind::Mcp, "cluster")); cluster.is_string()) {
    const std::string_view context = cluster.as_string();
    const bool strange = std::any_of(context.begin(), context.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 127; });
    if (context.empty() || context.size() > 253 || strange)   // an empty one would quietly be no lock at all
      reading_.out.add(error("E0901", pending.code->head, "`cluster` of the mcp block is no name of a kubeconfig context")).help.push_back("name the context, or write `cluster = null` for no MCP cluster");
    topology_.mcp_cluster = context;
  }
  if (const Block* limits = block.child(BlockKind::Limits)) {
    topology_.limits.origin = limits->origin;
    topology_.limits.max_deletes = limits->value(attr(BlockKind::Limits, "max_deletes"));
    topology_.limits.max_moved = limits->value(attr(BlockKind::Limits, "max_moved"));
    topology_.limits.max_clusters = limits->value(attr(BlockKind::Limits, "max_clusters"));
  }
}

/// The last that is done with the declarations: their addresses go to the topology.
void Expander::objects_by_address() {
  std::vector<Pending*> found;
  found.reserve(pending_.size());
  for (Pending& pending : pending_)
    if (pending.code->kind != BlockKind::Cluster && pending.code->kind != BlockKind::Mcp && pending.block) found.push_back(&pending);
  std::sort(found.begin(), found.end(), [](const Pending* a, const Pending* b) { return key_of(a->address) < key_of(b->address); });
  by_address_.clear();
  by_name_.clear();
  reserve_large(topology_.objects, found.size());
  for (Pending* pending : found) topology_.objects.push_back({std::move(pending->address), std::move(pending->block)});
}

Expanded Expander::run() {
  topology_.project = directory_;
  const auto& limits = default_cells(BlockKind::Limits);
  topology_.limits.max_deletes = limits[attr(BlockKind::Limits, "max_deletes")].value;
  topology_.limits.max_moved = limits[attr(BlockKind::Limits, "max_moved")].value;
  topology_.limits.max_clusters = limits[attr(BlockKind::Limits, "max_clusters")].value;
  try {
    clusters_state_ = Clusters::Open;
    for (const auto& body : unit_.bodies) declare(*body, true, true);
    evaluate_clusters();
    for (const auto& body : unit_.bodies) declare(*body, false, true);
    for (Pending& pending : pending_)
      if (pending.code->kind != BlockKind::Cluster) evaluate(pending);
    if (mcp_ != nullptr && mcp_->block) mcp_block(*mcp_);
    for (std::uint32_t i = 0; i < unit_.globals.size(); ++i) {
      if (!unit_.globals[i].forced) continue;
      try {
        interp_.global(i, unit_.globals[i].span);
      } catch (const Failed&) {
        // reported
      }
    }
    // Keys of configs and secrets that somebody reads by name.
    for (const KeyUse& use : key_uses_) {
      const auto slash = use.ref.find('/');
      const std::string_view ref = use.ref;
      const auto it = by_address_.find({address_kind_of(use.kind), ref.substr(0, slash), ref.substr(slash + 1)});
      if (it == by_address_.end() || !it->second->block || it->second->failed) continue;
      const AttrId data = use.kind == BlockKind::Config ? attr(BlockKind::Config, "data") : attr(BlockKind::Secret, "data");
      const Cell& cell = it->second->block->cell(data);
      const auto has = [&](const Value& v) { return v.is_map() && v.find(use.key) != nullptr; };
      bool found = has(cell.value);
      if (cell.by_cluster) found = std::any_of(cell.by_cluster->begin(), cell.by_cluster->end(), has);
      if (found) continue;
      const std::string kind(spec_of(use.kind).keyword);
      Diagnostic d = error("E0208", use.span, kind + "." + use.ref + " has no key \"" + use.key + "\"");
      std::vector<std::string_view> known;
      const Value& shown = cell.by_cluster && !cell.by_cluster->empty() ? cell.by_cluster->front() : cell.value;
      if (shown.is_map())
        for (const Entry& entry : shown.entries()) known.push_back(entry.name());
      std::string all;
      for (std::size_t i = 0; i < known.size() && i < 8; ++i) all.append(i > 0 ? ", " : "").append(known[i]);
      d.notes.push_back(known.empty() ? "it has no keys" : "its keys are " + all + (known.size() > 8 ? ", ..." : ""));
      if (const std::string best = nearest(use.key, known); !best.empty()) d.help.push_back("did you mean \"" + best + "\"?");
      interp_.report_once(std::move(d));
    }
  } catch (const Exhausted&) {
    // reported
  }
  objects_by_address();
  Expanded out;
  out.topology = std::move(topology_);
  out.row_failures = std::move(row_failures_);
  out.steps = interp_.steps();
  return out;
}

Expanded expand(const Unit& unit, Reading& reading, const std::string& directory) { return Expander(unit, reading, directory).run(); }

}  // namespace mcp
