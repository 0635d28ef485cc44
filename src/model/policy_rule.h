#pragma once
// A rule of the Policy: what must hold of a document or of a request, in CEL, and what happens where it does not.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "cel/expression.h"
#include "document/problem.h"

namespace myelin::model {

// How far a rule goes: it counts, it warns as well, it refuses as well.
enum class Rung : std::uint8_t { Report, Warn, Block };
inline constexpr std::array kRungs{Rung::Report, Rung::Warn, Rung::Block};
[[nodiscard]] std::string_view name_of(Rung rung);

// Documents, judged by plans; then requests, judged when they come.
enum class RuleAbout : std::uint8_t {
  Topic,
  Contract,
  Product,
  Grant,
  DirectGrant,
  TopicCreation,
  TopicChange,
  AccessRequest,
  Connection
};
inline constexpr std::array kRuleAbouts{RuleAbout::Topic,       RuleAbout::Contract,      RuleAbout::Product,
                                        RuleAbout::Grant,       RuleAbout::DirectGrant,   RuleAbout::TopicCreation,
                                        RuleAbout::TopicChange, RuleAbout::AccessRequest, RuleAbout::Connection};
[[nodiscard]] std::string_view name_of(RuleAbout about);
[[nodiscard]] bool is_request(RuleAbout about);
// The names that a rule about it may use. What is not declared is not there: has(topic.partitions).
[[nodiscard]] std::span<const cel::Name> names_for(RuleAbout about);

struct PolicyRule {
  std::string name;
  RuleAbout about = RuleAbout::Topic;
  std::vector<SquadName> squads;    // whose things it is about; with `domains` empty as well: everybody's
  std::vector<DomainName> domains;  // of the squads whose things it is about
  SquadName owner;                  // whom to ask
  std::string principle;            // what it is good for
  cel::Expression must;             // true: obeyed
  std::string expression;           // `must` as it was written
  std::string message;              // what to do
  Rung rung = Rung::Report;
  document::Place place;

  // What it asks of whom: two rules that ask the same find the same.
  [[nodiscard]] std::string question() const;
  [[nodiscard]] bool covers(const SquadName& squad, const DomainName& domain) const;
};

// Whether the rule holds: empty when it does, else why not, which is its message, or why that can't be told.
[[nodiscard]] std::string disobeyed(const PolicyRule& rule, const cel::Attributes& attributes);

}  // namespace myelin::model
