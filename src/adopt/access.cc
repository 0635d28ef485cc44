#include "adopt/access.h"

#include <fmt/core.h>

#include <map>

#include "adopt/guess.h"

namespace myelin::adopt {

using policy::Operation;
using policy::Resource;

// Who is unknown by now can't be granted anything.
bool LostAccess::is_lost(const PrincipalName& principal, Operation operation, Resource resource) const {
  const auto after = declared_.subject(principal);
  if (!after.known) return false;
  const auto& before = *facts_.policy;
  return before.decide(before.subject(principal), operation, resource, facts_.now).allowed &&
         !declared_.decide(after, operation, resource, facts_.now).allowed;
}

std::vector<LostRead> LostAccess::reads(const TopicName& topic, const ByPrincipal& users) const {
  struct Sum {
    LostRead read;
    Use use;
  };
  std::map<std::string, Sum> readers;  // an application may have several principals
  for (const auto& [principal, use] : users) {
    if (!is_lost(principal, Operation::Read, Resource::topic(topic))) continue;
    const auto subject = declared_.subject(principal);
    const auto user = subject.application.empty() ? principal.text() : std::string();
    auto& sum = readers[subject.application.text() + "/" + user];
    sum.read = {subject.squad, subject.application.text(), user, ""};
    sum.use.count += use.count;
    sum.use.last_seen = std::max(sum.use.last_seen, use.last_seen);
  }
  std::vector<LostRead> reads;
  for (auto& [key, sum] : readers) {
    sum.read.why = fmt::format("{} was served {} offsets of it; last on {}", sum.read.reader(),
                               with_commas(sum.use.count), day_of(sum.use.last_seen));
    reads.push_back(std::move(sum.read));
  }
  return reads;
}

std::vector<LostRight> LostAccess::writes(const TopicName& topic, const ByPrincipal& users) const {
  std::vector<LostRight> rights;
  std::int64_t all = 0;
  for (const auto& [principal, use] : users) all += use.count;
  for (const auto& [principal, use] : users) {
    if (!is_lost(principal, Operation::Write, Resource::topic(topic))) continue;
    rights.push_back(
        {{principal, model::RightResource::Topic, topic.text(), false, model::RightOperation::Write},
         fmt::format("{} wrote {} of its {} records, which another squad owns; last on {}", principal.text(),
                     share_of(use.count, all), with_commas(all), day_of(use.last_seen))});
  }
  return rights;
}

std::vector<LostRight> LostAccess::commits(const GroupName& group, const ByPrincipal& users) const {
  std::vector<LostRight> rights;
  for (const auto& [principal, use] : users) {
    if (!is_lost(principal, Operation::Read, Resource::group(group))) continue;
    rights.push_back({{principal, model::RightResource::Group, group.text(), false, model::RightOperation::Read},
                      fmt::format("{} committed for the group last on {}", principal.text(), day_of(use.last_seen))});
  }
  return rights;
}

}  // namespace myelin::adopt
