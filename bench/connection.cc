#include "bench/connection.h"

#include <array>

#include "bench/sign_in.h"

namespace myelin::bench {
namespace {
constexpr std::size_t kCorrelationAt = 8;  // after length, key and version
constexpr std::string_view kSecure = "sasl_ssl://";

// What stands before the "@" of a secure address: USER:PASSWORD.
Credentials credentials_of(const std::string& address) {
  const auto colon = address.find(':', kSecure.size());
  const auto at = address.rfind('@');
  if (at == std::string::npos || colon > at) die("{}USER:PASSWORD@HOST:PORT is expected", kSecure);
  return {address.substr(kSecure.size(), colon - kSecure.size()), address.substr(colon + 1, at - colon - 1)};
}

}  // namespace

Connection::Connection(const std::string& address)
    : transport_(connect_to(address.substr(address.rfind('@') + 1)),
                 address.starts_with(kSecure) ? Cipher::Tls : Cipher::None) {
  if (address.starts_with(kSecure)) sign_in(*this, credentials_of(address));
}

void Connection::send(ByteBuffer& frame) {
  store_big_endian(frame.data() + kCorrelationAt, sent_++);
  transport_.write_all(frame);
}

SharedBytes Connection::receive(kafka::ApiKey key, std::int16_t version) {
  std::array<std::byte, 4> length{};
  if (!transport_.read_exactly(length)) die("the server closed the connection");
  const auto size = static_cast<std::size_t>(load_big_endian<std::int32_t>(length.data()));
  if (answer_.size() < size) answer_.resize(size);
  if (!transport_.read_exactly(std::span(answer_).first(size)))
    die("the server closed the connection inside an answer");
  // Borrowed: answer_ outlives every use by the contract of receive().
  SharedBytes frame(nullptr, ByteSpan(answer_).first(size));
  kafka::Reader in(frame);
  auto header = kafka::ResponseHeader::decode(in, key, version);
  if (!header) die("{}", header.error().message);
  if (header->correlation_id != received_++) die("answer {} out of order", header->correlation_id);
  return frame.slice(size - in.left(), in.left());
}

}  // namespace myelin::bench
