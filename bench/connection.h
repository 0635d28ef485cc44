#pragma once
// One Kafka connection of a measuring client. Requests are encoded once and sent many times; an answer lies in a buffer
// that is used again, so that the client costs little and the broker is the bound.
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "bench/measure.h"
#include "bench/transport.h"
#include "kafka/header.h"

namespace myelin::bench {

// A whole request, length first. The correlation id can be changed in place.
template <typename Request>
[[nodiscard]] ByteBuffer encode_frame(kafka::ApiKey key, std::int16_t version, const Request& request) {
  kafka::Writer out;
  out.int32(0);
  kafka::RequestHeader header;
  header.api_key = static_cast<std::int16_t>(key);
  header.api_version = version;
  header.client_id = "bench";
  header.encode(out);
  request.encode(out, version);
  auto frame = out.finish_flat();
  store_big_endian(frame.data(), static_cast<std::int32_t>(frame.size() - sizeof(std::int32_t)));
  return frame;
}

class Connection {
 public:
  // To "HOST:PORT", or by TLS and SCRAM to "sasl_ssl://USER:PASSWORD@HOST:PORT".
  explicit Connection(const std::string& address);

  [[nodiscard]] int descriptor() const { return transport_.descriptor(); }

  void send(ByteBuffer& frame);
  // The body of the next answer. Valid until the next call; answers must come in the order of the requests.
  [[nodiscard]] SharedBytes receive(kafka::ApiKey key, std::int16_t version);

 private:
  Transport transport_;
  ByteBuffer answer_;
  std::int32_t sent_ = 0;
  std::int32_t received_ = 0;
};

template <typename Response>
[[nodiscard]] Response decode_answer(SharedBytes body, std::int16_t version) {
  kafka::Reader in(std::move(body));
  auto response = Response::decode(in, version);
  if (!response) die("{}", response.error().message);
  return std::move(*response);
}

template <typename Response, typename Request>
[[nodiscard]] Response ask(Connection& connection, kafka::ApiKey key, std::int16_t version, const Request& request) {
  auto frame = encode_frame(key, version, request);
  connection.send(frame);
  return decode_answer<Response>(connection.receive(key, version), version);
}

}  // namespace myelin::bench
