#pragma once
// Faults put in on purpose, to show that the tests find them (tests/sabotage). Only a build with MYELIN_SABOTAGE=ON has
// them, and there one is chosen by the environment; in any other build none of it is compiled.
#include <cstdint>

namespace myelin {

enum class Sabotage : std::uint8_t {
  AckBeforeSync,
  SkipDirectorySync,
  ForgetProducerSnapshot,
  RollOffByOne,
  IgnoreCrc,
  DropAbortedTransaction,
  RetrySync,
  TruncateAtRot,
  MeterTwice,
  KeepRevokedGrant,
  TrustTopicIds,
  InflateWithoutBound,
};

#ifdef MYELIN_SABOTAGE
[[nodiscard]] bool sabotaged(Sabotage which);
#else
[[nodiscard]] constexpr bool sabotaged(Sabotage /*which*/) { return false; }
#endif

}  // namespace myelin
