#include "api/plan_json.h"

#include "api/json_object.h"
#include "api/organisation_json.h"
#include "plan/tree.h"

namespace myelin::api {
namespace {

using document::Node;

Node text_or_null(const std::optional<std::string>& text) { return text ? Node::string(*text) : Node::null(); }

Node field_json(const plan::FieldChange& field) {
  return JsonObject()
      .text("path", field.path)
      .add("before", text_or_null(field.before))
      .add("after", text_or_null(field.after))
      .node();
}

// An empty squad is the platform group.
Node consent_json(const plan::Consent& consent) {
  return JsonObject().text("squad", consent.squad.text()).text("why", consent.why).node();
}

Node entity_json(const plan::EntityChange& change) {
  return JsonObject()
      .text("action", plan::name_of(change.action))
      .text("kind", plan::name_of(change.entity.kind))
      .text("name", change.entity.name)
      .text("squad", change.squad.text())
      .text("place", change.place.text())
      .add("fields", json_list(change.fields, field_json))
      .add("consents", json_list(change.consents, consent_json))
      .node();
}

Node topic_change_json(const plan::TopicChange& change) {
  return JsonObject()
      .text("action", plan::name_of(change.action))
      .text("topic", change.topic.text())
      .text("squad", change.squad.text())
      .text("place", change.place.text())
      .boolean("drift", change.is_drift)
      .add("settings", json_list(change.settings, field_json))
      .node();
}

Node hit_json(const plan::Hit& hit) {
  return JsonObject()
      .text("principal", hit.use.principal.text())
      .text("squad", hit.squad.text())
      .text("topic", hit.use.topic.text())
      .text("operation", name_of(hit.use.operation))
      .time("last_seen", hit.use.last_seen)
      .rate("bytes_per_second", hit.use.bytes_per_second)
      .text("why", hit.why)
      .node();
}

Node would_have_denied_json(const plan::WouldHaveDenied& counted) {
  return JsonObject()
      .number("times", static_cast<std::int64_t>(counted.times))
      .number("squads", static_cast<std::int64_t>(counted.squads))
      .time("since", counted.since)
      .node();
}

Node rule_count_json(const plan::RuleCount& count) {
  JsonObject object;
  object.text("rule", count.rule)
      .text("rung", model::name_of(count.rung))
      .add("before", count.before ? Node::string(model::name_of(*count.before)) : Node::null())
      .text("place", count.place.text())
      .boolean("about_requests", count.is_about_requests);
  if (!count.is_about_requests) {
    object.number("disobeying", static_cast<std::int64_t>(count.disobeying))
        .number("disobeying_newly", static_cast<std::int64_t>(count.disobeying_newly));
  }
  if (count.would_have_denied) object.add("would_have_denied", would_have_denied_json(*count.would_have_denied));
  return object.node();
}

Node finding_json(const plan::RuleFinding& finding) {
  return JsonObject()
      .text("rule", finding.rule)
      .text("rung", model::name_of(finding.rung))
      .text("what", finding.what)
      .text("place", finding.place.text())
      .text("message", finding.message)
      .text("principle", finding.principle)
      .text("owner", finding.owner.text())
      .boolean("new", finding.is_new)
      .node();
}

JsonObject plan_object(const plan::Plan& plan) {
  JsonObject object;
  object.text("id", plan.id)
      .text("tree", plan.tree)
      .text("to_sign", plan.tree.empty() ? "" : plan::text_to_sign(plan.tree))
      .number("base", static_cast<std::int64_t>(plan.base))
      .boolean("changes", !plan.is_empty())
      .add("entities", json_list(plan.entities, entity_json))
      .add("topics", json_list(plan.topics, topic_change_json))
      .add("hits", json_list(plan.hits, hit_json))
      .add("rules", json_list(plan.rules.counts, rule_count_json))
      .add("findings", json_list(plan.rules.findings, finding_json))
      .add("missing_consents", json_list(plan.missing, consent_json))
      .add("refusals", json_texts(plan.refusals))
      .add("undeclared_topics", json_texts(plan.undeclared))
      .number("files_left_out", static_cast<std::int64_t>(plan.left_out))
      .number("files_reworded", static_cast<std::int64_t>(plan.reworded));
  return object;
}

Node say_json(const governance::Say& say) {
  return JsonObject()
      .text("squad", say.squad.text())
      .text("principal", say.principal.text())
      .time("time", say.time)
      .node();
}

Node signer_json(const governance::Signer& signer) {
  return JsonObject()
      .text("principal", signer.principal.text())
      .text("key", signer.key)
      .add("squads", json_texts(signer.squads))
      .node();
}

Node access_json(const governance::AccessSubject& access) {
  return JsonObject()
      .text("kind", governance::name_of(access.kind))
      .text("product", access.product.text())
      .text("application", access.application.text())
      .text("grant", access.grant)
      .node();
}

Node claim_json(const governance::ClaimSubject& claim) {
  return JsonObject()
      .text("topic", claim.topic.text())
      .text("squad", claim.squad.text())
      .text("settler", claim.settler.text())
      .add("told", json_list(claim.told,
                             [](const auto& told) {
                               return JsonObject().text("squad", told.squad.text()).text("why", told.why).node();
                             }))
      .node();
}

JsonObject proposal_object(const governance::KeptProposal& proposal) {
  JsonObject object;
  object.text("id", proposal.id)
      .time("time", proposal.time)
      .text("author", proposal.author.text())
      .text("message", proposal.message)
      .text("commit", proposal.commit)
      .text("state", governance::name_of(proposal.state))
      .add("needed", json_list(proposal.needed, consent_json))
      .add("agreed", json_list(proposal.agreed, say_json))
      .add("ended", proposal.ended ? say_json(*proposal.ended) : Node::null())
      .text("reason", proposal.reason)
      .number("revision", static_cast<std::int64_t>(proposal.revision))
      .add("access", proposal.access ? access_json(*proposal.access) : Node::null())
      .add("claim", proposal.claim ? claim_json(*proposal.claim) : Node::null())
      .boolean("unacknowledged", proposal.is_unacknowledged())
      .add("files", json_list(proposal.files, [](const auto& file) { return Node::string(file.name); }));
  return object;
}

JsonObject revision_object(const governance::Revision& revision) {
  JsonObject object;
  object.number("revision", static_cast<std::int64_t>(revision.number))
      .time("time", revision.time)
      .text("author", revision.author.text())
      .text("message", revision.message)
      .text("commit", revision.commit)
      .text("plan", revision.plan)
      .number("restores", static_cast<std::int64_t>(revision.restores))
      .number("files", static_cast<std::int64_t>(revision.files.size()))
      .add("signed_by", json_list(revision.signers, signer_json));
  return object;
}

}  // namespace

Node plan_json(const governance::PlanAnswer& answer) {
  auto object = plan_object(answer.plan);
  object.text("text", answer.text).text("markdown", answer.markdown);
  object.add("signed_by", json_list(answer.signers, signer_json));
  if (answer.what_if) object.add("what_if", what_if_json(*answer.what_if));
  return object.node();
}

Node applied_json(const governance::Applied& applied) {
  return JsonObject()
      .number("revision", static_cast<std::int64_t>(applied.revision))
      .add("plan", plan_object(applied.plan).node())
      .add("left", json_texts(applied.left))
      .add("signed_by", json_list(applied.signers, signer_json))
      .node();
}

Node revision_json(const governance::Revision& revision) { return revision_object(revision).node(); }

Node revision_json(const governance::Revision& revision, const std::vector<document::Source>& files) {
  return revision_object(revision)
      .add("documents", json_list(files,
                                  [](const document::Source& source) {
                                    return JsonObject().text("file", source.file).text("text", source.text).node();
                                  }))
      .node();
}

Node kept_proposal_json(const governance::KeptProposal& proposal) { return proposal_object(proposal).node(); }

Node proposal_json(const governance::ProposalAnswer& answer) {
  return proposal_object(answer.proposal)
      .add("plan", answer.plan ? plan_json(*answer.plan) : Node::null())
      .add("applied", answer.applied ? applied_json(*answer.applied) : Node::null())
      .add("warnings", json_texts(answer.warnings))
      .node();
}

}  // namespace myelin::api
