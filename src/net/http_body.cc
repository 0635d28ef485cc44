#include "net/http_body.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace myelin::net {
namespace {

constexpr std::size_t kChunkLineBytes = 1024;  // a size and its extensions, which nobody uses
constexpr std::size_t kTrailerBytes = 8192;

bool is_clean(std::string_view line) {
  return std::ranges::none_of(line, [](char letter) {
    return (static_cast<unsigned char>(letter) < 0x20 && letter != '\t') || letter == 0x7f;
  });
}

}  // namespace

HttpBodyReader::HttpBodyReader(Options options) : options_(options), missing_(options.length) {}

HttpBodyReader::State HttpBodyReader::read(std::string& input) {
  switch (options_.framing) {
    case Framing::None:
      return State::Complete;
    case Framing::Length:
      if (options_.length > options_.limit) return State::TooLarge;
      take_from(input);
      return missing_ == 0 ? State::Complete : State::Incomplete;
    case Framing::ToEnd:
      if (body_.size() + input.size() > options_.limit) return State::TooLarge;
      body_ += input;
      input.clear();
      return State::Incomplete;
    case Framing::Chunks:
      return read_chunks(input);
  }
  return State::Malformed;
}

HttpBodyReader::State HttpBodyReader::end() {
  const bool whole = options_.framing == Framing::None || options_.framing == Framing::ToEnd ||
                     (options_.framing == Framing::Length && missing_ == 0) || step_ == Step::Done;
  return whole ? State::Complete : State::Malformed;
}

void HttpBodyReader::take_from(std::string& input) {
  const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(missing_, input.size()));
  body_.append(input, 0, part);
  input.erase(0, part);
  missing_ -= part;
}

HttpBodyReader::State HttpBodyReader::read_chunks(std::string& input) {
  while (step_ != Step::Done) {
    if (step_ == Step::Data) {
      take_from(input);
      if (missing_ > 0) return State::Incomplete;
      step_ = Step::DataEnd;
    }
    if (step_ == Step::DataEnd) {
      if (input.size() < 2) return input.empty() || input == "\r" ? State::Incomplete : State::Malformed;
      if (!input.starts_with("\r\n")) return State::Malformed;
      input.erase(0, 2);
      step_ = Step::Size;
    }
    const auto end = input.find("\r\n");
    if (end == std::string::npos || end > kChunkLineBytes) {
      return input.size() > kChunkLineBytes + 1 ? State::Malformed : State::Incomplete;
    }
    const std::string line = input.substr(0, end);
    input.erase(0, end + 2);
    if (!is_clean(line)) return State::Malformed;
    if (step_ == Step::Size) {
      if (const auto state = begin_chunk(line); state != State::Incomplete) return state;
    } else {
      // Fields behind the body are skipped: nothing here depends on them, and they must not pass for headers.
      trailer_bytes_ += line.size();
      if (trailer_bytes_ > kTrailerBytes) return State::Malformed;
      if (line.empty()) step_ = Step::Done;
    }
  }
  return State::Complete;
}

// Incomplete when the chunk may come.
HttpBodyReader::State HttpBodyReader::begin_chunk(std::string_view line) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (error == std::errc::result_out_of_range) return State::TooLarge;
  const auto rest = line.substr(static_cast<std::size_t>(end - line.data()));
  if (error != std::errc() || (!rest.empty() && rest.front() != ';' && rest.front() != ' ' && rest.front() != '\t')) {
    return State::Malformed;
  }
  if (size > options_.limit || body_.size() + size > options_.limit) return State::TooLarge;
  missing_ = size;
  step_ = size == 0 ? Step::Trailer : Step::Data;
  return State::Incomplete;
}

}  // namespace myelin::net
