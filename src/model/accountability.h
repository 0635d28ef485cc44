#pragma once
// Who is called when something goes wrong: a total function from a thing and a class of failure to exactly one squad,
// and whom to call next. Made of the catalogue of accountabilities, each of which takes classes of failures and is held
// by a role, and of the product's mode of operation, which says what squad plays the role.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "document/problem.h"

namespace myelin::model {

struct Model;

enum class Failure : std::uint8_t {
  Schema,     // records are not what the contract says
  Data,       // they are, and what they say is wrong or missing
  Freshness,  // they come late, or not at all
  Lag,        // they are there, and are not read in time
  Access,     // somebody can't do what they may, or can what they may not
  Security,   // somebody saw what they must not see
  Cost,       // it costs more than was agreed
  Platform,   // the brokers, the network, the disks
};
inline constexpr std::array kFailures{Failure::Schema, Failure::Data,     Failure::Freshness, Failure::Lag,
                                      Failure::Access, Failure::Security, Failure::Cost,      Failure::Platform};
[[nodiscard]] std::string_view name_of(Failure failure);

enum class AccountabilityStream : std::uint8_t { Engineering, Governance, Facilitation, Steering };
inline constexpr std::array kStreams{AccountabilityStream::Engineering, AccountabilityStream::Governance,
                                     AccountabilityStream::Facilitation, AccountabilityStream::Steering};
[[nodiscard]] std::string_view name_of(AccountabilityStream stream);

// Who holds an accountability. Builder and runner go by the product's mode.
enum class Holder : std::uint8_t { Owner, Builder, Runner, Platform, Governance, Facilitation, Steering };
inline constexpr std::array kHolders{Holder::Owner,      Holder::Builder,      Holder::Runner,  Holder::Platform,
                                     Holder::Governance, Holder::Facilitation, Holder::Steering};
[[nodiscard]] std::string_view name_of(Holder holder);

struct Accountability {
  std::string name;
  AccountabilityStream stream = AccountabilityStream::Engineering;
  Holder holder = Holder::Owner;
  std::vector<Failure> failures;  // may be empty: nothing calls for it
  document::Place place;          // no file: of the default catalogue
};

// The 22 that the product ships with; each class of failure belongs to one of them.
[[nodiscard]] const std::vector<Accountability>& default_accountabilities();

// The one document of kind AccountabilityModel, or these defaults.
struct AccountabilityModel {
  bool is_declared = false;
  std::optional<SquadName> central;       // who builds or runs for others; else the platform group
  std::optional<SquadName> governance;    // else the platform group
  std::optional<SquadName> facilitation;  // else the platform group
  std::optional<SquadName> steering;      // else the platform group
  std::vector<Accountability> accountabilities = default_accountabilities();
  document::Place place;
};

// What a class of failure of one thing is about.
struct Concern {
  SquadName owner;                  // empty: nobody's
  std::optional<std::string> mode;  // of its product; none is as growth
};

struct Accountable {
  Failure failure = Failure::Data;
  SquadName squad;                    // who is called
  std::vector<SquadName> escalation;  // whom next, in this order; never the same twice
  std::string accountability;
  AccountabilityStream stream = AccountabilityStream::Engineering;
  std::string why;        // "runner, by mode optimise"
  document::Place place;  // of the accountability; no file: of the default catalogue
};

// What somebody does for a product, as its mode deals it out: who builds it, who runs it, and who approves what is
// promised of it and who may use it.
enum class Duty : std::uint8_t { Build, Run, Approve };
inline constexpr std::array kDuties{Duty::Build, Duty::Run, Duty::Approve};
[[nodiscard]] std::string_view name_of(Duty duty);

// Its builder and its runner go by the mode; its owner approves in every mode. nullopt as below.
[[nodiscard]] std::optional<SquadName> on_duty(const Model& model, const Concern& concern, Duty duty);

// nullopt when the model has nobody for it: no platform group, and none that stands in for it.
[[nodiscard]] std::optional<Accountable> accountable(const Model& model, const Concern& concern, Failure failure);

}  // namespace myelin::model
