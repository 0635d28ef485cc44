#pragma once
// How values of the state topics are written: a version byte, then fields in a fixed order; a number is a zigzag
// varint, a text is its length and its bytes. A reader that meets another version, or runs out of bytes, says so.
#include <cstdint>
#include <string>
#include <string_view>

namespace myelin::state {

class FieldWriter {
 public:
  explicit FieldWriter(std::uint8_t version) { bytes_.push_back(static_cast<char>(version)); }
  void number(std::int64_t value);
  void text(std::string_view value);
  [[nodiscard]] std::string finish() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// After the first problem every read answers zero or empty; ask complete() once at the end.
class FieldReader {
 public:
  FieldReader(std::string_view bytes, std::uint8_t version);
  [[nodiscard]] std::int64_t number();
  [[nodiscard]] std::string text();
  // Nothing was wrong so far.
  [[nodiscard]] bool problem_free() const { return problem_.empty(); }
  // All was read, nothing is left, and nothing was wrong.
  [[nodiscard]] bool complete() const { return problem_.empty() && rest_.empty(); }
  [[nodiscard]] std::string_view problem() const { return problem_.empty() ? "bytes are left over" : problem_; }

 private:
  std::string_view rest_;
  std::string_view problem_;
};

}  // namespace myelin::state
