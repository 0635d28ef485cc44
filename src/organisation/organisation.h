#pragma once
// What squads declare about working with each other, beside what moves between them. Pure: the same model, flows and
// time give the same answer, so one of a model that is not in force yet is what would be seen once it is.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/model.h"
#include "organisation/flow.h"
#include "organisation/load.h"

namespace myelin::organisation {

struct DeclaredInteraction {
  SquadName squad;  // whose profile says so
  model::Interaction interaction;
  bool has_ended = false;
};

// One squad's applications and people wrote to the topic, another's read it.
struct Edge {
  SquadName producer;
  TopicName topic;
  SquadName consumer;
  std::optional<Amount> written;                // by all of the producer; nullopt: not known
  std::optional<Amount> served;                 // to all of the consumer
  WallTime last_seen;                           // when the consumer read last
  std::optional<DeclaredInteraction> declared;  // an interaction of the two, in either direction, that has not ended
};

enum class Traffic : std::uint8_t {
  Moves,    // seen after the end
  Stopped,  // seen, and not after the end
  Never,
};
[[nodiscard]] std::string_view name_of(Traffic traffic);

// A collaboration or help whose end has passed.
struct Overdue {
  DeclaredInteraction declared;
  Traffic traffic = Traffic::Never;
  std::optional<WallTime> last_seen;  // of any edge between the two
};

struct Organisation {
  std::vector<Edge> edges;                  // by producer, topic and consumer
  std::vector<Overdue> overdue;             // by squad, in the order declared
  std::vector<DeclaredInteraction> unused;  // no edge between the two, and not overdue
  std::vector<Load> loads;                  // of every squad, by name
  std::size_t unattributed = 0;             // principals that moved records and belong to no squad: in no edge

  [[nodiscard]] std::size_t declared_edges() const;
};

[[nodiscard]] Organisation organisation(const model::Model& model, std::span<const Flow> flows, WallTime now);
// What concerns one squad: it stands on one side, or the load is its own.
[[nodiscard]] Organisation only_of(Organisation all, const SquadName& squad);

// "2 of 3 edges between squads are declared", or "nothing to compare: ...". Never a percentage.
[[nodiscard]] std::string congruence_text(const Organisation& organisation);
// For golden files.
[[nodiscard]] std::string rendered(const Organisation& organisation);

}  // namespace myelin::organisation
