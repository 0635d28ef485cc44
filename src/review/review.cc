#include "review/review.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "model/ownership.h"
#include "model/timestamp.h"
#include "review/consumers.h"

namespace myelin::review {
namespace {

using model::Grant;
using model::Model;
using model::RightOperation;

constexpr std::chrono::days kRenewal{90};

std::string day_of(WallTime time) { return model::short_timestamp(std::chrono::floor<std::chrono::days>(time)); }

std::string days_text(std::chrono::days days) {
  return days.count() == 1 ? "1 day" : fmt::format("{} days", days.count());
}

// Of a word in a YAML document: letters, digits, '-', '_' and '.' stay, the rest becomes '-'.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char letter : name) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '.' || letter == '_';
    plain += is_plain ? letter : '-';
  }
  return plain;
}

class Reviewer {
 public:
  Reviewer(const Model& model, const Facts& facts) : model_(model), facts_(facts) {}

  std::vector<Finding> all() && {
    for (const auto& grant : model_.grants) review_grant(grant);
    review_direct_grants();
    for (const auto& name : facts_.topics) review_topic(name);
    review_principals();
    std::ranges::sort(found_, {}, [](const Finding& one) { return std::tie(one.kind, one.squad, one.what); });
    return std::move(found_);
  }

 private:
  [[nodiscard]] WallTime season_begin() const { return facts_.now - facts_.season; }

  // Of what is declared in a file: whether it was there a season ago, and somebody looked.
  [[nodiscard]] bool is_seasoned(const document::Place& place) const {
    const auto since = facts_.file_since.find(place.file);
    return (since == facts_.file_since.end() ? facts_.measured_since : since->second) <= season_begin();
  }

  // Nothing of the document's that isn't its own goes with it, and what is left is still a model.
  [[nodiscard]] std::optional<Edit> removal(const document::Place& place) const {
    const auto* document = document_of(model_.documents, place);
    if (document == nullptr) return std::nullopt;
    return checked({place.file, document->root->position, {}, {}});
  }
  [[nodiscard]] std::optional<Edit> rewriting(const document::Place& place, Path path, std::string value) const {
    const auto* document = document_of(model_.documents, place);
    if (document == nullptr) return std::nullopt;
    return checked({place.file, document->root->position, std::move(path), std::move(value)});
  }
  [[nodiscard]] std::optional<Edit> checked(Edit edit) const {
    return edited(model_.documents, {edit}) ? std::optional(std::move(edit)) : std::nullopt;
  }

  [[nodiscard]] SquadName owner_of(const Grant& grant) const {
    const auto product = model_.products.find(grant.product);
    return product == model_.products.end() ? SquadName() : product->second.owner;
  }

  void review_grant(const Grant& grant) {
    if (grant.status != model::GrantStatus::Approved) return;
    Finding finding;
    finding.squad = owner_of(grant);
    finding.what = "grant " + grant.id;
    finding.place = grant.place;
    if (grant.end && *grant.end <= facts_.now) {
      finding.kind = FindingKind::EndedGrant;
      finding.why = fmt::format("it ended on {}", day_of(*grant.end));
      finding.edit = removal(grant.place);
      found_.push_back(std::move(finding));
      return;
    }
    if (!grant.live_at(facts_.now)) return;
    const auto last = last_read(model_, grant, facts_.reads);
    const bool is_used = last && *last > season_begin();
    if (!is_used && is_seasoned(grant.place) && (!grant.start || *grant.start <= season_begin())) {
      finding.why = last && !grant.user ? fmt::format("nothing was read by it since {}", day_of(*last))
                                        : fmt::format("nothing was read by it for {}", days_text(facts_.season));
      finding.edit = removal(grant.place);
      found_.push_back(std::move(finding));
    } else if (is_used && grant.end && *grant.end <= facts_.now + facts_.season) {
      review_ending(grant, std::move(finding));
    }
  }

  void review_ending(const Grant& grant, Finding finding) {
    const auto until = std::chrono::floor<std::chrono::days>(*grant.end) + kRenewal;
    finding.kind = FindingKind::EndingGrant;
    finding.why = fmt::format("it ends on {}, and is used", day_of(*grant.end));
    finding.edit = rewriting(grant.place, {"endTimestamp"}, fmt::format("\"{}\"", day_of(until)));
    found_.push_back(std::move(finding));
  }

  // Reads and writes of topics are measured; other operations and resources are not, and stay as they are.
  void review_direct_grants() {
    std::map<std::string, std::vector<const model::DirectGrant*>> by_document;
    for (const auto& grant : model_.direct_grants) {
      if (!grant.is_made() && grant.right.resource == model::RightResource::Topic)
        by_document[grant.id].push_back(&grant);
    }
    for (const auto& [id, grants] : by_document) {
      if (is_seasoned(grants.front()->place)) review_direct_grant(id, grants);
    }
  }

  void review_direct_grant(const std::string& id, const std::vector<const model::DirectGrant*>& grants) {
    std::set<RightOperation> allowed;
    for (const auto* grant : grants) allowed.insert(grant->right.operation);
    const auto has = [&](RightOperation one) { return allowed.contains(one); };
    const bool may_read = has(RightOperation::All) || has(RightOperation::Read);
    const bool may_write = has(RightOperation::All) || has(RightOperation::Write);
    if (!may_read && !may_write) return;
    const auto& right = grants.front()->right;
    const bool reads = may_read && is_used_by(facts_.reads, right);
    const bool writes = may_write && is_used_by(facts_.writes, right);
    if (reads == may_read && writes == may_write && !has(RightOperation::All)) return;
    if (reads && writes) return;
    Finding finding;
    const auto owner = right.is_prefix ? std::nullopt : model::topic_owner(model_, TopicName(right.name));
    finding.squad = owner ? owner->squad : SquadName();
    finding.what = "direct grant " + id;
    finding.place = grants.front()->place;
    const auto principal = right.principal.text();
    if (!reads && !writes) {
      finding.why = fmt::format("{} neither read nor wrote by it for {}", principal, days_text(facts_.season));
      finding.edit = removal(finding.place);
    } else {
      finding.kind = FindingKind::WideGrant;
      finding.why = fmt::format("{} only {} for {}", principal, reads ? "read" : "wrote", days_text(facts_.season));
      finding.edit = rewriting(finding.place, {"spec", "operations"}, narrowed(allowed, reads));
    }
    found_.push_back(std::move(finding));
  }

  // What was done, and what can't be measured, in a list.
  [[nodiscard]] static std::string narrowed(std::set<RightOperation> allowed, bool reads) {
    for (const auto one : {RightOperation::All, RightOperation::Read, RightOperation::Write}) allowed.erase(one);
    std::string list(reads ? "[read" : "[write");
    for (const auto one : allowed) list += fmt::format(", {}", name_of(one));
    return list + "]";
  }

  template <typename Edges>
  [[nodiscard]] bool is_used_by(const Edges& edges, const model::Right& right) const {
    return std::ranges::any_of(edges, [&](const auto& edge) {
      const auto& topic = edge.topic.text();
      const bool is_meant = right.is_prefix ? topic.starts_with(right.name) : topic == right.name;
      return is_meant && edge.principal == right.principal && edge.last_seen > season_begin();
    });
  }

  [[nodiscard]] std::optional<WallTime> last_use(const TopicName& name) const {
    std::optional<WallTime> last;
    const auto see = [&](const auto& edge) {
      if (edge.topic == name && (!last || *last < edge.last_seen)) last = edge.last_seen;
    };
    for (const auto& edge : facts_.writes) see(edge);
    for (const auto& edge : facts_.reads) see(edge);
    return last;
  }

  void review_topic(const TopicName& name) {
    const auto last = last_use(name);
    if (last.value_or(facts_.measured_since) > season_begin()) return;
    Finding finding;
    finding.kind = FindingKind::OrphanTopic;
    finding.what = "topic " + name.text();
    finding.why = last ? fmt::format("nobody wrote or read it since {}", day_of(*last))
                       : std::string("nobody was ever seen to write or read it");
    const auto owner = model::topic_owner(model_, name);
    if (owner) finding.squad = owner->squad;
    const auto declared = model_.topics.find(name);
    if (declared == model_.topics.end()) {
      finding.advice = "no document declares it: declare it, or delete it once its records may go";
    } else if (!is_seasoned(declared->second.place)) {
      return;
    } else {
      finding.place = declared->second.place;
      review_declaration(declared->second, finding);
    }
    found_.push_back(std::move(finding));
  }

  // The records stay: a topic without a contract is listed, and never touched.
  void review_declaration(const model::Topic& topic, Finding& finding) const {
    const auto& contract = model_.contracts.at(topic.contract);
    if (topic.product) {
      finding.advice =
          fmt::format("product {} offers it: take it out of the product's ports first", topic.product->text());
    } else if (contract.topics.size() > 1) {
      finding.advice = fmt::format("take it out of contract {}, which declares others as well", topic.contract);
    } else {
      finding.edit = removal(topic.place);
    }
  }

  struct Seen {
    std::map<SquadName, int> of;  // topics of whom it touches
    WallTime last;
  };

  void review_principals() {
    std::map<PrincipalName, Seen> unknown;
    const auto see = [&](const auto& edge) {
      if (edge.principal.text().starts_with('(') || edge.last_seen <= season_begin()) return;
      if (model_.principals.contains(edge.principal) || model_.users.contains(edge.principal)) return;
      auto& seen = unknown[edge.principal];
      seen.last = std::max(seen.last, edge.last_seen);
      if (const auto owner = model::topic_owner(model_, edge.topic)) ++seen.of[owner->squad];
    };
    for (const auto& edge : facts_.writes) see(edge);
    for (const auto& edge : facts_.reads) see(edge);
    for (const auto& [principal, seen] : unknown) review_principal(principal, seen);
  }

  // The edit guesses that it belongs to whom it deals with most; else to the platform group.
  void review_principal(const PrincipalName& principal, const Seen& seen) {
    Finding finding;
    finding.kind = FindingKind::UnknownPrincipal;
    finding.what = "principal " + principal.text();
    finding.why = fmt::format("it was seen on {}, and is in no document", day_of(seen.last));
    const auto most = std::ranges::max_element(seen.of, {}, [](const auto& one) { return one.second; });
    const auto guess = most == seen.of.end() ? model_.policy.platform_group : std::optional(most->first);
    const auto name = plain_name(principal.text());
    const bool is_free = !model_.applications.contains(ApplicationName(name));
    if (guess && is_free && name == principal.text()) {
      Edit edit{fmt::format("org/found/{}.yaml", name), std::nullopt, {}, {}};
      edit.value = fmt::format(
          "# guess, correct me: {} deals with topics of squad {}\napiVersion: backstage.io/v1alpha1\nkind: Component\n"
          "metadata:\n  name: {}\n  annotations: {{myelin.dev/principals: {}}}\nspec: {{type: service, lifecycle: "
          "production, owner: {}}}\n",
          name, guess->text(), name, name, guess->text());
      finding.edit = checked(std::move(edit));
    }
    if (!finding.edit) finding.advice = "name it in the annotation myelin.dev/principals of the application that it is";
    found_.push_back(std::move(finding));
  }

  const Model& model_;
  const Facts& facts_;
  std::vector<Finding> found_;
};

}  // namespace

std::string_view name_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::UnusedGrant:
      return "unused-grant";
    case FindingKind::WideGrant:
      return "wide-grant";
    case FindingKind::EndingGrant:
      return "ending-grant";
    case FindingKind::EndedGrant:
      return "ended-grant";
    case FindingKind::OrphanTopic:
      return "orphan-topic";
    case FindingKind::UnknownPrincipal:
      return "unknown-principal";
  }
  return "";
}

std::vector<Finding> reviewed(const Model& model, const Facts& facts) { return Reviewer(model, facts).all(); }

}  // namespace myelin::review
