#pragma once
// Produce requests made ahead of time.
#include <string>

#include "base/bytes.h"
#include "bench/connection.h"
#include "kafka/compression.h"

namespace myelin::bench {

inline constexpr std::int16_t kProduceVersion = 7;

struct BatchShape {
  long records = 1;
  long record_bytes = 1000;
  kafka::Compression compression = kafka::Compression::None;
};

// One request with one batch for one partition. The values differ by `seed`; they are random bytes, or, compressed,
// JSON-like text.
[[nodiscard]] ByteBuffer produce_frame(const std::string& topic, std::int32_t partition, const BatchShape& shape,
                                       unsigned seed);
// Reads one answer; ends the program when the broker refused.
void expect_produced(Connection& connection);

}  // namespace myelin::bench
