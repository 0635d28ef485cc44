#include "plan/plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "plan/among.h"
#include "plan/digest.h"
#include "plan/hits.h"
#include "plan/quotas.h"
#include "plan/topics.h"
#include "plan/tree.h"

namespace myelin::plan {
namespace {

model::Place place_of(const document::Document& document) { return {document.source->file, document.root->position}; }

ProductName product_of(const EntityName& entity, const model::Model& model) {
  if (entity.kind == EntityKind::Product) return ProductName(entity.name);
  if (entity.kind == EntityKind::Grant) {
    const auto* grant = model.grant(entity.name);
    return grant == nullptr ? ProductName() : grant->product;
  }
  if (entity.kind != EntityKind::Contract) return {};
  const auto contract = model.contracts.find(entity.name);
  if (contract == model.contracts.end()) return {};
  for (const auto& topic : contract->second.topics) {
    const auto declared = model.topics.find(topic);
    if (declared != model.topics.end() && declared->second.product) return *declared->second.product;
  }
  return {};
}

// Who gives a product away, or its mode up, reorganises: what changes along with it is about both squads.
ProductName kept_product_of(const EntityName& entity, const model::Model& before, const model::Model& after) {
  auto name = product_of(entity, after);
  if (name.empty()) name = product_of(entity, before);
  const auto was = before.products.find(name);
  const auto is = after.products.find(name);
  if (was == before.products.end() || is == after.products.end()) return {};
  const bool is_kept = was->second.owner == is->second.owner && was->second.mode == is->second.mode;
  return is_kept ? name : ProductName();
}

EntityChange change_of(const Question& question, Action action, const EntityName& entity,
                       const document::Document& document) {
  EntityChange change;
  change.action = action;
  change.entity = entity;
  change.squad = squad_of(entity, action == Action::Delete ? *question.before : *question.after);
  change.place = place_of(document);
  change.consents = consents_for(entity, *question.before, *question.after);
  change.product = kept_product_of(entity, *question.before, *question.after);
  return change;
}

std::vector<EntityChange> entity_changes(const Question& question) {
  const auto before = entities_of(question.before->documents);
  const auto after = entities_of(question.after->documents);
  std::vector<EntityChange> changes;
  for (const auto& [entity, document] : after) {
    const auto old = before.find(entity);
    if (old == before.end()) {
      changes.push_back(change_of(question, Action::Create, entity, *document));
      continue;
    }
    if (old->second->root == document->root) continue;  // the same tree: its file is as it was
    auto fields = differences(*old->second->root, *document->root);
    if (fields.empty()) continue;
    changes.push_back(change_of(question, Action::Change, entity, *document));
    changes.back().fields = std::move(fields);
  }
  for (const auto& [entity, document] : before) {
    if (!after.contains(entity)) changes.push_back(change_of(question, Action::Delete, entity, *document));
  }
  std::ranges::sort(changes, {}, [](const EntityChange& change) { return std::tie(change.squad, change.entity); });
  return changes;
}

// Files whose bytes differ although nothing in them that is read does.
std::size_t reworded(const Question& question, const std::vector<EntityChange>& changes) {
  std::map<std::string_view, const document::Source*> sources;
  for (const auto& document : question.before->documents) sources[document.source->file] = document.source.get();
  std::set<std::string> touched;
  for (const auto& change : changes) touched.insert(change.place.file);
  std::set<std::string> found;
  for (const auto& document : question.after->documents) {
    const auto& file = document.source->file;
    const auto old = sources.find(file);
    const bool is_there = old != sources.end();
    if (is_there && old->second == document.source.get()) continue;
    if (touched.contains(file) || found.contains(file)) continue;
    if (is_there && old->second->text == document.source->text) continue;
    found.insert(file);
  }
  return found.size();
}

std::vector<Consent> missing_consents(const Question& question, const std::vector<EntityChange>& changes) {
  std::set<Consent> missing;
  for (const auto& change : changes) {
    for (const auto& consent : change.consents) {
      if (!question.applier.speaks_for(consent.squad)) missing.insert(consent);
    }
  }
  return {missing.begin(), missing.end()};
}

std::vector<std::string> refusals_of(const Question& question, const Plan& plan) {
  std::vector<std::string> refusals;
  for (const auto& consent : plan.missing) {
    const auto who = consent.squad.empty() ? std::string("the platform group") : "squad " + consent.squad.text();
    refusals.push_back(fmt::format("needs the consent of {}: {}", who, consent.why));
  }
  const auto deletes = std::ranges::count(plan.entities, Action::Delete, &EntityChange::action);
  if (deletes > 0 && !question.applier.may_delete) {
    refusals.push_back(fmt::format("{} --allow-delete",
                                   deletes == 1 ? "1 deletion needs" : fmt::format("{} deletions need", deletes)));
  }
  std::ranges::move(deletes_in_use(question, plan.entities), std::back_inserter(refusals));
  std::ranges::move(impossible(plan.topics), std::back_inserter(refusals));
  std::ranges::move(over_quota(question, plan.topics), std::back_inserter(refusals));
  for (const auto& finding : plan.rules.findings) {
    if (finding.rung == model::Rung::Block && finding.is_new) refusals.push_back(described(finding));
  }
  return refusals;
}

// Everything that an apply would do, and nothing that changes by itself.
std::string identity_of(const Question& question, const Plan& plan) {
  std::string text = fmt::format("base {}\n", plan.base);
  for (const auto& document : question.after->documents) {
    text += fmt::format("{} {}\n", document.source->file, sha256(document.source->text));
  }
  const auto add = [&](Action action, std::string_view what, const std::vector<FieldChange>& fields) {
    text += fmt::format("{} {}\n", name_of(action), what);
    for (const auto& field : fields) {
      text += fmt::format("  {} {} {}\n", field.path, field.before.value_or("-"), field.after.value_or("-"));
    }
  };
  for (const auto& change : plan.entities) add(change.action, change.entity.text(), change.fields);
  for (const auto& change : plan.topics) add(change.action, change.topic.text(), change.settings);
  return sha256(text).substr(0, 16);
}

}  // namespace

std::string_view name_of(Action action) {
  return action == Action::Create ? "create" : action == Action::Change ? "change" : "delete";
}

bool Applier::speaks_for(const SquadName& squad) const {
  if (is_platform || consenting.contains(SquadName()) || consenting.contains(squad)) return true;
  if (squad.empty() && stands_in_for_platform) return true;
  return is_among(squads, squad);
}

Plan made(const Question& question) {
  Plan plan;
  plan.base = question.base;
  plan.entities = entity_changes(question);
  plan.topics = topic_changes(question);
  plan.hits = hits_of(question);
  plan.rules = rule_verdicts(*question.before, *question.after, question.live.tallies);
  plan.missing = missing_consents(question, plan.entities);
  plan.undeclared = undeclared_topics(question);
  plan.left_out = question.left_out;
  plan.reworded = reworded(question, plan.entities);
  plan.refusals = refusals_of(question, plan);
  plan.id = identity_of(question, plan);
  plan.tree = tree_hash(plan.base, *question.before, *question.after);
  return plan;
}

}  // namespace myelin::plan
