// Bitol AccessAgreement, draft v0.9.0 (RFC 0056). The draft has no word for an application: our customProperty
// `application` narrows the consumer team to one of its Components.
#include <fmt/core.h>

#include <array>

#include "model/drafts.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

void read_validity(const Fields& document, GrantDraft& grant) {
  grant.start = read_time(document, "startTimestamp", DateMeans::StartOfDay);
  grant.end = read_time(document, "endTimestamp", DateMeans::EndOfDay);
  if (!grant.start || !grant.end || *grant.start < *grant.end) return;
  document.note(document.place_of(*document.find("endTimestamp")),
                fmt::format("endTimestamp {} is not after startTimestamp {}", document.find("endTimestamp")->text,
                            document.find("startTimestamp")->text));
}

void read_provider(const Fields& document, GrantDraft& grant) {
  const auto provider = document.required_map("provider");
  if (!provider) return;
  const Text team = provider->required_text("teamId");
  if (!team.empty()) grant.provider_team = entity_reference(document, team, "Group");
  grant.product = provider->required_text("dataProductId");
  grant.port = provider->required_text("outputPortId");
  grant.contract = provider->text("dataContractId");
}

void read_consumer(const Fields& document, GrantDraft& grant) {
  const auto consumer = document.required_map("consumer");
  if (!consumer) return;
  if (auto team = consumer->text("teamId")) grant.consumer_team = entity_reference(document, std::move(*team), "Group");
  if (auto user = consumer->text("userId")) grant.consumer_user = entity_reference(document, std::move(*user), "User");
  grant.consumer_product = consumer->text("dataProductId");
  if (const auto property = own_property(document, "application")) grant.application = property->required_text("value");
  if (grant.consumer_product && !grant.consumer_team) {
    document.note(grant.consumer_product->place, "consumer.dataProductId needs consumer.teamId beside it");
  }
  if (!grant.consumer_team && !grant.consumer_user && !grant.application) {
    document.note(consumer->place(),
                  "consumer names nobody; expected teamId, userId, or customProperties with vendor myelin and property "
                  "application");
  }
}

}  // namespace

void read_grant(const Fields& document, Drafts& drafts) {
  static const std::array<std::string, 1> kKinds{"AccessAgreement"};
  static const std::array<std::string, 1> kVersions{"v0.9.0"};
  static const std::array<std::string, 1> kProperties{"application"};
  static const std::array<std::string, 3> kStatuses{"requested", "approved", "rejected"};
  if (document.required_text("kind").empty() || !document.choice("kind", kKinds)) return;
  if (!document.required_text("apiVersion").empty()) static_cast<void>(document.choice("apiVersion", kVersions));
  allow_only_own_properties(document, kProperties);
  GrantDraft grant;
  grant.id = document.required_text("id");
  const auto status = document.required_text("status").empty() ? std::nullopt : document.choice("status", kStatuses);
  for (const GrantStatus known : {GrantStatus::Requested, GrantStatus::Approved, GrantStatus::Rejected}) {
    if (status && status->value == name_of(known)) grant.status = known;
  }
  if (const auto description = document.required_map("description")) {
    grant.purpose = description->required_text("purpose").value;
  }
  read_validity(document, grant);
  read_provider(document, grant);
  read_consumer(document, grant);
  if (!grant.id.empty()) drafts.grants.push_back(std::move(grant));
}

}  // namespace myelin::model
