// A contract for a topic as it is: what it declares holds already, so that a plan finds nothing to change.
#include <fmt/core.h>

#include <charconv>

#include "adopt/documents.h"
#include "adopt/guess.h"
#include "document/scalar.h"
#include "model/topic_settings.h"

namespace myelin::adopt {
namespace {

using document::scalar;

constexpr std::int32_t kPartitionsMax = 1'000;
constexpr std::int64_t kHourMilliseconds = 3'600'000;
constexpr std::int64_t kHoursMax = 87'840;
constexpr std::string_view kDefaultRetention = "604800000";

std::string setting(const Topic& topic, const std::string& name) {
  const auto found = topic.settings.find(name);
  return found == topic.settings.end() ? std::string() : found->second;
}

// The retention in whole hours; 0 when a contract has no words for it.
std::int64_t hours_of(const std::string& milliseconds) {
  std::int64_t value = 0;
  const auto* end = milliseconds.data() + milliseconds.size();
  const auto [rest, error] = std::from_chars(milliseconds.data(), end, value);
  const bool is_whole = error == std::errc() && rest == end && value > 0 && value % kHourMilliseconds == 0;
  return is_whole && value / kHourMilliseconds <= kHoursMax ? value / kHourMilliseconds : 0;
}

std::string property(std::string_view name, std::string_view value) {
  return fmt::format("      - {{property: {}, value: {}, vendor: myelin}}\n", name, value);
}

std::string without_words(std::string_view name, std::string_view value) {
  return fmt::format("      # {} is {}, which a contract has no words for: it stays as it is\n", name, value);
}

std::string cleanup_properties(const Topic& topic) {
  const auto policy = setting(topic, "cleanup.policy");
  const auto retention = setting(topic, "retention.ms");
  const auto hours = hours_of(retention);
  const bool is_compacted = model::same_setting(policy, "compact");
  if (model::same_setting(policy, "compact,delete")) {
    if (hours == 0) return without_words("cleanup.policy", policy) + without_words("retention.ms", retention);
    return property("compacted", "true") + property("retentionHours", std::to_string(hours));
  }
  std::string properties;
  if (is_compacted) properties += property("compacted", "true");
  if (!is_compacted && !policy.empty() && policy != "delete") properties += without_words("cleanup.policy", policy);
  if (retention.empty() || retention == kDefaultRetention) return properties;
  // Beside `compacted` a retention would mean that it is deleted from, too.
  if (hours == 0 || is_compacted) return properties + without_words("retention.ms", retention);
  return properties + property("retentionHours", std::to_string(hours));
}

std::string properties_of(const Topic& topic) {
  const auto partitions = std::to_string(topic.partitions);
  auto properties = topic.partitions >= 1 && topic.partitions <= kPartitionsMax
                        ? property("partitions", partitions)
                        : without_words("partitions", partitions);
  const auto durability = setting(topic, "myelin.durability");
  if (durability == "interval" || durability == "os") properties += property("durability", durability);
  return properties + cleanup_properties(topic);
}

}  // namespace

std::string contract_document(std::string_view id, const TopicName& name, const Topic& topic, const Owner& owner) {
  const auto properties = properties_of(topic);
  const auto has_any = properties.contains("- {");
  return fmt::format(
      "apiVersion: v3.2.0\nkind: DataContract\nid: {0}\nname: {0}\nversion: 1.0.0\nstatus: active\n"
      "{1}team: {{name: {2}}}\nschema:\n  - name: {3}\n    physicalName: {3}\n    physicalType: topic\n{4}{5}",
      scalar(id),
      owner.why.empty()  ? ""
      : owner.is_claimed ? remark(0, owner.why)
                         : mark(0, owner.why),
      scalar(owner.squad.text()), scalar(name.text()), has_any ? "    customProperties:\n" : "", properties);
}

}  // namespace myelin::adopt
