// Bodies of blocks: cells with their origins, nested blocks, defaults, and what must be there.
#include <algorithm>

#include "lang/base/utf8.hpp"
#include "lang/eval/expander.hpp"
#include "lang/sema/checker.hpp"

namespace mcp {

namespace {

Origin written_at(Span span) { return {span, 0, Level::ProjectBlock}; }

}  // namespace

void Expander::check_text(const Value& value, Span span) {
  if (!interp_.binary_seen) return;
  if (value.is_string()) {
    if (!is_utf8(value.as_string()))
      interp_.fail("E0409", span, "bytes that are not UTF-8 cannot stand here", "only `config` data takes them; `base64(..)` makes text of them");
  } else if (value.is_list()) {
    for (const Value& item : value.items()) check_text(item, span);
  } else if (value.is_map()) {
    for (const Entry& entry : value.entries()) {
      check_text(entry.key, span);
      check_text(entry.value, span);
    }
  }
}

Value Expander::lowered(BlockKind kind, AttrId id, Value value, Span span) {
  const AttrSpec& spec = spec_of(kind).attrs[id];
  if (spec.type == AttrType::Json) interp_.measure(value, span);   // what follows walks through it as a tree
  if (spec.type != AttrType::DataMap) check_text(value, span);
  if (spec.type == AttrType::ListCluster && value.is_list()) {
    std::vector<Value> names(value.items().begin(), value.items().end());
    const auto less = [](const Value& a, const Value& b) { return a.as_string() < b.as_string(); };
    if (!std::is_sorted(names.begin(), names.end(), less) || std::adjacent_find(names.begin(), names.end()) != names.end()) {
      std::sort(names.begin(), names.end(), less);
      names.erase(std::unique(names.begin(), names.end()), names.end());
      return Value::list(std::move(names));
    }
  }
  return value;
}

Cell Expander::cell_of(BlockKind kind, AttrId id, const ValueSite& site, const SetCode& code) {
  Cell cell;
  cell.origin = written_at(site.code->span);
  cell.leaves = code.leaves;
  if ((site.code->deps & DepEach) == 0) {
    cell.value = lowered(kind, id, interp_.eval(site), site.code->span);
    return cell;
  }
  auto values = std::make_shared<std::vector<Value>>(topology_.clusters.size());
  std::vector<Value> distinct;
  bool all_same = true;
  const Value* first = nullptr;
  for (const ClusterId cluster : candidates_) {
    std::vector<Diagnostic> diverted;
    // What divides replicas must hold for every candidate; the rest counts only where the object comes to stand.
    interp_.divert = kind == BlockKind::Place ? nullptr : &diverted;
    interp_.each_row = &topology_.clusters[cluster].row;
    Value value;
    bool good = true;
    try {
      value = lowered(kind, id, interp_.eval(*site.code), site.code->span);
    } catch (const Failed&) {
      good = false;
    } catch (...) {
      interp_.each_row = nullptr;
      interp_.divert = nullptr;
      throw;
    }
    interp_.each_row = nullptr;
    interp_.divert = nullptr;
    if (!good && kind == BlockKind::Place) throw Failed{};
    if (!good) {
      all_same = false;
      for (Diagnostic& d : diverted)
        if (current_address_ != nullptr) row_failures_.push_back({*current_address_, cluster, std::move(d)});
      continue;
    }
    const auto same = std::find(distinct.begin(), distinct.end(), value);
    if (same == distinct.end()) distinct.push_back(value);
    else value = *same;
    (*values)[cluster] = std::move(value);
    if (first == nullptr) first = &(*values)[cluster];
    else all_same = all_same && first->same_as((*values)[cluster]);
  }
  // A value that is the same for all candidates needs no row: bodies are shared then.
  if (all_same && first != nullptr && distinct.size() == 1) cell.value = *first;
  else cell.by_cluster = std::move(values);
  return cell;
}

void Expander::set(Building& to, const SetCode& code) {
  Block& block = *to.block;
  const std::size_t attrs = spec_of(block.kind).attrs.size();
  const std::string name = code.attr < attrs ? std::string(spec_of(block.kind).attrs[code.attr].name) : unit_.labels[code.attr - attrs].name;
  if (to.written[code.attr] && code.key.empty()) {
    Diagnostic d = error("E0203", code.name_span, "`" + name + "` is set twice");
    if (code.attr < attrs) d.labels.push_back({block.cells[code.attr].origin.span, "first here"});
    interp_.report_once(std::move(d));
    return;
  }
  const bool first = !to.written[code.attr];
  to.written[code.attr] = true;
  try {
    if (code.attr >= attrs) {
      to.labels[code.attr - attrs] = interp_.eval(code.value);
      return;
    }
    if (code.key.empty()) {
      block.cells.own(code.attr) = cell_of(block.kind, code.attr, code.value, code);
      return;
    }
    // One key of a map: joins what is there.
    Cell one = cell_of(block.kind, code.attr, code.value, code);
    Cell& cell = block.cells.own(code.attr);
    auto leaves = cell.leaves ? std::make_shared<std::vector<LeafOrigin>>(*cell.leaves) : std::make_shared<std::vector<LeafOrigin>>();
    leaves->push_back({code.key, one.origin});
    if (one.by_cluster || cell.by_cluster) {
      auto values = std::make_shared<std::vector<Value>>(topology_.clusters.size());
      for (std::size_t i = 0; i < values->size(); ++i) {
        const Value& base = cell.at(i);
        (*values)[i] = (base.is_null() ? Value::empty_map() : base).with(code.key, one.at(i));
      }
      cell.by_cluster = std::move(values);
    } else {
      cell.value = (cell.value.is_null() ? Value::empty_map() : cell.value).with(code.key, one.value);
    }
    if (first) cell.origin = one.origin;
    cell.leaves = std::move(leaves);
  } catch (const Failed&) {
    to.failed = true;
  }
}

void Expander::child(Building& to, const ChildCode& code) {
  Block& parent = *to.block;
  std::string name;
  if (code.name.code != nullptr) {
    try {
      name = interp_.eval(code.name).as_string();
    } catch (const Failed&) {
      to.failed = true;
      return;
    }
  } else if (spec_of(code.kind).name == NameRule::Required || spec_of(code.kind).name == NameRule::Choice) {
    to.failed = true;
    return;
  }
  for (std::size_t i = 0; i < parent.children.size(); ++i) {
    const Block& before = *parent.children[i];
    if (before.kind != code.kind || before.name != name) continue;
    Building* open = to.children[i].get();
    const bool paths = code.merge || (open != nullptr && open->by_path);
    if (!paths) {
      const std::string what = std::string(spec_of(code.kind).keyword) + (name.empty() ? "" : " " + name);
      Diagnostic d = error("E0201", code.name_span, "`" + what + "` stands twice in " + std::string(spec_of(parent.kind).keyword) + " " + parent.name);
      d.labels.push_back({before.name_span, "first here"});
      interp_.report_once(std::move(d));
      return;
    }
    if (open == nullptr) {
      // Finished and shared: a copy of its own is changed.
      auto own = std::make_shared<Block>(before);
      auto building = std::make_unique<Building>();
      building->block = own.get();
      building->written.resize(own->cells.size());
      for (AttrId a = 0; a < own->cells.size(); ++a) building->written[a] = own->cells[a].written();
      building->children.resize(own->children.size());
      parent.children[i] = own;
      to.children[i] = std::move(building);
      open = to.children[i].get();
    }
    if (!code.merge) {
      open->by_path = false;
      open->block->origin = written_at(code.head);
      open->block->name_span = code.name_span;
    }
    body_into(*open, *code.body);
    return;
  }
  if (code.cache != 0 && !code.merge) {
    Kept& kept = kept_blocks_[code.cache];
    if (!kept.block || (code.by_namespace && kept.ns != interp_.self.ns)) {
      Building building;
      kept.block = build(code.kind, name, *code.body, code.head, code.name_span, building);
      finish(building);
      if (building.failed) to.failed = true;
      kept.ns = interp_.self.ns;
    }
    parent.children.push_back(kept.block);
    to.children.push_back(nullptr);
    return;
  }
  auto building = std::make_unique<Building>();
  building->by_path = code.merge;
  parent.children.push_back(build(code.kind, std::move(name), *code.body, code.head, code.name_span, *building));
  to.children.push_back(std::move(building));
}

std::shared_ptr<Block> Expander::build(BlockKind kind, std::string name, const BodyCode& body, Span head, Span name_span, Building& building) {
  auto block = std::make_shared<Block>();
  block->kind = kind;
  block->name = std::move(name);
  block->origin = written_at(head);
  block->name_span = name_span;
  block->cells = Cells(default_cells(kind));
  block->cells.reserve(body.sets.size() + 1);   // one is set by what depends on the object
  building.block = block.get();
  building.written.resize(block->cells.size() + (kind == BlockKind::Cluster ? unit_.labels.size() : 0));
  if (kind == BlockKind::Cluster) building.labels.resize(unit_.labels.size());
  body_into(building, body);
  return block;
}

void Expander::body_into(Building& to, const BodyCode& body) {
  for (const LetCode& let : body.lets) {
    try {
      interp_.frame()[let.slot] = interp_.eval(*let.value);
    } catch (const Failed&) {
      to.failed = true;
      return;
    }
  }
  for (const BodyCode::Item& item : body.items) {
    switch (item.kind) {
      case BodyCode::Item::Kind::Set: set(to, body.sets[item.index]); break;
      case BodyCode::Item::Kind::Child: child(to, body.children[item.index]); break;
      case BodyCode::Item::Kind::For:
        try {
          const ForCode& loop = *body.fors[item.index];
          run_for(loop, [&] { body_into(to, *loop.body); });
        } catch (const Failed&) {
          to.failed = true;
        }
        break;
      case BodyCode::Item::Kind::When:
        try {
          const WhenCode& when = body.whens[item.index];
          if (interp_.eval(*when.condition).as_bool()) body_into(to, *when.then);
          else if (when.otherwise) body_into(to, *when.otherwise);
        } catch (const Failed&) {
          to.failed = true;
        }
        break;
      case BodyCode::Item::Kind::Object: break;  // declared before
    }
  }
}

/// Fills in what depends on the object, and says what is missing.
void Expander::finish(Building& to) {
  Block& block = *to.block;
  for (auto& open : to.children) {
    if (!open) continue;
    finish(*open);
    to.failed = to.failed || open->failed;
  }
  const BlockSpec& spec = spec_of(block.kind);
  std::string missing;
  for (std::size_t i = 0; i < spec.attrs.size(); ++i)
    if (spec.attrs[i].required && !to.written[i]) missing.append(missing.empty() ? "`" : ", `").append(spec.attrs[i].name).append("`");
  if (block.kind == BlockKind::Cluster)
    for (std::size_t i = 0; i < unit_.labels.size(); ++i) {
      const LabelCode& label = unit_.labels[i];
      if (to.written[spec.attrs.size() + i]) continue;
      if (label.otherwise != nullptr) {
        try {
          to.labels[i] = interp_.eval(*label.otherwise);
        } catch (const Failed&) {
          to.failed = true;
        }
      } else if (!label.type.optional) {
        missing.append(missing.empty() ? "`" : ", `").append(label.name).append("`");
      }
    }
  const bool workload = block.kind == BlockKind::Workload;
  if (workload && block.child(BlockKind::Container) == nullptr && !to.failed) missing.append(missing.empty() ? "a `container`" : " and a `container`");
  if (!missing.empty() && !to.failed) {
    const std::string what = std::string(spec.keyword) + (block.name.empty() ? "" : " " + block.name);
    Diagnostic d = error("E0210", block.origin.span, what + " lacks " + missing);
    if (block.kind == BlockKind::Cluster)
      for (const LabelCode& label : unit_.labels)
        if (missing.find("`" + label.name + "`") != std::string::npos) d.labels.push_back({label.span, "every cluster has this one"});
    interp_.report_once(std::move(d));
    to.failed = true;
  }
  switch (block.kind) {
    case BlockKind::Workload:
      if (!to.written[attr(BlockKind::Workload, "selector")])
        block.cells.own(attr(BlockKind::Workload, "selector")).value = MapBuilder().set("app.kubernetes.io/name", std::string_view(block.name)).build();
      break;
    case BlockKind::Cluster:
      if (!to.written[attr(BlockKind::Cluster, "context")]) block.cells.own(attr(BlockKind::Cluster, "context")).value = Value::string(block.name);
      break;
    case BlockKind::Container:
    case BlockKind::Init: {
      static_assert(attr(BlockKind::Container, "memory") == attr(BlockKind::Init, "memory"));
      static_assert(attr(BlockKind::Container, "memory_limit") == attr(BlockKind::Init, "memory_limit"));
      const AttrId limit = attr(BlockKind::Container, "memory_limit");
      if (!to.written[limit]) block.cells.own(limit) = Cell(block.cells[attr(BlockKind::Container, "memory")]);
      break;
    }
    case BlockKind::Place:
      if (!to.written[attr(BlockKind::Place, "on")] && clusters_state_ == Clusters::Known)
        block.cells.own(attr(BlockKind::Place, "on")).value = cluster_names_;
      break;
    default: break;
  }
}

/// Members for which a workload's row values are wanted: those its `place.on` names, where that is plainly written.
std::vector<ClusterId> Expander::candidates_of(const BodyCode& body) {
  std::vector<ClusterId> all;
  for (ClusterId i = 0; i < topology_.clusters.size(); ++i) all.push_back(i);
  for (const BodyCode::Item& item : body.items) {
    const bool nested = item.kind == BodyCode::Item::Kind::Child && body.children[item.index].kind == BlockKind::Place;
    if (!nested) continue;
    for (const SetCode& set : body.children[item.index].body->sets) {
      if (set.attr != attr(BlockKind::Place, "on")) continue;
      std::vector<ClusterId> out;
      try {
        const Value names = interp_.eval(set.value);
        for (const Value& name : names.items())
          if (const auto at = topology_.cluster_index(name.as_string()); at != Topology::npos) out.push_back(static_cast<ClusterId>(at));
      } catch (const Failed&) {
        return {};
      }
      std::sort(out.begin(), out.end());
      return out;
    }
  }
  return all;
}

void Expander::evaluate(Pending& pending) {
  const ObjectCode& code = *pending.code;
  current_ = &code;
  current_address_ = &pending.address;
  interp_.self = {pending.address.name, pending.address.ns};
  std::copy(pending.frame.begin(), pending.frame.end(), interp_.frame().begin());
  if (!pending.address.ns.empty() && !declared(AddressKind::Namespace, {}, pending.address.ns)) {
    Diagnostic d = error("E0202", code.ns_span, "there is no namespace `" + pending.address.ns + "`");
    suggest(d, pending.address.ns, names_of(AddressKind::Namespace, nullptr));
    if (d.help.empty()) d.help.push_back("declare it: `namespace " + pending.address.ns + " {}`");
    interp_.report_once(std::move(d));
    pending.failed = true;
  }
  candidates_.clear();
  if (code.kind == BlockKind::Workload && (code.body->deps & DepEach) != 0) {
    candidates_ = candidates_of(*code.body);
  } else if ((code.body->deps & DepEach) != 0) {
    for (ClusterId i = 0; i < topology_.clusters.size(); ++i) candidates_.push_back(i);
  }
  Building building;
  pending.block = build(code.kind, pending.address.name, *code.body, code.head, code.name_span, building);
  finish(building);
  pending.failed = pending.failed || building.failed;
  if (code.kind == BlockKind::Cluster) {
    const Block& block = *pending.block;
    MapBuilder row;
    row.set("name", std::string_view(block.name));
    const auto copy = [&](const char* name, AttrId id) { row.set(name, block.value(id)); };
    copy("cloud", attr(BlockKind::Cluster, "cloud"));
    copy("region", attr(BlockKind::Cluster, "region"));
    copy("zone", attr(BlockKind::Cluster, "zone"));
    copy("context", attr(BlockKind::Cluster, "context"));
    copy("cordon", attr(BlockKind::Cluster, "cordon"));
    copy("drain", attr(BlockKind::Cluster, "drain"));
    Value pods = block.value(attr(BlockKind::Cluster, "capacity"));
    if (const Block* capacity = block.child(BlockKind::Capacity)) {
      if (!pods.is_null())
        interp_.report_once(error("E0203", capacity->origin.span, "cluster " + block.name + " states its capacity twice"));
      pods = capacity->value(attr(BlockKind::Capacity, "pods"));
      row.set("cpu", capacity->value(attr(BlockKind::Capacity, "cpu")));
      row.set("memory", capacity->value(attr(BlockKind::Capacity, "memory")));
    }
    row.set("capacity", pods);
    for (std::size_t i = 0; i < unit_.labels.size(); ++i) row.set(unit_.labels[i].name, building.labels[i]);
    Cluster cluster;
    cluster.name = block.name;
    cluster.block = pending.block;
    if (!pending.failed) cluster.row = row.build();
    topology_.clusters.push_back(std::move(cluster));
  }
  // `on` of what follows nobody: a predicate that chooses nothing is a slip.
  for (const SetCode& set : code.body->sets) {
    const auto attrs = spec_of(code.kind).attrs;
    if (pending.failed) break;
    if (set.attr >= attrs.size() || attrs[set.attr].type != AttrType::ListCluster || set.value.code->op != Op::Where) continue;
    const Value& chosen = pending.block->cells[set.attr].value;
    if (chosen.is_list() && chosen.size() == 0 && !topology_.clusters.empty())
      interp_.report_once(error("E0501", set.value.code->span, pending.address.text() + " chooses no cluster", "none of " + std::to_string(topology_.clusters.size()) + " clusters"));
  }
  current_ = nullptr;
  current_address_ = nullptr;
  interp_.self = {};
}

}  // namespace mcp
