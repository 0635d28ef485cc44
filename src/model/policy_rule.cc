#include "model/policy_rule.h"

#include <fmt/core.h>

#include <algorithm>

namespace myelin::model {
namespace {

using cel::Name;

// With what is known of every document.
std::vector<Name> document_names(Name own) { return {std::move(own), {"squad"}, {"domain"}, {"document"}}; }

// With what is known of every request.
std::vector<Name> request_names(Name own) { return {std::move(own), {"principal"}, {"squad"}, {"domain"}}; }

}  // namespace

std::string_view name_of(Rung rung) { return rung == Rung::Report ? "report" : rung == Rung::Warn ? "warn" : "block"; }

std::string_view name_of(RuleAbout about) {
  switch (about) {
    case RuleAbout::Topic:
      return "topic";
    case RuleAbout::Contract:
      return "contract";
    case RuleAbout::Product:
      return "product";
    case RuleAbout::Grant:
      return "grant";
    case RuleAbout::DirectGrant:
      return "direct_grant";
    case RuleAbout::TopicCreation:
      return "topic_creation";
    case RuleAbout::TopicChange:
      return "topic_change";
    case RuleAbout::AccessRequest:
      return "access_request";
    case RuleAbout::Connection:
      return "connection";
  }
  return "";
}

std::span<const Name> names_for(RuleAbout about) {
  static const auto kTopic = [] {
    auto names = document_names({"topic",
                                 {"name", "title", "description", "contract", "product", "partitions", "durability",
                                  "retention_hours", "compacted"}});
    names.push_back({"schema"});
    return names;
  }();
  static const auto kContract = document_names({"contract", {"id", "version", "status", "topics"}});
  static const auto kProduct = document_names({"product", {"name", "id", "status", "description", "mode", "ports"}});
  static const auto kGrant = document_names(
      {"grant", {"id", "product", "port", "topics", "squad", "application", "user", "purpose", "status", "days"}});
  static const auto kDirectGrant =
      document_names({"direct_grant", {"id", "principal", "resource", "name", "pattern", "operations"}});
  static const auto kAskedTopic = request_names({"topic", {"name", "partitions", "configs", "declared"}});
  static const auto kAccess = request_names({"request", {"product", "port", "application", "purpose", "until"}});
  static const auto kConnection = request_names({"client", {"library", "version", "major", "minor"}});
  switch (about) {
    case RuleAbout::Topic:
      return kTopic;
    case RuleAbout::Contract:
      return kContract;
    case RuleAbout::Product:
      return kProduct;
    case RuleAbout::Grant:
      return kGrant;
    case RuleAbout::DirectGrant:
      return kDirectGrant;
    case RuleAbout::TopicCreation:
    case RuleAbout::TopicChange:
      return kAskedTopic;
    case RuleAbout::AccessRequest:
      return kAccess;
    case RuleAbout::Connection:
      return kConnection;
  }
  return {};
}

bool is_request(RuleAbout about) { return about >= RuleAbout::TopicCreation; }

std::string PolicyRule::question() const {
  std::string text = fmt::format("{}\n{}", name_of(about), expression);
  for (const auto& squad : squads) text += "\nsquad " + squad.text();
  for (const auto& domain : domains) text += "\ndomain " + domain.text();
  return text;
}

bool PolicyRule::covers(const SquadName& squad, const DomainName& domain) const {
  if (squads.empty() && domains.empty()) return true;
  return std::ranges::find(squads, squad) != squads.end() || std::ranges::find(domains, domain) != domains.end();
}

std::string disobeyed(const PolicyRule& rule, const cel::Attributes& attributes) {
  const auto value = rule.must.evaluate(attributes);
  if (!value) return fmt::format("{} (it can't be told whether it is so: {})", rule.message, value.error().message);
  const auto* is_obeyed = value->as<bool>();
  if (is_obeyed == nullptr) {
    return fmt::format("{} (it can't be told whether it is so: the rule answers {}, not bool)", rule.message,
                       cel::type_name(*value));
  }
  return *is_obeyed ? "" : rule.message;
}

}  // namespace myelin::model
