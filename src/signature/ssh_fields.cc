#include "signature/ssh_fields.h"

#include "base/bytes.h"

namespace myelin::signature {

std::string_view SshReader::bytes(std::size_t size) {
  is_whole_ = is_whole_ && size <= rest_.size();
  if (!is_whole_) return {};
  const auto taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint32_t SshReader::number() {
  const auto taken = bytes(sizeof(std::uint32_t));
  return is_whole_ ? load_big_endian<std::uint32_t>(as_bytes(taken).data()) : 0;
}

std::string_view SshReader::string() { return bytes(number()); }

std::string ssh_string(std::string_view bytes) {
  std::string packed(sizeof(std::uint32_t), '\0');
  store_big_endian(reinterpret_cast<std::byte*>(packed.data()), static_cast<std::uint32_t>(bytes.size()));
  packed += bytes;
  return packed;
}

}  // namespace myelin::signature
