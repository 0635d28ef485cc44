#include "bench/connection.h"

#include <array>

namespace myelin::bench {
namespace {
constexpr std::size_t kCorrelationAt = 8;  // after length, key and version
}

void Connection::send(ByteBuffer& frame) {
  store_big_endian(frame.data() + kCorrelationAt, sent_++);
  socket_.write_all(frame);
}

SharedBytes Connection::receive(kafka::ApiKey key, std::int16_t version) {
  std::array<std::byte, 4> length{};
  if (!socket_.read_exactly(length)) die("the server closed the connection");
  const auto size = static_cast<std::size_t>(load_big_endian<std::int32_t>(length.data()));
  if (answer_.size() < size) answer_.resize(size);
  if (!socket_.read_exactly(std::span(answer_).first(size))) die("the server closed the connection inside an answer");
  // Borrowed: answer_ outlives every use by the contract of receive().
  SharedBytes frame(nullptr, ByteSpan(answer_).first(size));
  kafka::Reader in(frame);
  auto header = kafka::ResponseHeader::decode(in, key, version);
  if (!header) die("{}", header.error().message);
  if (header->correlation_id != received_++) die("answer {} out of order", header->correlation_id);
  return frame.slice(size - in.left(), in.left());
}

}  // namespace myelin::bench
