#pragma once
// How OpenSSH packs bytes: a string is its length, four bytes big-endian, and its bytes (RFC 4251, section 5). Internal
// to the module.
#include <cstdint>
#include <string>
#include <string_view>

namespace myelin::signature {

// After the first field that is not there every read answers zero or empty; ask complete() once at the end.
class SshReader {
 public:
  explicit SshReader(std::string_view bytes) : rest_(bytes) {}
  // `size` bytes without a length before them.
  [[nodiscard]] std::string_view bytes(std::size_t size);
  [[nodiscard]] std::uint32_t number();
  [[nodiscard]] std::string_view string();
  // All was there, and nothing is left.
  [[nodiscard]] bool complete() const { return is_whole_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_whole_ = true;
};

[[nodiscard]] std::string ssh_string(std::string_view bytes);

}  // namespace myelin::signature
