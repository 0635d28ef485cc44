// A request frame as a client may send it: header, then any described API in any version. What can be read is written
// and read again to the same bytes.
#include "fuzz/round_trip.h"

using namespace myelin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kafka::Reader reader(SharedBytes::copy_of(std::as_bytes(std::span(data, size))));
  const auto header = kafka::RequestHeader::decode(reader);
  if (!header) return 0;
  const auto key = static_cast<kafka::ApiKey>(header->api_key);
  const auto request = kafka::decode_request(key, header->api_version, reader);
  if (!request) return 0;
  fuzz::check_round_trip(
      *request, [&](kafka::Reader& in) { return kafka::decode_request(key, header->api_version, in); },
      [&](const auto& message, kafka::Writer& out) { kafka::encode_request(message, header->api_version, out); });
  return 0;
}
