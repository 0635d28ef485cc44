#include "organisation/flow.h"

namespace myelin::organisation {

std::vector<Flow> flows_of(const lineage::Observed& observed) {
  std::vector<Flow> flows;
  for (const auto& edge : observed.writes) {
    const Amount amount{edge.records, edge.bytes};
    flows.push_back({edge.principal, edge.topic, lineage::Direction::Write, amount, edge.last_seen});
  }
  for (const auto& edge : observed.reads) {
    const Amount amount{edge.offsets, edge.bytes};
    flows.push_back({edge.principal, edge.topic, lineage::Direction::Read, amount, edge.last_seen});
  }
  return flows;
}

}  // namespace myelin::organisation
