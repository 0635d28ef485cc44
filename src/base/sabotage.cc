#include "base/sabotage.h"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace myelin {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 12> kNames{
    "ack_before_sync", "skip_directory_sync",  "forget_producer_snapshot", "roll_off_by_one", "ignore_crc",
    "drop_aborted",    "retry_sync",           "truncate_at_rot",          "meter_twice",     "keep_revoked_grant",
    "trust_topic_ids", "inflate_without_bound"};

}  // namespace

bool sabotaged(Sabotage which) {
  static const char* const kChosen = std::getenv("MYELIN_SABOTAGED");
  return kChosen != nullptr && kNames[static_cast<std::size_t>(which)] == kChosen;
}

}  // namespace myelin
