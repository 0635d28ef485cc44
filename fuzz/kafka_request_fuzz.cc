// A request frame as a client may send it: header, then any described API in any version. What can be read is written
// and read again to the same bytes.
#include "base/check.h"
#include "kafka/messages.h"

namespace {

using namespace myelin;

ByteBuffer encoded(const kafka::Request& request, std::int16_t version) {
  kafka::Writer writer;
  kafka::encode_request(request, version, writer);
  return writer.finish_flat();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kafka::Reader reader(SharedBytes::copy_of(std::as_bytes(std::span(data, size))));
  const auto header = kafka::RequestHeader::decode(reader);
  if (!header) return 0;
  const auto key = static_cast<kafka::ApiKey>(header->api_key);
  const auto request = kafka::decode_request(key, header->api_version, reader);
  if (!request) return 0;
  auto bytes = encoded(*request, header->api_version);
  kafka::Reader again{SharedBytes(ByteBuffer(bytes))};
  const auto same = kafka::decode_request(key, header->api_version, again);
  CHECK(same.has_value() && again.left() == 0);
  CHECK(encoded(*same, header->api_version) == bytes);
  return 0;
}
