#pragma once
// The authorise step, per API: what a request touches, whether its principal may, what is taken out of it, and what is put
// back into or filtered from the answer. The table of APIs, resources and operations is access_table.h; the rules that decide
// are policy's. Pure: no I/O, no clock.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "kafka/messages.h"
#include "policy/snapshot.h"

namespace myelin::governance {

// Something that was refused, or would have been.
struct Denial {
  policy::Operation operation{};
  policy::ResourceKind kind{};
  std::string name;
  std::string reason;
  bool was_let_through = false;
};

struct Ruling {
  // Set: the engine is not asked, this is the answer.
  std::optional<kafka::Response> answer;
  // Puts what was refused back into the engine's answer and takes out what may not be seen; empty: nothing to do.
  std::move_only_function<void(kafka::Response&)> amend;
  std::vector<Denial> denials;
  // What an administrative request changes, for its audit record: "topic a, topic b"; empty: it changes nothing.
  std::string changes;
};

// One principal's view of the policy, for one request.
class Access {
 public:
  Access(std::shared_ptr<const policy::Snapshot> snapshot, policy::Subject subject, WallTime now)
      : snapshot_(std::move(snapshot)), subject_(std::move(subject)), now_(now) {}

  // Decides, and remembers what was denied or would have been.
  [[nodiscard]] bool may(policy::Operation operation, policy::Resource resource);
  // Decides without remembering: for filtering names that were not asked for.
  [[nodiscard]] bool sees_topic(std::string_view topic) const;
  [[nodiscard]] bool sees_group(std::string_view group) const;
  [[nodiscard]] bool is_platform() const { return subject_.platform; }

  [[nodiscard]] std::vector<Denial> take_denials() { return std::move(denials_); }

 private:
  std::shared_ptr<const policy::Snapshot> snapshot_;
  policy::Subject subject_;
  WallTime now_;
  std::vector<Denial> denials_;
};

// Rules on a request, taking out of it what is refused. An API that is not in the table is refused whole.
[[nodiscard]] Ruling rule_on(std::shared_ptr<Access> access, kafka::Request& request, std::int16_t version);


}  // namespace myelin::governance
