// A response as an upstream broker may send it: two bytes of API key, two of version, then the body.
#include "base/check.h"
#include "kafka/messages.h"

namespace {

using namespace myelin;

ByteBuffer encoded(const kafka::Response& response, std::int16_t version) {
  kafka::Writer writer;
  kafka::encode_response(response, version, writer);
  return writer.finish_flat();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kafka::Reader reader(SharedBytes::copy_of(std::as_bytes(std::span(data, size))));
  const auto key = static_cast<kafka::ApiKey>(reader.int16("key"));
  const auto version = reader.int16("version");
  const auto response = kafka::decode_response(key, version, reader);
  if (!response) return 0;
  auto bytes = encoded(*response, version);
  kafka::Reader again{SharedBytes(ByteBuffer(bytes))};
  const auto same = kafka::decode_response(key, version, again);
  CHECK(same.has_value() && again.left() == 0);
  CHECK(encoded(*same, version) == bytes);
  return 0;
}
