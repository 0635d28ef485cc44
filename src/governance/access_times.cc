#include "governance/access_times.h"

#include <algorithm>
#include <set>
#include <utility>

namespace myelin::governance {
namespace {

// The topics behind the product's ports.
std::set<TopicName> topics_of(const model::Product& product, const model::Model& model) {
  std::set<TopicName> topics;
  for (const auto& port : product.ports) {
    const auto contract = port.contract ? model.contracts.find(*port.contract) : model.contracts.end();
    if (contract != model.contracts.end())
      topics.insert(contract->second.topics.begin(), contract->second.topics.end());
  }
  return topics;
}

// Who read before as well, as where rules only report, has it from the moment of the grant.
std::optional<WallTime> first_read(const std::set<TopicName>& topics, const std::vector<PrincipalName>& principals,
                                   WallTime granted, const std::vector<lineage::ReadEdge>& reads) {
  std::optional<WallTime> first;
  for (const auto& read : reads) {
    if (read.last_seen < granted || !topics.contains(read.topic)) continue;
    if (std::ranges::find(principals, read.principal) == principals.end()) continue;
    const auto seen = std::max(read.first_seen, granted);
    if (!first || seen < *first) first = seen;
  }
  return first;
}

AccessTime time_of(const KeptProposal& proposal, const model::Model& model,
                   const std::vector<lineage::ReadEdge>& reads) {
  AccessTime time;
  time.proposal = proposal.id;
  time.kind = proposal.access->kind;
  time.product = proposal.access->product;
  time.application = proposal.access->application;
  time.state = proposal.state;
  time.asked = proposal.time;
  if (proposal.ended) time.decided = proposal.ended->time;
  time.is_touched_by_platform = std::ranges::any_of(proposal.agreed, [](const Say& say) { return say.squad.empty(); });
  const auto product = model.products.find(time.product);
  const auto application = model.applications.find(time.application);
  if (product != model.products.end()) time.provider = product->second.owner;
  if (application != model.applications.end()) time.consumer = application->second.squad;
  const bool leads_to_records = time.kind != AccessKind::Renewal && time.state == ProposalState::Applied;
  if (leads_to_records && product != model.products.end() && application != model.applications.end()) {
    time.first_record =
        first_read(topics_of(product->second, model), application->second.principals, *time.decided, reads);
  }
  return time;
}

std::optional<std::chrono::seconds> median(std::vector<std::chrono::seconds> times) {
  if (times.empty()) return std::nullopt;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

std::chrono::seconds between(WallTime from, WallTime to) {
  return std::chrono::duration_cast<std::chrono::seconds>(to - from);
}

void sum_up(AccessTimes& times) {
  std::vector<std::chrono::seconds> to_decision;
  std::vector<std::chrono::seconds> to_first_record;
  for (const auto& one : times.requests) {
    if (one.kind != AccessKind::Request || !one.decided || one.state == ProposalState::Withdrawn) continue;
    ++times.decided;
    times.right_first_time += one.is_right_first_time ? 1 : 0;
    times.touched_by_platform += one.is_touched_by_platform ? 1 : 0;
    to_decision.push_back(between(one.asked, *one.decided));
    if (one.first_record) to_first_record.push_back(between(one.asked, *one.first_record));
  }
  times.to_decision = median(std::move(to_decision));
  times.to_first_record = median(std::move(to_first_record));
}

}  // namespace

AccessTimes access_times(const std::vector<KeptProposal>& proposals, const model::Model& model,
                         const std::vector<lineage::ReadEdge>& reads) {
  AccessTimes times;
  std::set<std::pair<ProductName, ApplicationName>> failed;
  for (auto at = proposals.rbegin(); at != proposals.rend(); ++at) {
    if (!at->access) continue;
    auto time = time_of(*at, model, reads);
    const std::pair subject{time.product, time.application};
    time.is_right_first_time = time.state == ProposalState::Applied && !failed.contains(subject);
    if (time.state == ProposalState::Rejected || time.state == ProposalState::Withdrawn) failed.insert(subject);
    times.requests.push_back(std::move(time));
  }
  std::ranges::reverse(times.requests);
  sum_up(times);
  return times;
}

}  // namespace myelin::governance
