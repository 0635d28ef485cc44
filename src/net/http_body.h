#pragma once
// The body of an HTTP/1.1 message by its framing: a length, chunks, or everything to the end. No I/O. Private to this
// module.
#include <cstdint>
#include <string>
#include <utility>

namespace myelin::net {

class HttpBodyReader {
 public:
  enum class Framing : std::uint8_t { None, Length, Chunks, ToEnd };
  struct Options {
    Framing framing = Framing::None;
    std::uint64_t length = 0;  // Framing::Length
    std::uint64_t limit = 0;
  };
  explicit HttpBodyReader(Options options);

  enum class State : std::uint8_t { Incomplete, Complete, TooLarge, Malformed };
  // Takes what belongs to the body from the front of `input`.
  State read(std::string& input);
  // The peer has closed.
  [[nodiscard]] State end();
  [[nodiscard]] std::string take() { return std::exchange(body_, {}); }

 private:
  enum class Step : std::uint8_t { Size, Data, DataEnd, Trailer, Done };
  State read_chunks(std::string& input);
  State begin_chunk(std::string_view line);
  void take_from(std::string& input);

  const Options options_;
  std::string body_;
  std::uint64_t missing_ = 0;  // bytes of the body, or of the chunk
  Step step_ = Step::Size;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace myelin::net
