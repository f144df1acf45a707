#include "executor/sim/member.hpp"

#include <algorithm>
#include <charconv>

#include "executor/sim/defaults.hpp"
#include "executor/sim/ownership.hpp"
#include "executor/sim/validity.hpp"
#include "lang/value/json.hpp"
#include "planner/diff/normalize.hpp"
#include "planner/kinds/kinds.hpp"

namespace mcp {

namespace {

constexpr int page_size = 500;
constexpr std::string_view project_label = "mcp.dev/project";

std::int64_t number(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// What a body says, without what only addresses it.
Value stated(const SimKey& key, const Value& body) {
  const Value said = without_empty_lists(api_type(key.api, key.kind), normalize(key.kind, body));
  const Value* metadata = said.find("metadata");
  if (metadata == nullptr || !metadata->is_map()) return said;
  if (metadata->find("uid") == nullptr && metadata->find("resourceVersion") == nullptr) return said;
  return said.with("metadata", metadata->without("uid").without("resourceVersion"));
}

/// True for a body that names the object and says nothing else.
bool says_nothing(const Value& shape) {
  for (const Entry& e : shape.entries()) {
    if (e.name() == "apiVersion" || e.name() == "kind") continue;
    if (e.name() != "metadata") return false;
    for (const Entry& m : e.value.entries())
      if (m.name() != "name" && m.name() != "namespace") return false;
  }
  return true;
}

bool has_generation(const SimObject& o) {
  return o.content.find("spec") != nullptr && o.key.kind != "Service" && o.key.kind != "Namespace" && o.key.kind != "ResourceQuota";
}

bool same_at(const Value& a, const Value& b, std::string_view first, std::string_view second = {}) {
  const Value* x = second.empty() ? a.find(first) : a.at(first, second);
  const Value* y = second.empty() ? b.find(first) : b.at(first, second);
  if (x == nullptr || y == nullptr) return x == y;
  return *x == *y;
}

bool has_finalizers(const Value& content) {
  const Value* f = content.at("metadata", "finalizers");
  return f != nullptr && f->is_list() && f->size() > 0;
}

/// Whether a controller holds the status of such objects.
bool has_status(const SimKey& key) {
  constexpr std::string_view kinds[] = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "ResourceQuota", "PodDisruptionBudget", "HorizontalPodAutoscaler"};
  return std::find(std::begin(kinds), std::end(kinds), key.kind) != std::end(kinds);
}

/// `content` without what is there in any object of its kind: an empty selector of a NetworkPolicy is no pointer in Go.
Value beyond_zero(const Value& content) {
  const Value* selector = content.at("spec", "podSelector");
  if (selector == nullptr || selector->size() > 0) return content;
  return content.with("spec", content.find("spec")->without("podSelector"));
}

/// What a Service was given once stays when it is said no longer: to have no address, and the families of addresses.
Value with_address(const Value& former, const Value& content) {
  const Value* was = content.text_or("kind", "") == "Service" ? former.find("spec") : nullptr;
  const Value* spec = content.find("spec");
  if (was == nullptr || (spec != nullptr && (!spec->is_map() || spec->text_or("type", "") == "ExternalName"))) return content;
  Value out = spec != nullptr ? *spec : Value::empty_map();
  for (const char* field : {"clusterIP", "ipFamilies", "ipFamilyPolicy"})
    if (const Value* held = was->find(field); held != nullptr && out.find(field) == nullptr) out = out.with(field, *held);
  return content.with("spec", std::move(out));
}

/// A new generation, where `former` (null: nothing) said something else to controllers.
void count_generation(SimObject& o, const Value& former, Instant now) {
  if (!has_generation(o)) return;
  const bool noted = o.key.kind == "Deployment" && o.key.api == "apps/v1";   // its annotations are copied to what it makes
  if (!former.is_null() && same_at(o.content, former, "spec") && (!noted || same_at(o.content, former, "metadata", "annotations"))) return;
  ++o.generation;
  o.changed = now;
}

bool same_managers(const std::vector<SimManager>& a, const std::vector<SimManager>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const SimManager& x, const SimManager& y) { return x.name == y.name && x.apply == y.apply && x.shape == y.shape; });
}

Rejected rejected(int code, std::string reason, std::string detail) { return {code, std::move(reason), std::move(detail)}; }

}  // namespace

std::string SimMember::identity() const { return sim_uid(traits_.seed + "/" + state_.name + "/kube-system"); }

SimObject& SimMember::place(const std::string& ns, const std::string& kind, const std::string& name, const std::string& api) {
  return store_.object(state_, {ns, kind, name, api});
}

Value SimMember::shown(const SimObject& object, Instant now) { return view(object, now, store_.memo()); }

Value SimMember::completed(const SimKey& key, const Value& content) {
  return store_.memo().get("content", content.digest(), [&] { return with_defaults(key.api, key.kind, content); });
}

// -- what a new member holds

void SimMember::settle_in() {
  if (state_.version != 0) return;
  state_.version = 1;
  for (const char* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) make_namespace(name, Instant(0));
}

void SimMember::make_namespace(const std::string& name, Instant now) {
  const auto make = [&](const std::string& kind, const std::string& ns, const std::string& object, Value data) {
    SimObject& o = place(ns, kind, object, "v1");
    if (o.exists()) return;
    MapBuilder metadata;
    metadata.set("name", object);
    if (!ns.empty()) metadata.set("namespace", ns);
    MapBuilder content;
    content.set("apiVersion", "v1").set("kind", kind).set("metadata", metadata.build());
    if (!data.is_null()) content.set("data", std::move(data));
    o.content = with_defaults("v1", kind, content.build());
    o.managers = {{"kube-apiserver", false, now, o.content}};
    o.derived = false;
    o.uid = kind == "Namespace" && object == "kube-system" ? identity() : sim_uid(traits_.seed + "/" + state_.name + "/" + std::to_string(state_.version + 1));
    o.version = ++state_.version;
    o.created = now;
    store_.touch(state_, o);
  };
  make("Namespace", "", name, {});
  make("ConfigMap", name, "kube-root-ca.crt", MapBuilder().set("ca.crt", "simulated").build());
  make("ServiceAccount", name, "default", {});
}

// -- requests

Outcome SimMember::probe() const {
  Done out;
  out.facts = MemberFacts{identity(), traits_.version};
  return out;
}

Outcome SimMember::read(const ObjectRef& ref, Instant now) {
  const SimObject& o = store_.object(state_, key_of(ref));
  Done out;
  if (o.exists()) {
    out.object = shown(o, now);
    out.deleting = o.deleting.has_value();
  }
  return out;
}

// The cursor is the list version of the first page and where the next one starts, so that what changes between two pages
// is found by the next list with `since`.
Outcome SimMember::list(const List& request, Instant now) {
  Page page;
  std::vector<std::string> cursor;
  for (std::size_t at = 0; at < request.cursor.size();) {
    const std::size_t end = std::min(request.cursor.find('\n', at), request.cursor.size());
    cursor.push_back(request.cursor.substr(at, end - at));
    at = end + 1;
  }
  page.version = cursor.empty() ? std::to_string(state_.version) : cursor[0];
  if (!request.since.empty()) {
    const std::int64_t since = cursor.size() < 2 ? number(request.since) : number(cursor[1]);
    const auto rows = store_.changed(state_, request.project, since, page_size);
    for (const SimObject* o : rows) {
      if (!request.ns.empty() && o->key.ns != request.ns) continue;
      if (o->exists()) page.objects.push_back(shown(*o, now));
      else page.gone.push_back(o->ref(state_.name));
    }
    if (rows.size() == page_size) page.cursor = page.version + "\n" + std::to_string(rows.back()->version);
    return page;
  }
  cursor.resize(5);
  const auto rows = store_.in_order(state_, request.project, request.ns, {cursor[1], cursor[2], cursor[3], cursor[4]}, page_size);
  for (const SimObject* o : rows) page.objects.push_back(shown(*o, now));
  if (rows.size() == page_size) {
    const SimKey& last = rows.back()->key;
    page.cursor = page.version + "\n" + last.ns + "\n" + last.kind + "\n" + last.name + "\n" + last.api;
  }
  return page;
}

std::optional<Rejected> SimMember::misaddressed(const SimKey& key, const Value& body) {
  if (!body.is_map() || body.text_or("apiVersion", "") != key.api || body.text_or("kind", "") != key.kind)
    return rejected(400, "BadRequest", "apiVersion and kind of the body are not those of the request");
  const Value* metadata = body.find("metadata");
  if (metadata == nullptr || !metadata->is_map() || metadata->text_or("name", "") != key.name)
    return rejected(400, "BadRequest", "metadata.name of the body is not that of the request");
  const KindInfo* info = kind_info(key.api, key.kind);
  if (key.ns.empty() && info != nullptr && info->namespaced) return rejected(400, "BadRequest", "a " + key.kind + " needs a namespace");
  // Servers answer so where the body cannot be read with the types of the kind.
  if (const std::string wrong = misfit(api_type(key.api, key.kind), body); !wrong.empty()) return rejected(500, "", "failed to create typed patch object: " + wrong);
  return std::nullopt;
}

/// Why nothing new can be in the namespace of `key`.
std::optional<Rejected> SimMember::homeless(const SimKey& key) {
  if (key.ns.empty()) return std::nullopt;
  const SimObject& ns = place("", "Namespace", key.ns, "v1");
  if (!ns.exists()) return rejected(404, "NotFound", "namespaces \"" + key.ns + "\" not found");
  if (ns.deleting) return rejected(403, "NamespaceTerminating", "the namespace " + key.ns + " is being deleted: nothing new is made in it");
  return std::nullopt;
}

/// Values of a Secret as keyed digests, so that no secret byte lies in the file of the members.
Value SimMember::sealed(const SimKey& key, const Value& body) const {
  if (key.kind != "Secret" || key.api != "v1") return body;
  const Value* data = body.find("data");
  if (data == nullptr || !data->is_map()) return body;
  std::vector<Entry> out;
  for (const Entry& e : data->entries()) {
    if (!e.value.is_string()) {
      out.push_back(e);
      continue;
    }
    const std::string place = key.ns + "/" + key.name + "/" + std::string(e.name()) + "/" + std::string(e.value.as_string());
    out.push_back({e.key, MapBuilder().set("$secret", hmac_sha256(traits_.seed, place).hex().substr(0, 32)).build()});
  }
  return body.with("data", Value::map(std::move(out)));
}

// In the order in which a server looks: the form of the body, who holds its fields, where it goes, what it expects of the
// object that is there, what it says.
Outcome SimMember::write(const Write& request, Instant now) {
  settle_in();
  const SimKey key = key_of(request.ref);
  SimObject& o = store_.object(state_, key);
  if (auto no = misaddressed(key, request.body)) return *no;
  const Value shape = sealed(key, stated(key, request.body));
  Next next = o.exists() ? updated(o, request, shape, now) : made(key, request, shape, now);
  if (Outcome* no = std::get_if<Outcome>(&next)) return std::move(*no);
  SimObject& after = std::get<SimObject>(next);
  Done out;
  out.created = !o.exists();
  out.deleting = o.deleting.has_value();
  if (request.trial) {
    out.object = shown(after, now);
    return out;
  }
  if (out.created || after.content != o.content || !same_managers(after.managers, o.managers)) {
    o = std::move(after);
    save(o, now);
    out.object = shown(o, now);
    if (o.deleting && !has_finalizers(o.content) && !(key.kind == "Namespace" && key.api == "v1")) {
      erase(o);
      return out;
    }
    if (out.created && key.kind == "Namespace" && key.api == "v1") make_namespace(key.name, now);
  }
  out.object = shown(o, now);
  return out;
}

SimMember::Next SimMember::made(const SimKey& key, const Write& request, const Value& shape, Instant now) {
  if (const std::string wrong = unreadable(key.api, key.kind, shape); !wrong.empty()) return rejected(500, "", "failed to convert new object: " + wrong);
  if (request.expect.uid) return Mismatch{"there is no such object", {}};
  if (auto no = homeless(key)) return *no;
  SimObject o;
  o.key = key;
  o.content = completed(key, shape);
  if (const std::string wrong = invalid(key.api, key.kind, o.content); !wrong.empty()) return rejected(422, "Invalid", wrong);
  if (!says_nothing(shape)) o.managers = {{request.manager, true, now, shape}};
  o.derived = request.manager == "mcp" && !o.managers.empty();
  o.uid = sim_uid(traits_.seed + "/" + state_.name + "/" + std::to_string(state_.version + 1));
  o.created = now;
  count_generation(o, {}, now);
  return o;
}

SimMember::Next SimMember::updated(const SimObject& o, const Write& request, const Value& shape, Instant now) {
  const ApiType& type = api_type(o.key.api, o.key.kind);
  // What nobody holds any more is held by whoever made it, before somebody applies again.
  const bool nobody = o.managers.empty() && !has_status(o.key);
  const std::vector<SimManager> managers = nobody ? std::vector<SimManager>{{"before-first-apply", false, now, beyond_zero(served(o))}} : o.managers;
  if (request.force == Force::No)
    if (auto contested = conflicts(type, o.content, shape, request.manager, managers); !contested.empty()) return Contested{std::move(contested)};
  if (const std::string wrong = unreadable(o.key.api, o.key.kind, shape); !wrong.empty()) return rejected(500, "", "failed to convert new object: " + wrong);
  if (request.expect.version && *request.expect.version != std::to_string(o.version)) return Mismatch{"the object has been modified", shown(o, now)};
  if (request.expect.uid && *request.expect.uid != o.uid) return Mismatch{"another object has this name now", shown(o, now)};

  SimObject next = o;
  next.managers.clear();
  std::vector<const Value*> others;
  const SimManager* mine = nullptr;
  for (const SimManager& m : managers) {
    Value left;
    if (m.apply && m.name == request.manager) {
      mine = &m;
      left = shape;
    } else {
      others.push_back(&m.shape);
      left = without_lost(type, m.shape, shape, o.content);
    }
    const bool same = left == m.shape;
    if (!left.is_null() && !says_nothing(left)) next.managers.push_back({m.name, m.apply, same || mine != &m ? m.time : now, std::move(left)});
  }
  if (mine == nullptr && !says_nothing(shape)) next.managers.push_back({request.manager, true, now, shape});
  const Value content = merged(type, o.content, shape);
  next.content = completed(o.key, with_address(o.content, mine == nullptr ? content : released(type, content, mine->shape, shape, others)));
  if (const std::string wrong = invalid(o.key.api, o.key.kind, next.content); !wrong.empty()) return rejected(422, "Invalid", wrong);
  if (const std::string field = immutable_change(o.key.kind, served(o), served(next)); !field.empty()) return rejected(422, "Invalid", field + ": field is immutable");
  next.derived = next.managers.size() == 1 && next.managers[0].name == "mcp" && next.managers[0].apply && next.content == completed(o.key, shape);
  count_generation(next, o.content, now);
  return next;
}

/// What mcp keeps for itself: no values are sealed, and nothing but mcp writes it.
Outcome SimMember::swap(const Swap& request, Instant now) {
  settle_in();
  const SimKey key = key_of(request.ref);
  SimObject& o = store_.object(state_, key);
  if (auto no = misaddressed(key, request.body)) return *no;
  if (!o.exists())
    if (auto no = homeless(key)) return *no;
  const bool makes = !request.expect.uid && !request.expect.version;
  if (makes && o.exists()) return Mismatch{"there is one already", shown(o, now)};
  if (!makes && (!o.exists() || o.uid != request.expect.uid || std::to_string(o.version) != request.expect.version))
    return Mismatch{"the object has been modified", o.exists() ? shown(o, now) : Value()};
  const Value former = o.content;
  if (makes) {
    o = SimObject{};
    o.key = key;
    o.uid = sim_uid(traits_.seed + "/" + state_.name + "/" + std::to_string(state_.version + 1));
    o.created = now;
  }
  o.content = with_defaults(key.api, key.kind, request.body);
  o.managers = {{"mcp", false, now, stated(key, request.body)}};
  o.derived = false;
  count_generation(o, makes ? Value() : former, now);
  save(o, now);
  return Done{shown(o, now), makes, o.deleting.has_value(), {}, {}};
}

Outcome SimMember::remove(const Remove& request, Instant now) {
  SimObject& o = store_.object(state_, key_of(request.ref));
  if (!o.exists()) return Done{};
  if (request.expect.uid && *request.expect.uid != o.uid) return Mismatch{"another object has this name now", shown(o, now)};
  if (request.expect.version && *request.expect.version != std::to_string(o.version))
    return Mismatch{"the object has been modified", shown(o, now)};
  if (o.key.kind == "Namespace" && o.key.api == "v1") {
    if (!o.deleting) {
      o.deleting = now;
      o.due = now + traits_.namespace_end;
      o.version = ++state_.version;
      store_.touch(state_, o);
      for (SimObject* inside : store_.in_order(state_, "", o.key.name, {}, 1'000'000)) {
        if (!has_finalizers(inside->content)) {
          erase(*inside);
        } else if (!inside->deleting) {
          inside->deleting = now;
          inside->version = ++state_.version;
          store_.touch(state_, *inside);
        }
      }
    }
    return Done{shown(o, now), false, true, {}, {}};
  }
  if (has_finalizers(o.content)) {
    if (!o.deleting) {
      o.deleting = now;
      if (o.generation > 0) ++o.generation;
      o.version = ++state_.version;
      store_.touch(state_, o);
    }
    return Done{shown(o, now), false, true, {}, {}};
  }
  erase(o);
  return Done{};
}

std::optional<std::string> SimMember::edit(const ObjectRef& ref, const FieldPath& path, const Value& value, const std::string& manager, Instant now) {
  SimObject& o = store_.object(state_, key_of(ref));
  if (!o.exists()) return "there is no " + ref.text();
  const ApiType& type = api_type(o.key.api, o.key.kind);
  const Value former = o.content;
  if (value.is_null()) {
    if (path.in(o.content) == nullptr) return ref.text() + " has no field " + path.text();
    o.content = with_defaults(o.key.api, o.key.kind, without_path(o.content, path));
    for (SimManager& m : o.managers) m.shape = without_path(m.shape, path);
  } else {
    auto body = body_for(type, o.content, path, value);
    if (!body || !body->is_map()) return ref.text() + " has nothing at " + path.text();
    if (const std::string wrong = misfit(type, *body); !wrong.empty()) return ref.text() + ": " + wrong;
    const Value changed = sealed(o.key, *body);
    const Value content = with_defaults(o.key.api, o.key.kind, merged(type, o.content, changed));
    if (const std::string field = immutable_change(o.key.kind, former, content); !field.empty()) return field + ": field is immutable";
    std::vector<SimManager> managers;
    Value own;
    for (SimManager& m : o.managers) {
      if (!m.apply && m.name == manager) {
        own = m.shape;
        continue;
      }
      m.shape = without_lost(type, m.shape, changed, former);
      if (!m.shape.is_null()) managers.push_back(std::move(m));
    }
    managers.push_back({manager, false, now, own.is_null() ? changed : merged(type, own, changed)});
    o.managers = std::move(managers);
    o.content = content;
  }
  o.derived = false;
  count_generation(o, former, now);
  save(o, now);
  if (o.deleting && !has_finalizers(o.content) && o.key.kind != "Namespace") erase(o);
  return std::nullopt;
}

std::vector<Value> SimMember::everything(Instant now) {
  std::vector<Value> out;
  for (const SimObject* o : store_.in_order(state_, "", "", {}, 10'000'000)) out.push_back(shown(*o, now));
  return out;
}

// -- what follows from a change

/// Counts the version and lets controllers see the new content.
void SimMember::save(SimObject& o, Instant now) {
  o.version = ++state_.version;
  if (const Value* labels = o.content.at("metadata", "labels")) {
    // The last project an object had: whoever lists it hears of its end too.
    if (const auto project = labels->text_or(project_label, ""); !project.empty()) o.project = project;
  }
  if (o.key.kind == "Deployment" && o.key.api == "apps/v1") run_pods(o, now);
  store_.touch(state_, o);
}

void SimMember::run_pods(SimObject& o, Instant now) {
  const std::int64_t before = o.rollout ? o.rollout->granted : 0;
  std::optional<std::int64_t> room;
  if (traits_.capacity) room = std::max<std::int64_t>(0, *traits_.capacity - (state_.pods - before));
  o.rollout = next_rollout(o.rollout ? &*o.rollout : nullptr, o.content, traits_.pace, room, now);
  state_.pods += o.rollout->granted - before;
  o.due = rollout_due(*o.rollout, now);
}

void SimMember::erase(SimObject& o) {
  if (o.rollout) state_.pods -= o.rollout->granted;
  SimObject gone;
  gone.key = o.key;
  gone.project = o.project;
  gone.version = ++state_.version;
  o = std::move(gone);
  store_.touch(state_, o);
}

void SimMember::tick(Instant now) {
  while (true) {
    const auto& due = store_.due(state_);
    if (due.empty() || due.begin()->first > now) return;
    const Instant at = due.begin()->first;
    SimObject& o = store_.object(state_, due.begin()->second);
    o.due.reset();
    if (o.key.kind == "Namespace" && o.deleting) {
      if (store_.in_order(state_, "", o.key.name, {}, 1).empty()) {
        erase(o);
      } else {
        o.due = at + Duration(1000);   // finalizers inside hold it
        store_.touch(state_, o);
      }
      continue;
    }
    o.version = ++state_.version;
    if (o.rollout) o.due = rollout_due(*o.rollout, at);
    store_.touch(state_, o);
  }
}

}  // namespace mcp
