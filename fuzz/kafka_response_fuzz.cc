// A response as an upstream broker may send it: two bytes of API key, two of version, then the body.
#include "fuzz/round_trip.h"

using namespace myelin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kafka::Reader reader(SharedBytes::copy_of(std::as_bytes(std::span(data, size))));
  const auto key = static_cast<kafka::ApiKey>(reader.int16("key"));
  const auto version = reader.int16("version");
  const auto response = kafka::decode_response(key, version, reader);
  if (!response) return 0;
  fuzz::check_round_trip(
      *response, [&](kafka::Reader& in) { return kafka::decode_response(key, version, in); },
      [&](const auto& message, kafka::Writer& out) { kafka::encode_response(message, version, out); });
  return 0;
}
